"""Deliver: run a configuration, from the baseline that its receiver has to the newest snapshot, and publish it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from sluis.control import audit, days, jobs, locks, mirror, permissions, places, slots
from sluis.control.actions import refreshes, reports
from sluis.control.actions.publishing import Run, fit_run, publish, settle
from sluis.control.actor import Actor
from sluis.control.errors import Cancelled, VersionEnded, explain
from sluis.control.models import (
    Configuration,
    Delivery,
    DeliveryState,
    Environment,
    LogLevel,
    LogLine,
    Stage,
    Trigger,
)
from sluis.control.tracking import Tracker, tracked
from sluis.delivery import build as building
from sluis.delivery.build import Built, Progress, Wrote
from sluis.delivery.plan import Asked
from sluis.errors import Rejected, Retryable, SluisError
from sluis.lake import store
from sluis.lake.faults import explained
from sluis.lake.session import Session, open_session
from sluis.lake.store import Contents, Head
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

    def refuse_future(self, today: dt.date) -> None:
        """``Rejected`` where the date is still to come."""
        if self.date is not None and self.date > today:
            raise Rejected(f"{self.text} is still to come", remedy="give a date in the past, or last")

    def moment(self, time_zone: str) -> dt.datetime | None:
        """00:00 of the date in the environment's time zone."""
        return days.beginning(self.date, time_zone) if self.date is not None else None


def deliver(
    actor: Actor,
    configuration: Configuration,
    *,
    since: str = "last",
    refresh: bool = False,
    trigger: Trigger = Trigger.MANUAL,
    planned_at: dt.datetime | None = None,
    released: Mapping[str, int] | None = None,
    progress: Progress | None = None,
) -> Delivery:
    """Run a configuration and publish what it gives; the delivery that was published, or that the brake holds.

    ``since``: ``last``, ``all`` or a date. ``refresh``: read the source first; it is read in any case where the lake
    lacks a dataset. ``planned_at``: the moment that a job is for; what it did for that moment is not done again.
    ``released``: by file, the rows that it may take away whatever the brake says. Raises ``Rejected``
    where the configuration cannot run as it is, ``Retryable`` where it may go well another time. After an error the
    receiver has what it had, and the bookmarks stand where they stood. One that was held gives way to this run.
    """
    permissions.require(actor, "configuration.run", configuration)
    asked = Since.parse(since)
    asked.refuse_future(configuration.environment.today())
    with (
        locks.held(locks.Kind.DELIVERY, configuration.pk, f"a delivery of {configuration} is running"),
        slots.slot(configuration.account, 0 if planned_at else slots.PATIENCE),
    ):
        settle(actor, configuration)
        done = _done(configuration, planned_at)
        if done:
            return done
        if planned_at is None:
            # A job that cannot run as it is has nobody to be told so at once: its failure stands in the list.
            fit_run(configuration)
        places.clean()
        delivery = _begin(actor, configuration, asked, trigger=trigger, planned_at=planned_at, released=released or {})
        with tracked(delivery, Stage.PREPARING) as tracker, failing(actor, delivery):
            if refresh:
                refreshes.refresh(actor, configuration.environment, within=delivery)
            for _ in range(_ATTEMPTS):
                if _attempt(actor, delivery, asked, progress, tracker):
                    return delivery
            raise Retryable(
                f"{configuration} was edited while it ran, {_ATTEMPTS} times", remedy="deliver again when it is at rest"
            )


def _done(configuration: Configuration, planned_at: dt.datetime | None) -> Delivery | None:
    """What a worker that died did for this moment, and could not tell; what failed, or may be lost, is made anew."""
    if planned_at is None:
        return None
    made = configuration.deliveries.filter(planned_at=planned_at).exclude(
        state__in=(DeliveryState.FAILED, DeliveryState.UNKNOWN)
    )
    return made.order_by("-created_at").first()


@transaction.atomic
def _begin(
    actor: Actor,
    configuration: Configuration,
    asked: Since,
    *,
    trigger: Trigger,
    planned_at: dt.datetime | None,
    released: Mapping[str, int],
) -> Delivery:
    for held in Delivery.objects.filter(configuration=configuration, state=DeliveryState.HELD):
        end(held, DeliveryState.SUPERSEDED, "superseded", "superseded by a newer run")
    return Delivery.objects.create(
        configuration=configuration,
        state=DeliveryState.RUNNING,
        trigger=trigger,
        planned_at=planned_at,
        actor=actor.name,
        since=asked.text,
        released=dict(released),
        pseudonymous=configuration.pseudonymous,
        medical=configuration.account.medical,
        version=configuration.version,
        destination=places.destination(configuration.account),
        started_at=timezone.now(),
    )


def end(delivery: Delivery, state: DeliveryState, code: str, text: str) -> None:
    """End a delivery that is queued or held, and remove what was built; nothing where it is so no more."""
    with transaction.atomic():
        now = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if now.state not in {DeliveryState.QUEUED, DeliveryState.HELD}:
            return
        delivery.state, delivery.failure = state, text
        delivery.save(update_fields=["state", "failure"])
        LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code=code, text=text)
        reports.report(delivery)
        transaction.on_commit(lambda: discard(places.building(delivery)))


