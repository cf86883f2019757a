"""Keeps a lake in order: journals no longer than agreed, few files, and nothing left of what was expunged.

No delivery may read and no refresh may write meanwhile: the caller holds the locks that keep them out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sluis.catalog.loader import Dataset
from sluis.errors import Rejected
from sluis.lake import store
from sluis.lake.faults import explained
from sluis.lake.session import Limits, Session, open_session
from sluis.lake.sql import canonical, ident, key, lake_type
from sluis.lake.store import Generation, LakeLocation

_REWRITE_FROM = 0.25
"""Share of deleted rows from which a file is written anew."""


@dataclass(frozen=True)
class Maintained:
    """What was done: journal rows that went, and files that the lake had and has."""

    journal_rows: int
    files_before: int
    files: int


@dataclass(frozen=True)
class Expunged:
    """What was removed. ``present``: the source had the key at the last refresh, so its newest row stays."""

    journal_rows: int
    rows: int
    present: bool


def maintain(location: LakeLocation, *, keep_since: dt.datetime, scratch: Path, limits: Limits) -> Maintained:
    """Drop journal rows that no run since ``keep_since`` needs, merge small files, and remove files no longer used."""
    with _writing(location, scratch, limits) as session:
        files = _files(session)
        with session.transaction():
            pruned = _prune(session, keep_since)
        _rewrite(session, list(store.generations(session).values()), _REWRITE_FROM)
        session.execute("CALL ducklake_merge_adjacent_files('lake')")
        _forget_files(session)
        store.forget_values(location)
        return Maintained(pruned, files, _files(session))


def expunge_dataset(location: LakeLocation, dataset: str, *, scratch: Path, limits: Limits) -> Expunged:
    """Remove a dataset with its journal and every file of it; a refresh makes it anew where it is still used."""
    with _writing(location, scratch, limits) as session:
        generation = _generation(session, dataset)
        with session.transaction():
            rows = session.number(f"SELECT count(*) FROM {generation.table}")
            journal_rows = session.number(f"SELECT count(*) FROM {generation.journal}")
            store.note_generations(session, [], [generation])
        _forget_files(session)
        return Expunged(journal_rows, rows, present=False)


def expunge_key(location: LakeLocation, dataset: str, key_hex: str, *, scratch: Path, limits: Limits) -> Expunged:
    """Remove all that the lake keeps of a key but its newest row, and every file that held more.

    Who has a snapshot from before the last change of the key can be told no more changes of the dataset: it comes in
    full.
    """
    with _writing(location, scratch, limits) as session:
        generation = _generation(session, dataset)
        with session.transaction():
            of_key = f"FROM {generation.journal} WHERE _key = CAST(? AS UUID)"
            journal_rows = session.number(f"SELECT count(*) {of_key}", [key_hex])
            last = session.number(f"SELECT max(_sequence) {of_key}", [key_hex])
            session.execute(f"DELETE {of_key}", [key_hex])
            session.execute(
                "UPDATE lake.generation SET journal_since = greatest(journal_since, ?) WHERE dataset = ?",
                [last, dataset],
            )
            present = session.number(f"SELECT count(*) FROM {generation.table} WHERE _key = CAST(? AS UUID)", [key_hex])
        _rewrite(session, [generation], 0)
        _forget_files(session)
        store.forget_values(location)
        return Expunged(journal_rows, 0, present=bool(present))


def key_of(dataset: Dataset, parts: Sequence[str], *, scratch: Path, limits: Limits) -> str:
    """The key, as 32 hex characters, of the values of its parts; an empty text is an empty part where one may be."""
    if len(parts) != len(dataset.key):
        names = ", ".join(part.column for part in dataset.key)
        raise Rejected(
            f"the key of dataset {dataset.name} has {len(dataset.key)} part(s): {names}", remedy="give each part once"
        )
    values = [None if part.nullable and not value else value for part, value in zip(dataset.key, parts, strict=True)]
    with open_session(scratch, limits) as session:
        casts = [f"TRY_CAST(? AS {lake_type(part.type)}) AS {ident(part.column)}" for part in dataset.key]
        session.execute(f"CREATE TEMPORARY TABLE given AS SELECT {', '.join(casts)}", values)
        for part, value in zip(dataset.key, values, strict=True):
            text = canonical(ident(part.column), part.type)
            if value is not None and session.row(f"SELECT {text} FROM given") == (None,):
                raise Rejected(f"{part.column} is not a {part.type}", remedy="give the value as the source has it")
        typed = [(ident(part.column), part.type) for part in dataset.key]
        row = session.row(f"SELECT {key(dataset.entity, typed)} FROM given")
    return str(row[0]) if row else ""


@contextmanager
def _writing(location: LakeLocation, scratch: Path, limits: Limits) -> Iterator[Session]:
    with open_session(scratch, limits) as session, explained(session, "keeping the lake in order", location):
        store.attach(session, location, read_only=False)
        store.prepare(session)
        yield session


def _generation(session: Session, dataset: str) -> Generation:
    found = store.generations(session).get(dataset)
    if found is None:
        raise Rejected(f"the lake holds no dataset {dataset}", remedy="nothing has to be removed from it")
    return found


def _prune(session: Session, keep_since: dt.datetime) -> int:
    oldest = store.snapshot_before(session, keep_since)
    if oldest is None:
        return 0
    pruned = 0
    for generation in store.generations(session).values():
        old = f"FROM {generation.journal} WHERE _sequence <= {oldest}"
        found = session.number(f"SELECT count(*) {old}")
        if found:
            session.execute(f"DELETE {old}")
        pruned += found
    session.execute(f"UPDATE lake.generation SET journal_since = {oldest} WHERE journal_since < {oldest}")
    for table in ("snapshot", "change_count"):
        session.execute(f"DELETE FROM lake.{table} WHERE sequence < {oldest}")
    return pruned


def _rewrite(session: Session, generations: list[Generation], threshold: float) -> None:
    for generation in generations:
        for name in (f"d_{generation.dataset}_{generation.since}", f"j_{generation.dataset}_{generation.since}"):
            session.execute(f"CALL ducklake_rewrite_data_files('lake', ?, delete_threshold => {threshold})", [name])


def _forget_files(session: Session) -> None:
    """Expire every snapshot of the engine but the newest, and remove the files that only they used."""
    session.execute("SELECT count(*) FROM ducklake_expire_snapshots('lake', older_than => now())").fetchall()
    for function in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files"):
        session.execute(f"SELECT count(*) FROM {function}('lake', cleanup_all => true)").fetchall()


def _files(session: Session) -> int:
    return session.number("SELECT sum(file_count) FROM ducklake_table_info('lake')")
