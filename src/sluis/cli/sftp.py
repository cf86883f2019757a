"""``sluis key``, ``sluis receipts`` and ``sluis sftp``."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluis import settings
from sluis.cli import shapes
from sluis.cli.common import (
    AsJson,
    EnvironmentName,
    actor,
    day,
    print_json,
    read_file,
    server_only,
    show,
    show_all,
    warn,
    write_private,
)
from sluis.errors import Rejected

if TYPE_CHECKING:
    from sluis.sftp.server import HostedServer

app = typer.Typer(no_args_is_help=True)

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account.")]
KeyName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the key, as the holder or the machine.")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Last day that it may log in.")]


@app.command()
def add(
    context: typer.Context,
    *,
    env: EnvironmentName,
    account: AccountName,
    name: KeyName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File with the public key; - for stdin.")],
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Let a public key log in to a hosted account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.keys import add_key

    found = queries.find_account(who, queries.find_environment(who, env), account)
    key = add_key(who, found, name, read_file(file), valid_until=day(until))
    show({"login": key.account.login, **shapes.sftp_key(key)}, as_json=as_json)


@app.command()
def make(
    context: typer.Context,
    *,
    env: EnvironmentName,
    account: AccountName,
    name: KeyName,
    kind: Annotated[str, typer.Option(help="ed25519, or rsa (4096 bits) for old clients.")] = "ed25519",
    until: Until = None,
    out: Annotated[Path | None, typer.Option(help="New file for the private key; without it, it is shown.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a pair of keys that logs in to a hosted account. The private key and its passphrase are shown once."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.keys import make_key

    found = queries.find_account(who, queries.find_environment(who, env), account)
    if out is not None and out.exists():
        raise Rejected(f"{out} is there already", remedy="give the path of a new file")
    key, pair = make_key(who, found, name, kind=kind, valid_until=day(until))
    value = {"login": key.account.login, **shapes.sftp_key(key), "passphrase": pair.passphrase}
    if out is not None:
        write_private(out, pair.private)
        value["private_key_file"] = str(out)
    if as_json:
        print_json(value if out else {**value, "private_key": pair.private})
        return
    show(value, as_json=False)
    if out is None:
        sys.stdout.write(pair.private)
    warn("the private key and its passphrase are not kept: give them to the receiver by two different ways")


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, account: AccountName, as_json: AsJson = False) -> None:
    """List the keys of a hosted account."""
    who = actor(context)
    from sluis.control import queries

    found = queries.find_account(who, queries.find_environment(who, env), account)
    rows = [shapes.sftp_key(row) for row in queries.keys(who, found)]
    show_all(rows, ["name", "fingerprint", "valid_until", "last_used_at", "created_at"], as_json=as_json)


@app.command()
def remove(
    context: typer.Context, *, env: EnvironmentName, account: AccountName, name: KeyName, as_json: AsJson = False
) -> None:
    """Take a key away: it can no longer log in."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.keys import remove_key

    found = queries.find_account(who, queries.find_environment(who, env), account)
    remove_key(who, found, name)
    show({"removed": name}, as_json=as_json)


def receipts(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: Annotated[str | None, typer.Argument(metavar="[ACCOUNT/NAME]", help="Of this configuration only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List which files receivers have fetched, newest first."""
    who = actor(context)
    from sluis.control import queries

    environment = queries.find_environment(who, env)
    configuration = queries.find_configuration(who, environment, path) if path else None
    rows = [shapes.receipt(row) for row in queries.receipts(who, environment, configuration)]
    columns = ["configuration", "sequence", "file", "sent", "complete", "moment", "address", "key"]
    show_all(rows, columns, as_json=as_json)


def serve(
    context: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the setting.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port, instead of the setting; 0: any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the hosted accounts over SFTP until it is stopped (SIGTERM, or Ctrl-C)."""
    server_only(context)
    actor(context)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    server = hosted_server(host, port)
    server.serve(lambda: show(address(server), as_json=as_json))


def hosted_server(host: str | None = None, port: int | None = None) -> HostedServer:
    """The server of the hosted accounts, not started yet; ``Retryable`` where their folder cannot be read."""
    from sluis.control import places
    from sluis.control.sftp_accounts import ControlAccounts
    from sluis.sftp.server import HostedServer, Limits

    now = settings.current()
    # Else it would let receivers in, and show them nothing.
    now.hosted_folder()
    limits = Limits(
        sessions=now.sftp_sessions, sessions_per_account=now.sftp_sessions_per_account, idle=float(now.sftp_idle)
    )
    return HostedServer(
        ControlAccounts(),
        places.host_keys(),
        host=host or now.sftp_host,
        port=now.sftp_port if port is None else port,
        limits=limits,
        strict=now.sftp_strict,
    )


def address(server: HostedServer) -> dict[str, object]:
    """Where it listens, and what receivers compare."""
    return {
        "host": server.host,
        "port": server.port,
        "fingerprints": [f"{key.fingerprint} ({key.kind})" for key in server.keys],
        "host_keys": [key.public for key in server.keys],
    }
