"""SQL text for DuckDB: names, literals, types, and the canonical form that keys and hashes are made over."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sluis.catalog.loader import KeyPart

CANONICAL_FORM = 2
"""Version of the canonical form below; a new one changes keys or hashes, so every file comes in full."""


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
        # Cast, for strftime takes six times as long. A cast leaves out the zeros at the end of a fraction.
        text = f"CAST({expression} AS VARCHAR)"
        exact = f"CASE WHEN microsecond({expression}) % 1000000 = 0 THEN {text} ELSE rpad({text}, 26, '0') END"
        return f"replace({exact}, ' ', 'T') || 'Z'"
    text = f"CAST({expression} AS VARCHAR)"
    scale = re.fullmatch(r"decimal\((\d+),(\d+)\)", column_type)
    # A decimal with no digit before the point is written without a zero there.
    return f"regexp_replace({text}, '^(-?)[.]', '\\10.')" if scale and scale[1] == scale[2] else text


def encode(texts: Iterable[str]) -> str:
    """One text for a list of texts from which the list can be read back: length and text of each, ``~`` for NULL."""
    parts = [f"coalesce(strlen({text}) || ':' || {text}, '~')" for text in texts]
    return f"concat({', '.join(parts)})" if parts else "''"


def hash128(expression: str) -> str:
    """The first 128 bits of SHA-256, as 32 hex characters."""
    return f"sha256({expression})[1:32]"


def row_hash(texts: Iterable[str]) -> str:
    """128 bits over the texts of a row, NULLs among them, as 32 hex characters."""
    texts = list(texts)
    lengths = ", ',', ".join(f"strlen({text})" for text in texts) or "''"
    # All texts and then all lengths: a length before each text costs two more copies of every text. And SHA-1, for
    # SHA-256 takes three times as long here. It tells a row from what became of it: to make two rows with one SHA-1
    # takes years of a machine, and bytes that are no text.
    return f"sha1(concat({''.join(f'{text}, ' for text in texts)}'|', {lengths}))[1:32]"


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
