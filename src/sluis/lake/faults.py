"""What the engine's errors mean for who runs Sluis. None shows a value of a row or a secret."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg

from sluis.errors import Fatal, Rejected, Retryable, SluisError
from sluis.lake import files, store
from sluis.lake.files import Folder
from sluis.lake.session import Session
from sluis.lake.store import LakeLocation

_DISK_FULL = ("No space left on device", "failed to offload", "Could not write all bytes")
_CONFLICT = "conflict"
_MOVED = "does not match existing data path"
_CONNECTION = ("connection", "SSL SYSCALL", "the database system is")
# Of these nothing is left: a transaction that could not end, whatever PostgreSQL said meanwhile.
_AWAY = (duckdb.IOException, duckdb.ConnectionException, duckdb.TransactionException)
_PATIENCE = 10
"""Seconds to wait for an answer of the lake's database."""
_ATTEMPT = "SELECT hash(COLUMNS(*)) FROM {table} WHERE filename = ?"


@contextmanager
def explained(session: Session, what: str, location: LakeLocation) -> Iterator[None]:
    """Turn the engine's errors while it does ``what`` to a lake into those of Sluis.

    A conflict of two transactions stays as it is: only the caller knows who was first.
    """
    try:
        yield
    except duckdb.Error as error:
        if isinstance(error, duckdb.TransactionException) and _CONFLICT in str(error).lower():
            raise
        raise _meaning(session, error, what, location) from None


def _meaning(session: Session, error: duckdb.Error, what: str, location: LakeLocation) -> SluisError:
    text, folder = str(error), location.folder
    if any(sign in text for sign in _DISK_FULL):
        return Retryable(f"{what}: the disk is full", remedy="make room, and try again; nothing was lost")
    if isinstance(error, duckdb.OutOfMemoryException):
        return Retryable(
            f"{what}: the engine needs more memory than it may use", remedy="raise SLUIS_MEMORY_LIMIT, and try again"
        )
    of_place = _misplaced(text, what, folder) or files.fault(folder, error, what)
    if of_place:
        return of_place
    damaged = damaged_files(session, folder, what)
    if damaged:
        return Fatal(
            f"{what}: files of the lake are missing or altered: {', '.join(damaged)}",
            remedy="put them back from a backup, or make the lake anew from the source with `sluis lake rebuild ENV`",
        )
    known = isinstance(error, _AWAY) or any(sign in text for sign in _CONNECTION)
    if known or _was_away(location, session):
        return Retryable(
            f"{what}: the lake or its database did not answer ({type(error).__name__})",
            remedy="check that the control database runs and that the data folder can be read, and try again",
        )
    return Fatal(f"{what}: unexpected error of the engine: {type(error).__name__}", remedy="report this")


def _was_away(location: LakeLocation, session: Session) -> bool:
    """Whether the lake's database does not answer now, or began anew since the session did.

    What the engine says of that differs with what it was doing, and need not name a connection.
    """
    try:
        with psycopg.connect(location.database_url, connect_timeout=_PATIENCE) as server:
            row = server.execute("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())").fetchone()
    except psycopg.Error:
        return True
    return row is not None and float(row[0]) < time.monotonic() - session.began


def _misplaced(text: str, what: str, folder: Folder) -> SluisError | None:
    if _MOVED not in text:
        return None
    return Rejected(
        f"{what}: this lake does not lie in {folder}",
        remedy="put SLUIS_LAKE_URL or SLUIS_DATA_DIR back; before a lake is moved, `sluis lake rebuild ENV`",
    )


def damaged_files(session: Session, folder: Folder, what: str) -> list[str]:
    """Data files of the attached lake that are missing or cannot be read, as ``dataset/name``.

    Raises where the store of the lake fails meanwhile.
    """
    try:
        generations = store.generations(session)
        return [
            f"{generation.dataset}/{Path(file).name}"
            for generation in generations.values()
            for table in (generation.table, generation.journal)
            for file in _files(session, table)
            if not _readable(session, table, file, (folder, what))
        ]
    except duckdb.Error:
        # The lake's catalog itself does not answer: then nothing can be said of its files.
        return []


def _files(session: Session, table: str) -> list[str]:
    name = table.removeprefix("lake.").strip('"')
    rows = session.execute("SELECT data_file, delete_file FROM ducklake_list_files('lake', ?)", [name]).fetchall()
    return [file for row in rows for file in row if file]


def _readable(session: Session, table: str, file: str, place: tuple[Folder, str]) -> bool:
    if files.is_missing(file):
        return False
    try:
        session.execute(_ATTEMPT.format(table=table), [file]).fetchall()
    except duckdb.Error as error:
        folder, what = place
        of_store = files.fault(folder, error, what)
        if of_store:
            raise of_store from None
        return False
    return True
