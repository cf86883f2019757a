"""Locks that end with the process that holds them: advisory locks of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import OperationalError, connection

from sluis.errors import Retryable

_LONGEST_WAIT_MS = 60_000


class Kind(IntEnum):
    """What a lock is on; the first half of its number."""

    REFRESH = 736_001  # and whatever else writes the lake
    DELIVERY = 736_002
    READING = 736_003
    SERVER = 736_004


@contextmanager
def held(
    kind: Kind, number: int, busy: str, remedy: str = "wait until it is done, and look at its result"
) -> Iterator[None]:
    """Hold the lock of an environment or a configuration; ``Retryable`` with the text ``busy`` where another has it."""
    if not _try(kind, number):
        raise Retryable(busy, remedy=remedy)
    try:
        yield
    finally:
        _release("pg_advisory_unlock", kind, number)


@contextmanager
def writing(number: int, name: str) -> Iterator[None]:
    """Write the lake of an environment, one at a time: a refresh, or its upkeep; ``Retryable`` where another does."""
    # Which of the two it is nobody tells: the lock is all that both have.
    busy = f"a refresh or the upkeep of {name} is running"
    with held(Kind.REFRESH, number, busy, "wait until it is done, and try again"):
        yield


@contextmanager
def one_of(kind: Kind, numbers: Iterable[int]) -> Iterator[bool]:
    """Hold the first of several locks that is free; False where none is."""
    number = next((number for number in numbers if _try(kind, number)), None)
    try:
        yield number is not None
    finally:
        if number is not None:
            _release("pg_advisory_unlock", kind, number)


@contextmanager
def reading(number: int) -> Iterator[None]:
    """Read the lake of an environment, as many may at once; waits a minute for who removes files from it."""
    with _waited("pg_advisory_lock_shared", "pg_advisory_unlock_shared", number, "the lake is being kept in order"):
        yield


@contextmanager
def alone(number: int) -> Iterator[None]:
    """Have the lake of an environment to oneself, to remove files; waits a minute for who reads it."""
    with _waited("pg_advisory_lock", "pg_advisory_unlock", number, "a delivery reads the lake"):
        yield


@contextmanager
def _waited(lock: str, unlock: str, number: int, busy: str) -> Iterator[None]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(_LONGEST_WAIT_MS)])
            try:
                cursor.execute(f"SELECT {lock}(%s, %s)", [int(Kind.READING), number])
            finally:
                cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    except OperationalError as error:
        raise Retryable(busy, remedy="try again in a while") from error
    try:
        yield
    finally:
        _release(unlock, Kind.READING, number)


def _try(kind: Kind, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [int(kind), number])
        row = cursor.fetchone()
    return bool(row and row[0])


def _release(unlock: str, kind: Kind, number: int) -> None:
    # A connection that broke has let go of its locks already.
    if connection.connection is None or connection.connection.closed:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {unlock}(%s, %s)", [int(kind), number])
    except OperationalError:
        # Itself, and not only given back to where it was taken from.
        connection.connection.close()
        connection.close()
