"""What workers are to do: enqueued in the transaction of what asks for it. The tasks themselves are the worker's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Min, Q
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

from sluis.control.models import Configuration, ConnectionAccount, Environment, Trigger
from sluis.errors import Retryable

BY_HAND = 1_000
_REFRESH, _MAINTENANCE = 0, -10_000
DELIVERING = ("deliver", "run", "release", "retry")
"""Tasks about the deliveries of a configuration."""
MOST_ATTEMPTS = 7
"""How often a job is begun before it counts as failed."""
PAUSES = (60, 5 * 60, 15 * 60, 3600, 3 * 3600, 6 * 3600)
"""Seconds between one attempt at a job and the next."""
_MAINTAINED_EVERY = dt.timedelta(days=6)
"""A day less than a week: the one of last week was perhaps done later in the night."""


@dataclass(frozen=True)
class Attempt:
    """An attempt at a job that failed. ``number``: from 1; ``again_at``: when there is another, None for the last."""

    number: int
    again_at: dt.datetime | None


def pause_after(error: BaseException, attempts: int) -> int | None:
    """Seconds until a job is tried again that failed with an error after so many other attempts; None for never.

    Tried again is what may go well another time, and not what somebody must mend first.
    """
    if not isinstance(error, (Retryable, OperationalError, InterfaceError)):
        return None
    return PAUSES[attempts] if attempts < min(len(PAUSES), MOST_ATTEMPTS - 1) else None


def attempt(lock: str, error: BaseException) -> Attempt | None:
    """The attempt that fails with an error right now, by the lock of its job; None where no job is being done."""
    job = ProcrastinateJob.objects.filter(lock=lock, status="doing").first()
    if job is None:
        return None
    pause = pause_after(error, job.attempts)
    again_at = None if pause is None else timezone.now() + dt.timedelta(seconds=pause)
    return Attempt(job.attempts + 1, again_at)


def is_being_done(lock: str) -> bool:
    """Whether a worker has the job of this lock."""
    return ProcrastinateJob.objects.filter(lock=lock, status="doing").exists()


def lake_lock(environment: Environment) -> str:
    """What jobs have in common that write the lake of an environment: one is done at a time."""
    return f"lake:{environment.pk}"


def delivery_lock(configuration: Configuration) -> str:
    """What jobs have in common that deliver a configuration."""
    return f"{_DELIVERY}{configuration.pk}"


def configuration_of(lock: str) -> int | None:
    """The key of the configuration that a lock is of, None for one of something else."""
    return int(lock.removeprefix(_DELIVERY)) if lock.startswith(_DELIVERY) else None


_DELIVERY = "delivery:"


def refresh(
    environment: Environment,
    moment: dt.datetime,
    trigger: Trigger,
    *,
    by: int | None = None,
    release: bool = False,
) -> bool:
    """Enqueue a refresh; False where one that is as urgent waits already.

    ``by``: the user in whose name it is done. ``release``: it lets go what the brake stopped the last one for.
    """
    arguments: dict[str, Any] = {"environment": environment.pk, "moment": moment.isoformat(), "trigger": str(trigger)}
    if by is not None or release:
        arguments |= {"by": by, "release": release}
    return _enqueue("refresh", lake_lock(environment), _REFRESH + _urgency(trigger), arguments)


def follow_refresh(environment: Environment, moment: dt.datetime, trigger: Trigger) -> None:
    """Enqueue what comes after a refresh: the automatic deliveries, and once a week the upkeep of the lake.

    The first delivery of every environment goes before the second of any: a large one does not hold up the others.
    """
    automatic = Configuration.objects.filter(account__environment=environment, automatic=True, archived_at=None)
    for place, configuration in enumerate(automatic.order_by("pk"), start=1):
        arguments = {"configuration": configuration.pk, "moment": moment.isoformat(), "trigger": str(trigger)}
        _enqueue("deliver", delivery_lock(configuration), _urgency(trigger) - place, arguments)
    if environment.maintained_at is None or environment.maintained_at < timezone.now() - _MAINTAINED_EVERY:
        _enqueue("maintain", lake_lock(environment), _MAINTENANCE, {"environment": environment.pk})


def by_hand(task: str, configuration: Configuration, arguments: Mapping[str, Any]) -> bool:
    """Enqueue what a person asked for about the deliveries of a configuration; False where such a job waits already.

    ``arguments``: what the task takes, but for the moment.
    """
    moment = {"moment": timezone.now().isoformat()}
    return _enqueue(task, delivery_lock(configuration), BY_HAND, {**arguments, **moment})


def clean(account: ConnectionAccount) -> None:
    """Enqueue the removal of old deliveries."""
    _enqueue("clean", f"account:{account.pk}", _MAINTENANCE, {"account": account.pk})


@transaction.atomic
def take_over(silence: float, lost: Collection[int] = ()) -> int:
    """Put back the jobs of workers that have not been heard of for ``silence`` seconds; how many there were.

    ``lost``: numbers of jobs that a worker has, and does not do.

    One that was put back too often ends as failed: perhaps it is what workers die of.
    """
    # By the clock of the database, which wrote the signs of life: that of this machine may be ahead.
    heard = Now() - dt.timedelta(seconds=silence)
    dead = Q(worker__isnull=True) | Q(worker__last_heartbeat__lt=heard) | Q(pk__in=lost)
    # Locked, so that of two workers the later does not put back what the other has started again.
    rows = ProcrastinateJob.objects.select_for_update(skip_locked=True, of=("self",)).filter(dead, status="doing")
    stalled = list(rows)
    for job in stalled:
        if job.attempts < MOST_ATTEMPTS:
            app.job_manager.retry_job_by_id(job.pk, timezone.now())
        else:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job.pk])
    return len(stalled)


def done_by(worker: int) -> frozenset[int]:
    """Numbers of the jobs that a worker is doing, as far as the database knows."""
    rows = ProcrastinateJob.objects.filter(worker=worker, status="doing")
    return frozenset(rows.values_list("pk", flat=True))


def hand_back(numbers: Iterable[int], after: dt.timedelta) -> None:
    """Put back the jobs of a worker that is about to end, for others to begin ``after`` it has."""
    for number in numbers:
        app.job_manager.retry_job_by_id(number, timezone.now() + after)


def queue_of(server: str) -> str:
    """Name of the queue that jobs wait in for a place at a server; workers take from all."""
    return f"server {server}"


def uncount(lock: str) -> None:
    """Let the attempt that is being made not count as one: nothing was tried."""
    with connection.cursor() as cursor:
        told = "UPDATE procrastinate_jobs SET attempts = attempts - 1 WHERE lock = %s AND status = 'doing'"
        cursor.execute(told, [lock])


def wake(server: str) -> None:
    """Let the most urgent job that waits for a place at a server begin now."""
    first = """UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE id = (
        SELECT id FROM procrastinate_jobs WHERE queue_name = %s AND status = 'todo'
        ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED)"""
    with connection.cursor() as cursor:
        cursor.execute(first, [queue_of(server)])


@dataclass(frozen=True)
class Waiting:
    """A job that no worker has begun. ``moment``: what it is for; ``begins_at``: None for at once."""

    lock: str
    moment: dt.datetime
    begins_at: dt.datetime | None


def waiting(tasks: Iterable[str], lock: str | None = None) -> list[Waiting]:
    """The jobs that wait, with a lock or with any, the first to be begun first."""
    rows = ProcrastinateJob.objects.filter(task_name__in=tasks, status="todo")
    if lock is not None:
        rows = rows.filter(lock=lock)
    now = timezone.now()
    return [
        Waiting(
            row.lock or "",
            dt.datetime.fromisoformat(row.args["moment"]),
            row.scheduled_at if row.scheduled_at and row.scheduled_at > now else None,
        )
        for row in rows.order_by("-priority", "pk")
    ]


@dataclass(frozen=True)
class Queue:
    """Workers, each with when it last gave a sign of life, and how many jobs there are.

    ``waiting``: that can be begun now, the oldest since ``oldest``; ``later``: that are to be begun later; ``failed``:
    that were given up in the last week.
    """

    workers: tuple[dt.datetime, ...]
    waiting: int
    oldest: dt.datetime | None
    later: int
    doing: int
    failed: int


_LATELY = dt.timedelta(days=7)


def workers() -> tuple[dt.datetime, ...]:
    """When each worker last gave a sign of life."""
    return tuple(ProcrastinateWorker.objects.order_by("pk").values_list("last_heartbeat", flat=True))


def queue() -> Queue:
    """What workers have to do now."""
    now = timezone.now()
    begins = Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=now)
    jobs = ProcrastinateJob.objects
    begun = ProcrastinateEvent.objects.filter(job__status="todo", type="deferred").filter(
        Q(job__scheduled_at__isnull=True) | Q(job__scheduled_at__lte=now)
    )
    given_up = ProcrastinateEvent.objects.filter(type="failed", job__status="failed", at__gte=now - _LATELY)
    return Queue(
        workers=workers(),
        waiting=jobs.filter(begins, status="todo").count(),
        oldest=begun.aggregate(first=Min("at"))["first"],
        later=jobs.filter(status="todo", scheduled_at__gt=now).count(),
        doing=jobs.filter(status="doing").count(),
        failed=given_up.values("job").distinct().count(),
    )


def cancel(task: str, lock: str) -> int:
    """Take back the jobs of a task that no worker has begun, those that are to be tried again too; how many."""
    waiting = ProcrastinateJob.objects.filter(task_name=task, lock=lock, status="todo").values_list("pk", flat=True)
    return sum(app.job_manager.cancel_job_by_id(number, delete_job=True) for number in list(waiting))


def _urgency(trigger: Trigger) -> int:
    return BY_HAND if trigger == Trigger.MANUAL else 0


def _enqueue(task: str, lock: str, priority: int, arguments: Mapping[str, Any]) -> bool:
    if not connection.in_atomic_block:
        raise RuntimeError(f"{task}: a job is enqueued in the transaction of what asks for it")
    # Not a queueing lock: a job that is to be tried again could not go back beside a new one that waits.
    waiting = ProcrastinateJob.objects.filter(task_name=task, lock=lock, status="todo", priority__gte=priority)
    if waiting.exists():
        return False
    app.configure_task(task, lock=lock, priority=priority).defer(**arguments)
    return True
