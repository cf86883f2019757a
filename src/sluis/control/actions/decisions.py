"""What a person decides about a delivery: release, refuse, cancel, retry."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from sluis.control import audit, jobs, locks, slots
from sluis.control.actions.deliveries import deliver, end, failing
from sluis.control.actions.publishing import fit_run, send, settle
from sluis.control.actor import Actor
from sluis.control.models import OPEN_STATES, Configuration, Delivery, DeliveryState, Stage
from sluis.control.permissions import require
from sluis.control.tracking import tracked
from sluis.delivery.build import Progress
from sluis.errors import Rejected


def release(actor: Actor, delivery: Delivery, *, progress: Progress | None = None) -> Delivery:
    """Publish a delivery that the brake holds, with the bytes that it has.

    Where what it was made from has changed since, it is made anew, and may take away as many rows as this one.
    """
    require(actor, "delivery.release", delivery)
    configuration = delivery.configuration
    with (
        locks.held(locks.Kind.DELIVERY, configuration.pk, f"a delivery of {configuration} is running"),
        slots.slot(configuration.account, slots.PATIENCE),
    ):
        delivery = _now(delivery)
        _require_state(delivery, DeliveryState.HELD, "released")
        with transaction.atomic():
            audit.record(actor, "delivery.release", str(delivery), delivery)
        run = fit_run(configuration)
        with tracked(delivery, Stage.PREPARING) as tracker, failing(actor, delivery):
            if run.digest == delivery.projection_digest and send(actor, delivery, run, tracker):
                return delivery
    released = {one.name: one.gone for one in delivery.files.all()}
    return deliver(actor, configuration, since=delivery.since, released=released, progress=progress)


def refuse(actor: Actor, delivery: Delivery) -> Delivery:
    """Throw away a delivery that the brake holds; the receiver keeps what it has, and the next run may be held too."""
    require(actor, "delivery.refuse", delivery)
    configuration = delivery.configuration
    with (
        locks.held(locks.Kind.DELIVERY, configuration.pk, f"a delivery of {configuration} is running"),
        transaction.atomic(),
    ):
        delivery = _now(delivery)
        _require_state(delivery, DeliveryState.HELD, "refused")
        end(delivery, DeliveryState.REFUSED, "refused", f"refused by {actor.name}")
        audit.record(actor, "delivery.refuse", str(delivery), delivery)
    return delivery


@transaction.atomic
def cancel(actor: Actor, delivery: Delivery) -> Delivery:
    """End a delivery that is queued, running or held, unpublished. One that runs ends at its next file."""
    require(actor, "delivery.cancel", delivery)
    delivery = _cancel(actor, delivery)
    audit.record(actor, "delivery.cancel", str(delivery), delivery)
    return delivery


def _cancel(actor: Actor, delivery: Delivery) -> Delivery:
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if delivery.state in {DeliveryState.QUEUED, DeliveryState.HELD}:
        end(delivery, DeliveryState.CANCELLED, "cancelled", f"cancelled by {actor.name}")
    elif delivery.state == DeliveryState.RUNNING:
        delivery.cancel_asked = True
        delivery.save(update_fields=["cancel_asked"])
    else:
        raise Rejected(
            f"{delivery} is {delivery.state}, so it cannot be cancelled",
            remedy="what may have been sent is settled as itself"
            if delivery.state == DeliveryState.PUBLISHING
            else "it has ended already",
        )
    return delivery


@dataclass(frozen=True)
class Ended:
    """What was cancelled of a configuration: its open delivery, and how many jobs that waited for a worker."""

    delivery: Delivery | None
    jobs: int


@transaction.atomic
def cancel_all(actor: Actor, configuration: Configuration) -> Ended:
    """End all that is under way of a configuration: what waits for a worker, and the delivery that runs or is held.

    Raises ``Rejected`` where there is nothing that can be. What is being published is settled as itself.
    """
    require(actor, "delivery.cancel", configuration)
    lock = jobs.delivery_lock(configuration)
    waiting = sum(jobs.cancel(task, lock) for task in jobs.DELIVERING)
    found = configuration.deliveries.filter(state__in=OPEN_STATES).first()
    if found is None and not waiting:
        raise Rejected(
            f"nothing of {configuration} runs, is held, or waits",
            remedy="see `sluis deliveries ENV --running`; what a worker has just begun can be cancelled in a moment",
        )
    if found is not None and not (waiting and found.state == DeliveryState.PUBLISHING):
        _cancel(actor, found)
    subject = str(found or configuration)
    audit.record(actor, "delivery.cancel", subject, found or configuration, {"waiting": waiting} if waiting else {})
    return Ended(_now(found) if found else None, waiting)


def retry(actor: Actor, delivery: Delivery, *, progress: Progress | None = None) -> Delivery:
    """Do what a delivery was asked for once more; one that was being published is settled as itself."""
    require(actor, "delivery.view", delivery)
    require(actor, "configuration.run", delivery.configuration)
    configuration = delivery.configuration
    with (
        locks.held(locks.Kind.DELIVERY, configuration.pk, f"a delivery of {configuration} is running"),
        slots.slot(configuration.account, slots.PATIENCE),
    ):
        delivery = _now(delivery)
        if delivery.state == DeliveryState.PUBLISHING:
            settle(actor, configuration)
            return _now(delivery)
        if delivery.state in {DeliveryState.DELIVERED, DeliveryState.HELD}:
            remedy = "release or refuse it" if delivery.state == DeliveryState.HELD else "deliver again"
            raise Rejected(f"{delivery} is {delivery.state}: there is nothing to retry", remedy=remedy)
    return deliver(actor, configuration, since=delivery.since, progress=progress)


def _now(delivery: Delivery) -> Delivery:
    return Delivery.objects.select_related("configuration__account__environment").get(pk=delivery.pk)


def _require_state(delivery: Delivery, state: DeliveryState, verb: str) -> None:
    if delivery.state != state:
        raise Rejected(
            f"{delivery} is {delivery.state}, so it cannot be {verb}", remedy=f"only one that is {state} can be {verb}"
        )
