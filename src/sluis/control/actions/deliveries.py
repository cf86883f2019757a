"""Deliver: run a configuration, from the baseline that its receiver has to the newest snapshot, and publish it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from sluis.catalog import loader
from sluis.catalog.loader import Catalog
from sluis.control import audit, locks, permissions, places
from sluis.control.actions import refreshes
from sluis.control.actions.publishing import Run, publish, run_of, settle
from sluis.control.actor import Actor
from sluis.control.models import Bookmark as BookmarkRow
from sluis.control.models import Configuration, Delivery, DeliveryState, Environment, LogLevel, LogLine, Trigger
from sluis.delivery import build as building
from sluis.delivery.build import Built, Progress
from sluis.delivery.plan import Asked, Bookmark
from sluis.errors import Rejected, Retryable, SluisError
from sluis.lake import store
from sluis.lake.session import Session, open_session
from sluis.sftp.hosted import discard

_ATTEMPTS = 3


@dataclass(frozen=True)
class Since:
    """What a run is asked for: ``last`` (since the last delivery), ``all``, or a date."""

    text: str
    date: dt.date | None

    @classmethod
    def parse(cls, text: str) -> Since:
        """From the text a person gave; ``Rejected`` where it is neither ``last``, ``all`` nor a date."""
        if text in {"last", "all"}:
            return cls(text, None)
        try:
            date = dt.date.fromisoformat(text)
        except ValueError:
            raise Rejected(
                f"{text!r} is not a moment to deliver since", remedy="use last, all, or a date as 2026-11-23"
            ) from None
        return cls(date.isoformat(), date)

    def moment(self, time_zone: str) -> dt.datetime | None:
        """00:00 of the date in the environment's time zone."""
        return (
            dt.datetime.combine(self.date, dt.time(), zoneinfo.ZoneInfo(time_zone)) if self.date is not None else None
        )


def deliver(
    actor: Actor,
    configuration: Configuration,
    *,
    since: str = "last",
    refresh: bool = False,
    trigger: Trigger = Trigger.MANUAL,
    progress: Progress | None = None,
) -> Delivery:
    """Run a configuration and publish what it gives; the delivery that was published.

    ``since``: ``last``, ``all`` or a date. ``refresh``: read the source first; it is read in any case where the lake
    lacks a dataset. Raises ``Rejected`` where the configuration cannot run as it is, ``Retryable`` where it may go well
    another time. After an error the receiver has what it had, and the bookmarks stand where they stood.
    """
    permissions.require(actor, "configuration.run", configuration)
    asked = Since.parse(since)
    with locks.held(locks.Kind.DELIVERY, configuration.pk, f"a delivery of {configuration} is running"):
        settle(actor, configuration)
        _fit_run(configuration)
        delivery = _begin(actor, configuration, asked, trigger)
        with _failing(actor, delivery):
            if refresh:
                refreshes.refresh(actor, configuration.environment)
            for _ in range(_ATTEMPTS):
                if _attempt(actor, delivery, asked, progress):
                    return delivery
            raise Retryable(
                f"{configuration} was edited while it ran, {_ATTEMPTS} times", remedy="deliver again when it is at rest"
            )


def _fit_run(configuration: Configuration) -> Run:
    """The configuration with its environment's catalogue, both as they are now; ``Rejected`` where it cannot run."""
    environment = Environment.objects.get(pk=configuration.environment.pk)
    run = run_of(configuration, loader.load(environment.catalog))
    _refuse_unfit(run.configuration, run.catalog)
    if not any(projection.delivered for projection in run.projections):
        raise Rejected(
            f"{configuration} has nothing that this account may have",
            remedy="all its files are wholly medical: give the account the medical mark, or choose other files",
        )
    return run


