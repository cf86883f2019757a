"""The end of a delivery: number it, publish it, and move the bookmarks; and what a dead run left half-way."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sluis.catalog import loader
from sluis.catalog.loader import Catalog
from sluis.control import audit, permissions, places, receipts
from sluis.control.actor import Actor
from sluis.control.models import (
    OPEN_STATES,
    Bookmark,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryFile,
    DeliveryState,
    Environment,
    LogLevel,
    LogLine,
)
from sluis.delivery import manifest, pseudonyms
from sluis.delivery.build import Built, projections_of
from sluis.delivery.manifest import Heading
from sluis.delivery.projection import Projection, Receiver
from sluis.delivery.writing import Written
from sluis.errors import Fatal
from sluis.sftp.destination import Fate
from sluis.sftp.hosted import discard


@dataclass(frozen=True)
class Run:
    """A configuration as it was when a run read it: its projections, and a digest of all that they depend on."""

    configuration: Configuration
    catalog: Catalog
    projections: list[Projection]
    digest: str


def run_of(configuration: Configuration, catalog: Catalog) -> Run:
    """Read the configuration from the database as it is now."""
    fresh = Configuration.objects.select_related("account__environment").get(pk=configuration.pk)
    chosen = {one.file: frozenset(one.columns) for one in fresh.files.all()}
    receiver = Receiver(fresh.account.medical, fresh.pseudonymous, fresh.account.secret)
    projections = projections_of(catalog, fresh.version, chosen, receiver)
    told = [fresh.version, fresh.name, fresh.account.name, str(fresh.archived_at), places.destination(fresh.account)]
    told += [f"{one.file.file} {one.delivered} {one.fingerprint}" for one in projections]
    return Run(fresh, catalog, projections, hashlib.sha256("\n".join(told).encode()).hexdigest())


def publish(actor: Actor, delivery: Delivery, run: Run, built: Built) -> bool:
    """Publish what was built; False where the configuration has changed since, and nothing was done."""
    if not _number(actor, delivery, run, built):
        return False
    _write_manifest(delivery, run)
    account = run.configuration.account
    places.destination_of(account).publish(places.building(delivery), run.configuration.name, delivery.folder)
    _confirm(actor, delivery)
    return True


def settle(actor: Actor, configuration: Configuration) -> None:
    """End what a process that died left open. The caller holds the configuration's lock.

    A delivery whose rename may have been sent is settled as itself; one that was not is dropped, unless it is ready
    and still right, in which case it goes out now, with the same bytes and the same number.
    """
    for delivery in Delivery.objects.filter(configuration=configuration, state__in=OPEN_STATES):
        if delivery.state != DeliveryState.PUBLISHING:
            _drop(delivery, "interrupted: its process ended")
            continue
        run = run_of(configuration, loader.load(configuration.environment.catalog))
        folder = places.destination_of(run.configuration.account)
        built = places.building(delivery)
        if folder.fate(built, run.configuration.name, delivery.folder) is Fate.NOT_PUBLISHED:
            if run.digest != delivery.projection_digest:
                _drop(delivery, "interrupted before it was published, and the configuration has changed since")
                continue
            _write_manifest(delivery, run)
            folder.publish(built, run.configuration.name, delivery.folder)
        _confirm(actor, delivery)


def _number(actor: Actor, delivery: Delivery, run: Run, built: Built) -> bool:
    """Check again what the run began with, and give the delivery its number; from here it is settled as itself."""
    with transaction.atomic():
        # Edits take the same locks, so none can come between the check and the number.
        ConnectionAccount.objects.select_for_update().get(pk=run.configuration.account.pk)
        Configuration.objects.select_for_update().get(pk=run.configuration.pk)
        environment = Environment.objects.select_for_update().get(pk=run.configuration.environment.pk)
        now = run_of(run.configuration, loader.load(environment.catalog))
        if now.digest != run.digest:
            return False
        permissions.require(actor, "configuration.run", now.configuration)
        last = Delivery.objects.filter(configuration=run.configuration).aggregate(last=Max("sequence"))["last"]
        delivery.previous, delivery.sequence = last, (last or 0) + 1
        delivery.state, delivery.projection_digest = DeliveryState.PUBLISHING, run.digest
        delivery.mode = manifest.mode_of(built.written)
        delivery.lake_id, delivery.snapshot = built.head.lake_id, built.head.sequence
        delivery.snapshot_time = built.head.snapshot_time
        if delivery.snapshot_time is None:
            raise Fatal("the lake has no snapshot", remedy="refresh the environment")
        delivery.folder = manifest.folder_name(delivery.sequence, delivery.snapshot_time, delivery.mode)
        delivery.pseudonymous, delivery.medical = now.configuration.pseudonymous, now.configuration.account.medical
        delivery.version = now.configuration.version
        names = {one.name for one in built.plans}
        bookmarks = Bookmark.objects.filter(configuration=run.configuration).exclude(file__in=names)
        delivery.ended = sorted(bookmarks.values_list("file", flat=True))
        delivery.save()
        _keep_files(delivery, built)
    return True


def _keep_files(delivery: Delivery, built: Built) -> None:
    plans = {one.name: one for one in built.plans}
    DeliveryFile.objects.filter(delivery=delivery).delete()
    DeliveryFile.objects.bulk_create(
        DeliveryFile(
            delivery=delivery,
            name=one.name,
            mode=one.mode,
            reason=one.reason,
            rows=one.rows,
            inserted=one.inserted,
            updated=one.updated,
            deleted=one.deleted,
            bytes=one.bytes,
            sha256=one.sha256,
            generation=plans[one.deletes or one.name].generation.since,
            # A file with deleted keys has no bookmark of its own.
            fingerprint="" if one.deletes else plans[one.name].projection.fingerprint,
        )
        for one in built.written
    )


def _write_manifest(delivery: Delivery, run: Run) -> None:
    """Write ``datapackage.json``, last; the same bytes whenever it is written again."""
    projections = {one.file.file: one for one in run.projections}
    text = manifest.descriptor(_heading(delivery, run), _written(delivery, projections), projections)
    path = places.building(delivery) / manifest.FILE_NAME
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _written(delivery: Delivery, projections: dict[str, Projection]) -> list[Written]:
    return [
        Written(
            name=row.name,
            path=f"{row.name}.csv",
            mode="full" if row.mode == "full" else "changes",
            reason=row.reason,
            rows=row.rows,
            inserted=row.inserted,
            updated=row.updated,
            deleted=row.deleted,
            bytes=row.bytes,
            sha256=row.sha256,
            deletes=None if row.name in projections else row.name.removesuffix("_verwijderd"),
        )
        for row in delivery.files.order_by("id")
    ]


def _heading(delivery: Delivery, run: Run) -> Heading:
    if delivery.sequence is None or delivery.snapshot is None or delivery.snapshot_time is None:
        raise Fatal(f"delivery {delivery.pk} has no number yet", remedy="report this")
    secret = run.configuration.account.secret
    return Heading(
        id=str(delivery.pk),
        sequence=delivery.sequence,
        previous=delivery.previous,
        created=delivery.created_at,
        trigger=delivery.trigger,
        ended=tuple(delivery.ended),
        environment=run.configuration.environment.name,
        account=run.configuration.account.name,
        configuration=run.configuration.name,
        snapshot=delivery.snapshot,
        snapshot_time=delivery.snapshot_time,
        baseline=delivery.baseline,
        baseline_time=delivery.baseline_time,
        catalog=run.catalog.name,
        version=delivery.version,
        supported_until=run.catalog.version(delivery.version).ends,
        pseudonymous=delivery.pseudonymous,
        secret_fingerprint=pseudonyms.fingerprint(secret) if delivery.pseudonymous else None,
        medical=delivery.medical,
    )


def _confirm(actor: Actor, delivery: Delivery) -> None:
    """The receiver has it: move the bookmarks, and say so."""
    if delivery.snapshot is None:
        raise Fatal(f"delivery {delivery.pk} has no snapshot", remedy="report this")
    with transaction.atomic():
        delivery.state, delivery.published_at = DeliveryState.DELIVERED, timezone.now()
        delivery.save()
        Bookmark.objects.filter(configuration=delivery.configuration, file__in=delivery.ended).delete()
        for row in delivery.files.exclude(fingerprint=""):
            Bookmark.objects.update_or_create(
                configuration=delivery.configuration,
                file=row.name,
                defaults={
                    "lake_id": delivery.lake_id,
                    "sequence": delivery.snapshot,
                    "generation": row.generation,
                    "fingerprint": row.fingerprint,
                    "destination": delivery.destination,
                },
            )
        LogLine.objects.create(
            delivery=delivery,
            level=LogLevel.MESSAGE,
            code="delivered",
            text=f"delivery {delivery.sequence} ({delivery.mode}) of snapshot {delivery.snapshot}",
        )
        audit.record(
            actor,
            "configuration.run",
            str(delivery),
            delivery.configuration.environment,
            {"delivery": str(delivery.pk), "sequence": delivery.sequence, "mode": delivery.mode},
        )
        receipts.warn_without_key(delivery)
    # What went to an external server is still here, too.
    discard(places.building(delivery))


def _drop(delivery: Delivery, why: str) -> None:
    """Nothing of it was published: its number goes to the next."""
    delivery.state, delivery.failure = DeliveryState.FAILED, why
    delivery.sequence, delivery.previous, delivery.folder = None, None, ""
    with transaction.atomic():
        delivery.save()
        LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code="delivery-dropped", text=why)
    # Only now: a folder that is gone while its delivery is open counts as published.
    discard(places.building(delivery))
