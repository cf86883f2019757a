"""What a dataset's query may be: one deterministic SELECT over ``source.<table>``."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from sluis.catalog.loader import Dataset
from sluis.errors import Rejected
from sluis.lake import interrupts

SNAPSHOT_DATE = "snapshot_date"

_TIME_AND_CHANCE = frozenset(
    [
        "now",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "today",
        "get_current_time",
        "get_current_timestamp",
        "transaction_timestamp",
        "current_localtime",
        "current_localtimestamp",
        "age_now",
        "random",
        "uuid",
        "uuidv4",
        "uuidv7",
        "gen_random_uuid",
        "setseed",
        "nextval",
        "currval",
        "txid_current",
        "version",
        "pg_backend_pid",
        "getvariable",
        "current_setting",
        "getenv",
    ]
)
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})


@dataclass(frozen=True)
class Query:
    """What is known of a query from its text.

    ``tables``: the source tables it reads. ``columns``: the columns it asks by an alias or table name, as
    (table, column). ``bare_columns``: those it asks by name alone. ``everything``: it uses ``*``.
    """

    tables: frozenset[str]
    columns: frozenset[tuple[str, str]]
    bare_columns: frozenset[str]
    everything: bool

    def needs(self, table: str, column: str) -> bool:
        """Whether the query may read this column of this table."""
        named = (table, column.lower()) in {(t, c.lower()) for t, c in self.columns}
        bare = column.lower() in {c.lower() for c in self.bare_columns}
        return table in self.tables and (self.everything or named or bare)


def examine(dataset: Dataset) -> Query:
    """Read a query's text without running it; raises ``Rejected`` with what is not allowed and what to do."""
    tree = _parse(dataset)
    nodes = list(_walk(tree))
    names = _common_tables(nodes)
    tables: dict[str, str] = {}
    found: set[str] = set()
    for node in nodes:
        _refuse_node(node, dataset)
        table = _source_table(node, names, dataset) if node.get("type") == "BASE_TABLE" else None
        if table:
            found.add(table)
            tables[(node["alias"] or table).lower()] = table
    columns, bare = set(), set()
    for parts in _column_references(nodes):
        if len(parts) == 1:
            if parts[0].lower() in _TIME_AND_CHANCE:
                _refuse_chance(dataset, parts[0])
            bare.add(parts[0])
        elif parts[-2].lower() in tables:
            columns.add((tables[parts[-2].lower()], parts[-1]))
    bare |= {column for node in nodes for column in node.get("using_columns") or ()}
    everything = any(node.get("class") == "STAR" or node.get("ref_type") == "NATURAL" for node in nodes)
    return Query(frozenset(found), frozenset(columns), frozenset(bare), everything)


def _refuse_node(node: dict[str, Any], dataset: Dataset) -> None:
    if node.get("type") == "TABLE_FUNCTION" and node["function"]["function_name"].lower() not in _TABLE_FUNCTIONS:
        raise _rejected(dataset, f"reads {node['function']['function_name']}()", "read source.<table> only")
    if node.get("class") == "FUNCTION" and node["function_name"].lower() in _TIME_AND_CHANCE:
        _refuse_chance(dataset, node["function_name"])
    if node.get("sample"):
        _refuse_chance(dataset, "a sample")
    if node.get("class") == "FUNCTION" and node["function_name"].lower() == "age" and len(node["children"]) == 1:
        _refuse_chance(dataset, "age() of one argument")
    if node.get("class") == "PARAMETER" and node.get("identifier") != SNAPSHOT_DATE:
        raise _rejected(dataset, f"has a parameter ${node.get('identifier')}", "the only one is $snapshot_date")


@functools.cache
def _reader() -> duckdb.DuckDBPyConnection:
    """An engine that holds nothing and runs no query; one, for it takes longer to start than to read a query."""
    return duckdb.connect(config={"threads": 1, "memory_limit": "64MB"})


@functools.lru_cache(maxsize=512)
def _serialized(sql: str) -> str:
    # Kept, for each refresh reads them all.
    with _reader().cursor() as connection:
        row = interrupts.execute(connection, "SELECT json_serialize_sql(?)", [sql]).fetchone()
    return str(row[0]) if row else "{}"


def _parse(dataset: Dataset) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(_serialized(dataset.sql))
    if tree.get("error"):
        raise _rejected(dataset, f"is no SELECT that can be read: {tree.get('error_message')}", "mend the SQL")
    if len(tree["statements"]) != 1:
        raise _rejected(dataset, f"has {len(tree['statements'])} statements", "write one SELECT")
    return tree


def _walk(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def _common_tables(nodes: list[dict[str, Any]]) -> set[str]:
    return {entry["key"].lower() for node in nodes if "cte_map" in node for entry in node["cte_map"]["map"]}


def _source_table(node: dict[str, Any], names: set[str], dataset: Dataset) -> str | None:
    schema, table = node["schema_name"], str(node["table_name"])
    if not schema and table.lower() in names:
        return None
    if schema.lower() != "source" or node["catalog_name"]:
        full = ".".join(part for part in (node["catalog_name"], schema, table) if part)
        raise _rejected(dataset, f"reads {full}", f"write source.{table}")
    return table


def _column_references(nodes: list[dict[str, Any]]) -> Iterator[list[str]]:
    return (node["column_names"] for node in nodes if node.get("class") == "COLUMN_REF")


def _refuse_chance(dataset: Dataset, name: str) -> None:
    raise _rejected(
        dataset,
        f"uses {name}, which gives another answer every time",
        "use $snapshot_date for the date of the refresh",
    )


def _rejected(dataset: Dataset, what: str, remedy: str) -> Rejected:
    return Rejected(f"datasets/{dataset.name}.sql {what}", remedy=remedy)
