"""``sluis state`` and ``sluis refreshes``: how it is going, for who keeps it running."""

from __future__ import annotations

from typing import Annotated

import typer

from sluis.cli import FAILED, shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, print_json, show, show_all


def state(
    context: typer.Context,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 where no worker runs, or somebody must look at an environment.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show workers, what waits for them, and every environment in numbers."""
    who = actor(context)
    from sluis.control import health

    found = health.installation(who)
    rows = [shapes.environment_state(row) for row in found.environments]
    queue = found.queue
    value = {
        "workers": found.alive,
        "doing": queue.doing,
        "waiting": queue.waiting,
        "waiting_since": queue.oldest,
        "later": queue.later,
        "failed_lately": queue.failed,
        "well": bool(found.alive) and all(row.well for row in found.environments),
    }
    if as_json:
        print_json({**value, "environments": rows})
    else:
        show(value, as_json=False)
        columns = ["environment", "id", "well", "refresh", "refreshed_at", "late", "running", "trouble", "failure"]
        show_all(rows, columns, as_json=False)
    if check and not value["well"]:
        raise typer.Exit(FAILED)


def refreshes(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the refreshes of an environment, newest first."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.refresh(row) for row in queries.refreshes(who, queries.find_environment(who, env))]
    show_all(rows, ["id", "state", "trigger", "started_at", "finished_at", "snapshot", "failure"], as_json=as_json)
