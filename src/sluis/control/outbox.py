"""Where mails leave: a mail server, or a folder where there is none."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from sluis import settings, smtp
from sluis.control.models import Mail

Send = Callable[[EmailMessage], None]
FOLDER = "mail"
"""Of the data folder: where mails are kept as files when there is no server."""


@contextmanager
def opened(timeout: float) -> Iterator[Send]:
    """What sends a message. Raises ``OSError`` where the server is away; ``timeout`` is in seconds per step."""
    url = settings.current().smtp_url
    if url is None:
        yield _keep
        return
    server = smtp.read(url.get_secret_value()).connect(timeout)
    try:
        yield lambda message: _hand_over(server, message)
    except BaseException:
        server.close()
        raise
    with suppress(OSError):
        server.quit()


def message_of(mail: Mail) -> EmailMessage:
    """The message of a mail: text, and the same in HTML."""
    sender = settings.current().mail_from
    name, address = parseaddr(sender)
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=address)
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.pk}@{address.rpartition('@')[2]}>"
    # So that nobody's holiday message answers it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Last, or it would move to the first part.
    message["Content-Language"] = mail.language
    return message


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    server.send_message(message)


def _keep(message: EmailMessage) -> None:
    folder = settings.current().subfolder(FOLDER)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    path = folder / f"{name}.eml"
    path.touch(mode=0o600)
    path.write_bytes(bytes(message))
