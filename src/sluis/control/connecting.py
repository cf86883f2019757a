"""What a receiver must know to log in to a hosted account."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sluis import settings
from sluis.control import places
from sluis.control.actor import Actor
from sluis.control.models import ConnectionAccount
from sluis.control.permissions import require
from sluis.sftp.hostkeys import host_keys


@dataclass(frozen=True)
class Connection:
    """Where a receiver logs in, and what it compares. ``fingerprints``: with the kind of each key."""

    host: str
    port: int
    user: str
    fingerprints: tuple[str, ...]
    known_hosts: str

    @property
    def command(self) -> str:
        """As OpenSSH has it."""
        return f"sftp -P {self.port} {self.user}@{self.host}"


def connection(actor: Actor, account: ConnectionAccount) -> Connection:
    """The connection details of a hosted account."""
    require(actor, "account.view", account)
    host, port = _address()
    keys = host_keys(places.host_keys())
    return Connection(
        host=host,
        port=port,
        user=account.login or "",
        fingerprints=tuple(f"{key.fingerprint} ({key.kind})" for key in keys),
        known_hosts="".join(f"[{host}]:{port} {key.public}\n" for key in keys),
    )


def _address() -> tuple[str, int]:
    now = settings.current()
    if now.sftp_address:
        host, colon, port = now.sftp_address.rpartition(":")
        # A bare IPv6 address has colons of its own.
        return (host.strip("[]"), int(port)) if colon and port.isdigit() and "]" not in port else (now.sftp_address, 22)
    outside = urlsplit(now.base_url).hostname if now.base_url else None
    return outside or now.sftp_host, now.sftp_port
