"""Loading deliveries into DuckDB: the values, the order, repeats, and what a crash leaves."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.running import Sluis, sluis
from receive.writer import CsvFile, Row, deleted_keys, deliver, edit, key, rewrite
from sluis.errors import Rejected, Retryable
from sluis.receive.load import LoadReport, load

__all__ = ["sluis"]

COLUMNS = {
    "Nummer": "integer",
    "Bedrag": "number",
    "Dag": "date",
    "Moment": "datetime",
    "Ja": "boolean",
    "Tekst": "string",
}
TEXT = {"Tekst": "string"}


class Inbox:
    """A configuration's folder and the database that it is loaded into."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "Productie"
        self.database = folder / "loaded.duckdb"
        self.into = f"duckdb:///{self.database}"

    def deliver(self, sequence: int, *files: CsvFile, **info: Any) -> Path:
        return deliver(self.root, sequence, *files, **info)

    def load(self, folder: Path | None = None) -> LoadReport:
        return load(folder or self.root, self.into)

    def query(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def texts(self, table: str = "Fact_Verzuim") -> dict[str, str | None]:
        return dict(self.query(f'SELECT "PrimaryKey", "Tekst" FROM "{table}"'))

    @property
    def sequences(self) -> list[int]:
        return [row[0] for row in self.query("SELECT sequence FROM _sluis_loaded ORDER BY sequence")]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def fact(*rows: tuple[str, str, str | None], mode: str = "changes", **options: Any) -> CsvFile:
    """``Fact_Verzuim`` with one column; each row is Mutatie, the name of its key, and its text."""
    made: list[Row] = [(letter, name, [text] if letter != "D" else []) for letter, name, text in rows]
    return CsvFile("Fact_Verzuim", TEXT, made, mode=mode, **options)


START = fact(("I", "a", "1"), ("I", "b", "2"), ("I", "c", "3"), mode="full")
CHANGE = fact(("U", "a", "1b"), ("D", "b", None), ("I", "d", "4"))
AFTER = {key("a"): "1b", key("c"): "3", key("d"): "4"}

VALUES: list[tuple[str, Sequence[str | None], tuple[Any, ...]]] = [
    ("null", [None] * 6, (None,) * 6),
    ("empty text", [None] * 5 + [""], (None,) * 5 + ("",)),
    (
        "first",
        ["-9223372036854775808", "-" + "9" * 36 + ".99", "0001-01-01", "0001-01-01T00:00:00Z", "0", 'a"b'],
        (-(2**63), Decimal("-" + "9" * 36 + ".99"), dt.date(1, 1, 1), dt.datetime(1, 1, 1), False, 'a"b'),
    ),
    (
        "last",
        ["9223372036854775807", "9" * 36 + ".01", "9999-12-31", "9999-12-31T23:59:59.999999Z", "1", "a\nb\r\nc\rd"],
        (
            2**63 - 1,
            Decimal("9" * 36 + ".01"),
            dt.date(9999, 12, 31),
            dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
            True,
            "a\nb\r\nc\rd",
        ),
    ),
    (
        "odd",
        ["0", "0.00", "2028-02-29", "2026-10-25T00:30:00Z", "1", " é 😀 ,;'\t\\ NULL =1+1 "],
        (0, Decimal("0.00"), dt.date(2028, 2, 29), dt.datetime(2026, 10, 25, 0, 30), True, " é 😀 ,;'\t\\ NULL =1+1 "),
    ),
    ("blank", ["7", "1.10", None, None, None, " "], (7, Decimal("1.10"), None, None, None, " ")),
    ("quote", [None] * 5 + ['"'], (None,) * 5 + ('"',)),
    ("long", [None] * 5 + ["x" * 3_000_000], (None,) * 5 + ("x" * 3_000_000,)),
]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("mutatie", [False, True])
def test_every_value_arrives_as_it_was(inbox: Inbox, *, compressed: bool, mutatie: bool) -> None:
    rows: list[Row] = [("I", name, texts) for name, texts, _ in VALUES]
    inbox.deliver(1, CsvFile("Fact_Verzuim", COLUMNS, rows, compressed=compressed, mutatie=mutatie))
    inbox.load()
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    found = {row[0]: row[1:] for row in inbox.query(f'SELECT "PrimaryKey", {names} FROM "Fact_Verzuim"')}
    assert found == {key(name): values for name, _, values in VALUES}


def test_the_table_has_the_columns_of_the_row_with_their_types(inbox: Inbox) -> None:
    inbox.deliver(1, CsvFile("Fact_Verzuim", COLUMNS, [("I", "a", ["1", "12.50", None, None, None, None])]))
    inbox.load()
    described = inbox.query(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name LIKE 'F%'"
    )
    assert described == [
        ("PrimaryKey", "VARCHAR", False),
        ("RecordKey", "VARCHAR", True),
        ("Fact_VerzuimID", "VARCHAR", True),
        ("Nummer", "BIGINT", True),
        ("Bedrag", "DECIMAL(18,2)", True),
        ("Dag", "DATE", True),
        ("Moment", "TIMESTAMP", True),
        ("Ja", "BOOLEAN", True),
        ("Tekst", "VARCHAR", True),
    ]


def test_a_full_file_replaces_and_changes_are_applied(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.deliver(2, CHANGE, ended=["Fact_Oud"])
    report = inbox.load()
    assert inbox.texts() == AFTER
    assert [(one.sequence, one.ended, one.files[0].written, one.files[0].deleted) for one in report.loaded] == [
        (1, (), 3, 0),
        (2, ("Fact_Oud",), 2, 1),
    ]
    inbox.deliver(3, fact(("I", "z", "26"), ("D", "a", None), mode="full"))
    assert inbox.load().last == 3
    assert inbox.texts() == {key("z"): "26"}


def test_who_loads_hears_which_files_left_and_keeps_their_tables(inbox: Inbox, sluis: Sluis) -> None:
    """Also of a delivery that is passed over after a gap; not of a file that came back."""
    old, back = (CsvFile(name, TEXT, [("I", "a", ["1"])]) for name in ("Fact_Oud", "Fact_Terug"))
    inbox.deliver(1, START, old, back)
    inbox.load()
    inbox.deliver(7, CHANGE, ended=["Fact_Oud", "Fact_Terug"])
    inbox.deliver(8, START, back)
    inbox.deliver(9, CHANGE, ended=["Fact_Terug"])
    report = inbox.load()
    assert report.left == {"Fact_Oud": 7, "Fact_Terug": 9}
    assert [(one.sequence, one.ended) for one in report.skipped if one.reason == "superseded"] == [
        (7, ("Fact_Oud", "Fact_Terug"))
    ]
    assert inbox.texts("Fact_Oud") == {key("a"): "1"}
    assert inbox.load().left == {}
    arguments = ("load", str(inbox.root), "--into", inbox.into)
    shown = sluis(*arguments, "--json").json["skipped"]
    assert [(one["sequence"], one["reason"]) for one in shown if "Fact_Oud" in one["ended"]] == [(7, "older")]
    inbox.database.unlink()
    said = sluis(*arguments).out
    assert "Fact_Oud left the configuration with delivery 7; its table is kept" in said
    assert "Fact_Terug left the configuration with delivery 9" in said


def test_the_older_form_names_deleted_keys_in_a_file(inbox: Inbox) -> None:
    inbox.deliver(1, fact(("I", "a", "1"), ("I", "b", "2"), mode="full", mutatie=False))
    changed = fact(("U", "a", "1b"), ("I", "d", "4"), mutatie=False)
    inbox.deliver(2, changed, deleted_keys("Fact_Verzuim", ["b", "never seen"]))
    report = inbox.load()
    assert inbox.texts() == {key("a"): "1b", key("d"): "4"}
    assert (report.loaded[1].files[0].written, report.loaded[1].files[0].deleted) == (2, 1)
    full = fact(("I", "d", "5"), mode="full", mutatie=False)
    inbox.deliver(3, full, deleted_keys("Fact_Verzuim", ["a"], mode="full"))
    inbox.load()
    assert inbox.texts() == {key("d"): "5"}
    assert inbox.query("SELECT table_name FROM duckdb_tables() ORDER BY 1") == [("Fact_Verzuim",), ("_sluis_loaded",)]


def test_loading_again_changes_nothing(inbox: Inbox) -> None:
    first = inbox.deliver(1, START)
    inbox.deliver(2, CHANGE)
    inbox.load()
    before = inbox.query("SELECT * FROM _sluis_loaded ORDER BY ALL")
    again = inbox.load()
    assert again.loaded == ()
    assert [(one.sequence, one.reason) for one in again.skipped] == [(1, "loaded"), (2, "loaded")]
    assert inbox.load(first).skipped[0].reason == "loaded"
    assert inbox.texts() == AFTER
    assert inbox.query("SELECT * FROM _sluis_loaded ORDER BY ALL") == before


def test_new_deliveries_are_taken_up_where_it_stopped(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.load()
    second = inbox.deliver(2, CHANGE)
    assert [one.sequence for one in inbox.load(second).loaded] == [2]
    assert inbox.texts() == AFTER


def test_a_gap_is_refused_and_what_is_loaded_stays(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.deliver(3, CHANGE, previous=2)
    with pytest.raises(Rejected, match=r"delivery 3 follows 2, and the last one loaded is 1") as caught:
        inbox.load()
    assert "ask for a full one" in caught.value.remedy
    assert inbox.sequences == [1]
    assert inbox.texts() == {key("a"): "1", key("b"): "2", key("c"): "3"}


def test_one_file_of_changes_is_enough_to_refuse_a_gap(inbox: Inbox) -> None:
    inbox.deliver(1, START, CsvFile("Dim_Werknemer", TEXT))
    inbox.deliver(3, fact(mode="full"), CsvFile("Dim_Werknemer", TEXT, mode="changes"))
    with pytest.raises(Rejected, match="follows 2"):
        inbox.load()


def test_a_wholly_full_delivery_may_follow_a_gap(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.load()
    inbox.deliver(5, fact(("I", "z", "26"), mode="full"), previous=4)
    inbox.deliver(6, fact(("I", "y", "25")))
    assert [one.sequence for one in inbox.load().loaded] == [5, 6]
    assert inbox.texts() == {key("z"): "26", key("y"): "25"}
    late = inbox.deliver(4, CHANGE)
    assert [(one.sequence, one.reason) for one in inbox.load(late).skipped] == [(4, "older")]
    assert inbox.texts() == {key("z"): "26", key("y"): "25"}


def test_what_cannot_follow_is_passed_over_where_a_full_delivery_comes_later(inbox: Inbox) -> None:
    inbox.deliver(7, CHANGE)
    inbox.deliver(8, CHANGE)
    with pytest.raises(Rejected, match="delivery 7 follows 6, and nothing is loaded yet"):
        inbox.load()
    inbox.deliver(9, START)
    report = inbox.load()
    assert [(one.sequence, one.reason) for one in report.skipped] == [(7, "superseded"), (8, "superseded")]
    assert [one.sequence for one in report.loaded] == [9]


def test_the_first_delivery_cannot_be_changes(inbox: Inbox) -> None:
    inbox.deliver(1, CHANGE, previous=None)
    with pytest.raises(Rejected, match="a table that does not exist here"):
        inbox.load()
    assert inbox.sequences == []


def test_another_configuration_is_refused(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.load()
    other = deliver(inbox.root.parent / "Proef", 2, CHANGE, configuration="Proef")
    with pytest.raises(Rejected, match=r"Productie.*Proef"):
        inbox.load(other)
    assert inbox.sequences == [1]


def test_another_delivery_with_a_loaded_number_is_refused(inbox: Inbox) -> None:
    folder = inbox.deliver(1, START)
    inbox.load()
    edit(folder, lambda manifest: manifest["sluis"].update(id="someone else"))
    with pytest.raises(Rejected, match="another delivery with number 1"):
        inbox.load()


def test_new_columns_come_with_a_full_file(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.load()
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute('CREATE VIEW mine AS SELECT "Tekst" FROM "Fact_Verzuim"')
    wider = CsvFile("Fact_Verzuim", {**TEXT, "Nummer": "integer"}, [("I", "a", ["1", "5"])])
    inbox.deliver(2, wider)
    inbox.load()
    assert inbox.query('SELECT "Tekst", "Nummer" FROM "Fact_Verzuim"') == [("1", 5)]
    assert inbox.query("SELECT * FROM mine") == [("1",)]
    narrow = inbox.deliver(3, CHANGE)
    with pytest.raises(Rejected, match="has other columns than the table") as caught:
        inbox.load(narrow)
    assert "full delivery" in caught.value.remedy


def _numbers(*values: str, mode: str = "changes") -> CsvFile:
    rows: list[Row] = [("I", value, [value, value]) for value in values]
    return CsvFile("Fact_Getal", {"Bedrag": "number", "Tekst": "string"}, rows, mode=mode)


@pytest.mark.parametrize(
    ("first", "then", "kind"),
    [
        (["1.5"], ["2.50"], "DECIMAL(38,2)"),
        (["1.50"], ["2.5"], "DECIMAL(18,2)"),
        ([], ["12"], "DECIMAL(18,0)"),
        ([], ["0.125"], "DECIMAL(38,3)"),
        (["1.50"], ["9" * 36 + ".99"], "DECIMAL(38,2)"),
        (["9" * 38], [], "DECIMAL(38,0)"),
        (["0.0000000001"], ["-" + "9" * 28], "DECIMAL(38,10)"),
    ],
)
def test_a_number_widens_its_column_and_is_never_rounded(
    inbox: Inbox, first: list[str], then: list[str], kind: str
) -> None:
    inbox.deliver(1, _numbers(*first, mode="full"))
    inbox.deliver(2, _numbers(*then))
    inbox.load()
    assert inbox.query("SELECT data_type FROM duckdb_columns() WHERE column_name = 'Bedrag'") == [(kind,)]
    found = inbox.query('SELECT "Bedrag", "Tekst" FROM "Fact_Getal"')
    assert len(found) == len(first) + len(then)
    assert all(number == Decimal(text) for number, text in found)


def test_a_number_that_does_not_fit_what_is_there_asks_for_a_full_delivery(inbox: Inbox) -> None:
    inbox.deliver(1, _numbers("9" * 38, mode="full"))
    inbox.deliver(2, _numbers("0.5"))
    with pytest.raises(Rejected, match="cannot hold Bedrag") as caught:
        inbox.load()
    assert "full delivery" in caught.value.remedy
    assert inbox.sequences == [1]


@pytest.mark.parametrize(
    ("own", "undo"),
    [
        ('CREATE UNIQUE INDEX mine ON "Fact_Getal" ("PrimaryKey")', "DROP INDEX mine"),
        ('CREATE INDEX mine ON "Fact_Getal" ("Tekst")', "DROP INDEX mine"),
        ('CREATE INDEX mine ON "Fact_Getal" ("Bedrag")', "DROP INDEX mine"),
        ('ALTER TABLE "Fact_Getal" ALTER "Tekst" SET NOT NULL', 'ALTER TABLE "Fact_Getal" ALTER "Tekst" DROP NOT NULL'),
    ],
)
def test_an_index_or_a_constraint_of_the_receiver_is_named_and_nothing_is_lost(
    inbox: Inbox, own: str, undo: str
) -> None:
    """Rows that are replaced, a type that widens, and an empty text where none may be."""
    inbox.deliver(1, _numbers(*map(str, range(3000)), mode="full"))
    inbox.load()
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute(own)
    changed: list[Row] = [("U", "1", ["0.125", None]), ("U", "2", ["2", "secret text"])]
    inbox.deliver(2, CsvFile("Fact_Getal", {"Bedrag": "number", "Tekst": "string"}, changed, mode="changes"))
    with pytest.raises(Rejected, match="cannot change the table Fact_Getal, because of an index") as caught:
        inbox.load()
    assert ("(indexes: mine)" in str(caught.value)) == ("INDEX" in own)
    assert "on a copy of the table" in caught.value.remedy
    assert key("1") not in str(caught.value)
    assert inbox.sequences == [1]
    assert inbox.query('SELECT count(*), sum("Bedrag") FROM "Fact_Getal"') == [(3000, 4498500)]
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute(undo)
    assert inbox.load().last == 2
    assert inbox.query('SELECT sum("Bedrag") FROM "Fact_Getal"') == [(Decimal("4498499.125"),)]


def test_integers_beyond_64_bits_fit(inbox: Inbox) -> None:
    columns = {"Nummer": "integer"}
    inbox.deliver(1, CsvFile("Fact_Getal", columns, [("I", "a", ["1"])]))
    inbox.deliver(2, CsvFile("Fact_Getal", columns, [("I", "b", ["9" * 38])], mode="changes"))
    inbox.load()
    assert inbox.query('SELECT "Nummer" FROM "Fact_Getal" ORDER BY 1') == [(1,), (10**38 - 1,)]


def test_a_damaged_file_leaves_nothing_of_its_delivery(inbox: Inbox) -> None:
    inbox.deliver(1, START, CsvFile("Fact_Later", TEXT, [("I", "x", ["1"])]))
    second = inbox.deliver(2, CHANGE, CsvFile("Fact_Later", TEXT, [("I", "y", ["2"])], mode="changes"))
    rewrite(second, "Fact_Later.csv", lambda content: content.replace(key("y").encode(), key("Y").upper().encode()))
    with pytest.raises(Rejected, match=r"Fact_Later\.csv: 1 rows have a PrimaryKey") as caught:
        inbox.load()
    assert "copy the folder again" in caught.value.remedy
    assert inbox.sequences == [1]
    assert inbox.texts() == {key("a"): "1", key("b"): "2", key("c"): "3"}


@pytest.mark.parametrize("name", ["Fact_Verzuim.csv", "datapackage.json"])
def test_an_incomplete_copy_is_refused_and_loads_once_it_is_complete(inbox: Inbox, name: str) -> None:
    inbox.deliver(1, START)
    path = inbox.deliver(2, CHANGE) / name
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    with pytest.raises(Rejected):
        inbox.load()
    assert inbox.sequences == [1]
    path.write_bytes(content)
    inbox.load()
    assert inbox.texts() == AFTER


def test_a_key_both_changed_and_deleted_is_refused(inbox: Inbox) -> None:
    inbox.deliver(1, fact(("I", "a", "1"), mode="full", mutatie=False))
    inbox.deliver(2, fact(("U", "a", "2"), mutatie=False), deleted_keys("Fact_Verzuim", ["a"]))
    with pytest.raises(Rejected, match="1 deleted keys stand in"):
        inbox.load()


def test_what_is_written_for_a_spreadsheet_is_refused(inbox: Inbox) -> None:
    folder = inbox.deliver(1, START)
    edit(folder, lambda manifest: manifest["resources"][0].update(dialect={"delimiter": ";"}))
    with pytest.raises(Rejected, match="for a spreadsheet") as caught:
        inbox.load()
    assert "standard CSV" in caught.value.remedy


def test_a_view_in_the_way_is_named(inbox: Inbox) -> None:
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute('CREATE VIEW "Fact_Verzuim" AS SELECT 1 AS one')
    inbox.deliver(1, START)
    with pytest.raises(Rejected, match="something else than a table called Fact_Verzuim"):
        inbox.load()


@pytest.mark.parametrize(
    "into", ["postgresql://localhost/x", "duckdb://x", "x.duckdb", "duckdb:///", "duckdb:///:memory:"]
)
def test_other_targets_are_refused_with_what_to_do(inbox: Inbox, into: str) -> None:
    inbox.deliver(1, START)
    with pytest.raises(Rejected) as caught:
        load(inbox.root, into)
    assert "duckdb:///FILE" in caught.value.remedy


def test_a_file_that_is_no_database_is_refused(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    inbox.database.write_text("no database " * 1000)
    with pytest.raises(Rejected, match="cannot be opened"):
        inbox.load()
    with pytest.raises(Rejected, match="cannot be opened"):
        load(inbox.root, f"duckdb:///{inbox.root}/nowhere/x.duckdb")


def test_a_database_in_use_is_tried_later(inbox: Inbox) -> None:
    inbox.deliver(1, START)
    hold = f"import duckdb; c = duckdb.connect({str(inbox.database)!r}); print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(Retryable, match="another process"):
            inbox.load()
        process.communicate(b"\n")
    with duckdb.connect(str(inbox.database)), pytest.raises(Retryable, match="open elsewhere in this process"):
        inbox.load()
    inbox.load()


CRASH = """
import os, signal, sys
from sluis.receive.load import load

def crash(file):
    if file.mode == "changes":
        os.kill(os.getpid(), signal.SIGKILL)

load(sys.argv[1], sys.argv[2], on_file=crash)
"""


def test_a_crash_in_the_middle_leaves_nothing_half(inbox: Inbox) -> None:
    """The process is killed after the first table of the second delivery was changed."""
    many: list[Row] = [("I", str(number), ["first"]) for number in range(20_000)]
    other = CsvFile("Fact_Later", TEXT, [("I", "x", ["1"])])
    inbox.deliver(1, CsvFile("Fact_Verzuim", TEXT, many), other)
    changed: list[Row] = [("U", name, ["second"]) for _, name, _ in many]
    inbox.deliver(
        2, CsvFile("Fact_Verzuim", TEXT, changed, mode="changes"), CsvFile("Fact_Later", TEXT, mode="changes")
    )
    done = subprocess.run([sys.executable, "-c", CRASH, str(inbox.root), inbox.into], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert inbox.sequences == [1]
    assert set(inbox.texts().values()) == {"first"}
    assert [one.sequence for one in inbox.load().loaded] == [2]
    assert set(inbox.texts().values()) == {"second"}
    assert len(inbox.texts()) == 20_000


PEAK = """
import pathlib, re, sys
from sluis.receive.load import load
from sluis.receive.verify import verify

assert verify(sys.argv[1], memory_limit="200MB").ok
load(sys.argv[1], sys.argv[2], memory_limit="200MB")
print(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


def _peak(inbox: Inbox, number: int) -> float:
    """MiB that a process needs at most to verify and load what is there, into a new database."""
    into = f"duckdb:///{inbox.root.parent / f'peak-{number}.duckdb'}"
    done = subprocess.run([sys.executable, "-c", PEAK, str(inbox.root), into], check=True, stdout=subprocess.PIPE)
    return int(done.stdout) / 1024


def test_memory_stays_bounded(inbox: Inbox) -> None:
    """A file of more than the limit, in a process of its own so that its peak can be measured."""
    rows: list[Row] = [("I", str(number), ["x" * 4000]) for number in range(50_000)]
    folder = inbox.deliver(1, CsvFile("Fact_Verzuim", TEXT, rows))
    assert (folder / "Fact_Verzuim.csv").stat().st_size > 200_000_000
    # What the allocator gives back late comes on top now and then, so not every run shows what is needed.
    peaks = (_peak(inbox, number) for number in range(3))
    assert any(peak < 600 for peak in peaks)
    inbox.database = inbox.root.parent / "peak-0.duckdb"
    assert inbox.query('SELECT count(*), count(DISTINCT "PrimaryKey") FROM "Fact_Verzuim"') == [(50_000, 50_000)]


NAMES = st.sampled_from("abcdefgh")
TEXTS = st.none() | st.text(max_size=6).filter(lambda text: "\0" not in text and text.isprintable()) | st.just('"\n')
STATES = st.lists(st.tuples(st.dictionaries(NAMES, TEXTS, max_size=8), st.booleans()), min_size=1, max_size=5)


def _between(before: dict[str, str | None], after: dict[str, str | None]) -> list[tuple[str, str, str | None]]:
    gone: list[tuple[str, str, str | None]] = [("D", name, None) for name in before if name not in after]
    changed = [name for name in after if name not in before or before[name] != after[name]]
    return gone + [("U" if name in before else "I", name, after[name]) for name in changed]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states=STATES, mutatie=st.booleans())
def test_replaying_gives_the_last_state(
    tmp_path_factory: pytest.TempPathFactory, *, states: list[tuple[dict[str, str | None], bool]], mutatie: bool
) -> None:
    inbox = Inbox(tmp_path_factory.mktemp("replay"))
    had: dict[str, str | None] = {}
    for sequence, (state, full) in enumerate(states, 1):
        rows = _between(had, state)
        mode = "full" if full or sequence == 1 else "changes"
        if mode == "full":
            rows = [("I", name, text) for name, text in state.items()] + [row for row in rows if row[0] == "D"]
        if mutatie:
            inbox.deliver(sequence, fact(*rows, mode=mode))
        else:
            living = fact(*(row for row in rows if row[0] != "D"), mode=mode, mutatie=False)
            gone = deleted_keys("Fact_Verzuim", [name for letter, name, _ in rows if letter == "D"], mode=mode)
            inbox.deliver(sequence, living, gone)
        had = state
    inbox.load()
    assert inbox.texts() == {key(name): text for name, text in had.items()}
