"""Verbs for the servers that external accounts deliver to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from sluis.control import audit, places
from sluis.control.actor import Actor
from sluis.control.models import AccountType, ConnectionAccount, ExternalServer
from sluis.control.permissions import require
from sluis.errors import Rejected
from sluis.sftp import checking, keys
from sluis.sftp.checking import Checked

MOST_PINS = 2
"""One, and for a planned change the next."""
_LAST_PORT = 65535


@dataclass(frozen=True)
class ServerSettings:
    """What is given of a server; None stays as it is.

    ``private_key`` (with its ``passphrase``), ``password`` and ``make_key`` exclude each other. ``host_keys``: lines or
    fingerprints, together all that are pinned from now on.
    """

    host: str | None = None
    port: int | None = None
    user: str | None = None
    folder: str | None = None
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str = field(default="", repr=False)
    make_key: bool = False
    host_keys: tuple[str, ...] | None = None
    legacy: bool | None = None

    @property
    def given(self) -> bool:
        """Whether there is anything in it."""
        return self != ServerSettings()


def keep_server(account: ConnectionAccount, given: ServerSettings) -> dict[str, Any]:
    """Make or change the server of an account, inside the caller's transaction; what differs, without any secret."""
    server = ExternalServer.objects.filter(account=account).first() or ExternalServer(account=account)
    before = _shown(server)
    _address(server, given)
    _way_in(server, given)
    _refuse_password_elsewhere(before, server, given)
    if given.host_keys is not None:
        server.host_keys = _pins(given.host_keys)
    if given.legacy is not None:
        server.legacy = given.legacy
    _refuse_shared(account, server)
    changed = audit.difference(before, _shown(server))
    if changed.keys() & {"host", "port", "user", "folder"}:
        # What was learned is of another place.
        server.renames_folders = None
    server.save()
    if given.password is not None:
        changed["password"] = ["", "given"]
    return changed


def _refuse_password_elsewhere(before: Mapping[str, Any], server: ExternalServer, given: ServerSettings) -> None:
    """A password is sent as it is: whoever keeps the other place would read it. A key is not."""
    moved = any(before[name] != getattr(server, name) for name in ("host", "port"))
    if server.pk and moved and server.password and given.password is None:
        raise Rejected(
            "the password was given for another host or port, and is sent to no other",
            remedy="give the password of this server, or log in with a key",
        )


def _refuse_shared(account: ConnectionAccount, server: ExternalServer) -> None:
    """Two accounts in one folder would take each other's deliveries for their own."""
    same = ExternalServer.objects.filter(
        host__iexact=server.host, port=server.port, user=server.user, folder=server.folder
    ).exclude(account=account)
    if same.exists():
        raise Rejected(
            f"another account delivers to {server} already", remedy="give this one a folder of its own on the server"
        )


def _shown(server: ExternalServer) -> dict[str, Any]:
    return {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "folder": server.folder,
        "log_in": "key" if server.private_key else "password" if server.password else "",
        "public_key": server.public_key,
        "host_keys": list(server.host_keys),
        "legacy": server.legacy,
    }


def _address(server: ExternalServer, given: ServerSettings) -> None:
    for name in ("host", "user", "folder"):
        value = getattr(given, name)
        if value is not None:
            setattr(server, name, _text(name, value))
    if given.port is not None:
        server.port = given.port
    if not 1 <= server.port <= _LAST_PORT:
        raise Rejected(f"there is no port {server.port}", remedy=f"give a number from 1 to {_LAST_PORT}, mostly 22")
    for name in ("host", "user"):
        if not getattr(server, name):
            raise Rejected(f"an external account has a {name}", remedy=f"give it with --{name}")


def _text(name: str, value: str) -> str:
    value = value.strip()
    if not value or not value.isprintable() or (name == "host" and (" " in value or "/" in value or value[0] == "-")):
        raise Rejected(f"{value!r} is no {name} of a server", remedy=f"give the {name} that the receiver told you")
    return value


def _way_in(server: ExternalServer, given: ServerSettings) -> None:
    ways = [given.password is not None, given.private_key is not None, given.make_key]
    if sum(ways) > 1:
        raise Rejected("there is more than one way to log in", remedy="give a password, or a key, or have a key made")
    if given.password is not None:
        if not given.password:
            raise Rejected("the password is empty", remedy="give the password of the server")
        server.password, server.private_key, server.public_key = given.password, "", ""
    elif given.private_key is not None:
        kept, public = keys.read_private(given.private_key, given.passphrase)
        server.password, server.private_key, server.public_key = "", kept, public.line
    elif given.make_key:
        pair = keys.make_pair(protected=False)
        server.password, server.private_key, server.public_key = "", pair.private, pair.public.line
    if not server.password and not server.private_key:
        raise Rejected(
            "there is no way to log in", remedy="give a password (--password-prompt) or a key (--key-file, --make-key)"
        )


def _pins(given: tuple[str, ...]) -> list[str]:
    pins = [str(keys.read_pin(text)) for text in given]
    if len(pins) > MOST_PINS:
        raise Rejected(f"{len(pins)} host keys are given", remedy=f"pin at most {MOST_PINS}: the present and the next")
    return pins


def check_connection(actor: Actor, account: ConnectionAccount, *, accept_host_key: bool = False) -> Checked:
    """Try all that a delivery asks of the server, and keep what was learned.

    Without a pinned host key the one that the server shows is only told, unless it is accepted. A pinned one is never
    replaced here.
    """
    require(actor, "account.test", account)
    if account.type != AccountType.EXTERNAL:
        raise Rejected(f"account {account.name} is hosted: there is no other server", remedy="test an external account")
    row = ExternalServer.objects.get(account=account)
    # Not in a transaction: another's server may take its time.
    checked = checking.check(places.server_of(row), accept_host_key=accept_host_key)
    with transaction.atomic():
        now = ExternalServer.objects.select_for_update().get(pk=row.pk)
        accepted = False
        if str(now) == str(row):
            accepted = accept_host_key and not now.host_keys and checked.host_key is not None
            if accepted:
                now.host_keys = [str(checked.host_key)]
            if checked.renames_folders is not None:
                now.renames_folders = checked.renames_folders
            now.save(update_fields=["host_keys", "renames_folders"])
        audit.record(
            actor,
            "account.test",
            f"account {account.name}",
            account,
            {
                "server": str(row),
                "steps": {one.name: one.ok for one in checked.results},
                "host_key": checked.host_key.fingerprint if checked.host_key else None,
                "accepted": accepted,
            },
        )
    return checked
