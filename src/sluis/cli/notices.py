"""``sluis notice``."""

from __future__ import annotations

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, show, show_all

app = typer.Typer(no_args_is_help=True)


@app.command()
def make(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Tell what is to be told now, each fact once; a worker does this every hour."""
    who = actor(context)
    from sluis.control.actions.notices import make_notices

    show({"made": make_notices(who)}, as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the notices of an environment, newest first."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.notice(row) for row in queries.notices(who, queries.find_environment(who, env))]
    show_all(rows, ["made_at", "account", "configuration", "kind", "subject"], as_json=as_json)
