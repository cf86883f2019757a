"""After the control database was put back from a backup: what receivers got since then is not known any more."""

from __future__ import annotations

from contextlib import ExitStack

from django.db import transaction
from django.db.models import Max

from sluis.control import audit, locks
from sluis.control.actions import bookmarks
from sluis.control.actor import Actor
from sluis.control.models import Configuration, Delivery, DeliveryState, Doubt, LogLevel, LogLine
from sluis.control.permissions import require


def note_restore(actor: Actor, *, numbers: int) -> list[Delivery]:
    """Count on deliveries that were made after the backup: every next one is full, and has a higher number.

    ``numbers``: how many there may have been of one configuration. Gives a delivery per configuration, of unknown fate,
    that has the highest of these numbers. ``Retryable``, with nothing done, where a delivery is running.
    """
    require(actor, "installation.restored", None)
    every = list(Configuration.objects.select_related("account__environment").order_by("pk"))
    with ExitStack() as stack:
        for one in every:
            stack.enter_context(
                locks.held(locks.Kind.DELIVERY, one.pk, f"a delivery of {one} of {one.environment} is running")
            )
        stack.enter_context(transaction.atomic())
        noted = [_note(actor, one, numbers) for one in every]
        details = {"configurations": len(every), "numbers": numbers}
        audit.record(actor, "installation.restored", "installation", None, details)
    return noted


def _note(actor: Actor, configuration: Configuration, numbers: int) -> Delivery:
    last = Delivery.objects.filter(configuration=configuration).aggregate(last=Max("sequence"))["last"] or 0
    text = "the control database was put back from a backup: what was delivered since is unknown"
    delivery = Delivery.objects.create(
        configuration=configuration,
        state=DeliveryState.UNKNOWN,
        sequence=last + numbers,
        actor=actor.name,
        pseudonymous=configuration.pseudonymous,
        medical=configuration.account.medical,
        version=configuration.version,
        failure=text,
    )
    bookmarks.doubt(configuration, Doubt.UNKNOWN)
    LogLine.objects.create(delivery=delivery, level=LogLevel.WARNING, code="control-behind", text=text)
    return delivery
