"""Checks of the rows of a file, in one pass of DuckDB over a CSV or a table with every column as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import duckdb

from sluis.errors import Retryable
from sluis.receive.fields import DIGITS, fault, ident, measure
from sluis.receive.findings import Finding
from sluis.receive.manifest import Resource

_HEX = "'[0-9a-f]{32}'"
_LINE = re.compile(r"CSV Error on Line: (\d+)")


@dataclass(frozen=True)
class Counts:
    """Numbers of rows. In a file without Mutatie every row counts as inserted."""

    rows: int
    inserted: int
    updated: int
    deleted: int
    unknown_mutation: int
    keys: int
    distinct_keys: int
    other_own_key: int
    bad_record_key: int
    filled_deleted: int


@dataclass(frozen=True)
class Scan:
    """What one pass over a file tells: per column the values that are not of its type, and what ``measure`` says."""

    counts: Counts
    faults: dict[str, int]
    measures: dict[str, list[int]]


class CsvError(Exception):
    """DuckDB cannot read the file as CSV; the message holds no value of it."""


def scan(connection: duckdb.DuckDBPyConnection, relation: str, resource: Resource) -> Scan:
    """One pass over ``relation``, the file's rows as text. Raises ``CsvError``."""
    faults = {c.name: sql for c in resource.columns if (sql := fault(c)) and not resource.for_spreadsheet}
    measures = {c.name: sql for c in resource.columns if (sql := measure(c)) and not resource.for_spreadsheet}
    parts = [
        *_counts(resource),
        *(f"count(*) FILTER (WHERE {sql})" for sql in faults.values()),
        *measures.values(),
    ]
    row = _one(connection, f"SELECT {', '.join(parts)} FROM {relation}")
    number = len(fields(Counts))
    counts, rest = row[:number], row[number:]
    return Scan(
        Counts(*counts),
        faults=dict(zip(faults, rest[: len(faults)], strict=True)),
        measures=dict(zip(measures, rest[len(faults) :], strict=True)),
    )


def _counts(resource: Resource) -> list[str]:
    key, own = ident("PrimaryKey"), ident(resource.own_key)
    mutatie = ident("Mutatie") if resource.has_mutatie else "'I'"
    hidden = [ident(name) for name in resource.names if name not in {"PrimaryKey", "Mutatie", resource.own_key}]
    filled = " OR ".join(f"{name} IS NOT NULL" for name in hidden) or "false"
    good_record = f"coalesce(regexp_full_match({ident('RecordKey')}, {_HEX}), false)" if hidden else "true"
    return [  # in the order of Counts
        "count(*)",
        *(f"count(*) FILTER (WHERE {mutatie} = '{letter}')" for letter in "IUD"),
        f"count(*) FILTER (WHERE {mutatie} IS NULL OR {mutatie} NOT IN ('I', 'U', 'D'))",
        f"count(*) FILTER (WHERE regexp_full_match({key}, {_HEX}))",
        f"count(DISTINCT {key})",
        f"count(*) FILTER (WHERE {own} IS DISTINCT FROM {key})",
        f"count(*) FILTER (WHERE {mutatie} <> 'D' AND NOT {good_record})",
        f"count(*) FILTER (WHERE {mutatie} = 'D' AND ({filled}))",
    ]


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    with reading():
        return connection.execute(query).fetchall()[0]


@contextmanager
def reading() -> Iterator[None]:
    """Turns DuckDB's errors while it reads a CSV into ours, without the line of data that its messages quote."""
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        line = _LINE.search(str(error))
        where = f"near line {line[1]}" if line else "at a line that is not known"
        raise CsvError(f"it cannot be read as CSV in UTF-8, {where}") from None
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise Retryable(
            "reading a file failed for lack of memory or disk space", remedy="make room and try again"
        ) from error


def judge(found: Scan, resource: Resource, delivery: str) -> Iterator[Finding]:
    """What in a scan does not agree with the manifest or with the rules of the format."""
    counts, told = found.counts, resource.sluis
    if counts.rows != told.rows:
        message = f"{counts.rows} rows, and {told.rows} in the manifest"
        yield Finding("rows", message, delivery, resource.path)
    for message in _mutations(counts, resource):
        yield Finding("mutations", message, delivery, resource.path)
    for code, count, what in _bad_rows(counts, resource.own_key):
        if count:
            yield Finding(code, f"{count} rows {what}", delivery, resource.path)
    for message in _types(found, resource):
        yield Finding("type", message, delivery, resource.path)


def _bad_rows(counts: Counts, own_key: str) -> list[tuple[str, int, str]]:
    bad_keys = counts.rows - counts.keys
    return [
        ("key", bad_keys, "have a PrimaryKey that is not 32 hexadecimal digits"),
        ("duplicate", 0 if bad_keys else counts.rows - counts.distinct_keys, "repeat the PrimaryKey of another row"),
        ("own-key", counts.other_own_key, f"have another value in {own_key} than in PrimaryKey"),
        ("record-key", counts.bad_record_key, "have a RecordKey that is not 32 hexadecimal digits"),
        ("deleted-row", counts.filled_deleted, "with D hold more than their keys"),
    ]


def _mutations(counts: Counts, resource: Resource) -> Iterator[str]:
    told = resource.sluis
    if not resource.has_mutatie:
        return
    if counts.unknown_mutation:
        yield f"{counts.unknown_mutation} rows have another Mutatie than I, U or D"
    for letter, count, expected in (
        ("I", counts.inserted, told.inserted),
        ("U", counts.updated, told.updated),
        ("D", counts.deleted, told.deleted),
    ):
        if expected is not None and count != expected:
            yield f"{count} rows have {letter}, and {expected} in the manifest"
    if told.mode == "full" and counts.updated:
        yield f"{counts.updated} rows have U, in a file that is full"


def _types(found: Scan, resource: Resource) -> Iterator[str]:
    types = {column.name: column.type for column in resource.columns}
    for name, count in found.faults.items():
        if count:
            yield f"column {name}: {count} values are not of type {types[name]}"
        elif types[name] == "number" and sum(found.measures[name]) > DIGITS:
            yield f"column {name}: needs more than {DIGITS} digits"


def keys_in_both(connection: duckdb.DuckDBPyConnection, rows: str, deleted: str) -> int:
    """How many deleted keys stand among the rows as well."""
    query = f'SELECT count(*) FROM {deleted} SEMI JOIN {rows} USING ("PrimaryKey")'
    return int(_one(connection, query)[0])
