"""How the installation is doing, for who keeps it running; and an environment, for who answers for its deliveries."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Max, OuterRef, Subquery
from django.utils import timezone

from sluis import settings
from sluis.catalog.loader import load
from sluis.control import jobs, queries
from sluis.control.actor import Actor
from sluis.control.jobs import Queue
from sluis.control.models import (
    OPEN_STATES,
    Configuration,
    Delivery,
    DeliveryState,
    Environment,
    Refresh,
    RefreshState,
    SftpKey,
    Suspension,
)
from sluis.control.permissions import has_medical_rights, require
from sluis.control.queries import UnderWay
from sluis.errors import SluisError

HEARD = dt.timedelta(minutes=1)
"""Without a sign of life for longer a worker is away."""
_KEYS, _VERSIONS = dt.timedelta(days=30), dt.timedelta(days=90)
"""How long ahead an end is shown."""
_TROUBLE = (DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.UNKNOWN)


@dataclass(frozen=True)
class EnvironmentRow:
    """An environment in numbers, without what is in it.

    ``last``: its newest refresh; ``late``: its planned refresh has not come; ``running``, ``trouble``: deliveries that
    are open, and configurations of which the newest delivery failed, is held or is of unknown fate.
    """

    environment: Environment
    last: Refresh | None
    late: bool
    running: int
    trouble: int

    @property
    def well(self) -> bool:
        """Whether nobody need look at it."""
        return not (self.late or self.trouble or (self.last is not None and self.last.state == RefreshState.FAILED))


@dataclass(frozen=True)
class Installation:
    """Workers and jobs, and every environment. ``alive``: how many workers gave a sign of life just now."""

    queue: Queue
    alive: int
    environments: tuple[EnvironmentRow, ...]


@dataclass(frozen=True)
class ConfigurationRow:
    """A configuration with its newest delivery, and when the newest that was delivered was, of which snapshot.

    ``key``, ``account``, ``newest``: keys. ``name``: with its account. ``state``: of the newest delivery.
    """

    key: int
    account: int
    name: str
    newest: uuid.UUID | None
    state: str | None
    delivered_at: dt.datetime | None
    snapshot_time: dt.datetime | None


@dataclass(frozen=True)
class VersionEnd:
    """A version that ends, or has ended, with how many configurations are of it."""

    version: str
    ends: dt.date
    ended: bool
    configurations: int


@dataclass(frozen=True)
class EnvironmentHealth:
    """What runs and waits, how configurations are doing, and what ends. ``alive``: workers; without any all waits.

    ``configurations``: the first that somebody should look at, of ``total``; ``trouble``: how many of these have a
    newest delivery that somebody must look at.
    """

    alive: int
    last: Refresh | None
    late: bool
    under_way: tuple[UnderWay, ...]
    configurations: tuple[ConfigurationRow, ...]
    total: int
    trouble: int
    suspended: tuple[Suspension, ...]
    keys: tuple[SftpKey, ...]
    versions: tuple[VersionEnd, ...]


def installation(actor: Actor) -> Installation:
    """A fixed number of queries, however many environments there are."""
    require(actor, "installation.view", None)
    seen = queries.environments(actor)
    refreshes = _newest_refreshes()
    running = dict(
        Delivery.objects.filter(state__in=OPEN_STATES)
        .exclude(state=DeliveryState.HELD)
        .values_list("configuration__account__environment")
        .annotate(many=Count("pk"))
    )
    newest = Delivery.objects.filter(configuration=OuterRef("pk")).order_by("-created_at")[:1]
    troubled = (
        Configuration.objects.filter(archived_at=None)
        .annotate(state=Subquery(newest.values("state")))
        .filter(state__in=_TROUBLE)
    )
    trouble = dict(troubled.values_list("account__environment").annotate(many=Count("pk")))
    rows = tuple(
        EnvironmentRow(
            environment=one,
            last=refreshes.get(one.pk),
            late=_late(one, refreshes.get(one.pk)),
            running=running.get(one.pk, 0),
            trouble=trouble.get(one.pk, 0),
        )
        for one in seen
    )
    queue = jobs.queue()
    return Installation(queue, _alive(queue.workers), rows)


def environment(actor: Actor, environment: Environment, shown: int) -> EnvironmentHealth:
    """A fixed number of queries, however many configurations there are; ``shown``: of how many rows are wanted."""
    require(actor, "account.list", environment)
    last = environment.refreshes.order_by("-pk").first()
    rights = has_medical_rights(actor, environment)
    rows, total, trouble = _configurations(environment, shown, rights=rights)
    return EnvironmentHealth(
        alive=_alive(jobs.workers()),
        last=last,
        late=_late(environment, last),
        under_way=tuple(queries.under_way(actor, environment)),
        configurations=rows,
        total=total,
        trouble=trouble,
        suspended=tuple(environment.suspensions.all()),
        keys=_ending_keys(environment, rights=rights),
        versions=_ending_versions(environment, rights=rights),
    )


def _alive(workers: tuple[dt.datetime, ...]) -> int:
    return sum(one > timezone.now() - HEARD for one in workers)


def _newest_refreshes() -> dict[int, Refresh]:
    newest = Environment.objects.annotate(newest=Max("refreshes__pk")).values("newest")
    return {row.environment_id: row for row in Refresh.objects.filter(pk__in=newest)}


def _late(environment: Environment, last: Refresh | None) -> bool:
    """Whether the moment that was planned last has passed by hours without a refresh that succeeded or still runs."""
    schedule = getattr(environment, "schedule", None)
    if schedule is None or schedule.paused:
        return False
    before = timezone.now() - dt.timedelta(hours=settings.current().late_hours)
    passed = [one for one in (schedule.next_run_at, schedule.last_run_at) if one and one <= before]
    done = last is not None and last.state != RefreshState.FAILED
    return any(not (done and last and last.started_at >= moment) for moment in passed)


_CONFIGURATIONS = """
SELECT configuration.id, account.id, account.name || '/' || configuration.name, newest.id, newest.state,
    done.published_at, done.snapshot_time, count(*) OVER (), count(*) FILTER (WHERE newest.trouble) OVER ()
