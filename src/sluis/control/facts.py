"""What there is to tell the recipients of an account about, as it is now. Nothing is written here."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from sluis import settings
from sluis.catalog.loader import Catalog
from sluis.control import receipts
from sluis.control.models import (
    AccountType,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    NoticeKind,
    Offered,
    RefreshState,
    Schedule,
)
from sluis.delivery import manifest

_VERSION_DAYS, _KEY_DAYS = (90, 30, 7), (30, 7)
"""Days before an end at which it is told."""
_ENDED_LATELY = 30
"""Days for which the end of a key is still news."""


@dataclass(frozen=True)
class Fact:
    """Something to tell. ``key``: the same for the same fact; ``form`` and ``details``: as of a notice."""

    account: ConnectionAccount
    kind: NoticeKind
    key: str
    form: str
    details: dict[str, Any] = field(default_factory=dict)
    configuration: Configuration | None = None


def facts_of(environment: Environment, catalog: Catalog | None) -> Iterator[Fact]:
    """All that is to be told in an environment but what is new in the catalogue; None: it cannot be read now."""
    for account in environment.accounts.select_related("environment").order_by("pk"):
        configurations = account.configurations.filter(archived_at=None).select_related("account__environment")
        for configuration in configurations.order_by("pk"):
            if catalog:
                yield from _version_end(configuration, catalog)
            if account.type == AccountType.HOSTED:
                yield from _not_fetched(configuration)
        if account.type == AccountType.HOSTED:
            yield from _key_ends(account)
        if configurations.filter(automatic=True).exists():
            yield from _late(account)


def _mark(days: int, marks: Sequence[int]) -> int | None:
    """The nearest of the marks that has been reached, so that one that was slept through is not told afterwards."""
    return min((mark for mark in marks if days <= mark), default=None)


def _version_end(configuration: Configuration, catalog: Catalog) -> Iterator[Fact]:
    version = catalog.versions.get(configuration.version)
    if version is None or version.ends is None:
        return
    today = configuration.environment.today()
    days = (version.ends - today).days
    mark = _mark(days, _VERSION_DAYS)
    if mark is None:
        return
    newer = [one.version for one in catalog.versions.values() if one.released <= today]
    ended = days < 0
    yield Fact(
        configuration.account,
        NoticeKind.VERSION_END,
        f"{configuration.pk} {version.version} {version.ends} {'end' if ended else mark}",
        "version-ended" if ended else "version-ends",
        {
            "version": version.version,
            "ends": version.ends.isoformat(),
            "days": days,
            "next": newer[-1] if newer else catalog.newest.version,
        },
        configuration,
    )


def _key_ends(account: ConnectionAccount) -> Iterator[Fact]:
    today = account.environment.today()
    for key in account.keys.exclude(valid_until=None).order_by("pk"):
        days = (key.valid_until - today).days if key.valid_until else 0
        mark = _mark(days, _KEY_DAYS)
        if mark is None or days < -_ENDED_LATELY:
            continue
        ended = days < 0
        yield Fact(
            account,
            NoticeKind.KEY_END,
            f"{key.fingerprint} {key.valid_until} {'end' if ended else mark}",
            "key-ended" if ended else "key-ends",
            {"key": key.name, "ends": f"{key.valid_until}", "days": days},
        )


def _not_fetched(configuration: Configuration) -> Iterator[Fact]:
    """One fact for all that lies there since the last that was fetched: a receiver that stopped has stopped once."""
    last = _last_fetched(configuration)
    delivered = configuration.deliveries.filter(state=DeliveryState.DELIVERED)
    waiting = delivered.filter(sequence__gt=last).order_by("sequence")
    days = settings.current().not_fetched_days
    first = waiting.first()
    if first is None or first.published_at is None or first.published_at > timezone.now() - dt.timedelta(days=days):
        return
    yield Fact(
        configuration.account,
        NoticeKind.NOT_FETCHED,
        f"{configuration.pk} {last}",
        "not-fetched",
        {
            "since": first.published_at.isoformat(),
            "count": waiting.count(),
            "first": first.sequence,
            "kept": configuration.account.retention_days,
        },
        configuration,
    )


def _last_fetched(configuration: Configuration) -> int:
    """Number of the newest delivery that a receiver has all of, 0 for none."""
    rows = Delivery.objects.filter(
        configuration=configuration,
        state=DeliveryState.DELIVERED,
        receipts__file=manifest.FILE_NAME,
        receipts__complete=True,
    )
    for delivery in rows.order_by("-sequence").distinct().iterator():
        if receipts.is_fetched(delivery):
            return delivery.sequence or 0
    return 0


def _late(account: ConnectionAccount) -> Iterator[Fact]:
    environment = account.environment
    schedule = Schedule.objects.filter(environment=environment, paused=False).first()
    before = timezone.now() - dt.timedelta(hours=settings.current().late_hours)
    moments = (schedule.next_run_at, schedule.last_run_at) if schedule else ()
    # The planned moment that passed last: one that no worker has seen, or one that a job was made of.
    planned = next((moment for moment in moments if moment and moment <= before), None)
    if planned is None:
        return
    if environment.refreshes.filter(state=RefreshState.SUCCEEDED, started_at__gte=planned).exists():
        return
    yield Fact(account, NoticeKind.REFRESH_LATE, planned.isoformat(), "refresh-late", {"planned": planned.isoformat()})


def offer(configuration: Configuration, catalog: Catalog) -> Offered:
    """What the catalogue has for a configuration now, not saved; the account's marks are left out of account."""
    files = catalog.files(configuration.version)
    return Offered(
        configuration=configuration,
        version=configuration.version,
        streams=list(catalog.version(configuration.version).streams),
        columns={name: [column.name for column in file.columns] for name, file in files.items()},
    )


def news(seen: Offered, now: Offered, catalog: Catalog) -> Fact | None:
    """What came since the catalogue was last looked at and could be chosen: streams, files of chosen ones, columns."""
    configuration, medical = now.configuration, now.configuration.account.medical
    files = catalog.files(now.version)
    known = {name for name in seen.streams if name in catalog.version(now.version).streams}
    chosen = set(configuration.files.values_list("file", flat=True))
    in_reach = catalog.stream_files(now.version, known & set(configuration.streams))
    columns = {
        name: [
            column.name
            for column in files[name].columns
            if column.name not in seen.columns.get(name, now.columns[name]) and (medical or not column.medical)
        ]
        for name in files
        if name in chosen
    }
    found = {
        "streams": [name for name in now.streams if name not in seen.streams],
        "files": [name for name in in_reach if name not in seen.columns and (medical or not files[name].medical)],
        "columns": {name: new for name, new in columns.items() if new},
    }
    if not any(found.values()):
        return None
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    return Fact(
        configuration.account,
        NoticeKind.CATALOG_NEWS,
        f"{configuration.pk} {now.version} {digest}",
        "catalog-news",
        {"version": now.version, **found},
        configuration,
    )
