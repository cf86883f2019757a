"""A refresh: one consistent read of the source becomes one new snapshot of the lake."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg

from sluis.catalog.loader import Catalog, Dataset
from sluis.errors import Retryable
from sluis.lake import store
from sluis.lake.brake import Brake, Braked
from sluis.lake.faults import explained
from sluis.lake.session import Limits, Session, open_session
from sluis.lake.sources import Source
from sluis.lake.sql import canonical, ident, row_hash, stored
from sluis.lake.staging import Moment, result, stage
from sluis.lake.store import Generation, Head, LakeLocation


@dataclass(frozen=True)
class DatasetCount:
    """What a refresh did to one dataset: rows it had and has now, and rows inserted, updated and deleted.

    ``rebuilt``: its table was made anew, so there are no changes to tell.
    """

    before: int
    rows: int
    inserted: int
    updated: int
    deleted: int
    rebuilt: bool


@dataclass(frozen=True)
class Refreshed:
    """A snapshot that was made: the lake's new head, the one that was found, and the counts per dataset."""

    head: Head
    found: Head
    counts: dict[str, DatasetCount]


def refresh(
    location: LakeLocation,
    source: Source,
    catalog: Catalog,
    datasets: frozenset[str],
    moment: Moment,
    *,
    seen: int,
    scratch: Path,
    suspended: frozenset[str] = frozenset(),
    limits: Limits | None = None,
    brake: Brake | None = None,
) -> Refreshed:
    """Read the named datasets from the source and write one new snapshot. Datasets not named are removed from the lake.

    ``seen``: the highest sequence that is known of this lake, 0 for a new one. ``suspended``: datasets that are not
    read, and of which the lake keeps what it has. ``brake``: refuses datasets that shrink too much at once.

    All or nothing: after any error (``Rejected``: the source or the catalogue must be mended; ``Braked``: a person must
    look; ``Retryable``: try again) the lake is as it was.
    """
    with open_session(scratch, limits) as session:
        stage(session, source, catalog, datasets, moment)
        try:
            with explained(session, "writing the lake", location):
                store.attach(session, location, read_only=False)
                store.prepare(session)
                with session.transaction():
                    done = _apply(session, catalog, (datasets, suspended), moment.time, seen)
                    _refuse_shrunk(done, brake)
        except duckdb.TransactionException as error:
            raise Retryable(
                "another refresh of this environment was first",
                remedy="look at its result, and refresh again if needed",
            ) from error
    # What stays this time goes the next.
    with suppress(psycopg.Error):
        store.forget_values(location)
    return done


def _apply(
    session: Session, catalog: Catalog, datasets: tuple[frozenset[str], frozenset[str]], time: dt.datetime, seen: int
) -> Refreshed:
    names, suspended = datasets
    present = store.generations(session)
    found = store.head(session)
    head = store.move_head(session, found, time, catalog.digest, seen=seen)
    counts: dict[str, DatasetCount] = {}
    fresh: list[Generation] = []
    for name in sorted(names):
        dataset, had = catalog.datasets[name], present.get(name)
        added = store.added_columns(had, dataset) if had else None
        if had is None or added is None:
            fresh.append(store.new_generation(session, dataset, head.sequence))
            counts[name] = _fill(session, dataset, fresh[-1], had)
        else:
            counts[name] = _change(session, dataset, had, head.sequence, added)
    anew = {one.dataset for one in fresh}
    gone = [one for name, one in present.items() if name in anew or name not in names | suspended]
    store.note_generations(session, fresh, gone)
    store.keep_counts(
        session,
        [(head.sequence, name, one.rows, one.inserted, one.updated, one.deleted) for name, one in counts.items()],
    )
    return Refreshed(head, found, counts)


def _refuse_shrunk(done: Refreshed, brake: Brake | None) -> None:
    lost = {name: one.before - one.rows for name, one in done.counts.items()}
    held = {name: gone for name, gone in lost.items() if brake and brake.holds(name, done.counts[name].before, gone)}
    if held:
        told = ", ".join(f"{name} ({gone} of {done.counts[name].before} rows)" for name, gone in held.items())
        raise Braked(
            f"too much would go at once from {told}",
            remedy="look at the source; if it is right, refresh once more with `sluis refresh ENV --release`",
            gone=held,
        )


def _fill(session: Session, dataset: Dataset, fresh: Generation, previous: Generation | None) -> DatasetCount:
    before = session.number(f"SELECT count(*) FROM {previous.table}") if previous else 0
    columns = _columns(dataset)
    rows = session.number(f"INSERT INTO {fresh.table} ({columns}) SELECT {columns} FROM {result(dataset.name)}")
    return DatasetCount(before, rows, 0, 0, 0, rebuilt=True)


def _change(
    session: Session, dataset: Dataset, present: Generation, sequence: int, added: dict[str, str]
) -> DatasetCount:
    rows = session.number(f"SELECT count(*) FROM {result(dataset.name)}")
    if added:
        store.add_columns(session, present, dataset, added)
    inserted, updated, deleted = _apply_changes(session, dataset, present, sequence, added)
    return DatasetCount(rows - inserted + deleted, rows, inserted, updated, deleted, rebuilt=False)


def _apply_changes(
    session: Session, dataset: Dataset, present: Generation, sequence: int, added: dict[str, str]
) -> tuple[int, int, int]:
    """Write what differs to the table and, before and after, to its journal; gives inserted, updated, deleted.

    ``added``: columns that the table did not have. They are filled in for every row, and do not count as a change.
    """
    fresh, columns = result(dataset.name), _columns(dataset)
    texts = [canonical(ident(name), kind) for name, kind in dataset.columns.items() if name not in added]
    comparable = stored(row_hash(texts)) if added else "_hash"
    session.execute(
        "CREATE OR REPLACE TEMPORARY TABLE difference AS "
        "SELECT coalesce(old._key, new._key) AS _key, old._key IS NOT NULL AS was, new._key IS NOT NULL AS stays "
        f"FROM (SELECT _key, _hash FROM {present.table}) AS old "
        f"FULL JOIN (SELECT _key, {comparable} AS _hash FROM {fresh}) AS new ON old._key = new._key "
        "WHERE old._hash IS DISTINCT FROM new._hash"
    )
    row = session.row(
        "SELECT count(*) FILTER (WHERE NOT was), count(*) FILTER (WHERE was AND stays), "
        "count(*) FILTER (WHERE NOT stays) FROM difference"
    )
    inserted, updated, deleted = (int(str(value)) for value in row or (0, 0, 0))
    if inserted or updated or deleted:
        # In one statement, which makes one file.
        images = " UNION ALL ".join(
            f"SELECT {sequence}, '{image}', {columns} FROM {origin} "
            f"WHERE _key IN (SELECT _key FROM difference WHERE {which})"
            for image, origin, which in (("B", present.table, "was"), ("A", fresh, "stays"))
        )
        session.execute(f"INSERT INTO {present.journal} (_sequence, _image, {columns}) {images}")
    if updated or deleted or added:
        gone = "" if added else "WHERE _key IN (SELECT _key FROM difference WHERE was)"
        session.execute(f"DELETE FROM {present.table} {gone}")
    if inserted or updated or added:
        come = "" if added else "WHERE _key IN (SELECT _key FROM difference WHERE stays)"
        session.execute(f"INSERT INTO {present.table} ({columns}) SELECT {columns} FROM {fresh} {come}")
    session.execute("DROP TABLE difference")
    return inserted, updated, deleted


def _columns(dataset: Dataset) -> str:
    return ", ".join(("_key", "_hash", *map(ident, dataset.columns)))