FROM control_configuration AS configuration
JOIN control_connectionaccount AS account ON account.id = configuration.account_id
LEFT JOIN LATERAL (
    SELECT id, state, state = ANY(%(trouble)s) AS trouble FROM control_delivery
    WHERE configuration_id = configuration.id AND (%(medical_rights)s OR NOT medical)
    ORDER BY created_at DESC LIMIT 1) AS newest ON true
LEFT JOIN LATERAL (
    SELECT published_at, snapshot_time FROM control_delivery
    WHERE configuration_id = configuration.id AND state = 'delivered' AND (%(medical_rights)s OR NOT medical)
    ORDER BY created_at DESC LIMIT 1) AS done ON true
WHERE account.environment_id = %(environment)s AND configuration.archived_at IS NULL
    AND (%(medical_rights)s OR NOT account.medical)
ORDER BY coalesce(newest.trouble, false) DESC, done.published_at NULLS FIRST, lower(configuration.name),
    configuration.id
LIMIT %(shown)s
"""
# Of each a look in an index: their rows are long, and a page shows few of them. What was delivered with the medical
# mark keeps it when the account loses that.


def _configurations(
    environment: Environment, shown: int, *, rights: bool
) -> tuple[tuple[ConfigurationRow, ...], int, int]:
    """What asks attention first, then what was delivered longest ago; of how many, and how many ask attention."""
    given: dict[str, Any] = {
        "trouble": list(_TROUBLE),
        "environment": environment.pk,
        "medical_rights": rights,
        "shown": shown,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONFIGURATIONS, given)
        found = cursor.fetchall()
    total, trouble = found[0][-2:] if found else (0, 0)
    return tuple(ConfigurationRow(*told) for *told, _, _ in found), total, trouble


def _ending_keys(environment: Environment, *, rights: bool) -> tuple[SftpKey, ...]:
    today = environment.today()
    ending = SftpKey.objects.filter(account__environment=environment, valid_until__lte=today + _KEYS)
    rows = ending.exclude(valid_until__lt=today - _KEYS)
    if not rights:
        rows = rows.filter(account__medical=False)
    return tuple(rows.select_related("account").order_by("valid_until", "pk"))


def _ending_versions(environment: Environment, *, rights: bool) -> tuple[VersionEnd, ...]:
    today = environment.today()
    try:
        catalog = load(environment.catalog)
    except SluisError:
        # Whoever refreshes or delivers is told what is wrong with it.
        return ()
    rows = Configuration.objects.filter(account__environment=environment, archived_at=None)
    if not rights:
        rows = rows.filter(account__medical=False)
    used = dict(rows.values_list("version").annotate(many=Count("pk")))
    found = []
    for version in catalog.versions.values():
        many = used.get(version.version, 0)
        if many and version.ends is not None and version.ends <= today + _VERSIONS:
            found.append(VersionEnd(version.version, version.ends, version.ends < today, many))
    return tuple(found)
