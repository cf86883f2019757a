"""Refreshes as a screen shows them: a page of a filtered list, and one with its log. A fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet

from sluis.control import days, jobs
from sluis.control.actor import Actor
from sluis.control.models import Environment, LogLine, Refresh, RefreshState
from sluis.control.paging import Page, place
from sluis.control.permissions import allowed, not_found, require
from sluis.control.queries import NEWEST, UnderWay, running_refresh


@dataclass(frozen=True)
class Wanted:
    """Which refreshes to show; what is None or empty does not filter. Days are of the environment's time zone."""

    states: Collection[str] = ()
    first: dt.date | None = None
    last: dt.date | None = None


class DatasetRow(NamedTuple):
    """What a refresh found of a dataset. A page has thousands of them.

    ``rebuilt``: it was made anew, so no changes are known. ``gone``: rows that would have gone, where the brake stopped
    it.
    """

    name: str
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    rebuilt: bool = False
    gone: int = 0

    @classmethod
    def of(cls, name: str, counts: Mapping[str, Any]) -> DatasetRow:
        """From what a refresh wrote down."""
        get = counts.get
        rows, inserted, updated, deleted = get("rows", 0), get("inserted", 0), get("updated", 0), get("deleted", 0)
        return cls(name, rows, inserted, updated, deleted, get("rebuilt", False))

    @property
    def changed(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class RefreshRow:
    """A refresh with its datasets, the most changed first."""

    refresh: Refresh
    datasets: tuple[DatasetRow, ...]

    @classmethod
    def of(cls, refresh: Refresh) -> RefreshRow:
        gone: dict[str, int] = refresh.gone
        made = {name: DatasetRow.of(name, count) for name, count in refresh.counts.items()}
        made |= {name: DatasetRow(name, gone=many) for name, many in gone.items()}
        return cls(refresh, tuple(sorted(made.values(), key=lambda one: (-one.gone, -one.changed, one.name))))

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.datasets)

    @property
    def inserted(self) -> int:
        return sum(one.inserted for one in self.datasets)

    @property
    def updated(self) -> int:
        return sum(one.updated for one in self.datasets)

    @property
    def deleted(self) -> int:
        return sum(one.deleted for one in self.datasets)

    @property
    def touched(self) -> tuple[DatasetRow, ...]:
        """The datasets in which something changed, or would have gone."""
        return tuple(one for one in self.datasets if one.changed or one.gone or one.rebuilt)

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it runs."""
        ended = self.refresh.finished_at
        return None if ended is None else max(0, round((ended - self.refresh.started_at).total_seconds()))


def page(actor: Actor, environment: Environment, wanted: Wanted, number: int = 1) -> Page[RefreshRow]:
    """A page of the newest refreshes, newest first; older ones are reached by the filter."""
    require(actor, "refresh.view", environment)
    every = _filtered(environment, wanted)
    found = every.order_by()[: NEWEST + 1].count()
    total = min(found, NEWEST)
    at = place(total, number)
    return Page(tuple(map(RefreshRow.of, every[at.rows])), at.number, at.pages, total, found > NEWEST)


def newest(actor: Actor, environment: Environment) -> RefreshRow | None:
    """The newest refresh of an environment, None where there was none."""
    require(actor, "refresh.view", environment)
    row = _filtered(environment, Wanted()).first()
    return RefreshRow.of(row) if row else None


def _filtered(environment: Environment, wanted: Wanted) -> QuerySet[Refresh]:
    rows = Refresh.objects.filter(environment=environment)
    if wanted.states:
        rows = rows.filter(state__in=list(wanted.states))
    if wanted.first:
        rows = rows.filter(started_at__gte=days.beginning(wanted.first, environment.time_zone))
    if wanted.last:
        rows = rows.filter(started_at__lt=days.end(wanted.last, environment.time_zone))
    return rows.order_by("-pk")


def refresh_by_id(actor: Actor, key: int) -> Refresh:
    """The refresh with that key, in whatever environment."""
    row = Refresh.objects.select_related("environment__schedule", "progress").filter(pk=key).first()
    if row is None or not allowed(actor, "refresh.view", row):
        raise not_found("refresh", str(key))
    return row


@dataclass(frozen=True)
class RefreshDetail:
    """A refresh with all that hangs on it. ``newest``: there is none after it that ended."""

    row: RefreshRow
    newest: bool
    lines: tuple[LogLine, ...] = field(default=())


def detail(actor: Actor, refresh: Refresh, levels: Collection[int] = ()) -> RefreshDetail:
    """A refresh with its datasets, and the lines of its log of some levels, or of all."""
    require(actor, "refresh.view", refresh)
    lines = refresh.log.filter(level__in=levels) if levels else refresh.log.all()
    later = Refresh.objects.filter(environment=refresh.environment, pk__gt=refresh.pk)
    ended = later.exclude(state=RefreshState.RUNNING).exists()
    return RefreshDetail(RefreshRow.of(refresh), not ended, tuple(lines))


def under_way(actor: Actor, environment: Environment) -> list[UnderWay]:
    """The refresh that runs, and those that wait for a worker, the first to be begun first."""
    require(actor, "refresh.view", environment)
    running = environment.refreshes.filter(state=RefreshState.RUNNING).select_related("progress")
    found = [running_refresh(row) for row in running]
    waiting = jobs.waiting(("refresh",), jobs.lake_lock(environment))
    return found + [UnderWay("refresh", "waiting", None, job.moment, job.begins_at) for job in waiting]
