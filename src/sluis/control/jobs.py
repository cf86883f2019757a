"""What workers are to do: enqueued in the transaction of what asks for it. The tasks themselves are the worker's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sluis.control.models import Configuration, ConnectionAccount, Environment, Trigger

BY_HAND = 1_000
_REFRESH, _MAINTENANCE = 0, -10_000
MOST_ATTEMPTS = 7
"""How often a job is begun before it counts as failed."""
_MAINTAINED_EVERY = dt.timedelta(days=6)
"""A day less than a week: the one of last week was perhaps done later in the night."""


def refresh(environment: Environment, moment: dt.datetime, trigger: Trigger) -> bool:
    """Enqueue a refresh; False where one that is as urgent waits already."""
    arguments = {"environment": environment.pk, "moment": moment.isoformat(), "trigger": str(trigger)}
    return _enqueue("refresh", f"lake:{environment.pk}", _REFRESH + _urgency(trigger), arguments)


def follow_refresh(environment: Environment, moment: dt.datetime, trigger: Trigger) -> None:
    """Enqueue what comes after a refresh: the automatic deliveries, and once a week the upkeep of the lake.

    The first delivery of every environment goes before the second of any: a large one does not hold up the others.
    """
    automatic = Configuration.objects.filter(account__environment=environment, automatic=True, archived_at=None)
    for place, configuration in enumerate(automatic.order_by("pk"), start=1):
        arguments = {"configuration": configuration.pk, "moment": moment.isoformat(), "trigger": str(trigger)}
        _enqueue("deliver", f"delivery:{configuration.pk}", _urgency(trigger) - place, arguments)
    if environment.maintained_at is None or environment.maintained_at < timezone.now() - _MAINTAINED_EVERY:
        _enqueue("maintain", f"lake:{environment.pk}", _MAINTENANCE, {"environment": environment.pk})


def clean(account: ConnectionAccount) -> None:
    """Enqueue the removal of old deliveries."""
    _enqueue("clean", f"account:{account.pk}", _MAINTENANCE, {"account": account.pk})


@transaction.atomic
def take_over(silence: float) -> int:
    """Put back the jobs of workers that have not been heard of for ``silence`` seconds; how many there were.

    One that was put back too often ends as failed: perhaps it is what workers die of.
    """
    # By the clock of the database, which wrote the signs of life: that of this machine may be ahead.
    heard = Now() - dt.timedelta(seconds=silence)
    dead = Q(worker__isnull=True) | Q(worker__last_heartbeat__lt=heard)
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


def hand_back(numbers: Iterable[int], after: dt.timedelta) -> None:
    """Put back the jobs of a worker that is about to end, for others to begin ``after`` it has."""
    for number in numbers:
        app.job_manager.retry_job_by_id(number, timezone.now() + after)


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
