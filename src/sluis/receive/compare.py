"""Compares two databases that deliveries were loaded into, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from sluis.receive.engine import connect
from sluis.receive.fields import ident, literal


@dataclass(frozen=True)
class TableCompared:
    """One table of both: rows of each, keys that only one has, and keys whose rows differ in any column."""

    name: str
    rows: tuple[int, int]
    only_first: int
    only_second: int
    different: int

    @property
    def equal(self) -> bool:
        return self.only_first == self.only_second == self.different == 0 and self.rows[0] == self.rows[1]


def compare(first: Path, second: Path, *, memory_limit: str = "512MB") -> list[TableCompared]:
    """Every table of either database, in order of name; a table that one lacks counts as empty there."""
    with connect(memory_limit=memory_limit, spill=f"{first}.compare") as connection:
        connection.execute(f"ATTACH {literal(str(first))} AS one (READ_ONLY)")
        connection.execute(f"ATTACH {literal(str(second))} AS two (READ_ONLY)")
        return [_compare(connection, name) for name in _tables(connection)]


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT table_name FROM duckdb_tables() WHERE database_name IN ('one', 'two') "
        "AND table_name NOT LIKE '\\_sluis%' ESCAPE '\\' ORDER BY ALL"
    ).fetchall()
    return [row[0] for row in rows]


def _columns(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND table_name = ? ORDER BY column_index",
        [database, table],
    ).fetchall()
    return [row[0] for row in rows]


def _compare(connection: duckdb.DuckDBPyConnection, name: str) -> TableCompared:
    columns = {database: _columns(connection, database, name) for database in ("one", "two")}
    counts = {
        database: _number(connection, f"SELECT count(*) FROM {database}.main.{ident(name)}") if columns[database] else 0
        for database in columns
    }
    rows = (counts["one"], counts["two"])
    if not columns["one"] or not columns["two"]:
        return TableCompared(name, rows, rows[0], rows[1], 0)
    if columns["one"] != columns["two"]:
        return TableCompared(name, rows, 0, 0, max(rows))
    differs = " OR ".join(f"a.{ident(c)} IS DISTINCT FROM b.{ident(c)}" for c in columns["one"])
    row = connection.execute(
        'SELECT count(*) FILTER (WHERE b."PrimaryKey" IS NULL), count(*) FILTER (WHERE a."PrimaryKey" IS NULL), '
        f'count(*) FILTER (WHERE a."PrimaryKey" = b."PrimaryKey" AND ({differs})) '
        f'FROM one.main.{ident(name)} AS a FULL JOIN two.main.{ident(name)} AS b ON a."PrimaryKey" = b."PrimaryKey"'
    ).fetchall()[0]
    return TableCompared(name, rows, *row)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
