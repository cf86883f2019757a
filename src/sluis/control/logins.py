"""How hosted receivers log in: the name, and the addresses they may come from."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from sluis.control.models import ConnectionAccount
from sluis.errors import Rejected
from sluis.sftp.accounts import Network

LONGEST = 32
_ALLOWED = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")


def check_login(login: str) -> str:
    """The login name itself; ``Rejected`` where it is no slug."""
    if len(login) > LONGEST or not _ALLOWED.fullmatch(login):
        raise Rejected(
            f"the login name {login!r} cannot be used",
            remedy=f"use small letters, digits and -, beginning with a letter, 2 to {LONGEST} characters",
        )
    return login


def new_login(account: ConnectionAccount) -> str:
    """A login name that is free, made of the names of environment and account."""
    text = re.sub(r"[^a-z0-9]+", "-", f"{account.environment.name}-{account.name}".lower()).strip("-")
    stem = (text if text[:1].isalpha() else f"a-{text}")[:LONGEST].strip("-")
    taken = set(ConnectionAccount.objects.filter(login__startswith=stem[:20]).values_list("login", flat=True))
    number = 1
    login = stem
    while login in taken:
        number += 1
        login = f"{stem[: LONGEST - len(str(number)) - 1].rstrip('-')}-{number}"
    return check_login(login)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks as they are compared; ``Rejected`` where one is neither."""
    return tuple(_network(text) for text in texts)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        raise Rejected(
            f"{text!r} is neither an address nor a network", remedy="write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32"
        ) from None
