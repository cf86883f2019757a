"""What a delivery consists of, as rows of the control database and as the manifest tells it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from sluis.catalog.loader import Catalog
from sluis.control.models import Configuration, Delivery, DeliveryFile, LogLevel, LogLine
from sluis.delivery import manifest, pseudonyms
from sluis.delivery.build import Built
from sluis.delivery.manifest import Heading
from sluis.delivery.projection import Projection
from sluis.delivery.writing import Written
from sluis.errors import Fatal

_SUMS = ("rows", "inserted", "updated", "deleted", "bytes")
"""What a delivery knows of all its files together."""

_RECORDED = (
    "projection_digest",
    "destination",
    "mode",
    "lake_id",
    "snapshot",
    "snapshot_time",
    "baseline",
    "baseline_time",
    "pseudonymous",
    "medical",
    "version",
    *_SUMS,
)


@transaction.atomic
def record(
    delivery: Delivery,
    made: tuple[str, str],
    configuration: Configuration,
    built: Built,
    left_out: Mapping[str, str],
) -> None:
    """Write down what was built, before any of it is published. ``made``: digest and destination of the run.

    ``left_out``: files that are not in it because their dataset is suspended, with the dataset.
    """
    delivery.projection_digest, delivery.destination = made
    delivery.mode = manifest.mode_of(built.written)
    delivery.lake_id, delivery.snapshot = built.head.lake_id, built.head.sequence
    delivery.snapshot_time = built.head.snapshot_time
    delivery.pseudonymous, delivery.medical = configuration.pseudonymous, configuration.account.medical
    delivery.version = configuration.version
    for name in _SUMS:
        setattr(delivery, name, sum(getattr(one, name) for one in built.written))
    # Not its state: somebody may have cancelled it, or ended it, since it was read.
    delivery.save(update_fields=_RECORDED)
    _keep_files(delivery, built)
    LogLine.objects.filter(delivery=delivery, code__in=("file", "in-full", "suspended")).delete()
    _tell_files(delivery)
    _tell_reasons(delivery, built)
    _tell_left_out(delivery, left_out)


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
            total=one.total,
            gone=one.gone,
            generation=plans[one.deletes or one.name].generation.since,
            # A file with deleted keys has no bookmark of its own.
            fingerprint="" if one.deletes else plans[one.name].projection.fingerprint,
        )
        for one in built.written
    )


def _tell_files(delivery: Delivery) -> None:
    """One line per file, with its counts."""
    LogLine.objects.bulk_create(
        LogLine(
            delivery=delivery,
            level=LogLevel.METADATA,
            code="file",
            text=f"{one.name}: {one.mode}, {one.inserted} I, {one.updated} U, {one.deleted} D, {one.bytes} bytes",
            details={
                "file": one.name,
                "mode": one.mode,
                "inserted": one.inserted,
                "updated": one.updated,
                "deleted": one.deleted,
                "bytes": one.bytes,
            },
        )
        for one in delivery.files.order_by("id")
    )


def _tell_reasons(delivery: Delivery, built: Built) -> None:
    """One line per reason, with the files that come in full because of it."""
    reasons: dict[str, list[str]] = {}
    for one in built.plans:
        if one.reason:
            reasons.setdefault(one.reason, []).append(one.name)
    for reason, files in reasons.items():
        LogLine.objects.create(
            delivery=delivery,
            level=LogLevel.MESSAGE,
            code="in-full",
            text=f"in full ({reason}): {', '.join(files)}",
            details={"reason": reason, "files": files},
        )


def _tell_left_out(delivery: Delivery, left_out: Mapping[str, str]) -> None:
    if left_out:
        files, datasets = list(left_out), sorted(set(left_out.values()))
        LogLine.objects.create(
            delivery=delivery,
            level=LogLevel.FAILURE,
            code="suspended",
            text=f"left out, because their datasets are suspended ({', '.join(datasets)}): {', '.join(files)}",
            details={"files": files, "datasets": datasets},
        )


def written_of(delivery: Delivery, projections: Mapping[str, Projection]) -> list[Written]:
    """The files as they were recorded, in order."""
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
            total=row.total,
            gone=row.gone,
            deletes=None if row.name in projections else row.name.removesuffix("_verwijderd"),
        )
        for row in delivery.files.order_by("id")
    ]


def heading(delivery: Delivery, configuration: Configuration, catalog: Catalog) -> Heading:
    """What the manifest tells of a numbered delivery as a whole."""
    if delivery.sequence is None or delivery.snapshot is None or delivery.snapshot_time is None:
        raise Fatal(f"delivery {delivery.pk} has no number yet", remedy="report this")
    secret = configuration.account.secret
    return Heading(
        id=str(delivery.pk),
        sequence=delivery.sequence,
        previous=delivery.previous,
        created=delivery.created_at,
        trigger=delivery.trigger,
        ended=tuple(delivery.ended),
        environment=configuration.environment.name,
        account=configuration.account.name,
        configuration=configuration.name,
        snapshot=delivery.snapshot,
        snapshot_time=delivery.snapshot_time,
        baseline=delivery.baseline,
        baseline_time=delivery.baseline_time,
        catalog=catalog.name,
        version=delivery.version,
        supported_until=catalog.version(delivery.version).ends,
        pseudonymous=delivery.pseudonymous,
        secret_fingerprint=pseudonyms.fingerprint(secret) if delivery.pseudonymous else None,
        medical=delivery.medical,
    )
