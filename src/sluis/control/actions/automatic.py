"""What runs by itself: schedules that are due, and the jobs that come of them.

A job may be run twice, and does its work once.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from sluis.catalog import loader
from sluis.control import jobs
from sluis.control.actions import deliveries, refreshes, retention, upkeep
from sluis.control.actor import Actor
from sluis.control.errors import Cancelled
from sluis.control.models import AccountType, Configuration, ConnectionAccount, Environment, Schedule, Trigger
from sluis.control.permissions import require
from sluis.control.planning import plan
from sluis.control.slots import ServerBusy


def enqueue_due(actor: Actor) -> int:
    """Enqueue a refresh for every schedule whose moment has come; how many. Any number of workers may do this at once.

    However many moments passed, one refresh makes up for them.
    """
    now = timezone.now()
    due = Schedule.objects.filter(next_run_at__lte=now, environment__datastreams_enabled=True).order_by("next_run_at")
    return sum(_enqueue(actor, number, now) for number in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _enqueue(actor: Actor, number: int, now: dt.datetime) -> bool:
    rows = Schedule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("environment")
    schedule = rows.filter(pk=number, next_run_at__lte=now).first()
    if schedule is None or schedule.next_run_at is None:
        return False
    require(actor, "environment.refresh", schedule.environment)
    enqueued = jobs.refresh(schedule.environment, schedule.next_run_at, Trigger.SCHEDULE)
    schedule.last_run_at, schedule.next_run_at, schedule.not_before = schedule.next_run_at, None, None
    schedule.next_run_at = plan(schedule, now)
    schedule.save()
    return enqueued


def run_refresh(actor: Actor, number: int, moment: dt.datetime, trigger: Trigger) -> None:
    """Refresh an environment for a moment; with its success the automatic deliveries are enqueued."""
    environment = Environment.objects.get(pk=number)
    refreshes.refresh(actor, environment, trigger=trigger, planned_at=moment)


def run_delivery(actor: Actor, number: int, moment: dt.datetime, trigger: Trigger) -> None:
    """Deliver a configuration for a moment, unless it is no longer automatic; old deliveries are removed after it."""
    configuration = Configuration.objects.select_related("account__environment").get(pk=number)
    if configuration.archived_at or not configuration.automatic or _has_stopped(configuration):
        return
    try:
        deliveries.deliver(actor, configuration, trigger=trigger, planned_at=moment)
    except ServerBusy:
        jobs.uncount(jobs.delivery_lock(configuration))
        raise
    except Cancelled:
        # As somebody wanted: nothing is wrong, and nothing is to be tried again.
        return
    if configuration.account.type == AccountType.HOSTED:
        with transaction.atomic():
            jobs.clean(configuration.account)


def _has_stopped(configuration: Configuration) -> bool:
    """Whether its version has ended, and its last run said so: it is told once, and then left alone."""
    last = configuration.deliveries.order_by("-created_at").first()
    if last is None or last.version != configuration.version or not last.log.filter(code="version-ended").exists():
        return False
    ends = loader.load(configuration.environment.catalog).version(configuration.version).ends
    return ends is not None and configuration.environment.today() > ends


def run_maintenance(actor: Actor, number: int) -> None:
    """Keep the lake of an environment in order."""
    upkeep.maintain(actor, Environment.objects.get(pk=number))


def run_clean(actor: Actor, number: int) -> None:
    """Remove what an account no longer keeps."""
    retention.remove_old_deliveries(actor, ConnectionAccount.objects.select_related("environment").get(pk=number))
