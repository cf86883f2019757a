"""DuckDB as every part of the receiver's side uses it."""

from __future__ import annotations

from importlib import resources

import duckdb

from sluis.receive.fields import literal


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
    if spill is not None:
        # httpfs brings the OpenSSL that encrypted files are written with; without it the first spill fails.
        connection.execute(f"LOAD {literal(_httpfs())}")
    return connection


def _httpfs() -> str:
    """The extension from its package: nothing is downloaded."""
    folder = resources.files("duckdb_extension_httpfs")
    return str(folder / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension")
