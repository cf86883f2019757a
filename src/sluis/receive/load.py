"""Load deliveries into a DuckDB file: one table per file, one transaction per delivery."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from sluis.errors import Rejected, Retryable
from sluis.receive.apply import FileLoaded, apply_file
from sluis.receive.engine import connect
from sluis.receive.ledger import Ledger
from sluis.receive.manifest import Manifest, delivery_folders, read_manifest

_SCHEME = "duckdb:///"

Reason = Literal["loaded", "older", "superseded"]
_REASONS: dict[str, Reason] = {"loaded": "loaded", "older": "older", "gap": "superseded"}


@dataclass(frozen=True)
class DeliveryLoaded:
    """What one delivery did. ``ended`` names files that left the configuration: their tables stay as they are."""

    sequence: int
    id: str
    folder: Path
    files: tuple[FileLoaded, ...]
    ended: tuple[str, ...]


@dataclass(frozen=True)
class DeliverySkipped:
    """``loaded``: it was here already; ``older``: what came after it is here already;
    ``superseded``: it cannot follow what is here, and a later delivery is full.

    ``ended`` as in ``DeliveryLoaded``: who never loads it has to hear of it all the same."""

    sequence: int
    id: str
    folder: Path
    reason: Reason
    ended: tuple[str, ...]


@dataclass(frozen=True)
class LoadReport:
    """Both in order of sequence. ``last`` is the newest delivery that the database holds, 0 if none."""

    loaded: tuple[DeliveryLoaded, ...]
    skipped: tuple[DeliverySkipped, ...]
    last: int

    @property
    def left(self) -> dict[str, int]:
        """Files that left the configuration by what was loaded or superseded, with the sequence of who said so; those
        that came back since are not among them."""
        told: list[DeliveryLoaded | DeliverySkipped] = [
            *self.loaded,
            *(one for one in self.skipped if one.reason == "superseded"),
        ]
        left: dict[str, int] = {}
        for one in sorted(told, key=lambda one: one.sequence):
            left |= dict.fromkeys(one.ended, one.sequence)
            for file in one.files if isinstance(one, DeliveryLoaded) else ():
                left.pop(file.file, None)
        return left


def load(
    folder: Path | str,
    into: str,
    *,
    memory_limit: str = "2GB",
    on_file: Callable[[FileLoaded], None] | None = None,
) -> LoadReport:
    """Load one delivery, or every delivery in a configuration's folder that is not loaded yet, in order.

    ``into`` is ``duckdb:///FILE``; the file is made where it does not exist and holds one configuration. Every file is
    verified before its rows are used. ``on_file`` is called after each file, inside the transaction of its delivery.
    Raises ``Rejected`` at the first delivery that cannot be loaded (those before it stay loaded), ``Retryable`` where
    the database is in use or memory or disk is full.
    """
    database = _database(into)
    folders = delivery_folders(Path(folder))
    read = functools.cache(read_manifest)
    loaded: list[DeliveryLoaded] = []
    skipped: list[DeliverySkipped] = []
    with _open(database, memory_limit) as connection:
        ledger = Ledger(connection)
        for index, path in enumerate(folders):
            manifest = read(path)
            standing = ledger.standing(manifest)
            if standing == "gap" and not any(read(later).every_file_full for later in folders[index + 1 :]):
                raise _gap(manifest, ledger.last)
            if standing == "next":
                loaded.append(_load_delivery(connection, ledger, path, manifest, on_file))
            else:
                info = manifest.sluis
                skipped.append(DeliverySkipped(info.sequence, info.id, path, _REASONS[standing], info.ended))
        return LoadReport(tuple(loaded), tuple(skipped), ledger.last)


def _load_delivery(
    connection: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    folder: Path,
    manifest: Manifest,
    on_file: Callable[[FileLoaded], None] | None,
) -> DeliveryLoaded:
    files = []
    with _transaction(connection):
        for resource in manifest.files:
            files.append(apply_file(connection, folder, manifest, resource))
            if on_file:
                on_file(files[-1])
        ledger.record(manifest, rows=sum(resource.sluis.rows for resource in manifest.resources))
    info = manifest.sluis
    return DeliveryLoaded(info.sequence, info.id, folder, tuple(files), info.ended)


def _gap(manifest: Manifest, last: int) -> Rejected:
    info = manifest.sluis
    here = f"the last one loaded is {last}" if last else "nothing is loaded yet"
    return Rejected(
        f"delivery {info.sequence} follows {info.previous or 'none'}, and {here}",
        remedy="copy the deliveries between them and load again, or ask for a full one (run it with everything)",
    )


def _database(into: str) -> str:
    """The path in ``duckdb:///FILE``."""
    scheme = into.split(":", 1)[0]
    if not into.startswith(_SCHEME):
        raise Rejected(
            f"cannot load into {scheme}: only into a DuckDB file",
            remedy="give duckdb:///FILE; for PostgreSQL and SQL Server the receiver's manual has the SQL",
        )
    path = into.removeprefix(_SCHEME)
    if not path or path.startswith(":"):
        raise Rejected(
            "duckdb:/// needs the name of a file",
            remedy="give duckdb:///FILE, for example duckdb:///datastreams.duckdb",
        )
    return path


@contextmanager
def _open(database: str, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = connect(database, memory_limit=memory_limit)
    except duckdb.ConnectionException as error:
        raise Retryable(f"{database} is open elsewhere in this process", remedy="close it and try again") from error
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise Retryable(f"another process has {database} open", remedy="try again when it is done") from error
        reason = str(error).splitlines()[0].removeprefix("IO Error: ")
        raise Rejected(
            f"{database} cannot be opened: {reason}", remedy="give a DuckDB file, or a new name in a folder that exists"
        ) from error
    try:
        yield connection
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise Retryable(
            f"loading into {database} failed for lack of memory or disk space", remedy="make room and try again"
        ) from error
    finally:
        connection.close()


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # after some errors DuckDB has rolled back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
