"""``sluis account``."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, show, show_all, warn

app = typer.Typer(no_args_is_help=True)

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")]
NOT_ENCRYPTED = "the files are not encrypted once they are delivered: handle them with care"


@app.command()
def add(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    account_type: Annotated[str, typer.Option("--type", help="hosted")],
    medical: Annotated[bool, typer.Option("--medical", help="Deliver medical data to it.")] = False,
    language: Annotated[str, typer.Option(help="Of its log reports: nl or en.")] = "nl",
    as_json: AsJson = False,
) -> None:
    """Make an account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.accounts import add_account

    environment = queries.find_environment(who, env)
    made = add_account(who, environment, name, account_type=account_type, medical=medical, language=language)
    show(shapes.account(made), as_json=as_json)
    if made.medical:
        warn(NOT_ENCRYPTED)


@app.command()
def edit(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name, until a delivery exists.")] = None,
    medical: Annotated[bool | None, typer.Option("--medical/--no-medical", help="Deliver medical data to it.")] = None,
    language: Annotated[str | None, typer.Option(help="Of its log reports: nl or en.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change an account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.accounts import edit_account

    account = queries.find_account(who, queries.find_environment(who, env), name)
    edited = edit_account(who, account, name=new_name, medical=medical, language=language)
    show(shapes.account(edited), as_json=as_json)
    if medical:
        warn(NOT_ENCRYPTED)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the accounts of an environment."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.account(row) for row in queries.accounts(who, queries.find_environment(who, env))]
    show_all(rows, ["name", "type", "language", "medical"], as_json=as_json)
