"""What stays behind when the medical mark is taken away."""

from __future__ import annotations

from django.db import transaction

from sluis.control import audit, locks, places
from sluis.control.actions import bookmarks
from sluis.control.actions.publishing import settle
from sluis.control.actor import Actor
from sluis.control.models import AccountType, ConnectionAccount, Delivery, DeliveryState, Doubt
from sluis.control.permissions import require


def standing_medical(account: ConnectionAccount) -> list[Delivery]:
    """Deliveries made with the medical mark that still stand in the folder of a hosted account."""
    if account.type != AccountType.HOSTED:
        return []
    rows = Delivery.objects.filter(configuration__account=account, state=DeliveryState.DELIVERED, medical=True)
    destination = places.destination_of(account)
    standing: dict[str, list[str]] = {}
    found = []
    for delivery in rows.select_related("configuration__account__environment").order_by("published_at"):
        name = delivery.configuration.name
        if name not in standing:
            standing[name] = destination.standing(name)
        if delivery.folder in standing[name]:
            found.append(delivery)
    return found


def remove_medical(actor: Actor, account: ConnectionAccount) -> list[Delivery]:
    """Remove the deliveries made with the medical mark that still stand there.

    Whether the receiver had fetched them is not asked: what follows them comes in full (``history``).
    """
    require(actor, "account.remove_deliveries", account)
    for configuration in account.configurations.filter(deliveries__state=DeliveryState.PUBLISHING).distinct():
        # What may have been sent is settled first, so that it is among what stands there.
        with locks.held(locks.Kind.DELIVERY, configuration.pk, f"a delivery of {configuration} is running"):
            settle(actor, configuration)
    removed = standing_medical(account)
    destination = places.destination_of(account)
    for delivery in removed:
        with transaction.atomic():
            bookmarks.doubt(delivery.configuration, Doubt.HISTORY, delivery)
            details = {"delivery": str(delivery.pk), "folder": delivery.folder}
            audit.record(actor, "account.remove_deliveries", str(delivery), delivery, details)
        # After the commit: what was not removed is found again, what is not doubted would be forgotten.
        destination.remove(delivery.configuration.name, delivery.folder)
    return removed
