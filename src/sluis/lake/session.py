"""A DuckDB connection with bounded memory, encrypted spill, and its extensions from their packages."""

from __future__ import annotations

import fcntl
import importlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
from psycopg import conninfo

from sluis.lake import interrupts
from sluis.lake.sql import ident, literal


@dataclass(frozen=True)
class Limits:
    """What one job of the engine may use: memory as DuckDB writes it (``512MB``), a number of threads."""

    memory: str = "512MB"
    threads: int = 2


@dataclass
class Session:
    """An open engine: a connection, and a folder for temporary files that goes when the session ends.

    ``began``: seconds of a clock that nobody sets.
    """

    connection: duckdb.DuckDBPyConnection
    scratch: Path
    _loaded: set[str]
    began: float = field(default_factory=time.monotonic)

    def execute(self, statement: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Run a statement; ``KeyboardInterrupt`` where a person stopped it."""
        return interrupts.execute(self.connection, statement, parameters)

    def sparing(self, statement: str) -> None:
        """Run a statement; where memory is too small for it, once more on one thread, which needs far less of it."""
        try:
            self.execute(statement)
        except duckdb.OutOfMemoryException:
            threads = self.number("SELECT current_setting('threads')")
            self.execute("SET threads = 1")
            try:
                self.execute(statement)
            finally:
                self.execute(f"SET threads = {threads}")

    def row(self, statement: str, parameters: object = None) -> tuple[object, ...] | None:
        """The first row, or None."""
        row: tuple[object, ...] | None = self.execute(statement, parameters).fetchone()
        return row

    def number(self, statement: str, parameters: object = None) -> int:
        """The single number that a query gives; 0 for NULL."""
        row = self.row(statement, parameters)
        return int(str(row[0])) if row and row[0] is not None else 0

    def load(self, *extensions: str) -> None:
        """Load extensions from their packages; nothing is downloaded and nothing is written to the home folder."""
        for name in extensions:
            if name not in self._loaded:
                self.execute(f"LOAD {literal(str(_extension(name)))}")
                self._loaded.add(name)

    def secret_for_postgres(self, name: str, url: str) -> None:
        """Keep a PostgreSQL connection string as a secret of this session, so that no error can show it."""
        given = conninfo.conninfo_to_dict(url)
        fields = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
        values = {ours: str(given[theirs]) for theirs, ours in fields.items() if given.get(theirs)}
        listed = "".join(f", {key} {literal(value)}" for key, value in values.items())
        self.execute(f"CREATE OR REPLACE TEMPORARY SECRET {ident(name)} (TYPE postgres{listed})")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; rolled back on any error."""
        self.execute("BEGIN TRANSACTION")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # A failed commit has ended the transaction already.
            with suppress(duckdb.Error):
                self.execute("ROLLBACK")
            raise


@contextmanager
def open_session(scratch: Path, limits: Limits | None = None) -> Iterator[Session]:
    """A session whose temporary files lie in a new folder under ``scratch``, encrypted where they hold data."""
    limits = limits or Limits()
    with _own_folder(scratch) as folder:
        engine = _take() or _Engine.start()
        session = Session(engine.connection.cursor(), folder, engine.loaded)
        spill = folder / "spill"
        try:
            # httpfs brings the OpenSSL that encrypted files are written with.
            session.load("httpfs")
            for name, value in (("temp_directory", str(spill)), ("extension_directory", str(folder / "none"))):
                session.execute(f"SET {name} = {literal(value)}")
            session.execute(f"SET memory_limit = {literal(limits.memory)}")
            for setting in (f"threads = {limits.threads}", "TimeZone = 'UTC'", "preserve_insertion_order = false"):
                session.execute(f"SET {setting}")
            # It would be drawn on stdout, where a command's JSON goes.
            session.execute("SET enable_progress_bar = false")
            yield session
        finally:
            session.connection.close()
            # An engine that has spilled cannot spill elsewhere.
            engine.end_session(usable=not spill.exists())


def sweep(scratch: Path) -> None:
    """Remove what sessions of dead processes left behind."""
    for folder in scratch.glob(f"{_PREFIX}*"):
        with suppress(OSError), _locked(folder):
            shutil.rmtree(folder, ignore_errors=True)


_PREFIX = "engine-"


@contextmanager
def _own_folder(scratch: Path) -> Iterator[Path]:
    """A new folder that is locked as long as this process lives, so that others can tell it is in use."""
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder, handle = _new_folder(scratch)
    try:
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder(scratch: Path) -> tuple[Path, int]:
    """A folder with a locked handle on it. Who sweeps at the very moment that it is made can have it: make another."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if folder.exists():
                    return folder, handle
            except OSError:
                os.close(handle)
                raise
            os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@dataclass
class _Engine:
    """An instance of the engine, which serves one session at a time: loading its extensions takes half a second."""

    connection: duckdb.DuckDBPyConnection
    loaded: set[str]

    @classmethod
    def start(cls) -> _Engine:
        connection = duckdb.connect(
            config={
                # Until a session says how many.
                "threads": 1,
                "temp_file_encryption": True,
                # What is read is what stands on disk now: a file that was harmed must not go unseen.
                "enable_external_file_cache": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "enable_external_access": True,
                # What is staged is written and read once: to try these on every text costs more than the refresh.
                "disabled_compression_methods": "fsst,dict_fsst,zstd",
            }
        )
        return cls(connection, set())

    def end_session(self, *, usable: bool) -> None:
        """Forget all that the session attached and was told; an engine that cannot is not used again."""
        try:
            self._forget()
        except duckdb.Error:
            usable = False
        if usable and not _idle:
            _idle.append(self)
        else:
            self.connection.close()

    def _forget(self) -> None:
        attached = "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'"
        for (name,) in self.connection.execute(attached).fetchall():
            self.connection.execute(f"DETACH DATABASE {ident(name)}")
        for (name,) in self.connection.execute("SELECT name FROM duckdb_secrets()").fetchall():
            self.connection.execute(f"DROP TEMPORARY SECRET {ident(name)}")


_idle: list[_Engine] = []
"""At most one engine that waits for the next session of this process."""


def _take() -> _Engine | None:
    try:
        return _idle.pop()
    except IndexError:
        return None


def _extension(name: str) -> Path:
    package = importlib.import_module(f"duckdb_extension_{name}")
    root = Path(str(resources.files(package))) / "extensions" / f"v{duckdb.__version__}"
    return root / f"{name}.duckdb_extension"


def scheme(url: str) -> str:
    """Scheme of a URL, in lower case."""
    return urlsplit(url).scheme.lower()
