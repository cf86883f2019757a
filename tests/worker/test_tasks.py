"""What becomes of a job: done once, tried again, or put back."""

from __future__ import annotations

import datetime as dt
import logging

import psycopg
import pytest
import time_machine
from django.db import OperationalError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from laws.world import Stream, World
from sluis.control import jobs
from sluis.control.actions import automatic, upkeep
from sluis.control.actor import CLI, WORKER
from sluis.control.jobs import PAUSES
from sluis.control.logs import NoData
from sluis.control.models import Configuration, Delivery, Environment, Refresh, Trigger
from sluis.control.setup import Started
from sluis.errors import Fatal, Rejected, Retryable
from sluis.lake.brake import Braked
from sluis.worker.tasks import GrowingPauses

MOMENT = dt.datetime(2026, 11, 23, 2, 30, tzinfo=dt.UTC)


def job(attempts: int) -> Job:
    return Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="refresh", attempts=attempts)


@pytest.mark.parametrize("error", [Retryable("x"), OperationalError("x")])
def test_what_may_go_well_is_tried_again_a_number_of_times(error: Exception) -> None:
    for attempts, pause in enumerate(PAUSES):
        decision = GrowingPauses().get_retry_decision(exception=error, job=job(attempts))
        assert decision
        assert decision.retry_at
        assert abs((decision.retry_at - timezone.now()).total_seconds() - pause) < 5
    assert list(PAUSES) == sorted(PAUSES)
    assert GrowingPauses().get_retry_decision(exception=error, job=job(len(PAUSES))) is None


@pytest.mark.parametrize("error", [Rejected("x"), Fatal("x"), Braked("x", remedy="", gone={}), ValueError("x")])
def test_what_somebody_must_mend_is_not(error: Exception) -> None:
    assert GrowingPauses().get_retry_decision(exception=error, job=job(0)) is None


def test_the_log_holds_no_text_of_an_unknown_error(variables: pytest.MonkeyPatch) -> None:
    error = ValueError("Jansen is ill")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "job %s failed", (7,), (ValueError, error, None))
    assert NoData().filter(record)
    assert record.getMessage() == "job 7 failed (unexpected error: ValueError)"
    assert record.exc_info is None


def waiting() -> list[tuple[str, int]]:
    return [(one.task_name, one.priority) for one in ProcrastinateJob.objects.filter(status="todo").order_by("pk")]


def automatic_stream(world: World, name: str) -> Stream:
    stream = world.add(name)
    Configuration.objects.filter(pk=stream.configuration.pk).update(automatic=True)
    stream.configuration.refresh_from_db()
    return stream


def test_a_refresh_brings_its_deliveries_and_each_is_done_once(world: World) -> None:
    first, second = automatic_stream(world, "Een"), automatic_stream(world, "Twee")
    world.add("By hand")
    with world.step():
        for _ in range(2):
            automatic.run_refresh(WORKER, world.environment.pk, MOMENT, Trigger.SCHEDULE)
    assert waiting() == [("deliver", -1), ("deliver", -2), ("maintain", -10_000)]
    refresh = Refresh.objects.get()
    assert (refresh.actor, refresh.trigger, refresh.planned_at) == ("worker", "schedule", MOMENT)
    with world.step():
        for _ in range(2):
            automatic.run_delivery(WORKER, first.configuration.pk, MOMENT, Trigger.SCHEDULE)
    world.check(first)
    delivery = Delivery.objects.get()
    assert (delivery.actor, delivery.trigger, delivery.state) == ("worker", "schedule", "delivered")
    assert waiting()[-1] == ("clean", -10_000)
    automatic.run_clean(WORKER, world.account.pk)
    Configuration.objects.filter(pk=second.configuration.pk).update(automatic=False)
    automatic.run_delivery(WORKER, second.configuration.pk, MOMENT, Trigger.SCHEDULE)
    assert Delivery.objects.count() == 1


def test_the_lake_is_kept_in_order_once_a_week(world: World) -> None:
    automatic_stream(world, "Een")
    with world.step():
        automatic.run_refresh(WORKER, world.environment.pk, MOMENT, Trigger.SCHEDULE)
    automatic.run_maintenance(WORKER, world.environment.pk)
    maintained = Environment.objects.get().maintained_at
    assert maintained
    with transaction.atomic():
        ProcrastinateJob.objects.all()._raw_delete("default")  # the rows are read only
        jobs.follow_refresh(Environment.objects.get(), MOMENT, Trigger.SCHEDULE)
        assert ("maintain", -10_000) not in waiting()
        late = Environment.objects.get()
        late.maintained_at = maintained - dt.timedelta(days=7)
        jobs.follow_refresh(late, MOMENT, Trigger.SCHEDULE)
    assert ("maintain", -10_000) in waiting()
    upkeep.maintain(CLI, world.environment)


def test_a_job_is_enqueued_with_what_asks_for_it(world: World) -> None:
    with pytest.raises(RuntimeError, match="in the transaction"):
        jobs.refresh(world.environment, MOMENT, Trigger.MANUAL)
    with transaction.atomic():
        jobs.refresh(world.environment, MOMENT, Trigger.MANUAL)
        transaction.set_rollback(True)  # as when what asks for it fails
    assert waiting() == []


def test_a_clock_that_is_ahead_takes_no_job_from_a_worker_that_lives(world: World, committed: Started) -> None:
    with transaction.atomic():
        jobs.refresh(world.environment, MOMENT, Trigger.SCHEDULE)
    with psycopg.connect(committed.database_url, autocommit=True) as server:
        server.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = "
            "(SELECT worker_id FROM procrastinate_register_worker_v1())"
        )
        with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
            assert jobs.take_over(30) == 0
        server.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '31 seconds'")
        assert jobs.take_over(30) == 1


def test_what_workers_die_of_ends_as_failed(world: World, committed: Started) -> None:
    with transaction.atomic():
        jobs.refresh(world.environment, MOMENT, Trigger.SCHEDULE)
    counts = []
    with psycopg.connect(committed.database_url, autocommit=True) as server:
        for _ in range(jobs.MOST_ATTEMPTS + 1):
            server.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
            counts.append(jobs.take_over(30))
    assert counts == [1] * (jobs.MOST_ATTEMPTS + 1)
    assert ProcrastinateJob.objects.get().status == "failed"
    assert jobs.take_over(30) == 0
