"""When something is due: wall-clock times in a time zone, on nights with a doubled or a missing hour too."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from cronsim import CronSim

from sluis.control.models import Schedule


def plan(schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """The next moment of a schedule, in UTC; None while it is paused.

    A moment that passed and was not run stays due. One that falls before ``not_before`` is run at it.
    """
    if schedule.paused:
        return None
    missed = schedule.next_run_at is not None and schedule.next_run_at <= now
    first = schedule.next_run_at if missed and schedule.next_run_at else next_moment(schedule, now)
    held = schedule.not_before
    return held if held and held > now and held > first else first


def next_moment(schedule: Schedule, after: dt.datetime) -> dt.datetime:
    """The first moment of a schedule after another one: once in a doubled hour, at the end of a missing one."""
    zone = zoneinfo.ZoneInfo(schedule.environment.time_zone)
    cron = f"{schedule.time.minute} {schedule.time.hour} * * {schedule.weekday or '*'}"
    moments = (moment.astimezone(dt.UTC) for moment in CronSim(cron, after.astimezone(zone)))
    # In the second pass of a doubled hour the library answers with a moment of the first.
    return next(moment for moment in moments if moment > after)
