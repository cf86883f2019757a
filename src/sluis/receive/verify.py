"""Verify deliveries: is everything there, unchanged, and as its manifest says? Nothing is loaded anywhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb

from sluis.errors import Rejected
from sluis.receive.engine import connect
from sluis.receive.fields import csv_relation
from sluis.receive.files import check_file, check_folder
from sluis.receive.findings import Finding
from sluis.receive.manifest import MANIFEST, Manifest, Resource, delivery_folders, is_delivery, read_manifest
from sluis.receive.rows import CsvError, judge, keys_in_both, scan


@dataclass(frozen=True)
class VerifiedDelivery:
    """One delivery that was looked at, sound or not. ``rows`` is by its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def sequence(self) -> int:
        return self.manifest.sluis.sequence

    @property
    def rows(self) -> int:
        return sum(resource.sluis.rows for resource in self.manifest.resources)


@dataclass(frozen=True)
class VerifyReport:
    """``deliveries`` are those with a readable manifest, in order; ``findings`` are in the order of the deliveries."""

    folder: Path
    deliveries: tuple[VerifiedDelivery, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """No errors; there may be warnings."""
        return not any(finding.severity == "error" for finding in self.findings)


def verify(folder: Path | str, *, memory_limit: str = "1GB") -> VerifyReport:
    """Verify one delivery, or every delivery in a configuration's folder and their order.

    Reads each file twice and keeps none of it; keys are compared within ``memory_limit``, beyond it
    on disk, encrypted.
    Raises ``Rejected`` where there is no delivery, ``Retryable`` where memory or disk is full.
    """
    folder = Path(folder)
    paths = delivery_folders(folder)
    deliveries: list[VerifiedDelivery] = []
    findings: list[Finding] = []
    with (
        tempfile.TemporaryDirectory(prefix="sluis-verify-") as spill,
        connect(memory_limit=memory_limit, spill=spill) as connection,
    ):
        for path in paths:
            try:
                manifest = read_manifest(path)
            except Rejected as error:
                findings.append(Finding("manifest", str(error), path.name, MANIFEST))
                continue
            deliveries.append(VerifiedDelivery(path, manifest))
            findings += _check(connection, path, manifest)
    if not is_delivery(folder):
        findings += check_order(deliveries)
    return VerifyReport(folder, tuple(deliveries), tuple(findings))


def _check(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> Iterator[Finding]:
    yield from check_folder(folder, manifest)
    sound = set()
    for resource in manifest.resources:
        found = [*check_file(folder, resource)] or [*_check_rows(connection, folder, resource)]
        yield from found
        if not found:
            sound.add(resource.name)
    for file in manifest.files:
        deletes = manifest.deletes_of(file)
        if deletes and {file.name, deletes.name} <= sound:
            both = keys_in_both(connection, *(csv_relation(folder / part.path, part) for part in (file, deletes)))
            if both:
                yield Finding(
                    "deleted-keys", f"{both} deleted keys stand in {file.path} too", folder.name, deletes.path
                )


def _check_rows(connection: duckdb.DuckDBPyConnection, folder: Path, resource: Resource) -> Iterator[Finding]:
    try:
        found = scan(connection, csv_relation(folder / resource.path, resource), resource)
    except CsvError as error:
        yield Finding("csv", str(error), folder.name, resource.path)
        return
    yield from judge(found, resource, folder.name)


def check_order(deliveries: list[VerifiedDelivery]) -> Iterator[Finding]:
    """Do the deliveries of one configuration's folder, in order of sequence, follow each other?"""
    if deliveries:
        first = deliveries[0]
        before = first.manifest.sluis.previous
        if before is not None and not first.manifest.every_file_full:
            yield Finding("start", f"it follows delivery {before}, which is not in the folder", first.folder.name)
    for one, two in pairwise(deliveries):
        name, info = two.folder.name, two.manifest.sluis
        if _stream(one.manifest) != _stream(two.manifest):
            yield Finding("mixed", f"it is of another configuration than {one.folder.name}", name)
        elif one.sequence >= two.sequence:
            yield Finding("sequence", f"its number {two.sequence} does not come after that of {one.folder.name}", name)
        elif info.previous != one.sequence:
            message = (
                f"it follows delivery {info.previous or 'none'}, and the one before it in the folder is {one.sequence}"
            )
            yield Finding("gap", message, name, as_warning=two.manifest.every_file_full)


def _stream(manifest: Manifest) -> tuple[str, str, str]:
    return manifest.sluis.environment, manifest.sluis.account, manifest.sluis.configuration
