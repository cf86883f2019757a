"""Verbs for the schedule of an environment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from sluis.control import audit, jobs
from sluis.control.actor import Actor
from sluis.control.models import Environment, Schedule, Trigger
from sluis.control.permissions import require, require_module
from sluis.control.planning import plan
from sluis.errors import Rejected

_DAYS_OF_WEEK = 7


@transaction.atomic
def set_schedule(actor: Actor, environment: Environment, *, time: dt.time, weekday: int | None) -> Schedule:
    """Refresh the environment at a time of the day in its time zone: on a day of the week (1 is Monday), or every day.

    What was missed under the old schedule is not caught up. Raises ``Rejected`` where every day is not allowed.
    """
    environment = _locked(actor, environment)
    _check(environment, time, weekday)
    rows = Schedule.objects.select_for_update().filter(environment=environment)
    schedule = rows.first() or Schedule(environment=environment)
    before = _told(schedule) if schedule.pk else {"every": None, "time": None}
    schedule.weekday, schedule.time, schedule.next_run_at = weekday, time, None
    _save(schedule)
    _record(actor, schedule, {name: [before[name], value] for name, value in _told(schedule).items()})
    return schedule


@transaction.atomic
def pause(actor: Actor, environment: Environment) -> Schedule:
    """Run nothing by itself until it is resumed."""
    schedule = _of(_locked(actor, environment))
    if schedule.paused:
        raise Rejected(f"the {schedule} is paused already", remedy="resume it with `sluis schedule resume`")
    schedule.paused = True
    _save(schedule)
    _record(actor, schedule, {"paused": [False, True]})
    return schedule


@transaction.atomic
def resume(actor: Actor, environment: Environment) -> Schedule:
    """Go on with the first moment to come; what passed meanwhile was left out on purpose."""
    schedule = _of(_locked(actor, environment))
    if not schedule.paused:
        raise Rejected(f"the {schedule} is not paused", remedy="pause it with `sluis schedule pause`")
    schedule.paused = False
    _save(schedule)
    _record(actor, schedule, {"paused": [True, False]})
    return schedule


@transaction.atomic
def not_before(actor: Actor, environment: Environment, moment: dt.datetime | None) -> Schedule:
    """Run nothing by itself before a moment; what falls due until then is run at it, once. None takes it away."""
    schedule = _of(_locked(actor, environment))
    if moment is not None and moment <= timezone.now():
        raise Rejected("that moment has passed", remedy="give a moment to come")
    before, schedule.not_before = schedule.not_before, moment
    _save(schedule)
    _record(actor, schedule, {"not_before": [before and before.isoformat(), moment and moment.isoformat()]})
    return schedule


@transaction.atomic
def refresh_now(actor: Actor, environment: Environment) -> dt.datetime:
    """Have a worker refresh, and deliver what is automatic, before what runs by itself; the moment of the run."""
    require(actor, "environment.refresh", environment)
    environment = Environment.objects.select_for_update().get(pk=environment.pk)
    require_module(environment)
    moment = timezone.now()
    if not jobs.refresh(environment, moment, Trigger.MANUAL, by=actor.user.pk if actor.user else None):
        raise Rejected(f"a refresh of {environment.name} by hand waits already", remedy="wait until a worker takes it")
    audit.record(actor, "environment.ask", f"environment {environment.name}", environment, {"verb": "refresh"})
    return moment


@transaction.atomic
def cancel_waiting(actor: Actor, environment: Environment) -> int:
    """Take back the refreshes of the environment that no worker has begun, how many; what is due next stays planned."""
    require(actor, "environment.refresh", environment)
    cancelled = jobs.cancel("refresh", jobs.lake_lock(environment))
    if not cancelled:
        raise Rejected(
            f"no refresh of {environment.name} waits for a worker", remedy="one that a worker has begun goes on"
        )
    details = {"cancelled": cancelled}
    audit.record(actor, "environment.cancel", f"environment {environment.name}", environment, details)
    return cancelled


def replan(environment: Environment, *, anew: bool = False) -> None:
    """Plan once more after the environment changed, inside the transaction that changes it.

    ``anew``: what was missed until now is left out on purpose.
    """
    schedule = Schedule.objects.select_for_update().filter(environment=environment).first()
    if schedule:
        schedule.environment = environment
        if anew:
            schedule.next_run_at = None
        _save(schedule)


def _locked(actor: Actor, environment: Environment) -> Environment:
    require(actor, "environment.schedule", environment)
    return Environment.objects.select_for_update().get(pk=environment.pk)


def _of(environment: Environment) -> Schedule:
    # A worker that moves it on holds this row, not its environment.
    schedule = Schedule.objects.select_for_update().filter(environment=environment).first()
    if schedule is None:
        raise Rejected(f"environment {environment.name} has no schedule", remedy="set one with `sluis schedule set`")
    return schedule


def _check(environment: Environment, time: dt.time, weekday: int | None) -> None:
    if time.second or time.microsecond or time.tzinfo:
        raise Rejected("the time is not in whole minutes of the environment's time zone", remedy="write it as 02:30")
    if weekday is None and not environment.daily_allowed:
        raise Rejected(
            f"environment {environment.name} may not deliver daily",
            remedy="choose a day of the week, or ask an operator for `sluis env edit --daily`",
        )
    if weekday is not None and not 1 <= weekday <= _DAYS_OF_WEEK:
        raise Rejected("that is not a day of the week", remedy="give 1 for Monday to 7 for Sunday")


def _save(schedule: Schedule) -> None:
    schedule.next_run_at = plan(schedule, timezone.now())
    schedule.save()


def _told(schedule: Schedule) -> dict[str, Any]:
    return {"every": schedule.weekday or "day", "time": f"{schedule.time:%H:%M}"}


def _record(actor: Actor, schedule: Schedule, changed: dict[str, Any]) -> None:
    environment = schedule.environment
    audit.record(actor, "environment.schedule", f"environment {environment.name}", environment, changed)
