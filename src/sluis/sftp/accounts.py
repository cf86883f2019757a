"""What the hosted server must know and tell: implemented by whoever keeps the accounts."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class AccountKey:
    """A public key that may log in. ``public``: in OpenSSH form; ``ends``: from when it no longer may."""

    public: str
    fingerprint: str
    ends: dt.datetime | None = None

    def valid(self, moment: dt.datetime) -> bool:
        """Whether it may log in at that moment."""
        return self.ends is None or moment < self.ends


@dataclass(frozen=True)
class Account:
    """A hosted account as the server sees it.

    ``root``: its folder, which need not exist yet. ``addresses``: empty for everywhere. ``may_delete``: the receiver
    may remove what it has fetched.
    """

    login: str
    root: Path
    keys: tuple[AccountKey, ...]
    addresses: tuple[Network, ...] = ()
    may_delete: bool = False

    def key(self, fingerprint: str, moment: dt.datetime) -> AccountKey | None:
        """Its key of that fingerprint, if it may log in now."""
        return next((key for key in self.keys if key.fingerprint == fingerprint and key.valid(moment)), None)

    def welcomes(self, address: Address) -> bool:
        """Whether it may be used from that address."""
        return not self.addresses or any(address in network for network in self.addresses)


@dataclass(frozen=True)
class Receipt:
    """A file that was read. ``path``: configuration, folder and file; ``sent``: bytes; ``complete``: every byte of it,
    in this reading or together with earlier ones that broke off.
    """

    login: str
    path: tuple[str, ...]
    sent: int
    complete: bool
    address: str
    fingerprint: str


class Accounts(Protocol):
    """The hosted accounts. Called from one thread of the server's own; a ``SluisError`` refuses what was asked."""

    def find(self, login: str) -> Account | None:
        """The account of a login name as it is now, None where nobody may log in under it."""

    def used(self, login: str, fingerprint: str, address: str) -> None:
        """A key has logged in."""

    def fetched(self, receipt: Receipt) -> None:
        """A file was read, wholly or in part."""

    def has_fetched(self, login: str, path: tuple[str, ...]) -> bool:
        """Whether the receiver has had every byte of the file."""

    def removed(self, login: str, path: tuple[str, ...], address: str) -> None:
        """The receiver removed a file or an empty folder."""
