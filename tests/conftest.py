"""Real parts for every test: PostgreSQL from its package, folders, catalogues."""

from __future__ import annotations

import gc
import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from psycopg import sql

from control.fixtures import django_db_modify_db_settings, template
from sluis.embedded import EmbeddedPostgres
from sluis.sftp import hostkeys

# Once for all tests of a process: a fixture that two packages import is two, and each would make the database anew.
__all__ = ["django_db_modify_db_settings", "template"]

pytest_plugins = ["needs"]

_NUMBERS = itertools.count(1)


def pytest_collection_finish() -> None:
    """What was imported for all tests stays: the collector need not look at it again and again, in every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_fast() -> Iterator[None]:
    """Elsewhere it is done a million times, which takes a third of a second for each user that is made or logs in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1_000)
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_host_key() -> Iterator[None]:
    """An RSA key takes a second to make or read: only tests that look at it have one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hostkeys, "KINDS", ("ed25519",))
        yield


@pytest.fixture
def both_host_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is outside of tests. To be asked for before the server."""
    monkeypatch.setattr(hostkeys, "KINDS", ("ed25519", "rsa"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server per test process, with a short path so that its socket stays inside its folder."""
    with tempfile.TemporaryDirectory(prefix="sluis-pg-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        with psycopg.connect(server.url(), autocommit=True) as connection:
            # What is lost here is lost when the machine stops, which no test does. What is committed must not be lost
            # when the server is stopped at once, which tests do: so commits stay synchronous.
            for setting in ("fsync", "full_page_writes"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("SELECT pg_reload_conf()")
        yield server
        server.stop()


@pytest.fixture
def new_database(postgres: EmbeddedPostgres) -> Iterator[Callable[[], str]]:
    """Call it for the connection string of a new empty database."""
    made: list[str] = []

    def make() -> str:
        name = f"test_{next(_NUMBERS)}"
        made.append(name)
        return postgres.ensure_database(name)

    yield make
    for name in made:
        postgres.drop_database(name)
