"""What runs and what waits: shown, cancelled, and kept from going to one server all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from control.fixtures import delivered
from control.test_attempts import MOMENT, begin, deliver, waiting
from control.test_deliveries import House, house
from control.test_sftp import external_house, receiver
from sluis.control import jobs, locks, queries, slots, tracking
from sluis.control.actions import decisions, deliveries, schedules
from sluis.control.actor import CLI, SFTP, WORKER
from sluis.control.models import AuditEvent, Delivery, DeliveryState, Refresh, RunProgress, Stage, Trigger
from sluis.control.setup import Started
from sluis.errors import Rejected, Retryable, SluisError
from sluis.worker.tasks import GrowingPauses

__all__ = ["external_house", "house", "receiver", "waiting"]


def until(stage: Stage, file: str = "") -> RunProgress:
    """Wait for what the thread beside a run writes down."""
    deadline = time.monotonic() + 30
    while True:
        found = RunProgress.objects.filter(stage=stage, file=file).first()
        if found:
            return found
        assert time.monotonic() < deadline, RunProgress.objects.values()
        time.sleep(0.02)


# Cancel


def test_what_waits_is_taken_back(waiting: House) -> None:
    ended = decisions.cancel_all(CLI, waiting.configuration)
    assert (ended.delivery, ended.jobs) == (None, 1)
    assert set(ProcrastinateJob.objects.values_list("task_name", flat=True)) == {"refresh", "maintain"}
    told = AuditEvent.objects.filter(action="delivery.cancel").values_list("subject", "details")
    assert list(told) == [("DWH/Productie", {"waiting": 1})]
    with pytest.raises(Rejected, match="nothing of DWH/Productie runs, is held, or waits"):
        decisions.cancel_all(CLI, waiting.configuration)
    assert schedules.cancel_waiting(CLI, waiting.environment) == 1
    with pytest.raises(Rejected, match="no refresh of Noord waits"):
        schedules.cancel_waiting(CLI, waiting.environment)


def test_what_waits_to_be_tried_again_is_taken_back_with_what_is_held(waiting: House) -> None:
    delivered(waiting.configuration, DeliveryState.HELD, sequence=None)
    ended = decisions.cancel_all(CLI, waiting.configuration)
    assert ended.delivery
    assert (ended.delivery.state, ended.jobs) == ("cancelled", 1)
    assert AuditEvent.objects.filter(action="delivery.cancel").count() == 1


def test_only_who_may_cancel_does(waiting: House) -> None:
    for actor in (SFTP, WORKER):
        with pytest.raises(SluisError):
            decisions.cancel_all(actor, waiting.configuration)
    with pytest.raises(SluisError):
        schedules.cancel_waiting(SFTP, waiting.environment)
    assert ProcrastinateJob.objects.filter(task_name__in=("refresh", "deliver")).count() == 2


# Progress


def test_how_far_a_delivery_is_can_be_seen_while_it_runs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "EVERY", 0.01)
    seen: list[RunProgress] = []

    def look(file: str, number: int, total: int) -> None:
        seen.append(until(Stage.BUILDING, file))
        shown = queries.under_way(CLI, house.environment)
        assert [(one.what, one.state) for one in shown] == [("DWH/Productie", "running")]
        assert (shown[0].progress and shown[0].progress.total) == total

    done = deliveries.deliver(CLI, house.configuration, progress=look)
    files = list(done.files.order_by("pk"))
    assert [one.number for one in seen] == list(range(1, len(seen) + 1))
    assert (seen[0].rows, seen[0].bytes) == (0, 0)
    assert (seen[-1].rows, seen[-1].bytes) == (
        sum(one.rows for one in files[:-1]),
        sum(one.bytes for one in files[:-1]),
    )
    assert not RunProgress.objects.exists()
    assert queries.under_way(CLI, house.environment) == []


def test_what_cannot_be_written_down_leaves_the_run_as_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "EVERY", 0.01)
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("DROP TABLE control_runprogress")
        cursor.execute("CREATE TABLE control_runprogress (delivery_id uuid, refresh_id bigint, id bigint)")
    assert deliveries.deliver(CLI, house.configuration).state == DeliveryState.DELIVERED


def test_what_a_dead_run_left_is_not_shown(house: House) -> None:
    done = deliveries.deliver(CLI, house.configuration)
    RunProgress.objects.create(delivery=done, stage=Stage.SENDING, moment=MOMENT)
    RunProgress.objects.create(refresh=Refresh.objects.get(), stage=Stage.READING, moment=MOMENT)
    deliveries.deliver(CLI, house.configuration, refresh=True)
    assert not RunProgress.objects.exists()


def test_what_waits_is_shown_first_to_be_begun_first(waiting: House) -> None:
    with transaction.atomic():
        jobs.refresh(waiting.environment, MOMENT, Trigger.MANUAL)
    shown = queries.under_way(CLI, waiting.environment)
    assert [(one.what, one.state, one.planned_at) for one in shown] == [
        ("refresh", "waiting", MOMENT),
        ("refresh", "waiting", MOMENT),
        ("DWH/Productie", "waiting", MOMENT),
    ]
    assert len(queries.under_way(CLI, waiting.environment, waiting.configuration)) == 1


# Places at a server


@contextmanager
def taken(started: Started, server: str) -> Iterator[None]:
    """All places at a server are had by other runs."""
    with psycopg.connect(started.database_url, autocommit=True) as other:
        for number in slots.numbers(server):
            other.execute("SELECT pg_advisory_lock(%s, %s)", [int(locks.Kind.SERVER), number])
        yield


def at_a_server(house: House) -> str:
    house.configuration.automatic = True
    house.configuration.save(update_fields=["automatic"])
    with transaction.atomic():
        jobs.follow_refresh(house.environment, MOMENT, Trigger.SCHEDULE)
    return slots.name_of(house.configuration.account)


def state() -> tuple[str, int]:
    job = ProcrastinateJob.objects.get(task_name="deliver")
    return job.status, job.attempts


def test_without_a_place_a_job_waits_and_nothing_counts_as_tried(external_house: House, committed: Started) -> None:
    server = at_a_server(external_house)
    begin(3, "deliver")
    with taken(committed, server), pytest.raises(slots.ServerBusy, match="4 deliveries are going to") as caught:
        deliver(external_house)
    # The library counts one when it puts the job back.
    assert state() == ("doing", 2)
    assert not Delivery.objects.exists()
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="deliver", attempts=3)
    decision = GrowingPauses().get_retry_decision(exception=caught.value, job=job)
    assert decision
    assert decision.queue == jobs.queue_of(server)
    again = GrowingPauses().get_retry_decision(exception=Retryable("x"), job=job)
    assert again
    assert again.queue == "default", "a pause after a failure is not cut short by a place that comes free"


def test_a_place_that_comes_free_wakes_the_most_urgent(external_house: House, committed: Started) -> None:
    server = at_a_server(external_house)
    told = """INSERT INTO procrastinate_jobs (queue_name, task_name, priority, scheduled_at, args)
        VALUES (%s, 'other', %s, now() + interval '1 hour', '{}')"""
    with transaction.get_connection().cursor() as cursor:
        for queue, priority in ((jobs.queue_of(server), -5), (jobs.queue_of(server), 7), ("default", 9)):
            cursor.execute(told, [queue, priority])
    begin(0, "deliver")
    deliver(external_house)
    woken = ProcrastinateJob.objects.filter(task_name="other", scheduled_at=None).values_list("priority", flat=True)
    assert list(woken) == [7]


def test_by_hand_waits_for_a_place(external_house: House, committed: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    server = at_a_server(external_house)
    monkeypatch.setattr(slots, "PATIENCE", 0.0)
    with taken(committed, server), pytest.raises(slots.ServerBusy):
        deliveries.deliver(CLI, external_house.configuration)
    monkeypatch.undo()
    assert deliveries.deliver(CLI, external_house.configuration).state == DeliveryState.DELIVERED


def test_other_servers_and_hosted_accounts_do_not_wait(house: House, committed: Started) -> None:
    with taken(committed, "elsewhere.example:22"):
        assert deliveries.deliver(CLI, house.configuration).state == DeliveryState.DELIVERED
