"""How a value of the manifest's types stands in a CSV, and how DuckDB reads it."""

from __future__ import annotations

import re
from pathlib import Path

from sluis.receive.manifest import Column, Resource

DIGITS = 38  # what a DECIMAL of DuckDB holds

_SHORT = 18
_LONGEST_ROW = 8 * 1024 * 1024  # bytes; the default of 2 MB is too little for a long text

_LEXICAL = {
    "integer": r"[+-]?\d+",
    "number": r"[+-]?\d+(\.\d+)?",
    "date": r"\d{4}-\d{2}-\d{2}",
    "datetime": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z",
}
_CAST = {"integer": "HUGEINT", "date": "DATE", "datetime": "TIMESTAMP"}
_TYPES = {"string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP", "boolean": "BOOLEAN"}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def ident(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def csv_relation(path: Path, resource: Resource) -> str:
    """SQL that reads a CSV, every column as text; nothing between the delimiters is NULL and ``""`` is an empty text.

    One thread reads one file: in parallel DuckDB takes lines inside a quoted text for rows and fails.
    """
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in resource.names)
    exactly = re.sub(r"[\[*?]", lambda match: f"[{match[0]}]", str(path))  # a folder's name is not a pattern
    options = {
        "columns": f"{{{columns}}}",
        "auto_detect": "false",
        "header": "true",
        "delim": literal(resource.dialect.delimiter),
        "quote": literal('"'),
        "escape": literal('"'),
        "nullstr": "''",
        "allow_quoted_nulls": "false",
        "strict_mode": "true",
        "parallel": "false",
        "max_line_size": str(_LONGEST_ROW),
        "buffer_size": str(4 * _LONGEST_ROW),
        "compression": literal("gzip" if path.suffix == ".gz" else "none"),
    }
    return f"read_csv({literal(exactly)}, {', '.join(f'{name} = {value}' for name, value in options.items())})"


def fault(column: Column) -> str | None:
    """SQL that is true for a value that is not of the column's type; None where every text will do."""
    name = ident(column.name)
    if column.type == "boolean":
        known = ", ".join(literal(value) for value in (*column.true_values, *column.false_values))
        return f"{name} NOT IN ({known})"
    if column.type == "string" or not column.plain:
        return None
    lexical = f"NOT regexp_full_match({name}, '{_LEXICAL[column.type]}')"
    if column.type == "number":
        return f"({lexical} OR length(ltrim(replace({name}, '.', ''), '+-0')) > {DIGITS})"
    year_zero = f" OR {name} < '0001'" if column.type in {"date", "datetime"} else ""
    return f"{name} IS NOT NULL AND ({lexical} OR TRY_CAST({name} AS {_CAST[column.type]}) IS NULL{year_zero})"


def measure(column: Column) -> str | None:
    """SQL aggregate that gives the pair ``column_type`` goes by: of a number the digits before and after the point,
    of an integer how many do not fit a BIGINT, and 0. None for other types."""
    name = ident(column.name)
    if column.type == "number":
        before = f"coalesce(max(length(ltrim(split_part({name}, '.', 1), '+-0'))), 0)"
        return f"[{before}, coalesce(max(length(split_part({name}, '.', 2))), 0)]"
    if column.type == "integer":
        return f"[count({name}) - count(TRY_CAST({name} AS BIGINT)), 0]"
    return None


def column_type(column: Column, measured: list[int], present: str | None) -> str:
    """The type of a column in DuckDB: wide enough for what came and, in a table that stays, for what is there."""
    if column.type == "integer":
        return "HUGEINT" if measured[0] or present == "HUGEINT" else "BIGINT"
    return _decimal(measured, present) if column.type == "number" else _TYPES[column.type]


def _decimal(measured: list[int], present: str | None) -> str:
    """DECIMAL(18, n) where that will do: writing DECIMAL(38, n) takes DuckDB about eight times as long."""
    before, after = measured
    short = before + after <= _SHORT
    now = _DECIMAL.fullmatch(present or "")
    if now:
        scale = int(now[2])
        after = max(after, scale) if before + scale <= DIGITS else after
        short = int(now[1]) == _SHORT and max(before, _SHORT - scale) + after <= _SHORT
    return f"DECIMAL({_SHORT if short else DIGITS},{after})"


def typed(column: Column, duckdb_type: str) -> str:
    """SQL that turns the text of a column into its value."""
    name = ident(column.name)
    if column.type == "boolean":
        return f"{name} IN ({', '.join(literal(value) for value in column.true_values)})"
    return name if column.type == "string" else f"CAST({name} AS {duckdb_type})"
