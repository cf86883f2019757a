"""SQL text for DuckDB: names, literals, types, and the canonical form that keys and hashes are made over."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sluis.catalog.loader import KeyPart

CANONICAL_FORM = 1
"""Version of the canonical form below; a new one changes every key, so every file comes in full."""


def ident(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A quoted string."""
    return "'" + value.replace("'", "''") + "'"


def lake_type(column_type: str) -> str:
    """The DuckDB type in which the lake keeps a catalogue type; a ``timestamp`` is kept in UTC."""
    if column_type.startswith("text"):
        return "VARCHAR"
    if column_type.startswith("decimal"):
        return column_type.upper()
    return {"integer": "BIGINT", "date": "DATE", "timestamp": "TIMESTAMP", "boolean": "BOOLEAN"}[column_type]


def canonical(expression: str, column_type: str) -> str:
    """The value as text: the same text for the same value, on every machine and in every version of the engine.

    Dates and timestamps are ISO 8601 (UTC, ``Z``, a fraction only where there is one), decimals have their full
    scale and a point, booleans are 1 and 0. NULL stays NULL.
    """
    if column_type.startswith("text"):
        return expression
    if column_type == "boolean":
        return f"CASE WHEN {expression} THEN '1' WHEN NOT {expression} THEN '0' END"
    if column_type == "timestamp":
        whole = f"strftime({expression}, '%Y-%m-%dT%H:%M:%S')"
        fraction = f"strftime({expression}, '.%f')"
        return (
            f"{_padded_year(whole, expression)} || CASE WHEN microsecond({expression}) % 1000000 = 0 "
            f"THEN '' ELSE {fraction} END || 'Z'"
        )
    text = f"CAST({expression} AS VARCHAR)"
    scale = re.fullmatch(r"decimal\((\d+),(\d+)\)", column_type)
    # A decimal with no digit before the point is written without a zero there.
    return f"regexp_replace({text}, '^(-?)[.]', '\\10.')" if scale and scale[1] == scale[2] else text


def _padded_year(text: str, moment: str) -> str:
    # strftime writes the year 1 as "1".
    return f"CASE WHEN year({moment}) < 1000 THEN lpad({text}, 19, '0') ELSE {text} END"


def encode(texts: Iterable[str]) -> str:
    """One text for a list of texts from which the list can be read back: length and text of each, ``~`` for NULL."""
    parts = [f"coalesce(strlen({text}) || ':' || {text}, '~')" for text in texts]
    return f"concat({', '.join(parts)})" if parts else "''"


def hash128(expression: str) -> str:
    """The first 128 bits of SHA-256, as 32 hex characters."""
    return f"sha256({expression})[1:32]"


def stored(hexadecimal: str) -> str:
    """How the lake stores a value of 32 hex characters: as UUID, in 16 bytes."""
    return f"CAST({hexadecimal} AS UUID)"


def key(entity: str, parts: Iterable[tuple[str, str]]) -> str:
    """The key of an entity, 32 hex characters, from its raw parts as (expression, catalogue type); texts in NFC,
    nothing trimmed.
    """
    texts = [
        f"nfc_normalize({expression})" if kind.startswith("text") else canonical(expression, kind)
        for expression, kind in parts
    ]
    return hash128(f"{literal(entity + '|')} || {encode(texts)}")


def reference(entity: str, parts: Iterable[tuple[str, KeyPart]]) -> str:
    """The key that a row refers to, from (expression, key part of the target); NULL where a needed part is empty."""
    parts = list(parts)
    needed = [expression for expression, part in parts if not part.nullable] or [
        f"coalesce({', '.join(f'CAST({expression} AS VARCHAR)' for expression, _ in parts)})"
    ]
    missing = " OR ".join(f"{expression} IS NULL" for expression in needed)
    return f"CASE WHEN {missing} THEN NULL ELSE {key(entity, [(e, p.type) for e, p in parts])} END"


def shown(uuid_expression: str) -> str:
    """A stored value as 32 hex characters."""
    return f"replace(CAST({uuid_expression} AS VARCHAR), '-', '')"
