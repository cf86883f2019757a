"""Apply one file of a delivery to its table. The caller holds the transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sluis.errors import Rejected
from sluis.receive.fields import column_type, csv_relation, ident, typed
from sluis.receive.files import check_file
from sluis.receive.findings import Finding
from sluis.receive.manifest import Column, Manifest, Mode, Resource
from sluis.receive.rows import CsvError, Scan, judge, keys_in_both, reading, scan

_ROWS, _DELETED = "temp._sluis_rows", "temp._sluis_deleted"
_ASK_FULL = "ask for a full delivery of this configuration (run it with everything) and load that"
_PRESENT = """
SELECT column_name, data_type FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = 'main' AND lower(table_name) = lower(?)
ORDER BY column_index"""
_INDEXES = """
SELECT index_name FROM duckdb_indexes()
WHERE database_name = current_database() AND schema_name = 'main' AND lower(table_name) = lower(?)
ORDER BY index_name"""


@dataclass(frozen=True)
class FileLoaded:
    """``written``: rows that the table got; ``deleted``: rows that it lost because their key was named as deleted."""

    file: str
    mode: Mode
    written: int
    deleted: int


def apply_file(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest, file: Resource) -> FileLoaded:
    """Verify one file, with its deleted keys, and bring its table up to date. Raises ``Rejected``."""
    if file.for_spreadsheet:
        raise Rejected(
            f"{folder.name}/{file.path} is written for a spreadsheet, which changes texts and moments",
            remedy="choose the standard CSV in the configuration; that forces no full delivery",
        )
    deletes = manifest.deletes_of(file)
    found = _stage(connection, _ROWS, folder, file)
    if deletes:
        _stage(connection, _DELETED, folder, deletes)
        both = keys_in_both(connection, _ROWS, _DELETED)
        if both:
            message = f"{both} deleted keys stand in {file.path} too"
            _refuse([Finding("deleted-keys", message, folder.name, deletes.path)])
    with _free_to_change(connection, folder, file):
        if file.sluis.mode == "full":
            loaded = FileLoaded(file.name, "full", _replace(connection, file, found), 0)
        else:
            loaded = _change(connection, folder, file, found, deleted_apart=deletes is not None)
    connection.execute(f"DROP TABLE {_ROWS}; DROP TABLE IF EXISTS {_DELETED}")
    return loaded


def _stage(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, resource: Resource) -> Scan:
    """Copy a file into a temporary table as text, and refuse it if anything in it is not as its manifest says."""
    _refuse([*check_file(folder, resource)])
    try:
        with reading():
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {csv_relation(folder / resource.path, resource)}"
            )
        found = scan(connection, table, resource)
    except CsvError as error:
        _refuse([Finding("csv", str(error), folder.name, resource.path)])
        raise
    _refuse([*judge(found, resource, folder.name)])
    return found


def _refuse(findings: list[Finding]) -> None:
    if not findings:
        return
    first = findings[0]
    more = f" (and {len(findings) - 1} more faults)" if len(findings) > 1 else ""
    raise Rejected(
        f"{first.delivery}/{first.file}: {first.message}{more}",
        remedy="copy the folder again; if that does not help, send this message to who delivers the data",
    )


def _columns(file: Resource) -> list[Column]:
    """What the table has: a row's columns. Mutatie is about the delivery, not about the row."""
    return [column for column in file.columns if column.name != "Mutatie"]


def _types(file: Resource, found: Scan, present: dict[str, str]) -> dict[str, str]:
    return {c.name: column_type(c, found.measures.get(c.name, [0, 0]), present.get(c.name)) for c in _columns(file)}


def _present(connection: duckdb.DuckDBPyConnection, file: Resource) -> dict[str, str]:
    """Columns of the table as it is, with their types; empty where it does not exist."""
    return dict(connection.execute(_PRESENT, [file.name]).fetchall())


