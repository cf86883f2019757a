"""The mail server that an installation sends through, as its URL says it."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_FORM = "write smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://host:25"


@dataclass(frozen=True)
class MailServer:
    """Where mails go. ``security``: ``smtps`` (at once), ``smtp+starttls`` (before the log-in) or ``smtp`` (none)."""

    security: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def connect(self, timeout: float) -> smtplib.SMTP:
        """A connection that is logged in to, its certificate checked. ``timeout``: seconds for each step.

        Raises ``OSError`` (also as ``smtplib.SMTPException``) where that does not work.
        """
        if self.security == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=timeout)
        try:
            if self.security == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def read(url: str) -> MailServer:
    """From the URL; ``ValueError``, without quoting it, where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"it is not the URL of a mail server; {_FORM}") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"it is not the URL of a mail server; {_FORM}")
    if parts.scheme == "smtp" and parts.username:
        raise ValueError("the password would go over the network in clear; use smtp+starttls:// or smtps://")
    if bool(parts.username) != bool(parts.password):
        raise ValueError(f"it has a user or a password without the other; {_FORM}")
    return MailServer(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def is_sender(text: str) -> bool:
    """Whether it is one address, perhaps with a name before it, that can stand in the header of a mail."""
    name, address = parseaddr(text)
    try:
        Address(name, addr_spec=address)
    except (HeaderParseError, ValueError, IndexError):
        return False
    return "@" in address and address.isascii() and text.isprintable() and text.count("@") == 1
