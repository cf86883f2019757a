"""A `sluis` command that writes down what each statement of the engine took: `statements.py FILE refresh ENV`.

A line of JSON per statement: its seconds, the processor's seconds of this process meanwhile, and how it begins and
ends. `catalogue.py` runs its steps so.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from sluis.cli import main
from sluis.lake import interrupts

KEPT = 400
"""Characters of a statement at its begin, and at its end."""

# The engine imports it where it is installed, as it is for the tests and in production is not: half a second.
sys.modules["pandas"] = None  # type: ignore[assignment]  # Python's own way to say that it is not there
lines: list[str] = []
really = interrupts.execute


def timed(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: object = None
) -> duckdb.DuckDBPyConnection:
    cpu, began = time.process_time(), time.perf_counter()
    try:
        return really(connection, statement, parameters)
    finally:
        took = time.perf_counter() - began
        shown = statement if len(statement) <= 2 * KEPT else f"{statement[:KEPT]} … {statement[-KEPT:]}"
        lines.append(json.dumps({"seconds": took, "cpu": time.process_time() - cpu, "statement": shown}))


interrupts.execute = timed
log = Path(sys.argv.pop(1))
try:
    main()
finally:
    log.write_text("\n".join(lines))
