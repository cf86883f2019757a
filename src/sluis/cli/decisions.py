"""``sluis delivery``: what a person decides about one."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, print_json, show, show_all, waiting
from sluis.cli.deliveries import FILE_COLUMNS, tell_delivery
from sluis.cli.mails import mail_afterwards

app = typer.Typer(no_args_is_help=True)
DeliveryName = Annotated[
    str, typer.Argument(metavar="DELIVERY", help="Its id, or ACCOUNT/NAME for the newest of a configuration.")
]


@app.command("show")
def show_(context: typer.Context, *, env: EnvironmentName, name: DeliveryName, as_json: AsJson = False) -> None:
    """Show a delivery with its files: how far it is, its log, and when the next is planned."""
    who = actor(context)
    from sluis.control import queries

    delivery = queries.find_delivery(who, queries.find_environment(who, env), name)
    value, files, log = shapes.shown_delivery(delivery), shapes.delivery_files(delivery), shapes.log(delivery)
    if as_json:
        print_json({**value, "files": files, "log": log})
        return
    show(value, as_json=False)
    show_all(files, FILE_COLUMNS, as_json=False)
    show_all(log, ["moment", "level", "code", "text"], as_json=False)


@app.command()
def release(context: typer.Context, *, env: EnvironmentName, name: DeliveryName, as_json: AsJson = False) -> None:
    """Publish a delivery that the brake holds."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import decisions

    delivery = queries.find_delivery(who, queries.find_environment(who, env), name)
    mail_afterwards(context)
    with waiting(f"releasing {delivery}"):
        done = decisions.release(who, delivery)
    tell_delivery(done, as_json=as_json)


@app.command()
def refuse(context: typer.Context, *, env: EnvironmentName, name: DeliveryName, as_json: AsJson = False) -> None:
    """Throw away a delivery that the brake holds."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import decisions

    delivery = queries.find_delivery(who, queries.find_environment(who, env), name)
    mail_afterwards(context)
    show(shapes.delivery(decisions.refuse(who, delivery)), as_json=as_json)


@app.command()
def cancel(context: typer.Context, *, env: EnvironmentName, name: DeliveryName, as_json: AsJson = False) -> None:
    """End a delivery that runs or is held; of ACCOUNT/NAME also what waits. Nothing of it is published."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import decisions

    environment = queries.find_environment(who, env)
    if "/" in name:
        configuration = queries.find_configuration(who, environment, name)
        mail_afterwards(context)
        show(shapes.ended(configuration, decisions.cancel_all(who, configuration)), as_json=as_json)
        return
    delivery = queries.find_delivery(who, environment, name)
    mail_afterwards(context)
    show(shapes.delivery(decisions.cancel(who, delivery)), as_json=as_json)


@app.command()
def retry(context: typer.Context, *, env: EnvironmentName, name: DeliveryName, as_json: AsJson = False) -> None:
    """Do once more what a delivery that failed was asked for; one that may have been sent is settled as itself."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import decisions

    delivery = queries.find_delivery(who, queries.find_environment(who, env), name)
    mail_afterwards(context)
    with waiting(f"retrying {delivery}"):
        done = decisions.retry(who, delivery)
    tell_delivery(done, as_json=as_json)
