"""A catalogue loads as a whole or is refused with file, line and remedy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from cli.running import Sluis, sluis
from lending import CATALOG
from sluis.catalog.loader import builtin_names, load
from sluis.catalog.reading import CatalogRejected
from sluis.catalog.schema import schemas
from sluis.control.catalogs import load_with_queries
from sluis.errors import Rejected
from sluis.lake.queries import examine

__all__ = ["sluis"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOG, tmp_path / "lending"))


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return apply


def append(file: str, text: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    return apply


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def write(file: str, content: bytes) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / file).write_bytes(content)

    return apply


MEMBER, LOAN, NOTE, EDITION = (f"files/{name}.yaml" for name in ("Dim_Member", "Fact_Loan", "Fact_Note", "Dim_Edition"))

BAD = {
    "no catalog.yaml": (remove("catalog.yaml"), r"catalog\.yaml:1: is missing"),
    "not YAML": (append(MEMBER, "  - {name: [\n"), r"files/Dim_Member\.yaml:\d+: is not YAML"),
    "not UTF-8": (write(MEMBER, b"file: \xff"), r"files/Dim_Member\.yaml:1: is not UTF-8"),
    "empty file": (write(MEMBER, b""), r"files/Dim_Member\.yaml:1: is empty"),
    "key twice": (append("catalog.yaml", "catalog: again\n"), r"catalog\.yaml:\d+: `catalog` stands here twice"),
    "unknown key": (edit(MEMBER, "mandatory: true", "obligatory: true"), r"Dim_Member\.yaml:\d+: unknown key .*obligatory"),
    "unknown type": (edit(MEMBER, "type: date", "type: datum"), r"Dim_Member\.yaml:\d+: .*unknown type 'datum'"),
    "decimal too wide": (edit(MEMBER, "decimal(38,10)", "decimal(39,10)"), "precision of a decimal is 1 to 38"),
    "key not mandatory": (edit(EDITION, "    mandatory: true\n", ""), r"a key column is mandatory"),
    "no key": (edit("files/Dim_Branch.yaml", "    key: true\n", ""), "no column has `key: true`"),
    "identifying key": (edit(MEMBER, "pseudonym: member", "identifying: true"), "cannot be `identifying`"),
    "mandatory and identifying": (edit(MEMBER, "    identifying: true", "    identifying: true\n    mandatory: true"), "mandatory column cannot be `identifying`"),
    "mandatory and medical": (edit(MEMBER, "    medical: true", "    medical: true\n    mandatory: true"), "mandatory column cannot be medical"),
    "no meaning": (edit(MEMBER, "    en: Name\n", ""), r"Dim_Member\.yaml:\d+: .*en.* is missing"),
    "no type": (edit(MEMBER, "    type: text(100)\n", ""), "exactly one of `type`, `reference` and `match`"),
    "column twice": (edit(MEMBER, "name: Born", "name: name"), r"Dim_Member\.yaml:19: .*stands there twice"),
    "a system column": (edit(MEMBER, "name: Born", "name: RecordKey"), r"Dim_Member\.yaml:19: .*column that Sluis adds itself"),
    "a date that is none": (edit("versions/2.yaml", "2030-01-01", "2030-02-31"), r"versions/2\.yaml:2: `2030-02-31` cannot be"),
    "a version that is a number": (edit("versions/2.yaml", '"2"', "2.0"), r"versions/2\.yaml:1: .*between quotes"),
    "a version that is a word": (edit("versions/2.yaml", '"2"', '"new"'), r"versions/2\.yaml:1: .*digits and points"),
    "a key that is a list": (append("catalog.yaml", "? [a, b]\n: 1\n"), r"catalog\.yaml:\d+: a key is a list"),
    "brackets without end": (append("catalog.yaml", f"again: {'[' * 200_000}\n"), r"catalog\.yaml:1: is nested far"),
    "dashes without end": (append("catalog.yaml", f"again:\n  {'- ' * 200_000}a\n"), r"catalog\.yaml:1: is nested far"),
    "refers to itself": (append("catalog.yaml", "again: &a {again: *a}\n"), r"catalog\.yaml:\d+: goes too deep"),
    "a tag of a program": (append("catalog.yaml", "run: !!python/name:os.system ''\n"), r"catalog\.yaml:\d+: could not determine"),
    "query not UTF-8": (write("datasets/branch.sql", b"SELECT\n'\xff'"), r"datasets/branch\.sql:2: is not UTF-8"),
    "reference to nothing": (edit(LOAN, "file: Dim_Member", "file: Dim_Lid"), r"Fact_Loan\.yaml:\d+: .*Dim_Lid, which does not exist"),
    "reference with too few parts": (edit(LOAN, "[TitleId, Printing]", "[TitleId]"), r"key of Dim_Edition has 2 part\(s\)"),
    "reference of two forms": (edit(LOAN, "{file: Dim_Member,", "{file: Dim_Member, by: Kind,"), "either `file`, or `by` and `files`"),
    "by a column that is not there": (edit(NOTE, "{by: About,", "{by: Elsewhere,"), "names Elsewhere, which is no text column"),
    "unknown entity": (edit(MEMBER, "entity: member", "entity: person"), "entity person is not in catalog.yaml"),
    "quasi without a rule": (edit(MEMBER, "quasi: year", "quasi: true"), "give exactly one rule"),
    "unknown quasi rule": (edit(MEMBER, "quasi: year", "quasi: decade"), "unknown rule 'decade'"),
    "quasi that does not fit": (edit(MEMBER, "quasi: {prefix: 4}", "quasi: year"), "does not fit type"),
    "file in no stream": (edit("versions/2.yaml", "Fact_Placement, ", ""), "is in no stream of any version"),
    "stream not described": (edit("versions/2.yaml", "  shelves:", "  cellar:"), "stream cellar is not in catalog.yaml"),
    "file not there": (edit("versions/2.yaml", "Fact_Note]", "Fact_Notes]"), r"versions/2\.yaml:\d+: there is no file Fact_Notes"),
    "file twice in a stream": (edit("versions/2.yaml", "[Dim_Branch, Dim_Edition, Fact", "[Dim_Branch, Dim_Branch, Dim_Edition, Fact"), "in this stream twice"),
    "no end of an old version": (edit("versions/1.yaml", "ends: 2030-12-31\n", ""), "has successor 2: add `ends`"),
    "an end that is too late": (edit("versions/1.yaml", "2030-12-31", "2031-12-31"), "`ends` lies between"),
    "an end of the newest": (edit("versions/2.yaml", "released: 2030-01-01", "released: 2030-01-01\nends: 2031-01-01"), "the newest version has no end"),
    "unknown version": (edit(MEMBER, 'since: "2"', 'since: "3"'), r"Dim_Member\.yaml:64: there is no version 3"),
    "a last version before the first": (edit(LOAN, 'since: "2"', 'since: "2"\n    until: "1"'), r"Fact_Loan\.yaml:\d+: .*is in no version"),
    "query missing": (remove("datasets/note.sql"), r"no query datasets/note\.sql"),
    "query not used": (write("datasets/spare.sql", b"SELECT 1"), r"datasets/spare\.sql:1: no file uses this dataset"),
    "types that disagree": (edit("files/Fact_Placement.yaml", "name: Copies\n    type: integer", "name: TitleId\n    type: text"), "TitleId of dataset placement is integer elsewhere, text here"),
    "key that goes in a circle": (edit("files/Dim_Branch.yaml", "type: text(10)", "reference: {file: Fact_Placement, from: [a, b, c]}"), "refers to a file whose key refers back"),
    "one entity, two kinds of key": (edit("files/Dim_Branch.yaml", "entity: branch", "entity: member"), "one entity has one kind of key"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_catalogue_is_refused_with_file_line_and_what_to_do(folder: Path, name: str) -> None:
    break_it, message = BAD[name]
    break_it(folder)
    with pytest.raises(CatalogRejected) as caught:
        load(str(folder))
    assert re.search(message, str(caught.value)), str(caught.value)
    assert all(re.fullmatch(r"\S+:\d+: .+", str(problem), re.DOTALL) for problem in caught.value.problems)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    edit(MEMBER, "type: date", "type: datum")(folder)
    edit(LOAN, "type: date", "type: datum")(folder)
    with pytest.raises(CatalogRejected) as caught:
        load(str(folder))
    assert [problem.file for problem in caught.value.problems] == [MEMBER, LOAN]


def test_a_line_is_the_line_of_the_fault(folder: Path) -> None:
    edit(MEMBER, "type: date", "type: datum")(folder)
    line = (folder / MEMBER).read_text("utf-8").split("\n").index("    type: datum") + 1
    with pytest.raises(CatalogRejected) as caught:
        load(str(folder))
    assert caught.value.problems[0].line == line


BAD_QUERIES = {
    'SELECT now() AS "Code", \'x\' AS "Town" FROM source.branch': "another answer every time",
    'SELECT code AS "Code", current_date AS "Town" FROM source.branch': "another answer every time",
    'SELECT code AS "Code", random() AS "Town" FROM source.branch': "another answer every time",
    'SELECT code AS "Code", town AS "Town" FROM branch': "write source.branch",
    'SELECT code AS "Code", town AS "Town" FROM upstream.main.branch': "write source.branch",
    "SELECT * FROM read_csv('secret.csv')": "reads read_csv",
    "SELECT * FROM 'secret.csv'": "write source",
    "SELECT * FROM source.branch WHERE code = $code": "parameter",
    "DELETE FROM source.branch": "is no SELECT",
    "SELECT 1; SELECT 2": "2 statements",
    "SELEC code": "is no SELECT",
    "": "0 statements",
}


@pytest.mark.parametrize("sql", BAD_QUERIES)
def test_a_query_reads_nothing_but_the_source_and_answers_the_same_every_time(folder: Path, sql: str) -> None:
    (folder / "datasets" / "branch.sql").write_text(sql)
    with pytest.raises(Rejected, match=r"datasets/branch\.sql") as caught:
        examine(load(str(folder)).datasets["branch"])
    assert BAD_QUERIES[sql] in f"{caught.value} {caught.value.remedy}"
    with pytest.raises(CatalogRejected, match=r"datasets/branch\.sql:1: .+; .+") as told:
        load_with_queries(str(folder))
    assert BAD_QUERIES[sql] in str(told.value)


def test_the_line_of_a_fault_in_a_query_is_told(folder: Path) -> None:
    write("datasets/branch.sql", b'SELECT code AS "Code", -- not now()\n    now() AS "Town"\nFROM source.branch')(
        folder
    )
    write("datasets/note.sql", "SELECT 'é',\n    b,\n    FROM FROM x".encode())(folder)
    write("datasets/loan.sql", b"SELECT *\n\nFROM loan")(folder)
    with pytest.raises(CatalogRejected) as caught:
        load_with_queries(str(folder))
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        ("datasets/branch.sql", 2), ("datasets/loan.sql", 3), ("datasets/note.sql", 3),
    ]  # fmt: skip


def test_no_command_takes_a_catalogue_with_a_query_that_cannot_be_run(folder: Path, sluis: Sluis) -> None:
    write("datasets/branch.sql", b"SELEC code")(folder)
    for command in (["check", str(folder)], ["lock", str(folder)]):
        result = sluis("catalog", *command)
        assert (result.code, result.out) == (2, "")
        assert "datasets/branch.sql:1: is no SELECT" in result.err
    assert not (folder / "lock.yaml").exists()


def test_common_tables_series_and_the_date_of_the_refresh_are_allowed(folder: Path) -> None:
    (folder / "datasets" / "branch.sql").write_text(
        'WITH days AS (SELECT unnest(range(3)) AS n) SELECT code AS "Code", CAST($snapshot_date AS VARCHAR) AS "Town" '
        "FROM source.branch, days, generate_series(1, 2) AS g(i)"
    )
    assert examine(load(str(folder)).datasets["branch"]).tables == {"branch"}


def test_keys_of_every_form_are_resolved() -> None:
    catalog = load(str(CATALOG))
    parts = {name: [(p.column, p.type, p.nullable) for p in d.key] for name, d in catalog.datasets.items()}
    assert parts["edition"] == [("TitleId", "integer", False), ("Printing", "integer", False)]
    assert parts["placement"] == [
        ("TitleId", "integer", False), ("Printing", "integer", False), ("BranchCode", "text(10)", True),
    ]  # fmt: skip
    assert parts["note"] == [("About", "text(10)", False), ("AboutId", "integer", False)]
    assert catalog.datasets["loan"].columns["VisitId"] == "text"


def test_a_version_has_its_own_columns() -> None:
    catalog = load(str(CATALOG))
    assert [c.name for c in catalog.files("1")["Fact_Loan"].columns] == [
        "LoanId",
        "Dim_MemberID",
        "Kind",
        "Day",
        "Remark",
    ]
    assert "Dim_EditionID" in [c.name for c in catalog.files("2")["Fact_Loan"].columns]
    assert catalog.newest.version == "2"
    assert list(catalog.stream_files("2", ["shelves", "loans"])) == [
        "Dim_Member", "Dim_Branch", "Dim_Edition", "Fact_Loan", "Fact_Placement", "Fact_Note",
    ]  # fmt: skip
    for ask in (lambda: catalog.version("9"), lambda: catalog.stream_files("1", ["shelves"])):
        with pytest.raises(Rejected):
            ask()


def test_what_is_not_there_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="there is no catalogue") as caught:
        load(str(tmp_path / "nothing"))
    assert all(name in caught.value.remedy for name in builtin_names())


@pytest.mark.parametrize("root", [CATALOG, Path(load("verzuim").folder)], ids=["lending", "verzuim"])
def test_the_schemas_for_editors_accept_what_loads(root: Path) -> None:
    made = schemas()
    for pattern, kind in (("catalog.yaml", "catalog"), ("versions/*.yaml", "version"), ("files/*.yaml", "file")):
        for path in root.glob(pattern):
            text = path.read_text("utf-8")
            value = yaml.load(text, Loader=yaml.BaseLoader if kind == "version" else yaml.SafeLoader)
            jsonschema.validate(value, made[kind])


def test_columns_that_a_join_shares_count_as_read(folder: Path) -> None:
    path = folder / "datasets" / "branch.sql"
    path.write_text('SELECT b.code AS "Code", b.town AS "Town" FROM source.branch b JOIN source.branch c USING (code)')
    assert "code" in examine(load(str(folder)).datasets["branch"]).bare_columns
    path.write_text('SELECT code AS "Code", town AS "Town" FROM source.branch b NATURAL JOIN source.branch c')
    assert examine(load(str(folder)).datasets["branch"]).everything
    path.write_text('SELECT code AS "Code", town AS "Town" FROM source.branch USING SAMPLE 1')
    with pytest.raises(Rejected, match="another answer every time"):
        examine(load(str(folder)).datasets["branch"])
