"""What an environment did, for plots: volume, duration, changes. A fixed number of queries.

Of a short time per day, of a long one per week, which is told by its Monday.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, DateField, F, FloatField, Func, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate, TruncWeek

from sluis.control.actor import Actor
from sluis.control.history import midnight
from sluis.control.models import Delivery, DeliveryFile, DeliveryState, Environment
from sluis.control.permissions import has_medical_rights, require

BY_DAY = 100
"""Days of the longest time that is told per day."""


@dataclass(frozen=True)
class RefreshDay:
    """The refreshes of a day that succeeded, ``failed`` apart.

    ``rows``: in the largest snapshot of the day. ``seconds``: how long one took, the median.
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
    """The deliveries of a day that were published. ``seconds``: how long one took, the median."""

    day: dt.date
    deliveries: int
    rows: int
    bytes: int
    seconds: int


_REFRESHES = """
SELECT date_trunc(%(by)s, started_at AT TIME ZONE %(zone)s)::date AS day,
    count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state = 'failed'),
    coalesce(max(counted.rows), 0), coalesce(sum(counted.inserted), 0), coalesce(sum(counted.updated), 0),
    coalesce(sum(counted.deleted), 0),
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
        FILTER (WHERE state = 'succeeded'), 0)
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
        "by": "day" if days <= BY_DAY else "week",
        "zone": environment.time_zone,
        "environment": environment.pk,
        "first": _first(environment, days),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REFRESHES, given)
        return [RefreshDay(day, *map(round, numbers)) for day, *numbers in cursor.fetchall()]


def delivery_days(actor: Actor, environment: Environment, days: int) -> list[DeliveryDay]:
    """The last days on which a delivery began that was published and that the actor may see, the oldest first."""
    require(actor, "account.list", environment)
    found = _published(actor, environment, days)
    ran = found.annotate(day=_day("created_at", environment, days)).values("day").order_by("day")
    many = list(ran.annotate(many=Count("pk"), took=_Median(_SECONDS)))
    files = DeliveryFile.objects.filter(delivery__in=found.values("pk")).order_by()
    by_day = files.annotate(day=_day("delivery__created_at", environment, days)).values("day")
    volume = {row["day"]: row for row in by_day.annotate(all_rows=Sum("rows"), all_bytes=Sum("bytes"))}
    nothing = {"all_rows": 0, "all_bytes": 0}
    return [_delivery_day(one, volume.get(one["day"], nothing)) for one in many]


class _Median(Aggregate):
    """What is in the middle: a delivery that waited days for a person, or for a server, does not count for many."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


_SECONDS = Func(
    F("published_at") - Coalesce("started_at", "created_at"),
    template="extract(epoch FROM %(expressions)s)",
    output_field=FloatField(),
)


def _day(moment: str, environment: Environment, days: int) -> TruncDate | TruncWeek:
    zone = zoneinfo.ZoneInfo(environment.time_zone)
    return (
        TruncDate(moment, tzinfo=zone) if days <= BY_DAY else TruncWeek(moment, tzinfo=zone, output_field=DateField())
    )


def _delivery_day(ran: Mapping[str, Any], volume: Mapping[str, Any]) -> DeliveryDay:
    return DeliveryDay(ran["day"], ran["many"], volume["all_rows"], volume["all_bytes"], round(ran["took"]))


def _published(actor: Actor, environment: Environment, days: int) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(
        configuration__account__environment=environment,
        state=DeliveryState.DELIVERED,
        created_at__gte=_first(environment, days),
    )
    if not has_medical_rights(actor, environment):
        rows = rows.exclude(Q(medical=True) | Q(configuration__account__medical=True))
    return rows


def _first(environment: Environment, days: int) -> dt.datetime:
    return midnight(environment, environment.today() - dt.timedelta(days=days - 1))
