"""DuckDB as a source: its lock makes one moment; values as they are; failures that say what to mend."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from lake.source_lake import PAIRS, Lake, Wish, catalog, lake, pairs
from sluis.errors import Retryable

__all__ = ["lake"]

_WRITER = """
import sys, time, duckdb
while True:
    try:
        with duckdb.connect(sys.argv[1]) as connection:
            for _ in range(20):
                connection.execute("BEGIN")
                for table in ("four", "three", "two", "one"):
                    connection.execute(f"UPDATE {table} SET n = n + 1")
                connection.execute("COMMIT")
    except duckdb.IOException:
        pass
    time.sleep(0.1)
"""
_HOLDER = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("INSERT INTO one VALUES (2, 2)")
    print("holds", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with duckdb.connect(tmp_path / "app.duckdb") as connection:
        connection.execute(PAIRS)
        connection.execute("INSERT INTO heavy SELECT i, repeat('x', 400) FROM range(5000) AS r(i)")
    return tmp_path / "app.duckdb"


@contextmanager
def other_process(script: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_all_tables_show_one_moment(lake: Lake, path: Path, tmp_path: Path) -> None:
    made = pairs(tmp_path / "catalog")
    seen: set[str | None] = set()
    refused = 0
    with other_process(_WRITER, path):
        while len(seen) < 3:
            try:
                lake.refresh(f"duckdb:///{path}", made)
            except Retryable:
                refused += 1
                assert refused < 300, "the writer never lets go"
                continue
            rows = lake.rows(made)
            [(_, first)], [(_, second)], [(_, left, right)] = rows["a"], rows["c"], rows["d"]
            assert len({first, second, left, right}) == 1
            seen.add(first)


def test_a_file_that_cannot_be_read_changes_nothing(lake: Lake, path: Path, tmp_path: Path) -> None:
    made = catalog(
        tmp_path / "catalog", one=Wish("SELECT id AS Id, n AS N FROM source.one", {"Id": "integer", "N": "integer"})
    )
    url = f"duckdb:///{path}"
    lake.refresh(url, made)
    with lake.unchanged():
        assert "Rejected: there is no file" in lake.refused(f"duckdb:///{tmp_path / 'other.duckdb'}", made)
        (tmp_path / "text.duckdb").write_text("no database at all " * 1000)
        told = lake.refused(f"duckdb:///{tmp_path / 'text.duckdb'}", made)
        assert "Retryable: the source cannot be opened" in told
        with other_process(_HOLDER, path) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == "holds\n"
            told = lake.refused(url, made)
            assert "Retryable: the source cannot be opened" in told
            assert "lock" in told
    # The holder was killed: what it committed is in its log alone.
    assert path.with_name("app.duckdb.wal").exists()
    lake.refresh(url, made)
    assert lake.rows(made)["one"] == [("1", "0"), ("2", "2")]


def test_a_table_or_column_that_went_is_named(lake: Lake, path: Path, tmp_path: Path) -> None:
    made = catalog(
        tmp_path / "catalog",
        x=Wish("SELECT o.id AS Id, o.n AS N FROM source.One AS o", {"Id": "integer", "N": "integer"}),
    )
    with duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE one RENAME COLUMN n TO number")
    assert "dataset x: table One has no column n (any more)" in lake.refused(f"duckdb:///{path}", made)
    with duckdb.connect(path) as connection:
        connection.execute("DROP TABLE one")
    assert "dataset x reads source.One, which the source does not have" in lake.refused(f"duckdb:///{path}", made)


EVERYTHING = Wish(
    "SELECT id AS Id, d AS D, ts AS Ts, ns AS Ns, tz AS Tz, n AS N, huge AS Huge, dp AS Dp, t AS T, e AS E, u AS U, b AS B "
    "FROM source.everything",
    {
        "Id": "integer",
        "B": "boolean",
        "D": "date",
        "Dp": "decimal(20,3)",
        "E": "text",
        "Huge": "decimal(38,0)",
        "N": "decimal(38,10)",
        "Ns": "timestamp",
        "T": "text",
        "Ts": "timestamp",
        "Tz": "timestamp",
        "U": "text",
    },
)
EVERYTHING_TABLE = """
CREATE TABLE everything (id UINTEGER, d DATE, ts TIMESTAMP, ns TIMESTAMP_NS, tz TIMESTAMPTZ, n DECIMAL(38,10),
    huge HUGEINT, dp DOUBLE, t VARCHAR, e ENUM('Blij', 'Ver drietig'), u UUID, b BOOLEAN)
