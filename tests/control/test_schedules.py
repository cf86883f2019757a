"""Schedules, with a moved clock: what a person expects on any night of the year."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import People
from sluis.control.actions import automatic, schedules
from sluis.control.actions.environments import edit_environment
from sluis.control.actor import CLI, WORKER
from sluis.control.models import AuditEvent, Configuration, Environment, Schedule
from sluis.errors import PermissionDenied, Rejected

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY, SUNDAY = 1, 7
TUESDAY_NOON = dt.datetime(2026, 11, 24, 12, tzinfo=AMSTERDAM)


def local(schedule: Schedule) -> str:
    """The next moment as a clock on the wall in Amsterdam shows it."""
    assert schedule.next_run_at
    return schedule.next_run_at.astimezone(AMSTERDAM).strftime("%a %d-%m-%Y %H:%M%z")


def daily(environment: Environment, hour: int, minute: int) -> Schedule:
    edit_environment(CLI, environment, daily_allowed=True)
    return schedules.set_schedule(CLI, environment, time=dt.time(hour, minute), weekday=None)


def weekly(environment: Environment, weekday: int = MONDAY) -> Schedule:
    return schedules.set_schedule(CLI, environment, time=dt.time(2, 30), weekday=weekday)


def moments(schedule: Schedule, begin: dt.datetime, days: int) -> list[str]:
    """The moments that a worker runs which looks every quarter of an hour."""
    found = []
    for quarter in range(days * 96):
        with time_machine.travel(begin + dt.timedelta(minutes=15 * quarter), tick=False):
            due = automatic.enqueue_due(WORKER)
            # As a worker that takes the job at once.
            waiting = ProcrastinateJob.objects.filter(status="todo")
            assert waiting.count() == due
            schedule.refresh_from_db()
            if due:
                assert schedule.last_run_at
                found.append(schedule.last_run_at.astimezone(AMSTERDAM).strftime("%d-%m %H:%M%z"))
            waiting._raw_delete("default")  # the rows are the library's, and read only
    return found


@pytest.mark.parametrize("weekday", [None, SUNDAY])
def test_the_night_the_clock_goes_back(environment: Environment, weekday: int | None) -> None:
    begin = dt.datetime(2026, 10, 24, 10, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False):
        schedule = daily(environment, 2, 30) if weekday is None else weekly(environment, SUNDAY)
    found = moments(schedule, begin, 2)
    assert found == (["25-10 02:30+0200", "26-10 02:30+0100"] if weekday is None else ["25-10 02:30+0200"])


@pytest.mark.parametrize("weekday", [None, SUNDAY])
def test_the_night_with_a_missing_hour(environment: Environment, weekday: int | None) -> None:
    begin = dt.datetime(2026, 3, 28, 10, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False):
        schedule = daily(environment, 2, 30) if weekday is None else weekly(environment, SUNDAY)
    found = moments(schedule, begin, 2)
    assert found == (["29-03 03:00+0200", "30-03 02:30+0200"] if weekday is None else ["29-03 03:00+0200"])


def test_set_in_the_second_pass_of_the_doubled_hour(environment: Environment) -> None:
    with time_machine.travel(dt.datetime(2026, 10, 25, 1, 15, tzinfo=dt.UTC), tick=False):
        assert local(daily(environment, 2, 30)) == "Mon 26-10-2026 02:30+0100"


def test_a_leap_day_is_a_day(environment: Environment) -> None:
    with time_machine.travel(dt.datetime(2028, 2, 28, 12, tzinfo=AMSTERDAM), tick=False):
        assert local(daily(environment, 2, 30)) == "Tue 29-02-2028 02:30+0100"
    with time_machine.travel(dt.datetime(2028, 2, 28, 12, tzinfo=AMSTERDAM), tick=False):
        assert local(weekly(environment, 2)) == "Tue 29-02-2028 02:30+0100"
    with time_machine.travel(dt.datetime(2028, 2, 29, 12, tzinfo=AMSTERDAM), tick=False):
        assert local(weekly(environment, 3)) == "Wed 01-03-2028 02:30+0100"


@time_machine.travel(TUESDAY_NOON, tick=False)
def test_another_time_zone_keeps_the_time_of_the_day(environment: Environment) -> None:
    weekly(environment)
    edit_environment(CLI, environment, time_zone="America/New_York")
    schedule = Schedule.objects.get()
    assert schedule.next_run_at == dt.datetime(2026, 11, 30, 2, 30, tzinfo=ZoneInfo("America/New_York"))
    with pytest.raises(Rejected, match="'Mars' is not a time zone"):
        edit_environment(CLI, environment, time_zone="Mars")


def test_missed_moments_are_caught_up_once(environment: Environment) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        weekly(environment)
    with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=29), tick=False):
        assert [automatic.enqueue_due(WORKER) for _ in range(3)] == [1, 0, 0]
    schedule = Schedule.objects.get()
    assert schedule.last_run_at == dt.datetime(2026, 11, 30, 2, 30, tzinfo=AMSTERDAM)
    assert local(schedule) == "Mon 28-12-2026 02:30+0100"
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.lock, job.args["trigger"]) == ("refresh", f"lake:{environment.pk}", "schedule")


def test_a_refresh_that_still_waits_is_not_joined_by_another(environment: Environment) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        daily(environment, 2, 30)
    for days, enqueued in ((1, 1), (2, 0), (3, 0)):
        with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=days), tick=False):
            assert automatic.enqueue_due(WORKER) == enqueued
    assert ProcrastinateJob.objects.count() == 1
    assert local(Schedule.objects.get()) == "Sat 28-11-2026 02:30+0100"


def test_a_clock_that_jumps_back_runs_nothing_twice(environment: Environment) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        weekly(environment)
    for days, enqueued in ((7, 1), (5, 0), (7, 0)):
        with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=days), tick=False):
            assert automatic.enqueue_due(WORKER) == enqueued


def test_what_is_paused_runs_nothing_and_catches_nothing_up(environment: Environment) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        weekly(environment)
        assert schedules.pause(CLI, environment).next_run_at is None
        with pytest.raises(Rejected, match="paused already"):
            schedules.pause(CLI, environment)
    with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=8), tick=False):
        assert automatic.enqueue_due(WORKER) == 0
        assert weekly(environment, SUNDAY).next_run_at is None
        assert local(schedules.resume(CLI, environment)) == "Sun 06-12-2026 02:30+0100"
        assert automatic.enqueue_due(WORKER) == 0
        with pytest.raises(Rejected, match="is not paused"):
            schedules.resume(CLI, environment)


def test_what_falls_before_the_moment_is_run_at_it_once(environment: Environment) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        weekly(environment)
        held = schedules.not_before(CLI, environment, TUESDAY_NOON + dt.timedelta(days=15))
        assert local(held) == "Wed 09-12-2026 12:00+0100"
    with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=14), tick=False):
        assert automatic.enqueue_due(WORKER) == 0
    with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=15), tick=False):
        assert automatic.enqueue_due(WORKER) == 1
    schedule = Schedule.objects.get()
    assert (local(schedule), schedule.not_before) == ("Mon 14-12-2026 02:30+0100", None)


@time_machine.travel(TUESDAY_NOON, tick=False)
def test_a_moment_before_the_next_changes_nothing_and_is_taken_away(environment: Environment) -> None:
    weekly(environment)
    planned = "Mon 30-11-2026 02:30+0100"
    assert local(schedules.not_before(CLI, environment, TUESDAY_NOON + dt.timedelta(hours=1))) == planned
    assert local(schedules.not_before(CLI, environment, TUESDAY_NOON + dt.timedelta(days=9))) != planned
    assert local(schedules.not_before(CLI, environment, None)) == planned
    with pytest.raises(Rejected, match="has passed"):
        schedules.not_before(CLI, environment, TUESDAY_NOON)


def test_what_was_missed_already_waits_for_the_moment_too(environment: Environment) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        weekly(environment)
    with time_machine.travel(TUESDAY_NOON + dt.timedelta(days=7), tick=False):
        held = schedules.not_before(CLI, environment, TUESDAY_NOON + dt.timedelta(days=8))
        assert local(held) == "Wed 02-12-2026 12:00+0100"
        assert automatic.enqueue_due(WORKER) == 0


def test_daily_is_for_who_may(environment: Environment, people: People) -> None:
    with pytest.raises(Rejected, match="may not deliver daily"):
        schedules.set_schedule(people.sam, environment, time=dt.time(2, 30), weekday=None)
    with pytest.raises(PermissionDenied):
        edit_environment(people.sam, environment, daily_allowed=True)
    edit_environment(people.olga, environment, daily_allowed=True)
    assert schedules.set_schedule(people.sam, environment, time=dt.time(2, 30), weekday=None).weekday is None
    with pytest.raises(Rejected, match="is scheduled daily"):
        edit_environment(people.olga, environment, daily_allowed=False)
    weekly(environment)
    edit_environment(people.olga, environment, daily_allowed=False)


def test_what_is_wrong_is_refused(environment: Environment) -> None:
    for time, weekday in ((dt.time(2, 30, 1), 1), (dt.time(2, 30, tzinfo=dt.UTC), 1), (dt.time(2), 0), (dt.time(2), 8)):
        with pytest.raises(Rejected):
            schedules.set_schedule(CLI, environment, time=time, weekday=weekday)
    with pytest.raises(Rejected, match="has no schedule"):
        schedules.pause(CLI, environment)
    assert not Schedule.objects.exists()


def test_every_verb_asks_and_is_told(environment: Environment, people: People) -> None:
    weekly(environment)
    for who in (people.rita, WORKER):
        with pytest.raises(PermissionDenied, match=r"environment\.schedule"):
            schedules.pause(who, environment)
    schedules.pause(people.sam, environment)
    schedules.resume(people.sam, environment)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    schedules.not_before(people.sam, environment, tomorrow)
    told = AuditEvent.objects.filter(action="environment.schedule").order_by("pk").values_list("actor", "details")
    assert list(told) == [
        ("cli", {"every": [None, 1], "time": [None, "02:30"]}),
        ("sam", {"paused": [False, True]}),
        ("sam", {"paused": [True, False]}),
        ("sam", {"not_before": [None, tomorrow.isoformat()]}),
    ]


def test_by_hand_goes_before_what_runs_by_itself(environment: Environment, people: People) -> None:
    with time_machine.travel(TUESDAY_NOON, tick=False):
        weekly(environment)
    assert automatic.enqueue_due(WORKER) in {0, 1}
    Schedule.objects.update(next_run_at=TUESDAY_NOON - dt.timedelta(days=1))
    automatic.enqueue_due(WORKER)
    schedules.refresh_now(people.sam, environment)
    with pytest.raises(Rejected, match="waits already"):
        schedules.refresh_now(people.sam, environment)
    with pytest.raises(PermissionDenied):
        schedules.refresh_now(people.rita, environment)
    first, second = ProcrastinateJob.objects.order_by("-priority")
    assert (first.args["trigger"], second.args["trigger"]) == ("manual", "schedule")


def test_without_the_module_nothing_is_due(environment: Environment) -> None:
    weekly(environment)
    Schedule.objects.update(next_run_at=TUESDAY_NOON - dt.timedelta(days=1))
    Environment.objects.filter(pk=environment.pk).update(datastreams_enabled=False)
    assert automatic.enqueue_due(WORKER) == 0


def test_the_next_moment_is_known_to_the_environment(environment: Environment, configuration: Configuration) -> None:
    assert environment.next_run_at() is None
    schedule = weekly(environment)
    assert Environment.objects.get().next_run_at() == schedule.next_run_at
