"""Loads a catalogue for those who take it into use: its queries too must be such as can be run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import duckdb

from sluis.catalog.loader import Catalog, Dataset, load
from sluis.catalog.reading import CatalogRejected, Problem
from sluis.errors import Rejected
from sluis.lake.queries import examine

_NAMED = re.compile(r"(?:uses|reads|has a parameter) \$?([\w.]+)")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def load_with_queries(name_or_path: str) -> Catalog:
    """Like ``load``; ``CatalogRejected`` also where a query is no deterministic SELECT over the source."""
    catalog = load(name_or_path)
    check_queries(catalog.folder.name, catalog.queries)
    return catalog


def check_queries(catalog: str, queries: Mapping[str, str]) -> None:
    """Raise ``CatalogRejected`` with every query that cannot be run, whatever the source."""
    problems = [problem for name, text in queries.items() if (problem := _problem(name, text))]
    if problems:
        raise CatalogRejected(catalog, problems)


def _problem(name: str, text: str) -> Problem | None:
    try:
        examine(Dataset(name=name, sql=text, entity="", key=(), columns={}, files=()))
    except Rejected as error:
        file = f"datasets/{name}.sql"
        message = str(error).removeprefix(file).strip()
        return Problem(file, _line(text, message), f"{message}; {error.remedy}")
    return None


def _line(text: str, message: str) -> int:
    """The line of the fault: where the engine stopped reading, or where the name in the message stands."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT json_serialize_sql(?)", [text]).fetchone()
    position = json.loads(row[0]).get("position") if row else None
    named = _NAMED.match(message)
    if position is None and named:
        plain = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
        place = re.search(rf"\b{re.escape(named[1])}\b", plain, re.IGNORECASE)
        return text.count("\n", 0, place.start()) + 1 if place else 1
    # The engine counts in bytes.
    return text.encode()[: int(position or 0)].count(b"\n") + 1
