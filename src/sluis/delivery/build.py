"""Builds the files of one delivery from one snapshot of the lake."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sluis.catalog.loader import Catalog
from sluis.delivery import pseudonyms
from sluis.delivery.plan import Asked, Bookmark, FilePlan, Position, plan
from sluis.delivery.projection import Projection, Receiver
from sluis.delivery.writing import Written, write
from sluis.errors import Retryable
from sluis.lake import store
from sluis.lake.session import Session
from sluis.lake.store import Contents, Head

Progress = Callable[[str, int, int], None]
"""Called with the name of a file, its number from 1, and how many there are."""
Wrote = Callable[[int, int], None]
"""Called after a file with its rows and bytes."""


@dataclass(frozen=True)
class Built:
    """The files of a delivery as they stand in the folder, the plans they followed, and the snapshot they show."""

    head: Head
    plans: list[FilePlan]
    written: list[Written]


def missing_datasets(lake: Contents, projections: list[Projection]) -> set[str]:
    """Datasets that these files need and that the newest snapshot of the lake lacks.

    It has none of a dataset that was not read for it, or that is not in the shape that the catalogue says.
    """
    needed = {one.file.dataset: store.shape(one.dataset) for one in projections if one.delivered}
    return {
        name
        for name, shape in needed.items()
        if name not in lake.generations
        or lake.generations[name].shape != shape
        # Of one that was suspended for long, nothing is remembered.
        or name not in lake.reads
        or lake.reads[name].last != lake.head.sequence
    }


def build(
    session: Session,
    lake: Contents,
    projections: list[Projection],
    folder: Path,
    *,
    bookmarks: Mapping[str, Bookmark],
    destination: str,
    asked: Asked,
    progress: Progress | None = None,
    wrote: Wrote | None = None,
) -> Built:
    """Write every file into ``folder``, all from the snapshot of ``lake``, whose transaction is still open.

    Raises ``Retryable`` where the lake has no snapshot with the datasets needed: refresh first.
    """
    if lake.head.sequence == 0 or missing_datasets(lake, projections):
        raise Retryable("the lake does not hold what this configuration needs", remedy="refresh the environment")
    plans = plan(projections, Position(lake, bookmarks, destination), asked)
    receiver = projections[0].receiver if projections else None
    if receiver and receiver.pseudonymous:
        pseudonyms.set_secret(session, receiver.secret)
    written: list[Written] = []
    for number, one in enumerate(plans, 1):
        if progress:
            progress(one.name, number, len(plans))
        made = write(session, one, folder)
        if wrote:
            wrote(sum(file.rows for file in made), sum(file.bytes for file in made))
        written += made
    for path in (*(folder / one_file.path for one_file in written), folder, folder.parent):
        _flush(path)
    return Built(lake.head, plans, written)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def projections_of(
    catalog: Catalog, version: str, chosen: Mapping[str, frozenset[str]], receiver: Receiver
) -> list[Projection]:
    """The projections of a configuration: chosen file → chosen columns, in the order of the version."""
    return [
        Projection(catalog, version, file, chosen[name], receiver)
        for name, file in catalog.files(version).items()
        if name in chosen
    ]
