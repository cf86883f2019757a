"""Locks that end with the process that holds them: advisory locks of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection

from sluis.errors import Retryable


class Kind(IntEnum):
    """What a lock is on; the first half of its number."""

    REFRESH = 736_001
    DELIVERY = 736_002


@contextmanager
def held(kind: Kind, number: int, busy: str) -> Iterator[None]:
    """Hold the lock of an environment or a configuration; ``Retryable`` with the text ``busy`` where another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [int(kind), number])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise Retryable(busy, remedy="wait until it is done, and look at its result")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(kind), number])
