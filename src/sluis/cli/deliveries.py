"""``sluis refresh``, ``sluis deliver`` and ``sluis deliveries``."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import FAILED, shapes
from sluis.cli.common import AsJson, ConfigurationPath, EnvironmentName, actor, print_json, show, show_all, waiting

FILE_COLUMNS = ["name", "mode", "reason", "rows", "inserted", "updated", "deleted", "bytes"]


def refresh(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Read the source of an environment into a new snapshot."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.refreshes import refresh as run

    environment = queries.find_environment(who, env)
    with waiting(f"refreshing {environment.name}"):
        done = run(who, environment)
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
    as_json: AsJson = False,
) -> None:
    """Run a configuration and publish what it gives."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.deliveries import deliver as run
    from sluis.control.models import DeliveryState

    configuration = queries.find_configuration(who, queries.find_environment(who, env), path)
    with waiting(f"delivering {configuration}") as tell:
        done = run(
            who,
            configuration,
            since=since,
            refresh=read_first,
            progress=lambda file, number, total: tell(f"{file} ({number} of {total})"),
        )
    value, files = shapes.delivery(done), shapes.delivery_files(done)
    if as_json:
        print_json({**value, "files": files})
    else:
        show(value, as_json=False)
        show_all(files, FILE_COLUMNS, as_json=False)
    if done.state != DeliveryState.DELIVERED:
        raise typer.Exit(FAILED)


def deliveries(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: Annotated[str | None, typer.Argument(metavar="[ACCOUNT/NAME]", help="Of this configuration only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the deliveries of an environment, newest first."""
    who = actor(context)
    from sluis.control import queries

    environment = queries.find_environment(who, env)
    configuration = queries.find_configuration(who, environment, path) if path else None
    rows = [shapes.delivery(row) for row in queries.deliveries(who, environment, configuration)]
    columns = ["configuration", "sequence", "state", "mode", "trigger", "actor", "snapshot_time", "folder", "failure"]
    show_all(rows, columns, as_json=as_json)
