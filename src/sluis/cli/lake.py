"""``sluis lake``: the history of an environment."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli.common import AsJson, EnvironmentName, actor, show, waiting
from sluis.cli.mails import mail_afterwards

app = typer.Typer(no_args_is_help=True)


@app.command()
def maintain(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Drop history that is older than agreed, merge small files, and remove files no longer used."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import upkeep

    environment = queries.find_environment(who, env)
    with waiting(f"keeping the lake of {environment.name} in order"):
        done = upkeep.maintain(who, environment)
    value = {
        "environment": environment.name,
        "journal_rows_removed": done.journal_rows,
        "files_before": done.files_before,
        "files": done.files,
    }
    show(value, as_json=as_json)


@app.command()
def expunge(
    context: typer.Context,
    *,
    env: EnvironmentName,
    dataset: Annotated[str, typer.Option(help="The dataset to remove from.")],
    key: Annotated[
        list[str] | None, typer.Option(metavar="PART", help="A part of the key; once per part, in order.")
    ] = None,
    primary_key: Annotated[
        str | None, typer.Option(metavar="HEX", help="The key as a plain delivery shows it.")
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Remove the whole dataset.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a dataset, or all that is kept of one key of it, from the history for good."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import upkeep

    environment = queries.find_environment(who, env)
    mail_afterwards(context)
    with waiting(f"expunging from the lake of {environment.name}"):
        done, holdings = upkeep.expunge(
            who, environment, dataset, parts=key or (), primary_key=primary_key, whole=whole
        )
    value = {
        "environment": environment.name,
        "dataset": dataset,
        "journal_rows_removed": done.journal_rows,
        "rows_removed": done.rows,
        "still_in_source": done.present,
        "still_delivered": [
            f"{one.configuration}/{one.folder}{'' if one.certain else ' (perhaps: another secret)'}" for one in holdings
        ],
    }
    show(value, as_json=as_json)


@app.command()
def rebuild(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Throw the history away; the next refresh makes a new one, and everything comes in full."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import upkeep

    environment = queries.find_environment(who, env)
    upkeep.rebuild_lake(who, environment)
    show({"environment": environment.name, "rebuilt": True}, as_json=as_json)