@contextmanager
def _free_to_change(connection: duckdb.DuckDBPyConnection, folder: Path, file: Resource) -> Iterator[None]:
    """Turns DuckDB's refusal for an index or a constraint of the receiver's own into ours, which names it.

    A unique index refuses a row that is replaced, since its old key goes only at the commit; any index refuses a wider
    type.
    """
    # Asked first: after an error the transaction answers no more.
    indexes = ", ".join(row[0] for row in connection.execute(_INDEXES, [file.name]).fetchall())
    try:
        yield
    except (duckdb.ConstraintException, duckdb.DependencyException, duckdb.CatalogException):
        # Without DuckDB's message: it quotes the value that it refuses.
        raise Rejected(
            f"{folder.name}/{file.path} cannot change the table {file.name}, because of an index or a constraint that "
            f"is not of Sluis{f' (indexes: {indexes})' if indexes else ''}",
            remedy="drop it and load again; keep indexes and constraints of your own on a copy of the table",
        ) from None


def _insert(connection: duckdb.DuckDBPyConnection, file: Resource, types: dict[str, str]) -> int:
    values = ", ".join(typed(column, types[column.name]) for column in _columns(file))
    living = "WHERE \"Mutatie\" <> 'D'" if file.has_mutatie else ""
    return _count(connection, f"INSERT INTO main.{ident(file.name)} SELECT {values} FROM {_ROWS} {living}")


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    return int(connection.execute(statement).fetchall()[0][0])


def _replace(connection: duckdb.DuckDBPyConnection, file: Resource, found: Scan) -> int:
    """Make the table anew with the rows of a full file. Returns how many.

    No PRIMARY KEY: that the keys are unique has just been checked, and with DuckDB's index five million rows took
    47 seconds to load instead of 5, and a tenth of them 31 seconds to change instead of 2.
    """
    types = _types(file, found, {})
    definitions = ", ".join(
        f"{ident(name)} {kind}{' NOT NULL' * (name == 'PrimaryKey')}" for name, kind in types.items()
    )
    try:
        connection.execute(f"CREATE OR REPLACE TABLE main.{ident(file.name)} ({definitions})")
    except duckdb.CatalogException as error:
        raise Rejected(
            f"the database has something else than a table called {file.name}", remedy="rename it, and load again"
        ) from error
    return _insert(connection, file, types)


def _change(
    connection: duckdb.DuckDBPyConnection, folder: Path, file: Resource, found: Scan, *, deleted_apart: bool
) -> FileLoaded:
    """Upsert and delete by PrimaryKey: every key that is named goes, and what still exists comes back as it is now."""
    present = _present(connection, file)
    types = _types(file, found, present)
    if not present:
        raise Rejected(f"{folder.name}/{file.path} holds changes to a table that does not exist here", remedy=_ASK_FULL)
    if list(present) != list(types):
        raise Rejected(f"{folder.name}/{file.path} has other columns than the table {file.name}", remedy=_ASK_FULL)
    _widen(connection, file, types, present)
    table = f"main.{ident(file.name)}"
    gone = "WHERE \"Mutatie\" = 'D'" if file.has_mutatie else "WHERE false"
    by_key = f'DELETE FROM {table} WHERE "PrimaryKey" IN'
    deleted = _count(connection, f'{by_key} (SELECT "PrimaryKey" FROM {_ROWS} {gone})')
    if deleted_apart:
        deleted += _count(connection, f'{by_key} (SELECT "PrimaryKey" FROM {_DELETED})')
    connection.execute(f'{by_key} (SELECT "PrimaryKey" FROM {_ROWS})')
    return FileLoaded(file.name, "changes", _insert(connection, file, types), deleted)


def _widen(
    connection: duckdb.DuckDBPyConnection, file: Resource, types: dict[str, str], present: dict[str, str]
) -> None:
    for name, kind in types.items():
        if kind == present[name]:
            continue
        try:
            connection.execute(f"ALTER TABLE main.{ident(file.name)} ALTER {ident(name)} TYPE {kind}")
        except (duckdb.ConversionException, duckdb.BinderException) as error:
            raise Rejected(f"the table {file.name} cannot hold {name} as {kind}", remedy=_ASK_FULL) from error
