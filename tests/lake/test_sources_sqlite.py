"""SQLite as a source: one moment, values as they are, failures that say what to mend."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lake.source_lake import HEAVY, PAIRS, UPDATES, Lake, Wish, catalog, lake, one_moment, pairs
from sluis.lake import sources

__all__ = ["lake"]

EVERYTHING = Wish(
    "SELECT id AS Id, d AS D, dt AS Dt, t AS T, i AS I, r AS R, n AS N, CAST(b AS BOOLEAN) AS B FROM source.everything",
    {
        "Id": "integer",
        "D": "date",
        "Dt": "timestamp",
        "T": "text",
        "I": "integer",
        "R": "decimal(12,3)",
        "N": "decimal(20,2)",
        "B": "boolean",
    },
)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "app.db", check_same_thread=False, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE everything (id INTEGER PRIMARY KEY, d DATE, dt DATETIME, t TEXT, i INTEGER, r REAL, "
            "n DECIMAL(20,2), b BOOLEAN)"
        )
        yield connection


@pytest.fixture
def url(source: sqlite3.Connection, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'app.db'}"


def test_all_tables_show_one_moment(lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path) -> None:
    source.executescript(PAIRS)
    source.executemany("INSERT INTO heavy VALUES (?, ?)", HEAVY)

    def commit() -> None:
        source.execute("BEGIN")
        for statement in UPDATES:
            source.execute(statement)
        source.execute("COMMIT")

    one_moment(lake, url, pairs(tmp_path / "catalog"), commit)


def test_a_late_commit_is_in_the_next_refresh(lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", everything=Wish("SELECT id AS Id FROM source.everything", {"Id": "integer"}))
    source.execute("BEGIN IMMEDIATE")
    source.execute("INSERT INTO everything(id) VALUES (1)")
    lake.refresh(url, made)
    assert lake.rows(made)["everything"] == []
    source.execute("COMMIT")
    lake.refresh(url, made)
    assert lake.rows(made)["everything"] == [("1",)]


def test_values_come_as_they_are(lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    source.executemany(
        "INSERT INTO everything VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (1, "0001-01-01", "2026-03-29 02:30:00", "", 2**63 - 1, 1.5, 12345.67, 1),
            (2, "9999-12-31", "2026-10-25T02:30:00.123456", "a\"b\n'c' 😀\t", -(2**63), -0.125, 2**53, 0),
            (3, "2026-02-28 00:00:00", "2026-07-01", " x ", 0, 3, "7.10", True),
            (4, None, None, None, None, None, None, None),
        ],
    )
    lake.refresh(url, made)
    columns = list(made.datasets["everything"].columns)
    rows = [dict(zip(columns, row, strict=True)) for row in lake.rows(made)["everything"]]
    assert {row["Id"]: row for row in rows} == {
        "1": {
            "Id": "1",
            "D": "0001-01-01",
            # The hour that the clock skips is read as if the change had not come yet.
            "Dt": "2026-03-29T01:30:00Z",
            "T": "",
            "I": "9223372036854775807",
            "R": "1.500",
            "N": "12345.67",
            "B": "1",
        },
        "2": {
            "Id": "2",
            "D": "9999-12-31",
            # The hour that the clock shows twice is the second one.
            "Dt": "2026-10-25T01:30:00.123456Z",
            "T": "a\"b\n'c' 😀\t",
            "I": "-9223372036854775808",
            "R": "-0.125",
            "N": "9007199254740992.00",
            "B": "0",
        },
        "3": {
            "Id": "3",
            "D": "2026-02-28",
            "Dt": "2026-06-30T22:00:00Z",
            "T": " x ",
            "I": "0",
            "R": "3.000",
            "N": "7.10",
            "B": "1",
        },
        "4": {"Id": "4", "D": None, "Dt": None, "T": None, "I": None, "R": None, "N": None, "B": None},
    }


def test_values_that_do_not_fit_their_column_are_refused(
    lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path
) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    lake.refresh(url, made)
    loose: dict[str, tuple[object, ...]] = {
        "d": ("geheim", "2026-02-31", "2026-02-28 12:13:14", 20260101, "infinity", "-0044-03-15", "", "12345-06-07"),
        "dt": (
            "2026-01-01 12:00:00+02:00",
            "2026-01-01T12:00:00Z",
            "2026-01-01 12:00:00.1234567",
            "2026-01-01 25:00:00",
            "2026-02-31 12:00:00",
            "2026-02-31",
            1767225600,
            2461000.5,
            "infinity",
        ),
        "i": ("geheim", 1.5, b"1"),
        "r": ("geheim", "NaN", 2**53 + 1),
        "n": (2**53 + 1, "geheim"),
        "t": (b"geheim",),
    }
    with lake.unchanged():
        for column, values in loose.items():
            source.execute("DELETE FROM everything")
            source.executemany(f"INSERT INTO everything({column}) VALUES (?)", [(value,) for value in values])
            told = lake.refused(url, made)
            stored_as_a_double = column == "r"  # SQLite itself rounds what goes into a REAL
            count = len(values) - stored_as_a_double
            assert told.startswith(f"Rejected: dataset everything: column {column} of table everything holds ")
            assert f" in {count} row(s)" in told
            assert "geheim" not in told
        source.execute("DELETE FROM everything")
        source.execute("INSERT INTO everything(r) VALUES (9e999), (-9e999)")
        assert "dataset everything: column R is infinite or not a number in 2 row(s)" in lake.refused(url, made)


def test_text_that_is_no_utf8_is_refused(lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    source.execute("INSERT INTO everything(id, t) VALUES (1, CAST(x'67656865696dff' AS TEXT))")
    told = lake.refused(url, made)
    assert told.startswith("Rejected: dataset everything: column t of table everything holds a value that cannot be ")
    assert "geheim" not in told


def test_a_view_means_what_it_means_in_sqlite(lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path) -> None:
    source.execute("INSERT INTO everything(id, dt, t) VALUES (7, '2026-01-01T12:00:00+02:00', 'Abc')")
    source.execute(
        "CREATE VIEW Half AS SELECT id, id / 2 AS half, t = 'abc' COLLATE NOCASE AS same, CAST(dt AS TEXT) AS moment "
        "FROM everything"
    )
    source.execute("CREATE VIEW broken AS SELECT gone FROM nowhere")
    made = catalog(
        tmp_path / "catalog",
        half=Wish(
            "SELECT id AS Id, CAST(half AS INTEGER) AS Half, same = '1' AS Same, CAST(moment AS TIMESTAMPTZ) AS Moment "
            "FROM source.half",
            {"Id": "integer", "Half": "integer", "Same": "boolean", "Moment": "timestamp"},
        ),
    )
    lake.refresh(url, made)
    assert list(made.datasets["half"].columns) == ["Half", "Id", "Moment", "Same"]
    assert lake.rows(made)["half"] == [("3", "7", "2026-01-01T10:00:00Z", "1")]


def test_a_table_or_column_that_went_is_named(lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    lake.refresh(url, made)
    with lake.unchanged():
        source.execute("ALTER TABLE everything RENAME COLUMN dt TO moment")
        assert "dataset everything: table everything has no column dt (any more)" in lake.refused(url, made)
        source.execute("DROP TABLE everything")
        assert "dataset everything reads source.everything, which the source does not have" in lake.refused(url, made)


def test_a_file_that_cannot_be_read_changes_nothing(
    lake: Lake, source: sqlite3.Connection, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = catalog(tmp_path / "catalog", everything=EVERYTHING)
    lake.refresh(url, made)
    with lake.unchanged():
        assert "Rejected: there is no file" in lake.refused(f"sqlite:///{tmp_path / 'other.db'}", made)
        (tmp_path / "text.db").write_text("no database at all " * 100)
        assert "Retryable: the source cannot be opened" in lake.refused(f"sqlite:///{tmp_path / 'text.db'}", made)
        source.execute("PRAGMA journal_mode = DELETE")
        source.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sources, "_LONGEST_WAIT_SECONDS", 0.2)
        assert "Retryable: the source cannot be opened: the database is locked" in lake.refused(url, made)
        source.execute("COMMIT")
    lake.refresh(url, made)