@contextmanager
def failing(actor: Actor, delivery: Delivery) -> Iterator[None]:
    """Whatever goes wrong before the delivery is about to be published fails it; later, it is settled as itself."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, SluisError):
            error.ended_run = True
        told = _told(error)
        try:
            lock = jobs.delivery_lock(delivery.configuration)
            _fail(actor, delivery, error, jobs.attempt(lock, told) if delivery.planned_at else None)
        except OperationalError:
            # The database went away: the next run finds this one open, and ends it.
            connection.close()
        if told is error:
            raise
        raise told from error


def _told(error: BaseException) -> BaseException:
    """What a caller is told of an error: what comes of the machine may go well another time."""
    if isinstance(error, OperationalError):
        return Retryable("the control database went away", remedy="check that it runs, and deliver again")
    if isinstance(error, OSError):
        return Retryable(
            f"the files of the delivery cannot be written: {error.strerror}",
            remedy="look at free space and rights of the data folder, and deliver again; nothing was lost",
        )
    return error


def _fail(actor: Actor, delivery: Delivery, error: BaseException, attempt: jobs.Attempt | None) -> None:
    text = explain(error)
    state, code = DeliveryState.FAILED, "delivery-failed"
    details: dict[str, str] = {}
    if isinstance(error, Cancelled):
        state, code = DeliveryState.CANCELLED, "cancelled"
    elif isinstance(error, VersionEnded):
        code, details = "version-ended", {"version": delivery.version}
    with transaction.atomic():
        unpublished = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.RUNNING)
        ended = unpublished.update(state=state, failure=text)
        LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code=code, text=text, details=details)
        audit.record(actor, "configuration.run", str(delivery), delivery, {"failed": text})
        reports.report(delivery, attempt)
    if ended:
        discard(places.building(delivery))


def _attempt(actor: Actor, delivery: Delivery, asked: Since, progress: Progress | None, tracker: Tracker) -> bool:
    """Build and publish once; False where the configuration changed meanwhile, so that it must be made anew."""
    run = fit_run(delivery.configuration)

    def told(file: str, number: int, total: int) -> None:
        if Delivery.objects.filter(pk=delivery.pk, cancel_asked=True).exists():
            raise Cancelled(f"{delivery} was cancelled", remedy="deliver again when you want it after all")
        tracker.building(file, number, total)
        if progress:
            progress(file, number, total)

    with lake_of(actor, run, delivery) as lake:
        if lake is None:
            return False
        built = build_in(lake, run, places.building(delivery), asked, told, wrote=tracker.built)
        baseline = min((one.baseline for one in built.plans if one.baseline is not None), default=None)
        baseline_time = _time_of(lake.session, baseline, built.head)
    delivery.baseline, delivery.baseline_time = baseline, baseline_time
    if asked.date is not None and any(one.reason == "history" for one in built.plans):
        LogLine.objects.create(
            delivery=delivery,
            level=LogLevel.WARNING,
            code="no-history",
            text=f"the history does not go back to {asked.text}: everything is delivered",
        )
    return publish(actor, delivery, run, built, tracker)


def _time_of(session: Session, sequence: int | None, head: Head) -> dt.datetime | None:
    if sequence == head.sequence:
        return head.snapshot_time
    return None if sequence is None else store.snapshot_time(session, sequence)


@dataclass(frozen=True)
class Lake:
    """A lake in a transaction that reads one snapshot, and what it holds at it."""

    session: Session
    contents: Contents


@contextmanager
def lake_of(actor: Actor, run: Run, delivery: Delivery | None = None) -> Iterator[Lake | None]:
    """The lake of a run, to read, with all that the run needs in it: it is refreshed first where something lacks.

    None where the bookmarks that the run read turned out not to be trusted any more: then it must be read again.
    """
    environment = run.configuration.environment
    if not environment.lake_id:
        # A lake is made under the lock of a refresh, never here: two that make one at once spoil it.
        refreshes.refresh(actor, environment, within=delivery)
        environment.refresh_from_db()
    what = f"delivering {run.configuration}"
    location = places.lake(environment)
    with locks.reading(environment.pk), open_session(places.scratch(), places.limits()) as session:
        with explained(session, what, location):
            store.attach(session, location, read_only=True)
            with session.transaction():
                lake = Lake(session, store.contents(session))
                if not _lacking(lake.contents, run):
                    # What it holds is read once: that takes as long as the changes of several files.
                    yield None if _unheard(environment, lake.contents.head, delivery) else lake
                    return
        refreshes.refresh(actor, environment, within=delivery)
        with explained(session, what, location), session.transaction():
            yield Lake(session, store.contents(session))


def _lacking(contents: Contents, run: Run) -> bool:
    """Whether the lake must be read anew before this run can use it."""
    if mirror.lake_is_behind(run.configuration.environment, contents.head):
        return True
    return bool(building.missing_datasets(contents, run.projections))


def _unheard(environment: Environment, head: Head, delivery: Delivery | None) -> bool:
    """Whether the lake has snapshots that the control database does not know: then no bookmark is trusted."""
    if not mirror.reconcile(environment, head):
        return False
    if delivery:
        text = "the lake has snapshots that the control database never heard of: everything comes in full"
        LogLine.objects.create(delivery=delivery, level=LogLevel.WARNING, code="control-behind", text=text)
    return True


def build_in(
    lake: Lake,
    run: Run,
    folder: Path,
    asked: Since,
    progress: Progress | None,
    *,
    wrote: Wrote | None = None,
) -> Built:
    """Build the files of a run in a folder, which is made anew."""
    discard(folder)
    folder.mkdir(mode=0o700)
    return building.build(
        lake.session,
        lake.contents,
        run.projections,
        folder,
        bookmarks=run.bookmarks,
        destination=places.destination(run.configuration.account),
        asked=_asked(lake.session, run.configuration, asked),
        progress=progress,
        wrote=wrote,
    )


def _asked(session: Session, configuration: Configuration, asked: Since) -> Asked:
    if asked.text == "all" or (asked.text == "last" and not configuration.incremental):
        return Asked(everything=True)
    moment = asked.moment(configuration.environment.time_zone)
    if moment is None:
        return Asked()
    found = store.snapshot_before(session, moment)
    return Asked(too_old=True) if found is None else Asked(since=found)
