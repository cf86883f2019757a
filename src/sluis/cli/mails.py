"""``sluis mail``, and what other commands do about mails when they are done."""

from __future__ import annotations

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, show, show_all, warn

app = typer.Typer(no_args_is_help=True)

_PATIENCE = 3
"""Seconds that a command gives the mails of its run."""


@app.command()
def send(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Send the mails that wait and whose time has come."""
    who = actor(context)
    from sluis.control.actions.mails import send_due_mails

    done = send_due_mails(who)
    show({"sent": done.sent, "waiting": done.waiting, "given_up": done.given_up}, as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the mails of an environment, newest first."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.mail(row) for row in queries.mails(who, queries.find_environment(who, env))]
    show_all(rows, ["created_at", "to", "subject", "state", "tries", "error"], as_json=as_json)


def mail_afterwards(context: typer.Context) -> None:
    """Once the command has ended, well or not, send the mails of its run."""
    context.call_on_close(_send_quietly)


def _send_quietly() -> None:
    from sluis.control.actions.mails import send_due_mails
    from sluis.control.actor import CLI

    try:
        send_due_mails(CLI, budget=_PATIENCE, timeout=_PATIENCE)
    except Exception:  # noqa: BLE001 - the run is done: that its mails cannot be sent now must not make it look otherwise
        warn("mails of this run wait: `sluis mail send` sends them")
