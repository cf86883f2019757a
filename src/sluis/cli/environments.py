"""``sluis env``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sluis.cli import REFUSED, shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, ask_secret, print_json, show, show_all, waiting
from sluis.errors import Rejected

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    *,
    name: EnvironmentName,
    catalog: Annotated[str, typer.Option(help="A built-in catalogue, or a folder.")],
    source: Annotated[str | None, typer.Option(metavar="URL", help="The database to read.")] = None,
    source_env: Annotated[
        str | None, typer.Option(metavar="VAR", help="Variable that holds the URL; keeps it out of the history.")
    ] = None,
    password_prompt: Annotated[bool, typer.Option("--password-prompt", help="Ask for the password.")] = False,
    time_zone: Annotated[str | None, typer.Option(metavar="TZ", help="As Europe/Amsterdam.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make an environment over a source database and a catalogue.

    SOURCE: postgresql://user@host:5432/database, mysql://user@host:3306/database, sqlite:///file or duckdb:///file.
    A password in it is stored encrypted.
    """
    url = _url(source, source_env)
    password = ask_secret("Password of the source", otherwise="--source-env VAR") if password_prompt else None
    who = actor(context)
    from sluis.control.actions.environments import add_environment

    made = add_environment(who, name, source_url=url, source_password=password, catalog=catalog, time_zone=time_zone)
    show(shapes.environment(made), as_json=as_json)


