"""What an environment did, for plots: volume, duration, changes. A fixed number of queries.

Of a short time per day, of a long one per week, which is told by its Monday.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sluis.control.actor import Actor
from sluis.control.days import beginning
from sluis.control.models import Configuration, Environment
from sluis.control.permissions import has_medical_rights, require
from sluis.control.queries import accounts_in

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


_DELIVERIES = """
SELECT step.day, told.deliveries, told.rows, told.bytes, date_part('epoch', told.took)
FROM unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) AS step (day, begins, ends), LATERAL (
    SELECT count(*) AS deliveries, sum(rows) AS rows, sum(bytes) AS bytes,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY published_at - coalesce(started_at, created_at)) AS took
    FROM control_delivery
    WHERE state = 'delivered' AND created_at >= step.begins AND created_at < step.ends
        AND (%(medical_rights)s OR NOT medical)
        AND configuration_id = ANY(%(configurations)s::bigint[])) AS told
WHERE told.deliveries > 0 ORDER BY step.day
"""
# Day by day: each is a short stretch of an index, where grouping a year would sort all of it. The configurations are
# given, for a join would be made anew each day. In the middle, because a delivery that waited days for a person, or for
# a server, does not count for many.


def delivery_days(actor: Actor, environment: Environment, days: int) -> list[DeliveryDay]:
    """The last days on which a delivery began that was published and that the actor may see, the oldest first."""
    configurations = Configuration.objects.filter(account__in=accounts_in(actor, environment))
    steps = _steps(environment, days)
    given: dict[str, Any] = {
        "days": [day for day, _, _ in steps],
        "begins": [begins for _, begins, _ in steps],
        "ends": [ends for _, _, ends in steps],
        "configurations": list(configurations.values_list("pk", flat=True)),
        "medical_rights": has_medical_rights(actor, environment),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, given)
        return [DeliveryDay(day, *map(round, numbers)) for day, *numbers in cursor.fetchall()]


def _steps(environment: Environment, days: int) -> list[tuple[dt.date, dt.datetime, dt.datetime]]:
    """The days, or the weeks by their Mondays, up to and including today: each with its begin and its end."""
    today = environment.today()
    first = today - dt.timedelta(days=days - 1)
    every = [first + dt.timedelta(days=number) for number in range(days)]
    if days > BY_DAY:
        every = sorted({day - dt.timedelta(days=day.weekday()) for day in every})
    # The first week can have begun before the first day.
    borders = [*every, today + dt.timedelta(days=1)]
    moments = [beginning(max(day, first), environment.time_zone) for day in borders]
    return list(zip(every, moments, moments[1:], strict=False))


def _first(environment: Environment, days: int) -> dt.datetime:
    return beginning(environment.today() - dt.timedelta(days=days - 1), environment.time_zone)
