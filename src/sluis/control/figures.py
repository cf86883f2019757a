"""What an environment did per day, for plots: volume, duration, changes. A fixed number of queries."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Avg, BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncDate

from sluis.control.actor import Actor
from sluis.control.history import midnight
from sluis.control.models import Delivery, DeliveryFile, DeliveryState, Environment, LogLine
from sluis.control.permissions import has_medical_rights, require


@dataclass(frozen=True)
class RefreshDay:
    """The refreshes of a day that succeeded, ``failed`` apart.

    ``rows``: in the largest snapshot of the day. ``seconds``: how long one took, on average.
    """

    day: dt.date
    succeeded: int
    failed: int
    rows: int
    inserted: int
    updated: int
    deleted: int
    seconds: int


@dataclass(frozen=True)
class DeliveryDay:
    """What was published on a day. ``seconds``: how long one took, on average."""

    day: dt.date
    deliveries: int
    rows: int
    bytes: int
    seconds: int


_REFRESHES = """
SELECT (started_at AT TIME ZONE %(zone)s)::date AS day,
    count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state = 'failed'),
    coalesce(max(counted.rows), 0), coalesce(sum(counted.inserted), 0), coalesce(sum(counted.updated), 0),
    coalesce(sum(counted.deleted), 0),
    coalesce(avg(extract(epoch FROM finished_at - started_at)) FILTER (WHERE state = 'succeeded'), 0)
FROM control_refresh, LATERAL (
    SELECT sum((value ->> 'rows')::bigint) AS rows, sum((value ->> 'inserted')::bigint) AS inserted,
        sum((value ->> 'updated')::bigint) AS updated, sum((value ->> 'deleted')::bigint) AS deleted
    FROM jsonb_each(counts)) AS counted
WHERE environment_id = %(environment)s AND started_at >= %(first)s AND state <> 'running'
GROUP BY day ORDER BY day
"""


def refresh_days(actor: Actor, environment: Environment, days: int) -> list[RefreshDay]:
    """The last days on which the source was read, in the environment's time zone, the oldest first."""
    require(actor, "refresh.view", environment)
    given: dict[str, Any] = {
        "zone": environment.time_zone,
        "environment": environment.pk,
        "first": _first(environment, days),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REFRESHES, given)
        return [RefreshDay(day, *map(round, numbers)) for day, *numbers in cursor.fetchall()]


def delivery_days(actor: Actor, environment: Environment, days: int) -> list[DeliveryDay]:
    """The last days on which something was published that the actor may see, the oldest first."""
    require(actor, "account.list", environment)
    found = _published(actor, environment, days)
    day = TruncDate("published_at", tzinfo=zoneinfo.ZoneInfo(environment.time_zone))
    many = dict(found.annotate(day=day).values_list("day").annotate(many=Count("pk")).order_by("day"))
    of_delivery = TruncDate("delivery__published_at", tzinfo=zoneinfo.ZoneInfo(environment.time_zone))
    files = DeliveryFile.objects.filter(delivery__in=found).annotate(day=of_delivery).values("day").order_by()
    volume = {row["day"]: row for row in files.annotate(all_rows=Sum("rows"), all_bytes=Sum("bytes"))}
    # A delivery that waits for a person takes no time: its duration was written down at its first end.
    lines = LogLine.objects.filter(delivery__in=found, code="duration").annotate(day=of_delivery).values("day")
    seconds = Avg(Cast(KT("details__seconds"), BigIntegerField()))
    took = {row["day"]: row["took"] for row in lines.order_by().annotate(took=seconds)}
    return [_delivery_day(one, many[one], volume.get(one, {}), took.get(one)) for one in many]


def _delivery_day(day: dt.date, many: int, volume: Mapping[str, Any], took: float | None) -> DeliveryDay:
    return DeliveryDay(day, many, volume.get("all_rows", 0), volume.get("all_bytes", 0), round(took or 0))


def _published(actor: Actor, environment: Environment, days: int) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(
        configuration__account__environment=environment,
        state=DeliveryState.DELIVERED,
        published_at__gte=_first(environment, days),
    )
    if not has_medical_rights(actor, environment):
        rows = rows.exclude(Q(medical=True) | Q(configuration__account__medical=True))
    return rows


def _first(environment: Environment, days: int) -> dt.datetime:
    return midnight(environment, environment.today() - dt.timedelta(days=days - 1))
