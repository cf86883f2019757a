"""All commands together."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

import sluis
from sluis.cli import (
    FAILED,
    accounts,
    catalogs,
    configurations,
    decisions,
    deliveries,
    environments,
    lake,
    mails,
    notices,
    receiving,
    recipients,
    schedules,
    secrets,
    serving,
    sftp,
    state,
    trail,
    users,
)
from sluis.cli.common import AsJson, actor, print_json, server_only, show, show_all

app = typer.Typer(
    name="sluis",
    help=sluis.__doc__,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(environments.app, name="env", help="Environments: customer databases.")
app.add_typer(accounts.app, name="account", help="Connection accounts: where deliveries go.")
app.add_typer(recipients.app, name="recipient", help="Recipients: who gets the log reports of an account.")
app.add_typer(sftp.app, name="key", help="Keys that receivers log in to a hosted account with.")
app.add_typer(configurations.app, name="config", help="Configurations: what is delivered.")
app.add_typer(catalogs.app, name="catalog", help="Catalogues: what can be delivered.")
app.add_typer(decisions.app, name="delivery", help="A delivery: release, refuse, cancel, retry.")
app.add_typer(lake.app, name="lake", help="The history: keep it in order, remove from it.")
app.add_typer(mails.app, name="mail", help="Mails that were sent, or wait.")
app.add_typer(notices.app, name="notice", help="Notices: what recipients are told besides the log reports.")
app.add_typer(
    schedules.app, name="schedule", help="Schedules: when an environment is refreshed and delivered by itself."
)
app.add_typer(secrets.app, name="secrets", help="The secrets in the control database, and the key to them.")
app.add_typer(users.app, name="user", help="Users: who logs in, and what they may.")
app.command("refresh")(deliveries.refresh)
app.command("refreshes")(state.refreshes)
app.command("state")(state.state)
app.command("deliver")(deliveries.deliver)
app.command("deliveries")(deliveries.deliveries)
app.command("receipts")(sftp.receipts)
app.command("audit")(trail.audit)
app.command("sftp")(sftp.serve)
app.command("web")(serving.web)
app.command("worker")(serving.worker)
app.command("up")(serving.up)
app.command("load")(receiving.load)
app.command("verify")(receiving.verify)


def _version(wanted: bool) -> None:  # noqa: FBT001 - called by typer with the value of the flag
    if wanted:
        typer.echo(f"sluis {sluis.__version__}")
        raise typer.Exit


@app.callback()
def everything(
    context: typer.Context,
    *,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Act as this user.")] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Options before the command."""
    context.obj = user


@app.command()
def migrate(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Bring the tables of the control database up to date."""
    server_only(context)
    from sluis.control.setup import migrate as apply

    show({"applied": apply()}, as_json=as_json)


@app.command()
def restored(
    context: typer.Context,
    *,
    numbers: Annotated[
        int, typer.Option(min=1, help="Deliveries that one configuration may have had since the backup.")
    ] = 1000,
    as_json: AsJson = False,
) -> None:
    """Say that the control database was put back from a backup: every next delivery is full, with a higher number."""
    server_only(context)
    who = actor(context)
    from sluis.control.actions.restoring import note_restore

    rows = [
        {
            "environment": row.configuration.environment.name,
            "configuration": str(row.configuration),
            "next_number": (row.sequence or 0) + 1,
        }
        for row in note_restore(who, numbers=numbers)
    ]
    show_all(rows, ["environment", "configuration", "next_number"], as_json=as_json)


@app.command()
def demo(
    context: typer.Context,
    *,
    employees: Annotated[int, typer.Option(min=1, help="Employees in the source application.")] = 1000,
    weeks: Annotated[int, typer.Option(min=0, help="Weeks of history after the first, where it stays up.")] = 3,
    once: Annotated[bool, typer.Option("--once", help="End when it is done, and serve nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the main job on embedded parts, show what a receiver gets, and stay up with all parts until it is stopped."""
    server_only(context)
    from sluis.cli import demo as parts

    report = parts.run(employees, Console(stderr=as_json, quiet=as_json))
    if as_json:
        print_json(report.as_json())
    else:
        parts.show(report, Console())
    if report.differences:
        raise typer.Exit(FAILED)
    if not once:
        parts.stay(report, weeks, Console(stderr=as_json))
