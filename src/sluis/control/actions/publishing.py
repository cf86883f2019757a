"""The end of a delivery: number it, publish it, and move the bookmarks; and what a dead run left half-way."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sluis.catalog import loader
from sluis.catalog.loader import Catalog
from sluis.control import audit, permissions, places, receipts
from sluis.control.actions import bookmarks, reports
from sluis.control.actions.recording import heading, record, written_of
from sluis.control.actor import Actor
from sluis.control.errors import Cancelled, VersionEnded
from sluis.control.models import (
    Bookmark,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryFile,
    DeliveryState,
    Doubt,
    Environment,
    LogLevel,
    LogLine,
    Mode,
    RunProgress,
    Stage,
)
from sluis.control.tracking import Tracker
from sluis.delivery import manifest, plan
from sluis.delivery.build import Built, projections_of
from sluis.delivery.projection import Projection, Receiver
from sluis.errors import Fatal, Rejected, Retryable
from sluis.lake.brake import Brake
from sluis.sftp.destination import Fate
from sluis.sftp.hosted import discard

_NUMBERED = re.compile(r"(\d{6,})_\d{8}T\d{6}Z_(full|changes)")


@dataclass(frozen=True)
class Run:
    """A configuration as it was when a run read it, and a digest of all that its deliveries depend on.

    ``left_out``: files of suspended datasets, with the dataset; they are not among the projections.
    """

    configuration: Configuration
    catalog: Catalog
    projections: list[Projection]
    left_out: dict[str, str]
    bookmarks: dict[str, plan.Bookmark]
    destination: str
    digest: str


def run_of(configuration: Configuration) -> Run:
    """Read the configuration and its environment's catalogue as they are now."""
    fresh = (
        Configuration.objects.select_related("account__environment").prefetch_related("files").get(pk=configuration.pk)
    )
    catalog = loader.load(fresh.environment.catalog)
    chosen = {one.file: frozenset(one.columns) for one in fresh.files.all()}
    receiver = Receiver(fresh.account.medical, fresh.pseudonymous, fresh.account.secret)
    every = projections_of(catalog, fresh.version, chosen, receiver)
    suspended = set(fresh.environment.suspensions.values_list("dataset", flat=True))
    projections = [one for one in every if one.file.dataset not in suspended]
    left_out = {one.file.file: one.file.dataset for one in every if one.delivered and one.file.dataset in suspended}
    marks = {
        row.file: plan.Bookmark(
            row.lake_id, row.sequence, row.generation, row.fingerprint, row.destination, row.rows, row.doubt
        )
        for row in Bookmark.objects.filter(configuration=fresh).order_by("file")
    }
    destination = places.destination(fresh.account)
    told = [fresh.version, fresh.name, fresh.account.name, str(fresh.archived_at), destination]
    told += [str(fresh.account.medical), catalog.name, str(catalog.version(fresh.version).ends)]
    # What was built before somebody was expunged holds that person.
    told += [str(fresh.environment.expunged_at)]
    told += [f"{one.file.file} {one.delivered} {one.fingerprint}" for one in projections]
    told += [f"{file} {mark}" for file, mark in marks.items()]
    told += [f"without {file}" for file in left_out]
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()
    return Run(fresh, catalog, projections, left_out, marks, destination, digest)


def fit_run(configuration: Configuration) -> Run:
    """The configuration as it is now; ``Rejected`` where it cannot run."""
    run = run_of(configuration)
    _refuse_unfit(run.configuration, run.catalog)
    if not any(projection.delivered for projection in run.projections):
        if run.left_out:
            raise Rejected(
                f"all that {configuration} delivers is suspended: {', '.join(sorted(set(run.left_out.values())))}",
                remedy="let an operator resume the datasets, with `sluis env resume`, when the source is right again",
            )
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
        raise VersionEnded(
            f"version {version.version} ended on {version.ends}",
            remedy=f"copy the configuration to version {catalog.newest.version}, with `sluis config copy`",
        )
    if not configuration.files.all():
        raise Rejected(f"{configuration} has no files", remedy="choose streams or files, with `sluis config edit`")


