"""Runs the SQL that comes with the demo, and counts what it does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources

import psycopg
from psycopg import sql

_CHANGE = re.compile(r"^(INSERT INTO|UPDATE|DELETE FROM) (\w+)", re.MULTILINE)
_END = re.compile(r";[ \t]*(?:\n|\Z)")


@dataclass
class TableCount:
    """Rows that statements inserted, updated and deleted in one table; a row touched twice counts twice."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass
class Counts:
    """What a run did, per table of the application."""

    tables: dict[str, TableCount] = field(default_factory=lambda: defaultdict(TableCount))

    @property
    def rows(self) -> int:
        """Rows inserted, updated and deleted in all tables together."""
        return sum(count.inserted + count.updated + count.deleted for count in self.tables.values())

    def add(self, statement: str, rows: int) -> None:
        """Count the rows of a statement; one on a temporary table (``t_…``) is not counted."""
        change = _CHANGE.search(statement)
        if change is None or change[2].startswith("t_"):
            return
        count = self.tables[change[2]]
        match change[1]:
            case "INSERT INTO":
                count.inserted += rows
            case "UPDATE":
                count.updated += rows
            case _:
                count.deleted += rows


def run(
    connection: psycopg.Connection, script: str, counts: Counts, values: Mapping[str, object] | None = None
) -> None:
    """Execute the statements of ``script`` (a file of the demo, like ``schema.sql``) one by one, and count their rows.

    ``values`` are put in as literals where the file says ``{name}``; without them braces mean nothing.
    """
    for statement in _statements(script):
        query = sql.SQL(statement)
        composed = query.format(**{k: sql.Literal(v) for k, v in values.items()}) if values is not None else query
        counts.add(statement, connection.execute(composed, prepare=False).rowcount)


def _statements(script: str) -> Iterator[str]:
    text = resources.files("sluis.demo").joinpath(script).read_text(encoding="utf-8")
    return (part for part in _END.split(text) if part.strip())
