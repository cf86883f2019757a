"""DuckDB as every part of the receiver's side uses it."""

from __future__ import annotations

import duckdb


def connect(database: str = ":memory:", *, memory_limit: str, spill: str | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with bounded memory; ``spill``: folder for encrypted temporary files."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "preserve_insertion_order": False,
    }
    if spill is not None:
        config |= {"temp_directory": spill, "temp_file_encryption": True}
    connection = duckdb.connect(database, config=config)
    # It would be drawn on stdout, where a command's JSON goes.
    connection.execute("SET enable_progress_bar = false")
    return connection