def publish(actor: Actor, delivery: Delivery, run: Run, built: Built, tracker: Tracker) -> bool:
    """Publish what was built, or hold it where the brake says so; False where all has changed and nothing was done."""
    record(delivery, (run.digest, run.destination), run.configuration, built, run.left_out)
    gone = held_back(run.configuration.environment, built, delivery.released)
    if gone:
        _hold(actor, delivery, gone)
        return True
    return send(actor, delivery, run, tracker)


def held_back(environment: Environment, built: Built, released: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The files for which the brake holds a delivery: rows that would go, and rows that the receiver has.

    ``released``: by file, the rows that a person has let go.
    """
    brake = Brake(environment.brake_percent, environment.brake_floor, released)
    had = {one.name: one.had or 0 for one in built.plans}
    losses = {one.name: (one.gone, had.get(one.name, 0)) for one in built.written}
    return {name: (gone, before) for name, (gone, before) in losses.items() if brake.holds(name, before, gone)}


def send(actor: Actor, delivery: Delivery, run: Run, tracker: Tracker) -> bool:
    """Number, publish and confirm a recorded delivery; False where what it was made from has changed since."""
    destination = places.destination_of(run.configuration.account, tracker.sent)
    built = places.building(delivery)
    if not _is_whole(delivery):
        return False
    tracker.at(Stage.SENDING, total=delivery.files.count())
    destination.stage(built, run.configuration.name, places.under_way())
    if not _number(actor, delivery, run, _taken(destination.standing(run.configuration.name))):
        return False
    tracker.at(Stage.PUBLISHING, total=delivery.files.count())
    _write_manifest(delivery, run)
    destination.publish(built, run.configuration.name, delivery.folder)
    _confirm(actor, delivery)
    return True


def _is_whole(delivery: Delivery) -> bool:
    """Whether every file that was recorded lies there: a held one can have lost what was built."""
    built = places.building(delivery)
    sizes = {row.name: row.bytes for row in delivery.files.all()}
    there = {path.stem: path.stat().st_size for path in built.glob("*.csv")}
    return bool(sizes) and sizes == there


def settle(actor: Actor, configuration: Configuration) -> None:
    """End what a process that died left open. The caller holds the configuration's lock.

    A delivery whose rename may have been sent is settled as itself; one that was not is dropped, unless it is ready
    and still right, in which case it goes out now, with the same bytes and the same number. One that is held stays.
    """
    RunProgress.objects.filter(delivery__configuration=configuration).delete()
    left = Delivery.objects.filter(configuration=configuration)
    for delivery in left.filter(state__in=(DeliveryState.QUEUED, DeliveryState.RUNNING)):
        _drop(actor, delivery, "interrupted: its process ended")
    for delivery in left.filter(state=DeliveryState.PUBLISHING):
        with reports.telling_stuck(delivery):
            _settle_published(actor, delivery)


def _settle_published(actor: Actor, delivery: Delivery) -> None:
    run = run_of(delivery.configuration)
    account, built = run.configuration.account, places.building(delivery)
    names = (run.configuration.name, delivery.folder)
    if delivery.destination != places.destination(account):
        # Where it went cannot be asked any more.
        _lose(actor, delivery)
        return
    destination = places.destination_of(account)
    fate = destination.fate(built, *names)
    if fate is Fate.NOT_PUBLISHED:
        if run.digest == delivery.projection_digest and _is_whole(delivery) and _is_fit(run):
            _write_manifest(delivery, run)
            destination.publish(built, *names)
            fate = Fate.PUBLISHED
        else:
            fate = destination.withdraw(built, *names)
    if fate is Fate.PUBLISHED:
        _confirm(actor, delivery)
    elif fate is Fate.UNKNOWN:
        _lose(actor, delivery)
    else:
        _drop(actor, delivery, "interrupted before it was published, and the configuration has changed since")


def _is_fit(run: Run) -> bool:
    try:
        _refuse_unfit(run.configuration, run.catalog)
    except Rejected:
        return False
    return True


def _taken(standing: list[str]) -> int:
    """The highest number of a delivery that stands at the destination, 0 where there is none."""
    found = (_NUMBERED.fullmatch(name) for name in standing)
    return max((int(match[1]) for match in found if match), default=0)


def _number(actor: Actor, delivery: Delivery, run: Run, taken: int) -> bool:
    """Check again what the run began with, and give the delivery its number; from here it is settled as itself.

    ``taken``: a number that the receiver has. A higher one than is known here means that this database was put back
    from an older copy: then nothing is certain of what the receiver has, and all comes in full.
    """
    with transaction.atomic():
        # Edits take the same locks, so none can come between the check and the number.
        ConnectionAccount.objects.select_for_update().get(pk=run.configuration.account.pk)
        Configuration.objects.select_for_update().get(pk=run.configuration.pk)
        Environment.objects.select_for_update().get(pk=run.configuration.environment.pk)
        _refuse_taken_over(delivery)
        now = run_of(run.configuration)
        last = Delivery.objects.filter(configuration=run.configuration).aggregate(last=Max("sequence"))["last"] or 0
        if taken > last and any(not mark.doubt for mark in now.bookmarks.values()):
            bookmarks.doubt(run.configuration, Doubt.UNKNOWN)
            text = f"delivery {taken} stands there, and this database never heard of it: everything comes in full"
            LogLine.objects.create(delivery=delivery, level=LogLevel.WARNING, code="control-behind", text=text)
            return False
        if now.digest != run.digest:
            return False
        permissions.require_still(actor, "configuration.run", now.configuration)
        if delivery.snapshot_time is None:
            raise Fatal(f"delivery {delivery.pk} has no snapshot", remedy="report this")
        delivery.sequence = max(last, taken) + 1
        delivery.previous = max(last, taken) or None
        delivery.state = DeliveryState.PUBLISHING
        delivery.folder = manifest.folder_name(delivery.sequence, delivery.snapshot_time, delivery.mode)
        own = set(delivery.files.values_list("name", flat=True))
        delivery.ended = sorted(set(now.bookmarks) - own - set(now.left_out))
        delivery.save(update_fields=["sequence", "previous", "state", "folder", "ended"])
    return True


def _refuse_taken_over(delivery: Delivery) -> None:
    now = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if now.cancel_asked:
        raise Cancelled(f"{delivery} was cancelled", remedy="deliver again when you want it after all")
    if now.state not in {DeliveryState.RUNNING, DeliveryState.HELD}:
        # Locks end with a connection: after a restart of the database another process may have gone before us.
        raise Retryable(f"{delivery} was ended by another process", remedy="look at its result")


def _require_still(delivery: Delivery) -> None:
    """Inside a transaction: the state is the one that was read, and stays it."""
    if Delivery.objects.select_for_update().get(pk=delivery.pk).state != delivery.state:
        raise Retryable(f"{delivery} was ended by another process", remedy="look at its result")


def _write_manifest(delivery: Delivery, run: Run) -> None:
    """Write ``datapackage.json``, last; the same bytes whenever it is written again."""
    projections = {one.file.file: one for one in run.projections}
    text = manifest.descriptor(
        heading(delivery, run.configuration, run.catalog), written_of(delivery, projections), projections
    )
    path = places.building(delivery) / manifest.FILE_NAME
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _confirm(actor: Actor, delivery: Delivery) -> None:
    """The receiver has it: move the bookmarks, and say so."""
    with transaction.atomic():
        fresh = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if fresh.state == DeliveryState.PUBLISHING:
            delivery.state, delivery.published_at = DeliveryState.DELIVERED, timezone.now()
            # One that was held tells no more that it is.
            delivery.failure = ""
            delivery.save(update_fields=["state", "published_at", "failure"])
            _move_bookmarks(delivery)
            _warn_of_mark(delivery)
            LogLine.objects.create(
                delivery=delivery,
                level=LogLevel.MESSAGE,
                code="delivered",
                text=f"delivery {delivery.sequence} ({delivery.mode}) of snapshot {delivery.snapshot}",
            )
            details = {"delivery": str(delivery.pk), "sequence": delivery.sequence, "mode": delivery.mode}
            audit.record(actor, "configuration.run", str(delivery), delivery, details)
            receipts.warn_without_key(delivery)
            reports.report(delivery)
    # What went to a server of the receiver still lies here, too.
    discard(places.building(delivery))


def _move_bookmarks(delivery: Delivery) -> None:
    if delivery.snapshot is None:
        raise Fatal(f"delivery {delivery.pk} has no snapshot", remedy="report this")
    marks = Bookmark.objects.filter(configuration=delivery.configuration)
    rows = list(delivery.files.exclude(fingerprint=""))
    told = marks.filter(file__in=[*(row.name for row in rows), *delivery.ended])
    if delivery.mode == Mode.FULL or not told.exclude(doubt="").exists():
        marks.filter(file__in=delivery.ended).delete()
    if delivery.mode == Mode.FULL:
        # A receiver may begin with this one, and then has nothing of the files that were left out.
        marks.exclude(file__in=[row.name for row in rows]).filter(doubt="").update(doubt=Doubt.UNKNOWN)
    # Changes are numbered only where there is no doubt: what is in doubt now came up since, and stays so.
    for mode, trusted in ((Mode.FULL, ["doubt"]), (Mode.CHANGES, [])):
        Bookmark.objects.bulk_create(
            (_bookmark(delivery, delivery.snapshot, row) for row in rows if row.mode == mode),
            update_conflicts=True,
            unique_fields=["configuration", "file"],
            update_fields=["lake_id", "sequence", "generation", "fingerprint", "destination", "rows", *trusted],
        )


def _bookmark(delivery: Delivery, snapshot: int, row: DeliveryFile) -> Bookmark:
    return Bookmark(
        configuration=delivery.configuration,
        file=row.name,
        lake_id=delivery.lake_id,
        sequence=snapshot,
        generation=row.generation,
        fingerprint=row.fingerprint,
        destination=delivery.destination,
        rows=row.total,
    )


def _warn_of_mark(delivery: Delivery) -> None:
    """The medical mark can be taken away while a delivery is on its way."""
    if delivery.medical and not ConnectionAccount.objects.get(pk=delivery.configuration.account.pk).medical:
        text = "it holds medical data, and the account's medical mark was taken away meanwhile: remove it if you want"
        LogLine.objects.create(delivery=delivery, level=LogLevel.WARNING, code="mark-gone", text=text)


def _hold(actor: Actor, delivery: Delivery, gone: dict[str, tuple[int, int]]) -> None:
    told = ", ".join(f"{name} ({many} of {had} rows)" for name, (many, had) in gone.items())
    text = f"held: it would take away too much at once from {told}; release or refuse it"
    with transaction.atomic():
        _refuse_taken_over(delivery)
        delivery.state, delivery.failure = DeliveryState.HELD, text
        delivery.save(update_fields=["state", "failure"])
        LogLine.objects.create(
            delivery=delivery, level=LogLevel.FAILURE, code="held", text=text, details={"gone": gone}
        )
        held = {name: many for name, (many, _) in gone.items()}
        audit.record(actor, "configuration.run", str(delivery), delivery, {"held": held})
        reports.report(delivery)


def _lose(actor: Actor, delivery: Delivery) -> None:
    """Whether it arrived can never be learned: it keeps its number, and the next comes in full."""
    text = "whether it arrived cannot be learned: the next delivery comes in full"
    with transaction.atomic():
        _require_still(delivery)
        delivery.state, delivery.failure = DeliveryState.UNKNOWN, text
        delivery.save(update_fields=["state", "failure"])
        bookmarks.doubt(delivery.configuration, Doubt.UNKNOWN, delivery)
        LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code="fate-unknown", text=text)
        audit.record(actor, "configuration.run", str(delivery), delivery, {"unknown": delivery.sequence})
        reports.report(delivery)
    discard(places.building(delivery))


def _drop(actor: Actor, delivery: Delivery, why: str) -> None:
    """Nothing of it was published: its number goes to the next."""
    with transaction.atomic():
        _require_still(delivery)
        delivery.state, delivery.failure = DeliveryState.FAILED, why
        delivery.sequence, delivery.previous, delivery.folder = None, None, ""
        delivery.save(update_fields=["state", "failure", "sequence", "previous", "folder"])
        LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code="delivery-dropped", text=why)
        # What it was begun with could not say so any more.
        audit.record(actor, "configuration.run", str(delivery), delivery, {"failed": why})
        reports.report(delivery)
    # Only now: a folder that is gone while its delivery is open counts as published.
    discard(places.building(delivery))
