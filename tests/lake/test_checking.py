"""What trying a catalogue on a source brings to light: everything at once, and never a value of a row."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pytest

from cli.running import Result, Sluis, sluis
from lending import CATALOG, SCHEMA, make
from sluis import settings
from sluis.catalog.loader import load
from sluis.errors import Retryable
from sluis.lake import patterns
from sluis.lake.checking import try_queries
from sluis.lake.findings import Finding, Report, share
from sluis.lake.session import Limits, open_session
from sluis.lake.sources import Source
from sluis.lake.staging import Moment

__all__ = ["sluis"]

MOMENT = Moment(dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC), "Europe/Amsterdam")
BSN = ["111222333", "123456782", "999990019", "999990020", "999990032"]
IBAN = ["NL91ABNA0417164300", "BE68 5390 0754 7034", "de89370400440532013000"]


@dataclass
class Trial:
    source: sqlite3.Connection
    folder: Path

    def change(self, statements: str) -> None:
        self.source.executescript(statements)
        self.source.commit()

    def rewrite(self, name: str, old: str, new: str) -> None:
        """Change the text of a file of the catalogue."""
        path = self.folder / "catalog" / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def query(self, dataset: str, sql: str) -> None:
        (self.folder / "catalog" / "datasets" / f"{dataset}.sql").write_text(sql, "utf-8")

    def run(self, url: str = "", threads: int = 2) -> Report:
        source = Source.parse(url or f"sqlite:///{self.folder / 'lending.db'}")
        scratch, limits = self.folder / "scratch", Limits("300MB", threads)
        report = try_queries(load(str(self.folder / "catalog")), source, MOMENT, scratch=scratch, limits=limits)
        assert list(scratch.iterdir()) == []
        return report

    def found(self, **expected: object) -> list[Finding]:
        """The findings, which must be of the kinds that are told, each so many times."""
        report = self.run()
        kinds = [finding.kind.replace("-", "_") for finding in report.findings]
        assert {kind: kinds.count(kind) for kind in kinds} == expected, [f.message for f in report.findings]
        return list(report.findings)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    shutil.copytree(CATALOG, tmp_path / "catalog")
    with closing(make(tmp_path / "lending.db")) as connection:
        yield Trial(connection, tmp_path)


def test_a_clean_source_gives_nothing(trial: Trial) -> None:
    before = (trial.folder / "lending.db").read_bytes()
    report = trial.run()
    assert report.findings == ()
    assert report.rows == {"branch": 3, "edition": 3, "loan": 3, "member": 5, "note": 2, "placement": 3}
    assert (trial.folder / "lending.db").read_bytes() == before


def test_everything_is_told_at_once(trial: Trial) -> None:
    trial.change("DROP TABLE placement; ALTER TABLE edition RENAME COLUMN printing TO p; UPDATE branch SET town = NULL")
    trial.query("note", 'SELECT nothing AS "About", about_id AS "AboutId", score AS "Score" FROM source.note WHERE nor')
    found = trial.found(missing_table=1, missing_column=3, empty=1)
    assert [(f.severity, f.dataset, f.message) for f in found] == [
        ("note", "branch", "column Town of Dim_Branch is empty in every row"),
        ("error", "edition", "table edition has no column printing (any more)"),
        ("error", "note", "table note has no column nor (any more)"),
        ("error", "note", "table note has no column nothing (any more)"),
        ("error", "placement", "reads source.placement, which the source does not have (any more)"),
    ]
    assert all(f.remedy for f in found)


def test_every_missing_column_of_a_query_with_aliases_is_told(trial: Trial) -> None:
    trial.query("branch", 'SELECT b.cod AS "Code", b.twn AS "Town" FROM source.branch AS b')
    assert [f.column for f in trial.found(missing_column=2)] == ["cod", "twn"]


def test_a_query_that_is_not_allowed_does_not_hide_the_others(trial: Trial) -> None:
    trial.query("branch", 'SELECT code AS "Code", CAST(now() AS VARCHAR) AS "Town" FROM source.branch')
    trial.query("edition", "SELECT nonsense(1) FROM source.edition")
    trial.change("UPDATE member SET condition = NULL")
    found = trial.found(query=2, empty=1)
    assert "uses now" in found[0].message
    assert "nonsense" in found[1].message


def test_types_and_columns_that_the_query_does_not_give(trial: Trial) -> None:
    trial.query("edition", 'SELECT title_id AS "TitleId", CAST(printing AS VARCHAR) AS "Printing" FROM source.edition')
    found = trial.found(type=1, missing_result=1)
    assert [f.message for f in found] == [
        "column Printing is VARCHAR, the catalogue says integer",
        "the query gives no column Title",
    ]


def test_values_that_do_not_fit_are_counted_per_column(trial: Trial) -> None:
    trial.change(
        f"UPDATE member SET name = '{'secret' * 20}', fine = '12' WHERE id < 3; UPDATE member SET postcode = 'secret-longer' WHERE id = 1;"
        "UPDATE branch SET code = NULL WHERE code = 'a'; UPDATE member SET joined = '0000-01-01 00:00:00' WHERE id = 2"
    )
    found = trial.found(value=3, empty_key=1, loose_reference=1)
    assert {(f.dataset, f.column, f.rows, f.of) for f in found} == {
        ("member", "Name", 2, 5),
        ("member", "Postcode", 1, 5),
        ("member", "Joined", 1, 5),
        ("branch", "Code", 1, 3),
        ("placement", "Dim_BranchID", 1, 2),
    }
    assert next(f for f in found if f.column == "Postcode").message == (
        "column Postcode is longer than 10 characters in 1 of 5 rows (20%)"
    )


def test_values_that_stop_the_query_are_told_per_column(trial: Trial) -> None:
    trial.change("UPDATE member SET born = 'secret', fine = 'secret', name = 'x' WHERE id = 3")
    found = trial.found(value=2)
    assert [f.column for f in found] == ["Born", "Fine"]
    assert trial.run().rows["member"] == 5


def test_a_value_that_stops_a_condition(trial: Trial) -> None:
    trial.query("branch", 'SELECT code AS "Code", town AS "Town" FROM source.branch WHERE CAST(code AS INTEGER) > 0')
    assert [f.message for f in trial.found(value=1)] == ["a value does not fit in a condition of the query"]


def test_what_cannot_be_read_exactly_leaves_the_others_readable(trial: Trial) -> None:
    trial.change("UPDATE member SET active = 'secret' WHERE id = 1; UPDATE member SET card = x'00' WHERE id < 3")
    found = trial.found(unreadable=2)
    assert [(f.dataset, f.column, f.message) for f in found] == [
        ("member", "active", "column active of table member holds something else than a whole number in 1 row(s)"),
        ("member", "card", "column card of table member holds bytes instead of text in 2 row(s)"),
    ]
    assert set(trial.run().rows) == {"branch", "edition", "loan", "note", "placement"}


def test_duplicate_keys_are_counted_without_the_keys(trial: Trial) -> None:
    trial.query("branch", 'SELECT \'secret\' AS "Code", town AS "Town" FROM source.branch')
    duplicate, loose = trial.found(duplicate_key=1, loose_reference=1)
    assert (duplicate.message, duplicate.rows) == ("1 key(s) occur more than once, in 3 of 3 rows (100%)", 3)
    assert loose.severity == "error"


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ('SELECT code AS "Code", CAST(row_number() OVER () AS VARCHAR) AS "Town" FROM source.branch', "in Town, "),
        (
            'SELECT code AS "Code", (SELECT any_value(town) FROM source.branch) AS "Town" FROM source.branch',
            "in Town, ",
        ),
        ('SELECT code AS "Code", town AS "Town" FROM source.branch LIMIT 2', "in Code, "),
        (
            'SELECT CAST(row_number() OVER () AS VARCHAR) || town AS "Code", town AS "Town" FROM source.branch',
            "in Code, ",
        ),
        ("SELECT 'A' AS \"Code\", string_agg(code, ',') AS \"Town\" FROM source.branch", "in Town, "),
    ],
)
def test_a_query_with_another_answer_is_found(trial: Trial, sql: str, where: str) -> None:
    trial.change(
        "UPDATE branch SET town = 'Breda' WHERE town = ''; DELETE FROM placement; DELETE FROM branch WHERE town IS NULL"
    )
    trial.change("INSERT INTO branch VALUES ('c', 'Delft')")
    trial.query("branch", sql)
    found = [f for f in trial.run().findings if f.dataset == "branch" and f.kind != "empty-key"]
    assert [(f.severity, f.kind) for f in found] == [("error", "another-answer")]
    assert f"run again: {where}" in found[0].message


@pytest.mark.parametrize("threads", [1, 2])
def test_another_answer_over_many_rows(trial: Trial, threads: int) -> None:
    trial.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 130000) INSERT INTO branch SELECT 'x' || i, i % 7 FROM n"
    )
    trial.query(
        "branch",
        'SELECT code AS "Code", CAST(row_number() OVER (ORDER BY town) AS VARCHAR) AS "Town" FROM source.branch',
    )
    (found,) = trial.run(threads=threads).findings
    assert (found.kind, (found.rows or 0) > 100_000) == ("another-answer", True)


def test_a_sum_of_doubles_can_differ(trial: Trial) -> None:
    trial.change("CREATE TABLE reading (x REAL); INSERT INTO reading VALUES (0.1), (0.2), (0.3), (1e16), (-1e16)")
    trial.query(
        "branch",
        'SELECT code AS "Code", (SELECT CAST(sum(x) AS VARCHAR) FROM source.reading) AS "Town" FROM source.branch',
    )
    assert "decimals" in trial.found(another_answer=1)[0].remedy


def test_references_that_join_to_nothing(trial: Trial) -> None:
    """Of one part, of two, that may be empty, and that depend on the row."""
    trial.change(
        "UPDATE placement SET branch_code = 'gone' WHERE branch_code = 'a'; UPDATE loan SET printing = 9 WHERE id = 12;"
        "INSERT INTO note VALUES ('loan', 77, 1), ('member', 77, 1), ('member', 2, 1), ('shelf', 1, 1)"
    )
    found = trial.found(loose_reference=4, unknown_target=1)
    assert {(f.file, f.column, f.rows, f.of, f.severity) for f in found} == {
        ("Fact_Placement", "Dim_BranchID", 1, 2, "warning"),
        ("Fact_Loan", "Dim_EditionID", 1, 2, "warning"),
        ("Fact_Note", "AboutKey", 1, 2, "warning"),
        ("Fact_Note", "AboutKey", 1, 3, "warning"),
        ("Fact_Note", "AboutKey", 1, 6, "warning"),
    }
    assert any("where About says loan refers to no row of Fact_Loan in 1 of 2 rows (50%)" in f.message for f in found)


def test_references_of_which_none_joins_are_an_error(trial: Trial) -> None:
    trial.query(
        "placement",
        'SELECT printing + 50 AS "TitleId", title_id AS "Printing", branch_code AS "BranchCode", copies AS "Copies" FROM source.placement',
    )
    (found,) = trial.found(loose_reference=1)
    assert (found.severity, found.rows, found.of) == ("error", 3, 3)


def test_empty_columns(trial: Trial) -> None:
    trial.change("UPDATE loan SET kind = NULL, title_id = NULL, printing = NULL, remark = ''")
    found = trial.found(mandatory_and_empty=1, empty=2)
    assert {(f.severity, f.column) for f in found} == {
        ("warning", "Kind"),
        ("note", "Dim_EditionID"),
        ("note", "Remark"),
    }


def test_a_query_without_rows_is_noted(trial: Trial) -> None:
    trial.change("DELETE FROM note")
    assert [(f.severity, f.dataset) for f in trial.found(no_rows=1)] == [("note", "note")]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (BSN, "citizen service numbers (BSN)"),
        ([f"{bsn[:4]}.{bsn[4:6]}.{bsn[6:]}" for bsn in BSN], "citizen service numbers (BSN)"),
        (IBAN, "bank account numbers (IBAN)"),
        (["to be sent to jan.de-boer+x@mail.example.nl", "a", "b", "c"], "e-mail addresses"),
        (["06-12345678", "+31 (0)20 123 4567", "0031612345678", "035 1234567"], "Dutch telephone numbers"),
    ],
)
def test_identifying_content_without_a_mark(trial: Trial, values: list[str], what: str) -> None:
    trial.source.executemany("INSERT INTO branch VALUES (?, ?)", [(f"x{n}", value) for n, value in enumerate(values)])
    trial.change("UPDATE branch SET town = NULL WHERE town = 'Utrecht'")
    report = trial.run()
    (found,) = report.findings
    assert (found.severity, found.kind, found.file, found.column) == (
        "warning",
        "identifying-content",
        "Dim_Branch",
        "Town",
    )
    assert f"looks like {what} in " in found.message
    shown = json.dumps(report.as_json())
    assert not any(value in shown for value in values if len(value) > 1)
    trial.rewrite("files/Dim_Branch.yaml", "en: Town\n", "en: Town\n    identifying: true\n")
    assert trial.found() == []


def test_a_citizen_service_number_kept_as_a_number(trial: Trial) -> None:
    trial.source.executemany("INSERT INTO placement VALUES (1, 2, NULL, ?)", [(12345672,)])
    trial.change("DELETE FROM placement; INSERT INTO edition VALUES (3, 1, 't'), (3, 2, 't'), (3, 3, 't')")
    trial.change("INSERT INTO placement VALUES (3, 1, 'A', 12345672), (3, 2, 'A', 111222333), (3, 3, 'A', 123456782)")
    (found,) = trial.found(identifying_content=1)
    assert (found.column, found.rows, found.of) == ("Copies", 3, 3)


def test_numbers_that_only_resemble_are_let_be(trial: Trial) -> None:
    """Numbers of nine digits in a row, codes like an IBAN, times and amounts."""
    rows = [(f"y{n}", str(123456700 + n)) for n in range(40)] + [
        (f"z{n}", f"NL{10 + n}ABCD012345678{n:02}") for n in range(40)
    ]
    trial.source.executemany(
        "INSERT INTO branch VALUES (?, ?)", [*rows, ("t", "12:30"), ("u", "a@b"), ("v", "000000000")]
    )
    trial.source.commit()
    assert trial.found() == []


def test_names_without_a_mark(trial: Trial) -> None:
    trial.rewrite("files/Dim_Branch.yaml", "name: Town", "name: Achternaam\n    from: Town")
    trial.rewrite("files/Dim_Edition.yaml", "name: Title\n", "name: Diagnose\n    from: Title\n")
    name, medical = trial.found(identifying_name=1, medical_name=1)
    assert (name.severity, name.file, name.column) == ("warning", "Dim_Branch", "Achternaam")
    assert (medical.severity, medical.file, medical.column) == ("warning", "Dim_Edition", "Diagnose")
    trial.rewrite("files/Dim_Branch.yaml", "en: Town\n", "en: Town\n    quasi: {keep: of a house}\n")
    trial.rewrite("files/Dim_Edition.yaml", "en: Title\n", "en: Title\n    medical: true\n")
    assert trial.found() == []


@pytest.mark.parametrize(
    "name", ["Achternaam", "VoornaamPartner", "BSN", "WerknemerBsn", "Geboorteplaats", "last_name", "PlaceOfBirth"]
)
def test_identifying_names(name: str) -> None:
    assert patterns.by_name(name, "text(20)")
    assert patterns.by_name(name, "boolean") is None


@pytest.mark.parametrize("name", ["Diagnose", "SoortKlacht", "IsBeroepsziekte", "Medical_Remark", "ZiekteOmschrijving"])
def test_medical_names(name: str) -> None:
    assert patterns.medical_by_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Verzuim",
        "EersteZiektedag",
        "DatumZiekmelding",
        "Plaatsnaam",
        "Naam",
        "BSNummerX",
        "IsMedisch",
        "HeeftMedischeRechten",
    ],
)
def test_general_words_are_let_be(name: str) -> None:
    assert not patterns.medical_by_name(name)
    assert patterns.by_name(name, "text") is None


def test_a_mark_in_one_file_does_not_cover_another(trial: Trial) -> None:
    """Two files over one dataset: the one without the mark is told."""
    text = (trial.folder / "catalog/files/Dim_Branch.yaml").read_text("utf-8").replace("Dim_Branch", "Dim_Annex")
    (trial.folder / "catalog/files/Dim_Annex.yaml").write_text(
        text.replace("en: Town\n", "en: Town\n    identifying: true\n")
    )
    trial.rewrite("versions/2.yaml", "[Dim_Branch, Dim_Edition, Fact_P", "[Dim_Branch, Dim_Annex, Dim_Edition, Fact_P")
    trial.change("UPDATE branch SET town = 'x@y.nl'")
    assert [f.file for f in trial.found(identifying_content=1)] == ["Dim_Branch"]


def test_on_postgresql(trial: Trial, new_database: Callable[[], str]) -> None:
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        _copied(trial, connection)
        assert trial.run(url).findings == ()
        connection.execute("ALTER TABLE branch ADD size numeric(9, 2); UPDATE branch SET size = 'NaN'")
        trial.query("branch", 'SELECT code AS "Code", town || size AS "Town" FROM source.branch')
        connection.execute("UPDATE loan SET printing = 8 WHERE id = 12; DROP TABLE note")
        report = trial.run(url)
    assert [(f.dataset, f.kind, f.column) for f in report.findings] == [
        ("branch", "unreadable", "size"),
        ("loan", "loose-reference", "Dim_EditionID"),
        ("note", "missing-table", None),
    ]
    assert report.findings[0].message == "column size of table branch is infinite or not a number in 3 row(s)"


def test_columns_that_stop_the_reading_are_all_told(trial: Trial) -> None:
    """Each ends the transaction; what comes of it is still one consistent read, of all the others."""
    path = trial.folder / "lending.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(SCHEMA)
        for table in ("branch", "edition"):
            database.execute(f"ALTER TABLE {table} RENAME TO kept_{table}")
        database.execute(
            "INSERT INTO kept_branch VALUES ('secret', 'x'); INSERT INTO kept_edition VALUES (1, 1, 'secret')"
        )
        database.execute(
            "CREATE VIEW branch AS SELECT code, CAST(code AS INTEGER) AS number, CAST(code AS DATE) AS day FROM kept_branch;"
            "CREATE VIEW edition AS SELECT title_id, printing, CAST(title AS INTEGER) AS title FROM kept_edition;"
            "INSERT INTO placement VALUES (1, 1, 'secret', 2)"
        )
    trial.query("branch", 'SELECT code AS "Code", number || day AS "Town" FROM source.branch')
    report = trial.run(f"duckdb:///{path}")
    stopped = {(f.dataset, f.column) for f in report.findings if f.kind == "unreadable"}
    assert stopped == {("branch", "number"), ("branch", "day"), ("edition", "title")}
    assert report.rows == {"loan": 0, "member": 0, "note": 0, "placement": 1}
    assert "secret" not in json.dumps(report.as_json())


def test_a_common_table_may_have_the_name_of_a_table(trial: Trial) -> None:
    trial.query(
        "branch",
        "WITH branch AS (SELECT code AS c, town AS t FROM source.branch) "
        'SELECT branch.c AS "Code", branch.t AS "Town" FROM branch JOIN source.member ON member.id = 1',
    )
    assert trial.found() == []


def _copied(trial: Trial, connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The source's tables and rows, in PostgreSQL."""
    connection.execute(SCHEMA.encode())
    for (table,) in trial.source.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        for row in trial.source.execute(f"SELECT * FROM {table}").fetchall():
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})".encode(), tuple(row))


