"""The start of every door: settings, the control database, Django."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import django
import psycopg
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import conninfo

from sluis import settings
from sluis.control import crypto, keyring
from sluis.control.urls import FORM, refuse_ambiguous
from sluis.embedded import EmbeddedPostgres
from sluis.errors import Rejected, Retryable

_OLDEST_SERVER = 150000
_MIGRATION_LOCK = 7_363_001  # any number, as long as every Sluis takes the same


@dataclass(frozen=True)
class Started:
    """What runs now. The embedded server stays up as long as this process holds it."""

    database_url: str
    embedded: EmbeddedPostgres | None


@functools.cache
def start() -> Started:
    """Make the control plane ready for use, once per process.

    On the embedded database the tables are brought up to date. ``Rejected`` where a database of one's own is not
    migrated, ``Retryable`` where it cannot be reached, ``Fatal`` where no present key reads the secrets in it.
    """
    started = _up_to_date(connect())
    # A key that is lost must not go unnoticed: what is written with another one hides which is the right one.
    keyring.check()
    return started


@functools.cache
def start_without_former_keys() -> Started:
    """As ``start``, also where no present key reads the secrets; a key is made where there is none."""
    return _up_to_date(_with_keys(reach()))


def _up_to_date(started: Started) -> Started:
    if started.embedded:
        _migrate(started)
    elif _pending():
        raise Rejected("the control database is not up to date", remedy="run `sluis migrate`")
    return started


def migrate() -> list[str]:
    """Bring the tables of the control database up to date; names of the migrations that were applied."""
    return _migrate(connect())


def connect() -> Started:
    """Reach the control database, whatever its tables; ``Fatal`` where it holds secrets, and there is no key."""
    now = settings.current()
    if now.has_secret_key():
        # A key that cannot be used is told before a database is needed.
        now.secret_keys()
    started = reach()
    if not now.has_secret_key():
        keyring.refuse_new_key()
    return _with_keys(started)


def _with_keys(started: Started) -> Started:
    derived = [crypto.derive(key, "django").hex() for key in settings.current().secret_keys()]
    django_settings.SECRET_KEY, django_settings.SECRET_KEY_FALLBACKS = derived[0], derived[1:]
    return started


@functools.cache
def reach() -> Started:
    """Reach the control database, without a key; once per process."""
    now = settings.current()
    url = now.database_url.get_secret_value() if now.database_url else None
    embedded = None if url else EmbeddedPostgres(now.data_folder() / "postgres")
    started = Started(database_url=url or _embedded_url(embedded), embedded=embedded)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sluis.control.django_settings")
    django_settings.DATABASES["default"].update(django_database(started.database_url))
    django.setup()
    _check_server()
    return started


def _embedded_url(embedded: EmbeddedPostgres | None) -> str:
    return embedded.ensure_database("sluis") if embedded else ""


def django_database(url: str) -> dict[str, Any]:
    """The connection string as Django writes it."""
    refuse_ambiguous(url, settings.variable("database_url"))
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Its own message quotes the URL, password and all.
        raise Rejected(f"{settings.variable('database_url')} cannot be read", remedy=FORM) from None
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    if not given.get("dbname"):
        raise Rejected(
            f"{settings.variable('database_url')} names no database", remedy="write its name behind the last /"
        )
    return {
        **{django_name: str(given.get(name) or "") for name, django_name in names.items()},
        "OPTIONS": _noticing_deaths({name: value for name, value in given.items() if name not in names}),
    }


def _noticing_deaths(given: dict[str, Any]) -> dict[str, Any]:
    """Connection options with which a machine that is gone is noticed within half a minute, by both sides.

    The server lets go of the locks of a worker only then; by default it waits for two hours.
    """
    ours = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
    theirs = "".join(f" -c {name if name.startswith('tcp') else f'tcp_{name}'}={value}" for name, value in ours.items())
    return {**ours, **given, "options": f"{theirs.strip()} {given.get('options', '')}".strip()}


def _check_server() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('server_version'), "
                "current_setting('synchronous_commit')"
            )
            number, name, commits = cursor.fetchone()
    except OperationalError as error:
        raise Retryable(
            f"the control database cannot be reached: {str(error).strip()}",
            remedy=f"check that it runs, and check {settings.variable('database_url')}",
        ) from error
    if number < _OLDEST_SERVER:
        raise Rejected(f"the control database is PostgreSQL {name}", remedy="use PostgreSQL 15 or newer")
    if commits == "off":
        # A crash would take back that a delivery has a number, which its receiver has seen.
        raise Rejected(
            "the control database may forget what it confirmed: its synchronous_commit is off",
            remedy="set it to on for this database: ALTER DATABASE … SET synchronous_commit = on",
        )


def _pending() -> list[str]:
    """Migrations that the database has not had; ``Rejected`` where it had some that this Sluis does not know."""
    loader = MigrationLoader(connection, load=False)
    loader.load_disk()
    ours, applied = loader.disk_migrations.keys(), MigrationRecorder(connection).applied_migrations().keys()
    if any(app == "control" and (app, name) not in ours for app, name in applied):
        raise Rejected(
            "the control database was made by a newer Sluis", remedy="run that version, or restore an older database"
        )
    if ours <= applied:
        # At nearly every start. To find the order of those that are left takes three times as long.
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _migrate(started: Started) -> list[str]:
    if not _pending():
        return []
    with _alone(started):
        pending = _pending()
        if pending:
            call_command("migrate", interactive=False, verbosity=0)
        return pending


@contextmanager
def _alone(started: Started) -> Iterator[None]:
    # Two processes that start at once would both make the same tables.
    with closing(psycopg.connect(started.database_url, autocommit=True)) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        yield
