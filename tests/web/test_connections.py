"""The connections to the database that the web application keeps open between requests."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from control.fixtures import committed
from sluis.control.setup import Started
from sluis.web.serving import keep_connections

__all__ = ["committed"]


@pytest.fixture
def kept(committed: Started) -> Iterator[Started]:
    keep_connections()
    yield committed
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # it is that of PostgreSQL
    connection.settings_dict["OPTIONS"].pop("pool")
    connection.settings_dict["CONN_HEALTH_CHECKS"] = False


def server_process() -> int:
    """The server's process behind the connection that this request took."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int((cursor.fetchone() or (0,))[0])


def those_of_next_requests() -> set[int]:
    """The same of more requests than connections are kept at first."""
    found = set()
    for _ in range(5):
        found.add(server_process())
        connection.close()
    return found


def test_the_next_request_has_the_connection_without_the_locks(kept: Started) -> None:
    first = server_process()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(736000, 1)")
    connection.close()
    with psycopg.connect(kept.database_url, autocommit=True) as other:
        deadline = time.monotonic() + 30
        while other.execute("SELECT pg_try_advisory_lock(736000, 1)").fetchone() != (True,):
            assert time.monotonic() < deadline, "the lock went with the connection"
            time.sleep(0.01)
    assert first in those_of_next_requests()


def test_a_connection_that_ended_meanwhile_is_made_anew(kept: Started) -> None:
    first = server_process()
    connection.close()
    with psycopg.connect(kept.database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 30000)", [first])
    assert not {0, first} & those_of_next_requests()