def _refuse_unfit(configuration: Configuration, catalog: Catalog) -> None:
    if configuration.archived_at:
        raise Rejected(f"{configuration} is archived", remedy="restore it first, with `sluis config restore`")
    version = catalog.version(configuration.version)
    if version.ends and configuration.environment.today() > version.ends:
        raise Rejected(
            f"version {version.version} ended on {version.ends}",
            remedy=f"copy the configuration to version {catalog.newest.version}, with `sluis config copy`",
        )
    if not configuration.files.exists():
        raise Rejected(f"{configuration} has no files", remedy="choose streams or files, with `sluis config edit`")


def _begin(actor: Actor, configuration: Configuration, asked: Since, trigger: Trigger) -> Delivery:
    return Delivery.objects.create(
        configuration=configuration,
        state=DeliveryState.RUNNING,
        trigger=trigger,
        actor=actor.name,
        since=asked.text,
        pseudonymous=configuration.pseudonymous,
        medical=configuration.account.medical,
        version=configuration.version,
        destination=places.destination(configuration.account),
        started_at=timezone.now(),
    )


@contextmanager
def _failing(actor: Actor, delivery: Delivery) -> Iterator[None]:
    """Whatever goes wrong before the delivery is about to be published fails it; later, it is settled as itself."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, SluisError):
            error.ended_run = True
        text = refreshes.explain(error)
        with transaction.atomic():
            unpublished = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.RUNNING)
            if unpublished.update(state=DeliveryState.FAILED, failure=text):
                discard(places.building(delivery))
            LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code="delivery-failed", text=text)
            environment = delivery.configuration.environment
            audit.record(actor, "configuration.run", str(delivery), environment, {"failed": text})
        raise


def _attempt(actor: Actor, delivery: Delivery, asked: Since, progress: Progress | None) -> bool:
    """Build and publish once; False where the configuration changed meanwhile, so that it must be made anew."""
    run = _fit_run(delivery.configuration)
    with open_session(places.scratch(), places.limits()) as session:
        _with_datasets(actor, session, run)
        built = _build(session, delivery, run, asked, progress)
        baseline = min((one.baseline for one in built.plans if one.baseline is not None), default=None)
        baseline_time = store.snapshot_time(session, baseline) if baseline is not None else None
    delivery.baseline, delivery.baseline_time = baseline, baseline_time
    if asked.date is not None and any(one.reason == "history" for one in built.plans):
        LogLine.objects.create(
            delivery=delivery,
            level=LogLevel.WARNING,
            code="no-history",
            text=f"the history does not go back to {asked.text}: everything is delivered",
        )
    return publish(actor, delivery, run, built)


def _with_datasets(actor: Actor, session: Session, run: Run) -> None:
    """Attach the lake, after a refresh where it lacks something."""
    environment = run.configuration.environment
    if not environment.lake_id:
        # A lake is made under the lock of a refresh, never here: two that make one at once spoil it.
        refreshes.refresh(actor, environment)
    store.attach(session, places.lake(environment), read_only=True)
    if building.missing_datasets(session, run.projections):
        refreshes.refresh(actor, environment)


def _build(session: Session, delivery: Delivery, run: Run, asked: Since, progress: Progress | None) -> Built:
    folder = places.building(delivery)
    discard(folder)
    folder.mkdir(mode=0o700)
    return building.build(
        session,
        run.projections,
        folder,
        bookmarks=_bookmarks(run.configuration),
        destination=places.destination(run.configuration.account),
        asked=_asked(session, run.configuration, asked),
        progress=progress,
    )


def _asked(session: Session, configuration: Configuration, asked: Since) -> Asked:
    if asked.text == "all" or (asked.text == "last" and not configuration.incremental):
        return Asked(everything=True)
    moment = asked.moment(configuration.environment.time_zone)
    if moment is None:
        return Asked()
    found = store.snapshot_before(session, moment)
    return Asked(since=found[0]) if found else Asked(too_old=True)


def _bookmarks(configuration: Configuration) -> dict[str, Bookmark]:
    rows = BookmarkRow.objects.filter(configuration=configuration)
    return {
        row.file: Bookmark(row.lake_id, row.sequence, row.generation, row.fingerprint, row.destination) for row in rows
    }
