"""``sluis schedule``."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import AsJson, EnvironmentName, actor, show
from sluis.errors import Rejected

if TYPE_CHECKING:
    from sluis.control.models import Environment

app = typer.Typer(no_args_is_help=True)


@app.command("set")
def set_(
    context: typer.Context,
    *,
    env: EnvironmentName,
    at: Annotated[str, typer.Option(metavar="HH:MM", help="Time of the day, in the environment's time zone.")],
    weekly: Annotated[str | None, typer.Option(metavar="DAY", help="Day of the week, as monday.")] = None,
    daily: Annotated[bool, typer.Option("--daily", help="Every day, where that is allowed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Refresh an environment by itself, weekly or daily, and deliver its automatic configurations after that."""
    day, time = _day(weekly, daily=daily), _time(at)
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.schedules import set_schedule

    done = set_schedule(who, queries.find_environment(who, env), time=time, weekday=day)
    show(shapes.schedule(done), as_json=as_json)


@app.command("show")
def show_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Show when an environment is refreshed by itself, and the next planned moment."""
    who = actor(context)
    from sluis.control import queries

    found = queries.schedule(who, queries.find_environment(who, env))
    if found is None:
        raise Rejected(f"environment {env} has no schedule", remedy="set one with `sluis schedule set`")
    show(shapes.schedule(found), as_json=as_json)


@app.command()
def pause(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Run nothing by itself until it is resumed."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import schedules

    show(shapes.schedule(schedules.pause(who, queries.find_environment(who, env))), as_json=as_json)


@app.command()
def resume(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Go on with the next planned moment; what passed while it was paused is left out."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import schedules

    show(shapes.schedule(schedules.resume(who, queries.find_environment(who, env))), as_json=as_json)


@app.command()
def postpone(
    context: typer.Context,
    *,
    env: EnvironmentName,
    until: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="As 2026-12-01T12:00, in the environment's time zone.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take the postponement away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run nothing by itself before a moment; what falls due until then is run at it, once."""
    if (until is None) != clear:
        raise Rejected("it is to be postponed or not", remedy="give either --until MOMENT or --clear")
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.schedules import not_before

    environment = queries.find_environment(who, env)
    moment = None if until is None else _moment(until, environment)
    show(shapes.schedule(not_before(who, environment, moment)), as_json=as_json)


@app.command()
def now(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Have a worker refresh and deliver what is automatic at once, before what runs by itself."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.schedules import refresh_now

    environment = queries.find_environment(who, env)
    show({"environment": environment.name, "asked_at": refresh_now(who, environment)}, as_json=as_json)


@app.command()
def cancel(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """Take back a refresh that waits for a worker, or to be tried again; the next planned moment stays."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.schedules import cancel_waiting

    environment = queries.find_environment(who, env)
    done = {"environment": environment.name, "cancelled": cancel_waiting(who, environment)}
    show({**done, "next_run_at": environment.next_run_at()}, as_json=as_json)


def _day(weekly: str | None, *, daily: bool) -> int | None:
    if (weekly is None) != daily:
        raise Rejected("the day is to be given once", remedy="give either --weekly DAY or --daily")
    if weekly is None:
        return None
    found = [number for number, day in enumerate(shapes.DAYS, start=1) if weekly.lower() in {day, day[:3]}]
    if not found:
        raise Rejected(f"{weekly!r} is not a day of the week", remedy=f"choose from: {', '.join(shapes.DAYS)}")
    return found[0]


def _time(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise Rejected(f"{text!r} is not a time of the day", remedy="write it as 02:30") from None


def _moment(text: str, environment: Environment) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zoneinfo.ZoneInfo(environment.time_zone))
        return local.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Rejected(f"{text!r} is not a moment", remedy="write it as 2026-12-01T12:00") from None
