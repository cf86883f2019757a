"""Deliveries as a screen shows them: a page of a filtered list, and one with its files. A bounded number of queries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from sluis.control import days
from sluis.control.actor import Actor
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryFile,
    DownloadReceipt,
    Environment,
    LogLine,
    RunProgress,
)
from sluis.control.paging import Page, place
from sluis.control.permissions import allowed, has_medical_rights, not_found, require
from sluis.control.queries import NEWEST

_SHOWN = (
    *("state", "trigger", "mode", "sequence", "created_at", "rows", "inserted", "updated", "deleted", "bytes"),
    *("configuration__name", "configuration__account__name"),
)
"""What a list tells of a delivery."""


@dataclass(frozen=True)
class Wanted:
    """Which deliveries to show; what is None or empty does not filter. Days are of the environment's time zone.

    ``configuration``: its key.
    """

    account: ConnectionAccount | None = None
    configuration: int | None = None
    states: Collection[str] = ()
    first: dt.date | None = None
    last: dt.date | None = None


def page(actor: Actor, environment: Environment, wanted: Wanted, number: int = 1) -> Page[Delivery]:
    """A page of the newest deliveries that the actor may see, newest first; older ones are reached by the filter."""
    require(actor, "account.list", environment)
    every = _filtered(actor, environment, wanted)
    found = every.order_by()[: NEWEST + 1].count()
    total = min(found, NEWEST)
    at = place(total, number)
    return Page(tuple(every[at.rows]), at.number, at.pages, total, found > NEWEST)


def newest(actor: Actor, configuration: Configuration, many: int) -> tuple[Delivery, ...]:
    """The newest few deliveries of a configuration that the actor may see, newest first."""
    require(actor, "configuration.view", configuration)
    return tuple(_filtered(actor, configuration.environment, Wanted(configuration=configuration.pk))[:many])


def _filtered(actor: Actor, environment: Environment, wanted: Wanted) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(configuration__account__environment=environment)
    if wanted.account is not None:
        rows = rows.filter(configuration__account=wanted.account)
    if wanted.configuration is not None:
        rows = rows.filter(configuration=wanted.configuration)
    if wanted.states:
        rows = rows.filter(state__in=list(wanted.states))
    if wanted.first:
        rows = rows.filter(created_at__gte=days.beginning(wanted.first, environment.time_zone))
    if wanted.last:
        rows = rows.filter(created_at__lt=days.end(wanted.last, environment.time_zone))
    if not has_medical_rights(actor, environment):
        rows = rows.exclude(Q(medical=True) | Q(configuration__account__medical=True))
    # What a list does not show is most of it.
    shown = rows.select_related("configuration__account").only(*_SHOWN)
    return shown.order_by("-created_at", "pk")


@dataclass(frozen=True)
class FileRow:
    """A file of a delivery with what receivers read of it, newest first."""

    file: DeliveryFile
    receipts: tuple[DownloadReceipt, ...] = ()

    @property
    def fetched(self) -> bool:
        """Whether a receiver has every byte."""
        return any(one.complete for one in self.receipts)


@dataclass(frozen=True)
class DeliveryDetail:
    """A delivery with all that hangs on it."""

    delivery: Delivery
    files: tuple[FileRow, ...]
    lines: tuple[LogLine, ...] = field(default=())
    progress: RunProgress | None = None


def delivery_by_id(actor: Actor, key: uuid.UUID) -> Delivery:
    """The delivery with that key, in whatever environment."""
    rows = Delivery.objects.select_related("configuration__account__environment__schedule", "progress")
    row = rows.filter(pk=key).first()
    if row is None or not allowed(actor, "delivery.view", row):
        raise not_found("delivery", str(key))
    return row


def detail(actor: Actor, delivery: Delivery, levels: Collection[int] = ()) -> DeliveryDetail:
    """A delivery with its files, and the lines of its log of some levels, or of all."""
    require(actor, "delivery.view", delivery)
    read: dict[str, list[DownloadReceipt]] = defaultdict(list)
    for receipt in delivery.receipts.order_by("-moment", "-pk")[:NEWEST]:
        read[receipt.file.removesuffix(".csv")].append(receipt)
    files = tuple(FileRow(one, tuple(read[one.name])) for one in delivery.files.order_by("name"))
    lines = delivery.log.filter(level__in=levels) if levels else delivery.log.all()
    return DeliveryDetail(delivery, files, tuple(lines), getattr(delivery, "progress", None))
