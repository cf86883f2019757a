"""Old deliveries go from the folders of hosted accounts."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from sluis.control import audit, locks, places, receipts
from sluis.control.actions import bookmarks
from sluis.control.actor import Actor
from sluis.control.models import (
    AccountType,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Doubt,
    LogLevel,
    LogLine,
)
from sluis.control.permissions import require


def remove_old_deliveries(actor: Actor, account: ConnectionAccount) -> list[Delivery]:
    """Remove what is older than the account keeps, or more than it keeps; the deliveries that were removed.

    One that was not fetched wholly makes the next delivery of its configuration full. On a server of the receiver
    nothing is removed but temporary folders of runs that died.
    """
    require(actor, "account.clean", account)
    account.refresh_from_db()
    if account.type == AccountType.EXTERNAL:
        _clean_server(actor, account)
        return []
    expired = _expired(account)
    for delivery in expired:
        _remove(actor, delivery)
    return expired


def _expired(account: ConnectionAccount) -> list[Delivery]:
    """What stands there and is to go, oldest first."""
    hosted = places.hosted(account)
    names = {one.name: set(hosted.standing(one.name)) for one in account.configurations.all()}
    rows = Delivery.objects.filter(configuration__account=account, state=DeliveryState.DELIVERED)
    newest = rows.select_related("configuration__account__environment").order_by("-published_at")
    standing = [row for row in newest if row.folder in names[row.configuration.name]]
    before = timezone.now() - dt.timedelta(days=account.retention_days)
    most = account.retention_count if account.retention_count is not None else len(standing)
    kept = {row.pk for row in standing[:most] if row.published_at is None or row.published_at >= before}
    return [row for row in reversed(standing) if row.pk not in kept]


def _remove(actor: Actor, delivery: Delivery) -> None:
    configuration = delivery.configuration
    fetched = receipts.is_fetched(delivery)
    with transaction.atomic():
        # Before the files go: a run that dies in between must not leave a receiver without a full delivery.
        if not fetched:
            report_lost(configuration, delivery)
        details = {"delivery": str(delivery.pk), "sequence": delivery.sequence, "fetched": fetched}
        audit.record(actor, "delivery.remove", str(delivery), delivery, details)
    places.hosted(configuration.account).remove(configuration.name, delivery.folder)


def report_lost(configuration: Configuration, delivery: Delivery) -> None:
    """A delivery goes that nobody fetched wholly: what the receiver has is not what its bookmarks say."""
    bookmarks.doubt(configuration, Doubt.HISTORY, delivery)
    LogLine.objects.create(
        delivery=delivery,
        level=LogLevel.WARNING,
        code="not-fetched",
        text=f"delivery {delivery.sequence} of {configuration} was removed before it was fetched: the next is full",
    )


def _clean_server(actor: Actor, account: ConnectionAccount) -> None:
    destination = places.destination_of(account)
    for configuration in account.configurations.all():
        busy = f"a delivery of {configuration} is running"
        with locks.held(locks.Kind.DELIVERY, configuration.pk, busy):
            destination.clean(configuration.name, places.under_way())
    with transaction.atomic():
        audit.record(actor, "account.clean", f"account {account.name}", account)