def test_a_source_that_does_not_answer(trial: Trial) -> None:
    with pytest.raises(Retryable):
        trial.run("postgresql://nobody@localhost:1/nothing")


@pytest.mark.parametrize(
    ("count", "of", "text"),
    [(1, 1, "1 of 1 row (100%)"), (1, 3, "1 of 3 rows (33.33%)"), (1, 2_000_000, "1 of 2,000,000 rows (under 1%)")],
)
def test_a_share_in_words(count: int, of: int, text: str) -> None:
    assert share(count, of) == text


def test_patterns_agree_with_plain_python(tmp_path: Path) -> None:
    """The test of a BSN and that of an IBAN, over numbers that fail and pass."""
    numbers = [f"{number:09}" for number in range(123456000, 123457000)]
    codes = [f"NL{check:02}ABNA0417164300" for check in range(100)]
    with open_session(tmp_path) as session:
        for name, values in (("bsn", numbers), ("iban", codes)):
            session.execute(f"CREATE TABLE {name} (value VARCHAR)")
            session.connection.executemany(f"INSERT INTO {name} VALUES (?)", [[value] for value in values])
        bsn, iban = (pattern.condition("value") for pattern in patterns.PATTERNS[:2])
        found = {row[0] for row in session.execute(f"SELECT value FROM bsn WHERE {bsn}").fetchall()}
        accounts = [row[0] for row in session.execute(f"SELECT value FROM iban WHERE {iban}").fetchall()]
    weights = [9, 8, 7, 6, 5, 4, 3, 2, -1]
    assert found == {n for n in numbers if sum(w * int(d) for w, d in zip(weights, n, strict=True)) % 11 == 0}
    assert accounts == ["NL91ABNA0417164300"]


