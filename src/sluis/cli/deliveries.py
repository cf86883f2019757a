"""``sluis refresh``, ``sluis deliver`` and ``sluis deliveries``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sluis.cli import FAILED, shapes
from sluis.cli.common import (
    AsJson,
    ConfigurationPath,
    EnvironmentName,
    actor,
    print_json,
    show,
    show_all,
    waiting,
    warn,
)
from sluis.cli.mails import mail_afterwards
from sluis.errors import Rejected

if TYPE_CHECKING:
    from sluis.control.actor import Actor
    from sluis.control.models import Configuration, Delivery

FILE_COLUMNS = ["name", "mode", "reason", "rows", "inserted", "updated", "deleted", "bytes"]


def refresh(
    context: typer.Context,
    *,
    env: EnvironmentName,
    release: Annotated[
        bool, typer.Option("--release", help="Let go what the brake stopped the last refresh for.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the source of an environment into a new snapshot."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.refreshes import refresh as run

    environment = queries.find_environment(who, env)
    mail_afterwards(context)
    with waiting(f"refreshing {environment.name}"):
        done = run(who, environment, release=release)
    value = shapes.refresh(done)
    if as_json:
        print_json(value)
        return
    counts = value.pop("counts")
    show(value, as_json=False)
    rows = [{"dataset": name, **count} for name, count in counts.items()]
    show_all(rows, list(rows[0]) if rows else [], as_json=False)


def deliver(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: ConfigurationPath,
    since: Annotated[str, typer.Option(metavar="last|all|YYYY-MM-DD", help="What to deliver.")] = "last",
    read_first: Annotated[bool, typer.Option("--refresh", help="Read the source first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    rows: Annotated[int, typer.Option("--rows", min=0, help="With --dry-run: show so many rows of each file.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run a configuration and publish what it gives."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.deliveries import deliver as run

    configuration = queries.find_configuration(who, queries.find_environment(who, env), path)
    if rows and not dry_run:
        raise Rejected("--rows belongs to --dry-run", remedy="give both, or neither")
    if dry_run:
        if read_first:
            raise Rejected(
                "a dry run shows the newest snapshot", remedy="run `sluis refresh` first, or leave --refresh out"
            )
        _preview(who, configuration, since=since, rows=rows, as_json=as_json)
        return
    mail_afterwards(context)
    with waiting(f"delivering {configuration}") as tell:
        done = run(
            who,
            configuration,
            since=since,
            refresh=read_first,
            progress=lambda file, number, total: tell(f"{file} ({number} of {total})"),
        )
    tell_delivery(done, as_json=as_json)


def _preview(who: Actor, configuration: Configuration, *, since: str, rows: int, as_json: bool) -> None:
    from sluis.control.actions.previews import preview

    with waiting(f"trying {configuration}") as tell:
        found = preview(
            who,
            configuration,
            since=since,
            rows=rows,
            progress=lambda file, number, total: tell(f"{file} ({number} of {total})"),
        )
    value = shapes.preview(found)
    if as_json:
        print_json(value)
        return
    files, first = value.pop("files"), value.pop("first_rows")
    show(value, as_json=False)
    show_all(files, FILE_COLUMNS, as_json=False)
    for name, (header, *lines) in first.items():
        typer.echo(name)
        show_all([dict(zip(header, line, strict=True)) for line in lines], header, as_json=False, of_data=True)


def tell_delivery(done: Delivery, *, as_json: bool) -> None:
    """Print a delivery with its files; exits with 1 where it was not delivered."""
    from sluis.control.models import DeliveryState

    value, files = shapes.delivery(done), shapes.delivery_files(done)
    if as_json:
        print_json({**value, "files": files})
    else:
        show(value, as_json=False)
        show_all(files, FILE_COLUMNS, as_json=False)
    if done.state == DeliveryState.HELD:
        warn("the brake holds it: `sluis delivery release` publishes it, `sluis delivery refuse` throws it away")
    if done.state != DeliveryState.DELIVERED:
        raise typer.Exit(FAILED)


def deliveries(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: Annotated[str | None, typer.Argument(metavar="[ACCOUNT/NAME]", help="Of this configuration only.")] = None,
    running: Annotated[
        bool, typer.Option("--running", help="Only what runs, with how far it is, and what waits; refreshes too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the deliveries of an environment, newest first."""
    who = actor(context)
    from sluis.control import queries

    environment = queries.find_environment(who, env)
    configuration = queries.find_configuration(who, environment, path) if path else None
    if running:
        now = [shapes.under_way(row) for row in queries.under_way(who, environment, configuration)]
        columns = ["what", "state", "since", "begins_at", "stage", "file", "number", "total", "rows", "bytes", "moment"]
        show_all(now, columns, as_json=as_json)
        return
    rows = [shapes.delivery(row) for row in queries.deliveries(who, environment, configuration)]
    columns = ["configuration", "sequence", "state", "mode", "trigger", "actor", "snapshot_time", "folder", "failure"]
    show_all(rows, columns, as_json=as_json)