@app.command()
def catalog(
    context: typer.Context,
    *,
    name: EnvironmentName,
    path: Annotated[str, typer.Argument(metavar="CATALOG", help="A built-in catalogue, or a folder.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give an environment another catalogue, and show what that does."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.environments import change_catalog

    change = change_catalog(who, queries.find_environment(who, name), path, dry_run=dry_run)
    value = {
        "environment": name,
        "catalog": path,
        "changed": not dry_run,
        "datasets": [
            {"dataset": one.dataset, "effect": one.effect, "columns": list(one.columns)} for one in change.datasets
        ],
        "full": change.full,
        "unseen": change.unseen,
    }
    if as_json:
        print_json(value)
        return
    show({"environment": name, "catalog": path, "changed": not dry_run}, as_json=False)
    effects = [{"dataset": d.dataset, "effect": _EFFECTS[d.effect], "columns": d.columns} for d in change.datasets]
    if not effects and not change.full and not change.unseen:
        typer.echo("it changes nothing for the configurations that there are")
        return
    show_all(effects, ["dataset", "effect", "columns"], as_json=False)
    files = [
        {"configuration": where, "comes in full": file, "because": reason}
        for where, files in change.full.items()
        for file, reason in files.items()
    ]
    show_all(files, ["configuration", "comes in full", "because"], as_json=False)
    if change.unseen:
        typer.echo(f"and files of {change.unseen} configuration(s) whose names you may not see")


_EFFECTS = {
    "query": "ordinary changes, if rows differ",
    "filled": "new columns, filled in",
    "rebuilt": "made anew",
}


@app.command()
def edit(
    context: typer.Context,
    *,
    name: EnvironmentName,
    brake_percent: Annotated[int | None, typer.Option(help="Share of rows that may go at once.")] = None,
    brake_floor: Annotated[int | None, typer.Option(help="Rows that may go at once whatever their share.")] = None,
    keep_days: Annotated[int | None, typer.Option(help="How long the history goes back.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why the history is kept longer than usual.")] = None,
    daily: Annotated[bool | None, typer.Option("--daily/--no-daily", help="Whether it may be scheduled daily.")] = None,
    time_zone: Annotated[str | None, typer.Option(metavar="TZ", help="As Europe/Amsterdam.")] = None,
    datastreams: Annotated[
        bool | None,
        typer.Option("--datastreams/--no-datastreams", help="The module; while off, nothing runs by itself."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change brake, history, time zone, the module Datastreams, and whether an environment may be scheduled daily."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.environments import edit_environment

    edited = edit_environment(
        who,
        queries.find_environment(who, name),
        brake_percent=brake_percent,
        brake_floor=brake_floor,
        keep_days=keep_days,
        reason=reason,
        daily_allowed=daily,
        time_zone=time_zone,
        datastreams=datastreams,
    )
    show(shapes.environment(edited), as_json=as_json)


@app.command()
def source(
    context: typer.Context,
    *,
    name: EnvironmentName,
    url: Annotated[str | None, typer.Option("--source", metavar="URL", help="Another database to read.")] = None,
    url_env: Annotated[
        str | None, typer.Option("--source-env", metavar="VAR", help="Variable that holds the URL.")
    ] = None,
    password_prompt: Annotated[bool, typer.Option("--password-prompt", help="Ask for the password.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only try it, with every query of the catalogue.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have an environment read another database, or use another password; with --check only try it.

    It is connected to first, and nothing changes where that does not go. With another URL the password is given anew.
    """
    given = _url(url, url_env) if url or url_env else None
    password = ask_secret("Password of the source", otherwise="--source-env VAR") if password_prompt else None
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.sources import change_source, check_source

    environment = queries.find_environment(who, name)
    if not check:
        show(shapes.environment(change_source(who, environment, url=given, password=password)), as_json=as_json)
        return
    with waiting("trying the source"):
        plan = check_source(who, environment, url=given, password=password)
    found = [{"dataset": one.dataset, "problem": one.message, "what to do": one.remedy} for one in plan.findings]
    value = {"environment": environment.name, "tables": plan.tables, "datasets": len(plan.datasets)}
    if as_json:
        print_json({**value, "failing": sorted(plan.failing), "findings": found})
    else:
        show({**value, "failing": len(plan.failing)}, as_json=False)
        show_all(found, ["dataset", "problem", "what to do"], as_json=False)
    if plan.failing:
        raise typer.Exit(REFUSED)


@app.command()
def suspend(
    context: typer.Context,
    *,
    name: EnvironmentName,
    dataset: Annotated[str, typer.Argument(help="The dataset to set aside.")],
    reason: Annotated[str, typer.Option(help="Why, and until when; every user of the environment may read it.")],
    as_json: AsJson = False,
) -> None:
    """Set a dataset aside: refreshes and deliveries go on without it, and receivers keep what they have of it."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.suspensions import suspend as set_aside

    made = set_aside(who, queries.find_environment(who, name), dataset, reason=reason)
    show(shapes.suspension(made), as_json=as_json)


@app.command()
def resume(
    context: typer.Context,
    *,
    name: EnvironmentName,
    dataset: Annotated[str, typer.Argument(help="The dataset to take up again.")],
    as_json: AsJson = False,
) -> None:
    """Take a suspended dataset up again; what differs from what receivers have comes with their next delivery."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.suspensions import resume as take_up

    environment = queries.find_environment(who, name)
    take_up(who, environment, dataset)
    show({"environment": environment.name, "dataset": dataset, "suspended": False}, as_json=as_json)


@app.command("suspensions")
def list_suspensions(context: typer.Context, *, name: EnvironmentName, as_json: AsJson = False) -> None:
    """List the datasets that are set aside, with the reason."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.suspension(row) for row in queries.suspensions(who, queries.find_environment(who, name))]
    show_all(rows, ["dataset", "reason", "by", "since"], as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the environments."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.environment(row) for row in queries.environments(who)]
    show_all(
        rows, ["name", "catalog", "source", "time_zone", "snapshot", "snapshot_time", "next_run_at"], as_json=as_json
    )


def _url(source: str | None, variable: str | None) -> str:
    if (source is None) == (variable is None):
        raise Rejected("the source is to be given once", remedy="give either --source URL or --source-env VAR")
    url = source if variable is None else os.environ.get(variable)
    if not url:
        raise Rejected(f"the variable {variable} is empty or not set", remedy="put the URL of the source in it")
    return url
