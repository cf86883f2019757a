"""``sluis account``."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, show, show_all, warn
from sluis.errors import Rejected

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
    remove_medical: Annotated[
        bool, typer.Option("--remove-medical", help="Remove medical deliveries that still stand there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change an account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import accounts

    account = queries.find_account(who, queries.find_environment(who, env), name)
    if remove_medical and (medical or (medical is None and account.medical)):
        raise Rejected("the account keeps the medical mark", remedy="give --no-medical too")
    if not remove_medical or {new_name, medical, language} != {None}:
        account = accounts.edit_account(who, account, name=new_name, medical=medical, language=language)
    removed = accounts.remove_medical(who, account) if remove_medical else []
    standing = [str(delivery) for delivery in accounts.standing_medical(account)] if not account.medical else []
    value = {"medical_deliveries_removed": [str(one) for one in removed], "medical_deliveries_standing": standing}
    show({**shapes.account(account), **value}, as_json=as_json)
    if medical:
        warn(NOT_ENCRYPTED)
    if standing:
        warn("deliveries with medical data still stand there: --remove-medical removes them")


@app.command()
def secret(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    rotate: Annotated[bool, typer.Option("--rotate", help="Give it a new secret.")] = False,
    like: Annotated[str | None, typer.Option(metavar="OTHER", help="Give it the secret of another account.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change the secret that pseudonyms are made with: everything pseudonymous comes in full, with other keys."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import accounts

    environment = queries.find_environment(who, env)
    account = queries.find_account(who, environment, name)
    if rotate == (like is not None):
        raise Rejected("what is to become of the secret is to be said once", remedy="give --rotate or --like OTHER")
    if like is None:
        account = accounts.rotate_secret(who, account)
    else:
        account = accounts.share_secret(who, account, queries.find_account(who, environment, like))
    show(shapes.account(account), as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the accounts of an environment."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.account(row) for row in queries.accounts(who, queries.find_environment(who, env))]
    show_all(rows, ["name", "type", "language", "medical"], as_json=as_json)
