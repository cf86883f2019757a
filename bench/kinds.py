"""What a step took its time for: the statements that `statements.py` wrote down, by kind and by what they are of."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

SHOWN = 10
READ, QUERY, CHECK, COMPARE, WRITE, JOURNAL, CHANGES, KEYS, CSV = (
    "read a table",
    "query, key and hash",
    "check",
    "compare",
    "write to the lake",
    "journal",
    "find changes",
    "keys made once",
    "CSV",
)
STATEMENTS = {
    READ: r'CREATE TABLE source\.main\."(\w+)"',
    QUERY: r'CREATE TABLE source\.result\."(\w+)"',
    CHECK: r'SELECT .* FROM source\.result\."(\w+)"',
    COMPARE: r'CREATE OR REPLACE TEMPORARY TABLE difference .* lake\."d_(\w+)_\d+"',
    WRITE: r'(?:INSERT INTO|DELETE FROM|CREATE TABLE) lake\."d_(\w+?)_\d+"',
    JOURNAL: r'(?:INSERT INTO|CREATE TABLE) lake\."j_(\w+?)_\d+"',
    CHANGES: "CREATE OR REPLACE TEMPORARY TABLE (history|changes) AS",
    KEYS: r"(?:CREATE OR REPLACE TEMPORARY TABLE (keys_\d+) AS|SELECT count\(\*\), approx_count_distinct)",
    CSV: r"COPY .*/(\w+)\.csv'",
    "commit": "(COMMIT)",
}
"""Kinds of statements, and what of each is its table, dataset or file."""
DATASET_KINDS = (QUERY, CHECK, COMPARE, WRITE, JOURNAL)


def kinds_of(log: Path, of: str = "seconds") -> dict[str, dict[str, float]]:
    """Seconds of the statements: by kind, and of each by table, dataset or file; ``of="cpu"``: the processor's."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    waiting: dict[str, float] = defaultdict(float)
    for line in log.read_text().splitlines():
        one = json.loads(line)
        kind, name = kind_of(one["statement"])
        if kind in {CHANGES, KEYS}:
            # The next statement that writes a file says of which.
            waiting[kind] += one[of]
            continue
        if kind == CSV:
            for before, took in waiting.items():
                found[before][name] += took
            waiting.clear()
        found[kind][name] += one[of]
    return {kind: dict(names) for kind, names in found.items()}


def kind_of(statement: str) -> tuple[str, str]:
    for kind, pattern in STATEMENTS.items():
        match = re.match(pattern, statement, re.DOTALL)
        if match:
            return kind, match[1]
    return "other statements", ""


def tell_kinds(kinds: dict[str, dict[str, float]], seconds: float) -> None:
    """Print what a step of so many seconds took its time for, and the tables, datasets and files that took most."""
    sums = {kind: sum(names.values()) for kind, names in kinds.items()}
    sums["beside the statements"] = seconds - sum(sums.values())
    told = ", ".join(f"{kind} {sums[kind]:.2f}" for kind in sorted(sums, key=lambda kind: -sums[kind]))
    print(f"  {told}")
    for title, shown in (("table", (READ,)), ("dataset", DATASET_KINDS), ("file", (CHANGES, KEYS, CSV))):
        tell_most(title, {kind: kinds[kind] for kind in shown if kind in kinds})


def tell_most(title: str, kinds: dict[str, dict[str, float]]) -> None:
    """The ten names that took most, with what of each kind."""
    sums: dict[str, float] = defaultdict(float)
    for names in kinds.values():
        for name, seconds in names.items():
            sums[name] += seconds
    if not sums:
        return
    width = max(12, *(len(kind) for kind in kinds))
    print(f"  {title:32} {'s':>7} " + " ".join(f"{kind:>{width}}" for kind in kinds))
    for name in sorted(sums, key=lambda name: -sums[name])[:SHOWN]:
        parts = " ".join(f"{names.get(name, 0.0):{width}.2f}" for names in kinds.values())
        print(f"  {name:32} {sums[name]:7.2f} {parts}", flush=True)
