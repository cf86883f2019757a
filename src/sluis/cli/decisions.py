"""``sluis delivery``: what a person decides about one."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, show, waiting
from sluis.cli.deliveries import tell_delivery
from sluis.cli.mails import mail_afterwards

app = typer.Typer(no_args_is_help=True)
DeliveryName = Annotated[
    str, typer.Argument(metavar="DELIVERY", help="Its id, or ACCOUNT/NAME for the newest of a configuration.")
]


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
    """End a delivery that runs or is held; nothing of it is published."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import decisions

    delivery = queries.find_delivery(who, queries.find_environment(who, env), name)
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
