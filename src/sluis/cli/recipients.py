"""``sluis recipient``."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, listed, show, show_all

app = typer.Typer(no_args_is_help=True)

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account.")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The mail address.")]
Report = Annotated[str, typer.Option(metavar="KIND", help="failures, warnings (and failures), messages or metadata.")]


@app.command()
def add(
    context: typer.Context,
    *,
    env: EnvironmentName,
    account: AccountName,
    address: Address,
    report: Report = "warnings",
    as_json: AsJson = False,
) -> None:
    """Send the log reports of an account to an address too."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.recipients import add_recipient

    found = queries.find_account(who, queries.find_environment(who, env), account)
    show(shapes.recipient(add_recipient(who, found, address, report=report)), as_json=as_json)


@app.command()
def edit(
    context: typer.Context,
    *,
    env: EnvironmentName,
    account: AccountName,
    address: Address,
    report: Report | None = None,
    notices_on: Annotated[str | None, typer.Option(metavar="A,B", help="Kinds of notices that it gets.")] = None,
    notices_off: Annotated[str | None, typer.Option(metavar="A,B", help="Kinds that it does not get.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give a recipient other levels, and switch kinds of notices on and off."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.recipients import edit_recipient

    found = queries.find_account(who, queries.find_environment(who, env), account)
    edited = edit_recipient(
        who,
        queries.find_recipient(who, found, address),
        report=report,
        notices_on=listed(notices_on),
        notices_off=listed(notices_off),
    )
    show(shapes.recipient(edited), as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, account: AccountName, as_json: AsJson = False) -> None:
    """List the recipients of an account."""
    who = actor(context)
    from sluis.control import queries

    found = queries.find_account(who, queries.find_environment(who, env), account)
    rows = [shapes.recipient(row) for row in queries.recipients(who, found)]
    show_all(rows, ["address", "report", "notices_off"], as_json=as_json)


@app.command()
def remove(
    context: typer.Context, *, env: EnvironmentName, account: AccountName, address: Address, as_json: AsJson = False
) -> None:
    """Send an address no more log reports of an account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.recipients import remove_recipient

    found = queries.find_account(who, queries.find_environment(who, env), account)
    recipient = queries.find_recipient(who, found, address)
    remove_recipient(who, recipient)
    show({"account": found.name, "removed": recipient.address}, as_json=as_json)
