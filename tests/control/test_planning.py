"""Every night of two years in time zones with odd nights: one moment a day, where a clock on the wall first shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from sluis.control.models import Environment, Schedule
from sluis.control.planning import next_moment, plan

ZONES = (
    "Europe/Amsterdam",
    "Africa/Cairo",  # its clock goes forward at midnight
    "America/New_York",
    "America/Santiago",  # at midnight too, in the other half of the year
    "America/St_Johns",
    "Asia/Kathmandu",
    "Atlantic/Azores",  # at midnight and back over it
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Chatham",  # at a quarter to three
    "UTC",
)
TIMES = ("00:00", "00:30", "01:45", "02:15", "02:59", "23:59")
FIRST, LAST = dt.date(2027, 1, 1), dt.date(2028, 12, 31)
"""The last year has a leap day."""


def schedule(zone: str, time: str, weekday: int | None = None, **more: dt.datetime | None) -> Schedule:
    environment = Environment(name="Noord", time_zone=zone)
    return Schedule(environment=environment, weekday=weekday, time=dt.time.fromisoformat(time), **more)


def first_shown(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The first minute at which a clock on the wall shows a time of a day, or is past it; found by looking at it."""
    wanted, minute = dt.datetime.combine(day, time), dt.timedelta(minutes=1)
    moment = wanted.replace(tzinfo=zone).astimezone(dt.UTC)
    if (moment - minute).astimezone(zone).replace(tzinfo=None) == wanted - minute:
        # An ordinary day; of others every minute is looked at.
        return moment
    moment -= dt.timedelta(hours=3)
    while moment.astimezone(zone).replace(tzinfo=None) < wanted:
        moment += dt.timedelta(minutes=1)
    return moment


def days() -> Iterator[dt.date]:
    for number in range((LAST - FIRST).days + 1):
        yield FIRST + dt.timedelta(days=number)


def moments(of: Schedule, zone: ZoneInfo) -> Iterator[dt.datetime]:
    moment = dt.datetime.combine(FIRST, dt.time(), zone).astimezone(dt.UTC) - dt.timedelta(minutes=1)
    while True:
        moment = next_moment(of, moment)
        if moment.astimezone(zone).date() > LAST:
            return
        yield moment


@pytest.mark.parametrize("name", ZONES)
def test_there_is_one_moment_a_day(name: str) -> None:
    zone = ZoneInfo(name)
    for time in TIMES:
        expected = [first_shown(day, dt.time.fromisoformat(time), zone) for day in days()]
        assert list(moments(schedule(name, time), zone)) == expected, time


@pytest.mark.parametrize("name", ZONES)
def test_there_is_one_moment_a_week(name: str) -> None:
    zone = ZoneInfo(name)
    for weekday in range(1, 8):
        expected = [first_shown(day, dt.time(2, 30), zone) for day in days() if day.isoweekday() == weekday]
        assert list(moments(schedule(name, "02:30", weekday), zone)) == expected, weekday


NIGHT = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
"""02:30 in Amsterdam, for the first time of two."""


@pytest.mark.parametrize("minutes", range(-90, 150, 15))
def test_whenever_it_is_looked_at_in_the_doubled_hour_the_answer_lies_ahead(minutes: int) -> None:
    now = NIGHT + dt.timedelta(minutes=minutes)
    found = next_moment(schedule("Europe/Amsterdam", "02:30"), now)
    assert found == (NIGHT if now < NIGHT else NIGHT + dt.timedelta(hours=25))


def test_a_clock_that_jumps_back_and_forth_leaves_the_moment_where_it_was() -> None:
    due = schedule("Europe/Amsterdam", "02:30", next_run_at=NIGHT)
    for hours in (-30, 5, -3, 400, 0):
        found = plan(due, NIGHT + dt.timedelta(hours=hours))
        assert found == (next_moment(due, NIGHT + dt.timedelta(hours=hours)) if hours < 0 else NIGHT)


def test_a_moment_that_was_missed_stays_due_in_another_time_zone() -> None:
    due = schedule("Europe/Amsterdam", "02:30", next_run_at=NIGHT)
    due.environment.time_zone = "Asia/Tokyo"
    assert plan(due, NIGHT + dt.timedelta(minutes=1)) == NIGHT
    assert plan(due, NIGHT - dt.timedelta(hours=20)) == dt.datetime(2026, 10, 24, 17, 30, tzinfo=dt.UTC)


def test_held_back_over_the_night_the_clock_goes_forward() -> None:
    held = dt.datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Amsterdam")).astimezone(dt.UTC)
    waits = schedule("Europe/Amsterdam", "01:00", not_before=held)
    assert plan(waits, held - dt.timedelta(hours=12)) == held
    assert plan(waits, held) == dt.datetime(2026, 3, 29, 23, 0, tzinfo=dt.UTC)
