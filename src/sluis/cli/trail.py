"""``sluis audit``."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, actor, day, show_all, warn


def audit(
    context: typer.Context,
    *,
    env: Annotated[str | None, typer.Argument(metavar="[ENV]", help="Of this environment only.")] = None,
    person: Annotated[str, typer.Option("--person", help="Only of this user or machine, or a part of the name.")] = "",
    action: Annotated[str, typer.Option("--action", help="Only this action, as account.edit.")] = "",
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="The first day.")] = None,
    last: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="The last day.")] = None,
    text: Annotated[str, typer.Option("--text", help="Only with this in what it is about, or in its details.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the audit trail, newest first; that it was read stands in it too."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.trail import NEWEST, Wanted, read_trail

    environment = queries.find_environment(who, env) if env else None
    found = read_trail(who, environment, Wanted(person, action, day(first), day(last), text), per_page=NEWEST)
    columns = ["moment", "actor", "action", "environment", "subject", "details"]
    show_all([shapes.audit_event(row) for row in found.rows], columns, as_json=as_json)
    if found.cut:
        warn(f"these are the newest {found.total}; --from and --until reach older ones")
