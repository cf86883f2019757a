"""Refresh: read the source of an environment into its lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from sluis.catalog import loader
from sluis.catalog.loader import Catalog
from sluis.control import audit, jobs, locks, permissions, places
from sluis.control.actions import bookmarks, reports
from sluis.control.actor import Actor
from sluis.control.errors import explain
from sluis.control.models import (
    Configuration,
    Delivery,
    Doubt,
    Environment,
    LogLevel,
    LogLine,
    Refresh,
    RefreshState,
    RunProgress,
    Stage,
    Trigger,
)
from sluis.control.tracking import Tracker, tracked
from sluis.errors import Rejected, SluisError
from sluis.lake import refresh as lake
from sluis.lake import store
from sluis.lake.brake import Brake, Braked
from sluis.lake.faults import explained
from sluis.lake.refresh import Refreshed
from sluis.lake.session import open_session, sweep
from sluis.lake.staging import Moment

_INTERRUPTED = "interrupted: its process ended"


def refresh(
    actor: Actor,
    environment: Environment,
    *,
    release: bool = False,
    within: Delivery | None = None,
    trigger: Trigger = Trigger.MANUAL,
    planned_at: dt.datetime | None = None,
) -> Refresh:
    """Make one new snapshot of what the unarchived configurations use; all or nothing.

    ``release``: let datasets shrink as much as they would have in the refresh that the brake stopped last. ``within``:
    the delivery that asked for it, whose own report tells its account of a failure. ``planned_at``: the moment that a
    job is for; one that succeeded for that moment is not done again, and the automatic deliveries are enqueued with its
    success. Raises ``Rejected`` where source or catalogue must be mended or the brake stops it, ``Retryable`` where it
    may go well another time; the failed refresh stays in the list with its reason.
    """
    permissions.require(actor, "environment.refresh", environment)
    released = _release(actor, environment, planned_at) if release else {}
    with locks.writing(environment.pk, environment.name):
        done_before = _done(environment, planned_at)
        if done_before:
            return done_before
        environment.refresh_from_db()
        catalog = loader.load(environment.catalog)
        if _end_interrupted(actor, environment):
            _adopt(environment)
        sweep(places.scratch())
        run = Refresh(environment=environment, actor=actor.name, trigger=trigger, planned_at=planned_at)
        try:
            run.save()
            with tracked(run, Stage.READING) as tracker:
                done = _read(run, catalog, released, tracker)
        except BaseException as error:
            # An interrupt can come between the row and its number. No other of this environment runs.
            begun = run if run.pk else environment.refreshes.filter(state=RefreshState.RUNNING).first()
            if begun:
                _fail(actor, begun, error, within)
            raise
        _succeed(actor, run, done)
    return run


def _read(run: Refresh, catalog: Catalog, released: Mapping[str, int], tracker: Tracker) -> Refreshed:
    environment = run.environment
    needed = needed_datasets(environment, catalog)
    suspended = needed & set(environment.suspensions.values_list("dataset", flat=True))
    if suspended:
        names = sorted(suspended)
        LogLine.objects.create(
            refresh=run,
            level=LogLevel.WARNING,
            code="not-read",
            text=f"not read, because it is suspended: {', '.join(names)}",
            details={"datasets": names},
        )
    tracker.at(Stage.READING, total=len(needed - suspended))
    return lake.refresh(
        places.lake(environment),
        places.source(environment),
        catalog,
        needed - suspended,
        Moment(timezone.now(), environment.time_zone),
        suspended=suspended,
        seen=environment.lake_sequence or 0,
        scratch=places.scratch(),
        limits=places.limits(),
        brake=Brake(environment.brake_percent, environment.brake_floor, released),
    )


def stopped_by_brake(environment: Environment, planned_at: dt.datetime | None = None) -> Refresh | None:
    """The last refresh that ended, if the brake stopped it; attempts of the job for ``planned_at`` do not count."""
    ended = Refresh.objects.filter(environment=environment).exclude(state=RefreshState.RUNNING)
    if planned_at is not None:
        ended = ended.exclude(planned_at=planned_at)
    last = ended.order_by("-pk").first()
    return last if last and last.gone else None


@transaction.atomic
def _release(actor: Actor, environment: Environment, planned_at: dt.datetime | None) -> dict[str, int]:
    """What this one refresh may take away: what the last one was stopped for."""
    permissions.require(actor, "environment.release", environment)
    last = stopped_by_brake(environment, planned_at)
    if last is None:
        raise Rejected(
            f"the brake did not stop the last refresh of {environment.name}", remedy="refresh without a release"
        )
    audit.record(actor, "environment.release", str(last), environment, {"released": last.gone})
    return dict(last.gone)


def needed_datasets(environment: Environment, catalog: Catalog) -> frozenset[str]:
    """Datasets that unarchived configurations use; of wholly medical files only for accounts with the medical mark."""
    needed: set[str] = set()
    configurations = Configuration.objects.filter(account__environment=environment, archived_at=None)
    for configuration in configurations.select_related("account").prefetch_related("files"):
        if configuration.version not in catalog.versions:
            raise Rejected(
                # Not which one: who may see refreshes may not see every account.
                f"a configuration is of version {configuration.version}, which catalogue {catalog.name} does not have",
                remedy="archive the configurations of that version, or give the environment the catalogue that has it",
            )
        files = catalog.files(configuration.version)
        chosen = [files[one.file] for one in configuration.files.all() if one.file in files]
        needed |= {file.dataset for file in chosen if configuration.account.medical or not file.medical}
    return frozenset(needed)


@transaction.atomic
def _end_interrupted(actor: Actor, environment: Environment) -> bool:
    """Fail what a dead process left; whether there was any: it may have made a snapshot and not told."""
    # We hold the lock, so nobody is running these.
    RunProgress.objects.filter(refresh__environment=environment).delete()
    left = list(Refresh.objects.filter(environment=environment, state=RefreshState.RUNNING).order_by("pk"))
    for run in left:
        run.state, run.finished_at, run.failure = RefreshState.FAILED, timezone.now(), _INTERRUPTED
        run.save(update_fields=["state", "finished_at", "failure"])
        audit.record(actor, "environment.refresh", str(run), environment, {"failed": _INTERRUPTED})
    return bool(left)


def _adopt(environment: Environment) -> None:
    """Take in the one snapshot that a refresh may have made before its process died."""
    if not environment.lake_id:
        return
    location = places.lake(environment)
    with open_session(places.scratch(), places.limits()) as session, explained(session, "reading the lake", location):
        store.attach(session, location, read_only=True)
        head = store.head(session)
    if head.lake_id == environment.lake_id and head.sequence == (environment.lake_sequence or 0) + 1:
        environment.lake_sequence, environment.snapshot_time = head.sequence, head.snapshot_time
        environment.save(update_fields=["lake_sequence", "snapshot_time"])


def _done(environment: Environment, planned_at: dt.datetime | None) -> Refresh | None:
    """What a worker that died did for this moment, and could not tell."""
    if planned_at is None:
        return None
    return environment.refreshes.filter(planned_at=planned_at, state=RefreshState.SUCCEEDED).first()


def _fail(actor: Actor, run: Refresh, error: BaseException, within: Delivery | None) -> None:
    if isinstance(error, SluisError):
        error.ended_run = True
    run.state, run.finished_at, run.failure = RefreshState.FAILED, timezone.now(), explain(error)
    if isinstance(error, Braked):
        run.gone = error.gone
    with transaction.atomic():
        run.save()
        LogLine.objects.create(refresh=run, level=LogLevel.FAILURE, code="refresh-failed", text=run.failure)
        audit.record(actor, "environment.refresh", str(run), run.environment, {"failed": run.failure})
        attempt = jobs.attempt(jobs.lake_lock(run.environment), error) if run.planned_at else None
        reports.report_refresh(run, within, attempt)


def _succeed(actor: Actor, run: Refresh, done: Refreshed) -> None:
    run.state, run.finished_at = RefreshState.SUCCEEDED, timezone.now()
    run.sequence, run.snapshot_time = done.head.sequence, done.head.snapshot_time
    run.counts = {name: asdict(count) for name, count in done.counts.items()}
    environment = run.environment
    known = environment.lake_sequence or 0
    unheard = done.found.lake_id == environment.lake_id and done.found.sequence > known
    environment.lake_id, environment.lake_sequence = done.head.lake_id, done.head.sequence
    environment.snapshot_time, environment.catalog_digest = done.head.snapshot_time, done.head.catalog_digest or ""
    with transaction.atomic():
        run.save()
        environment.save(update_fields=["lake_id", "lake_sequence", "snapshot_time", "catalog_digest"])
        if unheard:
            bookmarks.doubt_all(environment, Doubt.UNKNOWN)
            text = "the lake had snapshots that the control database never heard of: everything comes in full"
            LogLine.objects.create(refresh=run, level=LogLevel.WARNING, code="control-behind", text=text)
        LogLine.objects.create(
            refresh=run,
            level=LogLevel.MESSAGE,
            code="refreshed",
            text=f"snapshot {done.head.sequence}: {len(done.counts)} dataset(s)",
            details={"snapshot": done.head.sequence, "datasets": len(done.counts)},
        )
        reports.tell_datasets(run)
        reports.tell_recovered(run)
        audit.record(actor, "environment.refresh", str(run), environment, {"snapshot": done.head.sequence})
        if run.planned_at:
            jobs.follow_refresh(environment, run.planned_at, Trigger(run.trigger))