"""


def test_values_come_as_they_are(lake: Lake, path: Path, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    with duckdb.connect(path) as connection:
        connection.execute(EVERYTHING_TABLE)
        connection.execute(
            """
            INSERT INTO everything VALUES
            (1, '0001-01-01', '2026-03-29 02:30:00', '2026-03-29 02:30:00.000001', '2026-10-25 02:30:00+02',
             1234567890123456789012345678.0123456789, 99999999999999999999999999999999999999, 1.125, '',
             'Ver drietig', '00000000-0000-0000-0000-0000000000FF', true),
            (2, '9999-12-31', '2026-10-25 02:30:00.123456', NULL, '2026-10-25 02:30:00+01', -0.0000000001, -1, -0.5,
             'a"b' || chr(10) || '''c'' 😀', 'Blij', NULL, false)
            """
        )
        connection.execute("INSERT INTO everything(id) VALUES (3)")
    lake.refresh(f"duckdb:///{path}", made)
    columns = list(made.datasets["everything"].columns)
    rows = {row["Id"]: row for row in (dict(zip(columns, r, strict=True)) for r in lake.rows(made)["everything"])}
    assert rows == {
        "1": {
            "Id": "1",
            "B": "1",
            "D": "0001-01-01",
            "Dp": "1.125",
            "E": "Ver drietig",
            "Huge": "9" * 38,
            "N": "1234567890123456789012345678.0123456789",
            "Ns": "2026-03-29T01:30:00.000001Z",
            "T": "",
            "Ts": "2026-03-29T01:30:00Z",
            "Tz": "2026-10-25T00:30:00Z",
            "U": "00000000-0000-0000-0000-0000000000ff",
        },
        "2": {
            "Id": "2",
            "B": "0",
            "D": "9999-12-31",
            "Dp": "-0.500",
            "E": "Blij",
            "Huge": "-1",
            "N": "-0.0000000001",
            "Ns": None,
            "T": "a\"b\n'c' 😀",
            "Ts": "2026-10-25T01:30:00.123456Z",
            "Tz": "2026-10-25T01:30:00Z",
            "U": None,
        },
        "3": {**dict.fromkeys(columns), "Id": "3"},
    }


def test_values_that_are_no_values_are_refused(lake: Lake, path: Path, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    with duckdb.connect(path) as connection:
        connection.execute(EVERYTHING_TABLE)
        for number, (column, value) in enumerate(
            [
                ("d", "infinity"),
                ("d", "0044-03-15 (BC)"),
                ("dp", "NaN"),
                ("dp", "-Infinity"),
                ("huge", "1" + "0" * 38),
                ("ns", "2026-01-01 00:00:00.000000001"),
                ("ts", "-infinity"),
                ("tz", "0044-03-15 (BC) 00:00:00+00"),
            ]
        ):
            connection.execute(f"INSERT INTO everything(id, {column}) VALUES ({number}, '{value}')")
    year = "lies before the year 1 or after the year 9999"
    assert lake.refused(f"duckdb:///{path}", made).startswith(
        f"Rejected: dataset everything: column D is infinite in 1 row(s); column D {year} in 1 row(s); "
        "column Dp is infinite or not a number in 2 row(s); column Huge does not fit decimal(38,0) in 1 row(s); "
        "column Ns is finer than a microsecond in 1 row(s); column Ts is infinite in 1 row(s); "
        f"column Tz {year} (in UTC) in 1 row(s) | "
    )