@pytest.fixture
def check(trial: Trial, sluis: Sluis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """The command, on the source of the test."""
    monkeypatch.setenv("SLUIS_DATA_DIR", str(trial.folder / "data"))
    settings.current.cache_clear()
    catalog, url = str(trial.folder / "catalog"), f"sqlite:///{trial.folder / 'lending.db'}"
    yield lambda *more: sluis("catalog", "check", catalog, "--source", url, *more)
    settings.current.cache_clear()


def test_the_command_shows_all_per_dataset(trial: Trial, check: Callable[..., Result]) -> None:
    clean = check()
    assert (clean.code, clean.out.splitlines()[-1]) == (0, "6 queries tried: 0 error(s), 0 warning(s), 0 note(s)")
    trial.change("UPDATE branch SET town = NULL; UPDATE loan SET printing = 9 WHERE id = 12")
    assert check().code == 0
    trial.change("UPDATE member SET postcode = 'secret-longer', name = 'secret' || hex(zeroblob(60)) WHERE id < 3")
    result = check()
    assert result.code == 2
    assert result.out.split("\n\n", maxsplit=1)[1] == (
        "branch (3 rows)\n"
        "  note     column Town of Dim_Branch is empty in every row\n"
        "           what to do: see whether datasets/branch.sql reads the right column, or leave it out of the file\n\n"
        "loan (3 rows)\n"
        "  warning  column Dim_EditionID of Fact_Loan refers to no row of Dim_Edition in 1 of 2 rows (50%)\n"
        "           what to do: let datasets/loan.sql leave it empty there, or datasets/edition.sql give the rows\n\n"
        "member (5 rows)\n"
        "  error    column Name is longer than 100 characters in 2 of 5 rows (40%)\n"
        "  error    column Postcode is longer than 10 characters in 2 of 5 rows (40%)\n"
        "           what to do: mend the rows in the source, or say in datasets/member.sql what comes in their place\n\n"
        "6 queries tried: 2 error(s), 1 warning(s), 1 note(s)\n"
    )
    assert "secret" not in result.everything


def test_the_command_gives_all_as_json(trial: Trial, check: Callable[..., Result]) -> None:
    trial.change("UPDATE loan SET printing = 9 WHERE id = 12; DROP TABLE note")
    result = check("--json")
    found = result.json["found"]
    assert (result.code, found["errors"], found["warnings"], found["notes"]) == (2, 1, 1, 0)
    assert found["rows"] == {"branch": 3, "edition": 3, "loan": 3, "member": 5, "placement": 3}
    assert found["findings"][0] == {
        "severity": "warning",
        "kind": "loose-reference",
        "dataset": "loan",
        "message": "column Dim_EditionID of Fact_Loan refers to no row of Dim_Edition in 1 of 2 rows (50%)",
        "remedy": "let datasets/loan.sql leave it empty there, or datasets/edition.sql give the rows",
        "file": "Fact_Loan",
        "column": "Dim_EditionID",
        "rows": 1,
        "of": 2,
    }
