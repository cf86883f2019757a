"""What a person asks a worker to do: run, release, retry. The worker does it in that person's name."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from sluis.control import audit, jobs
from sluis.control.actions import decisions, deliveries, refreshes
from sluis.control.actions.deliveries import Since
from sluis.control.actions.publishing import fit_run
from sluis.control.actor import WORKER, Actor
from sluis.control.errors import Cancelled
from sluis.control.models import (
    AccountType,
    Configuration,
    Delivery,
    DeliveryState,
    Environment,
    Refresh,
    Trigger,
    User,
)
from sluis.control.permissions import require, require_module
from sluis.control.slots import ServerBusy
from sluis.errors import Rejected


@transaction.atomic
def ask_delivery(actor: Actor, configuration: Configuration, *, since: str = "last") -> None:
    """Have a worker deliver a configuration. ``since``: ``last``, ``all`` or a date.

    Raises what a run would raise at once.
    """
    require(actor, "configuration.run", configuration)
    asked = Since.parse(since)
    asked.refuse_future(configuration.environment.today())
    fit_run(configuration)
    _ask(actor, "run", configuration, {"configuration": configuration.pk, "since": asked.text})
    subject = f"configuration {configuration}"
    audit.record(actor, "configuration.ask", subject, configuration, {"since": asked.text})


@transaction.atomic
def ask_release(actor: Actor, delivery: Delivery) -> None:
    """Have a worker publish a delivery that the brake holds."""
    require(actor, "delivery.release", delivery)
    if delivery.state != DeliveryState.HELD:
        raise Rejected(f"{delivery} is {delivery.state}, so it cannot be released", remedy="look at it again")
    _ask_about(actor, "release", delivery)


@transaction.atomic
def ask_retry(actor: Actor, delivery: Delivery) -> None:
    """Have a worker do once more what a delivery was asked for; one that was being published is settled as itself."""
    require(actor, "delivery.view", delivery)
    require(actor, "configuration.run", delivery.configuration)
    if delivery.state in {DeliveryState.DELIVERED, DeliveryState.HELD}:
        remedy = "release or refuse it" if delivery.state == DeliveryState.HELD else "deliver again"
        raise Rejected(f"{delivery} is {delivery.state}: there is nothing to retry", remedy=remedy)
    _ask_about(actor, "retry", delivery)


@transaction.atomic
def ask_refresh_release(actor: Actor, refresh: Refresh) -> None:
    """Have a worker refresh once more, and let go what the brake stopped this refresh for."""
    environment = refresh.environment
    require(actor, "environment.release", environment)
    require(actor, "environment.refresh", environment)
    require_module(environment)
    stopped = refreshes.stopped_by_brake(environment)
    if stopped is None or stopped.pk != refresh.pk:
        raise Rejected(
            f"{refresh} is not the last, or the brake did not stop it", remedy="refresh anew, and look at that one"
        )
    by = actor.user.pk if actor.user else None
    if not jobs.refresh(environment, timezone.now(), Trigger.MANUAL, by=by, release=True):
        raise Rejected(f"a refresh of {environment.name} by hand waits already", remedy="wait until a worker takes it")
    audit.record(actor, "environment.ask_release", str(refresh), environment, {"gone": refresh.gone})


def _ask_about(actor: Actor, verb: str, delivery: Delivery) -> None:
    _ask(actor, verb, delivery.configuration, {"delivery": str(delivery.pk)})
    audit.record(actor, "delivery.ask", str(delivery), delivery, {"verb": verb})


def _ask(actor: Actor, task: str, configuration: Configuration, arguments: dict[str, Any]) -> None:
    by = actor.user.pk if actor.user else None
    if not jobs.by_hand(task, configuration, {**arguments, "by": by}):
        raise Rejected(f"this waits for a worker already: {configuration}", remedy="wait for it, or cancel it")


def refresh_asked(number: int, moment: dt.datetime, by: int | None, *, release: bool) -> None:
    """Refresh an environment as somebody asked. A release does nothing where there was another refresh since."""
    environment = Environment.objects.get(pk=number)
    if release and refreshes.stopped_by_brake(environment, moment) is None:
        return
    refreshes.refresh(_asker(by), environment, release=release, planned_at=moment)


def run_asked(number: int, moment: dt.datetime, since: str, by: int | None) -> None:
    """Deliver a configuration as somebody asked; what that person may not do by then is refused."""
    configuration = Configuration.objects.select_related("account__environment").get(pk=number)
    try:
        deliveries.deliver(_asker(by), configuration, since=since, planned_at=moment)
    except ServerBusy:
        jobs.uncount(jobs.delivery_lock(configuration))
        raise
    except Cancelled:
        return
    if configuration.account.type == AccountType.HOSTED:
        with transaction.atomic():
            jobs.clean(configuration.account)


def decide_asked(key: str, verb: str, by: int | None) -> None:
    """Release or retry a delivery as somebody asked; nothing where it has moved on since."""
    delivery = Delivery.objects.select_related("configuration__account__environment").get(pk=uuid.UUID(key))
    if verb == "release" and delivery.state != DeliveryState.HELD:
        return
    try:
        (decisions.release if verb == "release" else decisions.retry)(_asker(by), delivery)
    except Cancelled:
        return


def _asker(by: int | None) -> Actor:
    return WORKER if by is None else Actor(user=User.objects.get(pk=by))
