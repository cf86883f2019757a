"""``sluis config``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sluis.cli import shapes
from sluis.cli.accounts import NOT_ENCRYPTED
from sluis.cli.common import (
    AsJson,
    ConfigurationPath,
    EnvironmentName,
    actor,
    listed,
    pseudonymity,
    show,
    show_all,
    warn,
)
from sluis.errors import Rejected

app = typer.Typer(no_args_is_help=True)

Pseudonymous = Annotated[bool, typer.Option("--pseudonymous", help="Nothing that leads to a person directly.")]
Plain = Annotated[bool, typer.Option("--plain", help="With what leads to a person; asks --reason.")]
Reason = Annotated[str | None, typer.Option(help="Why plain, for example the reference of the impact assessment.")]
Version = Annotated[str | None, typer.Option(help="Version of the catalogue.")]
Names = Annotated[str | None, typer.Option(metavar="A,B")]


@app.command()
def add(
    context: typer.Context,
    *,
    env: EnvironmentName,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the configuration, and of its folder.")],
    version: Annotated[str, typer.Option(help="Version of the catalogue.")],
    streams: Annotated[str, typer.Option(metavar="A,B|all", help="Streams to deliver.")],
    pseudonymous: Pseudonymous = False,
    plain: Plain = False,
    reason: Reason = None,
    incremental: Annotated[bool, typer.Option("--incremental/--no-incremental", help="Deliver changes.")] = True,
    automatic: Annotated[bool, typer.Option("--automatic", help="Deliver after a planned refresh.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a configuration, with the default files and columns of its streams."""
    hidden = pseudonymity(pseudonymous=pseudonymous, plain=plain)
    if hidden is None:
        raise Rejected("pseudonymous or plain is to be chosen", remedy="give --pseudonymous, or --plain and --reason")
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.configurations import add_configuration

    made = add_configuration(
        who,
        queries.find_account(who, queries.find_environment(who, env), account),
        name,
        version=version,
        streams="all" if streams == "all" else listed(streams),
        pseudonymous=hidden,
        reason=reason or "",
        automatic=automatic,
        incremental=incremental,
    )
    _show(made, as_json=as_json)


@app.command()
def edit(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: ConfigurationPath,
    name: Annotated[str | None, typer.Option(help="Another name, until a delivery exists.")] = None,
    version: Version = None,
    add_streams: Names = None,
    drop_streams: Names = None,
    add_files: Names = None,
    drop_files: Names = None,
    pseudonymous: Pseudonymous = False,
    plain: Plain = False,
    reason: Reason = None,
    automatic: Annotated[bool | None, typer.Option("--automatic/--no-automatic")] = None,
    incremental: Annotated[bool | None, typer.Option("--incremental/--no-incremental")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a configuration. Name, version and pseudonymous are fixed once a receiver has a delivery."""
    hidden = pseudonymity(pseudonymous=pseudonymous, plain=plain)
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.configurations import edit_configuration

    edited = edit_configuration(
        who,
        queries.find_configuration(who, queries.find_environment(who, env), path),
        name=name,
        version=version,
        pseudonymous=hidden,
        reason=reason,
        automatic=automatic,
        incremental=incremental,
        add_streams=listed(add_streams),
        drop_streams=listed(drop_streams),
        add_files=listed(add_files),
        drop_files=listed(drop_files),
    )
    _show(edited, as_json=as_json)


@app.command()
def copy(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: ConfigurationPath,
    new_name: Annotated[str, typer.Argument(metavar="NEWNAME", help="Name of the copy.")],
    version: Version = None,
    pseudonymous: Pseudonymous = False,
    plain: Plain = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Copy a configuration on its account, perhaps to another version. What is new in that version is off."""
    hidden = pseudonymity(pseudonymous=pseudonymous, plain=plain)
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.configurations import copy_configuration

    origin = queries.find_configuration(who, queries.find_environment(who, env), path)
    made = copy_configuration(who, origin, new_name, version=version, pseudonymous=hidden, reason=reason or "")
    _show(made, as_json=as_json)


@app.command()
def archive(context: typer.Context, *, env: EnvironmentName, path: ConfigurationPath, as_json: AsJson = False) -> None:
    """Take a configuration out of use; what was delivered stays."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import configurations

    found = queries.find_configuration(who, queries.find_environment(who, env), path)
    _show(configurations.archive(who, found), as_json=as_json)


@app.command()
def restore(context: typer.Context, *, env: EnvironmentName, path: ConfigurationPath, as_json: AsJson = False) -> None:
    """Take an archived configuration into use again."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import configurations

    found = queries.find_configuration(who, queries.find_environment(who, env), path)
    _show(configurations.restore(who, found), as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the configurations of an environment."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.configuration(row) for row in queries.configurations(who, queries.find_environment(who, env))]
    columns = [
        "account",
        "name",
        "version",
        "pseudonymous",
        "automatic",
        "next_run_at",
        "incremental",
        "streams",
        "archived_at",
    ]
    show_all(rows, columns, as_json=as_json)


@app.command()
def columns(
    context: typer.Context,
    *,
    env: EnvironmentName,
    path: ConfigurationPath,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Name of the file.")],
    on: Annotated[str | None, typer.Option(metavar="A,B", help="Columns to switch on.")] = None,
    off: Annotated[str | None, typer.Option(metavar="A,B", help="Columns to switch off.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the columns of a file with their marks, after switching some on or off."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.configurations import choose_columns

    found = queries.find_configuration(who, queries.find_environment(who, env), path)
    if on is not None or off is not None:
        choose_columns(who, found, file, on=listed(on), off=listed(off))
    rows = [shapes.column(column, chosen=chosen) for column, chosen in queries.columns(who, found, file)]
    marks = ["name", "chosen", "mandatory", "key", "identifying", "quasi", "medical", "meaning"]
    show_all(rows, marks, as_json=as_json)


def _show(configuration: Any, *, as_json: bool) -> None:
    value = shapes.configuration(configuration)
    if not as_json:
        # The columns are hundreds of names; `config columns` shows those of a file.
        value["files"] = list(value["files"])
    show(value, as_json=as_json)
    if not configuration.pseudonymous and not configuration.archived_at:
        warn(NOT_ENCRYPTED)
