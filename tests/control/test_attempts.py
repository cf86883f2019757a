"""A job that is tried several times is told when it fails first, and when it is given up or goes well after all."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction

from control.test_deliveries import House, house
from sluis.control import jobs
from sluis.control.actions import automatic, configurations, schedules
from sluis.control.actions.recipients import add_recipient
from sluis.control.actor import CLI, WORKER
from sluis.control.models import Delivery, DeliveryState, Environment, Mail, Trigger
from sluis.errors import Rejected, Retryable

__all__ = ["house"]

MOMENT = dt.datetime(2026, 11, 23, 2, 30, tzinfo=dt.UTC)
AWAY = "postgresql://reader@127.0.0.1:1/app"
"""A source that does not answer."""


@pytest.fixture
def waiting(house: House) -> House:
    """An automatic configuration with a recipient of failures, and jobs for its refresh and its delivery."""
    configurations.edit_configuration(CLI, house.configuration, automatic=True)
    add_recipient(CLI, house.account, "failures@noord.example", report="failures")
    with transaction.atomic():
        jobs.refresh(house.environment, MOMENT, Trigger.SCHEDULE)
        jobs.follow_refresh(house.environment, MOMENT, Trigger.SCHEDULE)
    return house


def begin(attempts: int, task: str) -> None:
    """As a worker that takes the job, after so many attempts that failed."""
    told = "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE task_name = %s"
    with connection.cursor() as cursor:
        cursor.execute(told, [attempts, task])


def refresh(house: House) -> None:
    automatic.run_refresh(WORKER, house.environment.pk, MOMENT, Trigger.SCHEDULE)


def deliver(house: House) -> None:
    automatic.run_delivery(WORKER, house.configuration.pk, MOMENT, Trigger.SCHEDULE)


def source(url: str) -> None:
    Environment.objects.update(source_url=url)


def subjects() -> list[str]:
    return list(Mail.objects.order_by("created_at").values_list("subject", flat=True))


RUNS = {
    "refresh": (refresh, "Noord DWH: Verversing mislukt", "Noord DWH: Verversing alsnog gelukt"),
    "deliver": (deliver, "Noord DWH/Productie: Mislukt", "Noord DWH/Productie: Alsnog aangeleverd (nummer 1)"),
}


@pytest.mark.parametrize("task", RUNS)
def test_it_is_told_first_and_when_it_is_given_up(waiting: House, task: str) -> None:
    run, failed, _ = RUNS[task]
    source(AWAY)
    for attempts in range(jobs.MOST_ATTEMPTS):
        begin(attempts, task)
        with pytest.raises(Retryable):
            run(waiting)
        assert len(subjects()) == (2 if attempts == jobs.MOST_ATTEMPTS - 1 else 1)
    assert subjects() == [failed, f"{failed}, en opgegeven"]
    first, last = Mail.objects.order_by("created_at")
    assert "wordt het opnieuw geprobeerd" in first.text
    assert "opnieuw geprobeerd" not in last.text


@pytest.mark.parametrize("task", RUNS)
def test_who_was_told_of_the_failure_hears_that_it_went_well(waiting: House, task: str) -> None:
    run, failed, well = RUNS[task]
    right = Environment.objects.get().source_url
    source(AWAY)
    for attempts in range(2):
        begin(attempts, task)
        with pytest.raises(Retryable):
            run(waiting)
    source(right)
    begin(2, task)
    run(waiting)
    assert subjects() == [failed, well]
    run(waiting)
    assert len(subjects()) == 2, "what is done is not told again"


def test_another_cause_is_told_too(waiting: House) -> None:
    right = Environment.objects.get().source_url
    source(AWAY)
    begin(0, "refresh")
    with pytest.raises(Retryable):
        refresh(waiting)
    source(right)
    waiting.change("ALTER TABLE note RENAME TO notes")
    begin(1, "refresh")
    with pytest.raises(Rejected):
        refresh(waiting)
    assert subjects() == ["Noord DWH: Verversing mislukt", "Noord DWH: Verversing mislukt, en opgegeven"]
    assert "notes" not in subjects()[1]


def test_what_goes_well_at_once_is_told_as_ever(waiting: House) -> None:
    for task, run in (("refresh", refresh), ("deliver", deliver)):
        begin(0, task)
        run(waiting)
    assert subjects() == []


def test_the_run_of_a_worker_that_died_is_not_told_while_another_goes_on(waiting: House) -> None:
    begin(0, "refresh")
    refresh(waiting)
    begin(0, "deliver")
    deliver(waiting)
    Delivery.objects.update(state=DeliveryState.RUNNING, sequence=None, published_at=None)
    deliver(waiting)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["delivered", "failed"]
    assert subjects() == []


def test_the_next_planned_moment_is_told(waiting: House) -> None:
    schedule = schedules.set_schedule(CLI, waiting.environment, time=dt.time(2, 30), weekday=1)
    add_recipient(CLI, waiting.account, "metadata@noord.example", report="metadata")
    begin(0, "refresh")
    refresh(waiting)
    begin(0, "deliver")
    deliver(waiting)
    assert schedule.next_run_at
    assert "De volgende verversing is gepland op " in Mail.objects.get().text
    assert str(schedule.next_run_at.year) in Mail.objects.get().text.partition("gepland op")[2]
    schedules.pause(CLI, waiting.environment)
    Delivery.objects.update(planned_at=None)
    deliver(waiting)
    assert "Het schema staat stil." in Mail.objects.order_by("-created_at")[0].text
