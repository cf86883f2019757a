"""A released version keeps what its receivers depend on; what may still change, may."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from cli.running import Sluis, sluis
from lending import CATALOG
from sluis.catalog import loader, lock
from sluis.catalog.loader import load
from sluis.catalog.lockfile import query_digest
from sluis.catalog.reading import CatalogRejected
from sluis.errors import Rejected

__all__ = ["sluis"]

BETWEEN = dt.date(2026, 1, 1)
"""Version 1 of the lending catalogue is released, version 2 is not."""

Edits = list[tuple[str, str, str]]
BRANCH, EDITION, MEMBER, LOAN, NOTE, PLACEMENT = (
    f"files/{name}.yaml"
    for name in ("Dim_Branch", "Dim_Edition", "Dim_Member", "Fact_Loan", "Fact_Note", "Fact_Placement")
)
ONE, TWO = "versions/1.yaml", "versions/2.yaml"
TOWN = "  - name: Town\n    type: text\n    nl: Plaats\n    en: Town\n"
SEX = "  - name: Sex\n    type: text\n    nl: Geslacht\n    en: Sex\n    quasi: {values: [F, M]}\n"
POSTCODE = "  - name: Postcode\n    type: text(10)\n    nl: Postcode\n    en: Postal code\n    quasi: {prefix: 4}\n"
NEW = "  - name: Fresh\n    type: text\n    nl: Nieuw\n    en: New\n"


def change(folder: Path, edits: Edits) -> None:
    """Replace the first ``old`` of each file by ``new``; an empty ``old`` appends."""
    for file, old, new in edits:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, (file, old)
        path.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")


def make(folder: Path, *, today: dt.date = BETWEEN, everything: bool = True) -> lock.Made:
    return lock.make(*loader.parts_of(str(folder)), today=today, everything=everything)


def refusal(folder: Path) -> CatalogRejected:
    with pytest.raises(CatalogRejected) as caught:
        load(str(folder))
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOG, tmp_path / "lending"))


@pytest.fixture
def locked(folder: Path) -> Path:
    """The lending catalogue with both versions locked."""
    make(folder)
    return folder


BREACHES: dict[str, tuple[Edits, str, str, str]] = {
    # what is done, the file that is named, what stands on the line that is named, what is said
    "column removed": ([(BRANCH, TOWN, "")], BRANCH, "columns:", r"Dim_Branch\.Town is removed, but version 2 is locked; put it back; .*`until: \"2\"`"),
    "column removed from two versions": ([(LOAN, "  - name: Day\n    type: date\n    nl: Dag\n    en: Day\n", "")], LOAN, "columns:", r"Fact_Loan\.Day is removed, but versions 1, 2 are locked"),
    "column renamed": ([(BRANCH, "name: Town", "name: City\n    from: Town")], BRANCH, "name: City", r"Dim_Branch\.City is Town renamed, .*put Town back, or make a new version"),
    "column renamed in the query too": ([(BRANCH, "name: Town", "name: City"), ("datasets/branch.sql", '"Town"', '"City"')], BRANCH, "name: City", r"Dim_Branch\.City stands where Town was, which is renamed or removed"),
    "column retyped": ([(PLACEMENT, "name: Copies\n    type: integer", "name: Copies\n    type: decimal(5,0)")], PLACEMENT, "type: decimal(5,0)", r"Copies is not as it was: retyped, `type` was integer and is decimal\(5,0\).*undo it, or make a new version"),
    "key of the target retyped": ([(BRANCH, "type: text(10)", "type: text(20)")], PLACEMENT, "name: Dim_BranchID", r"retyped, `key_types` was text\(10\) and is text\(20\)"),
    "column moved": ([(MEMBER, SEX, ""), (MEMBER, POSTCODE, SEX + POSTCODE)], MEMBER, "name: Sex", r"Dim_Member\.Sex is moved, but versions 1, 2 are locked; put it after Postcode again"),
    "column moved to the front": ([(BRANCH, TOWN, ""), (BRANCH, "columns:\n", f"columns:\n{TOWN}")], BRANCH, "name: Town", r"Dim_Branch\.Town is moved.*put it after Code again"),
    "other source": ([(BRANCH, "name: Town", "name: Town\n    from: Place")], BRANCH, "from: Place", r"made of something else, `from` was Town and is Place"),
    "other reference": ([(LOAN, "[TitleId, Printing]", "[Printing, TitleId]")], LOAN, "reference: {file: Dim_Edition", r"made of something else, `reference` was Dim_Edition \(TitleId, Printing\)"),
    "one kind of reference more": ([(NOTE, "loan: Fact_Loan}", "loan: Fact_Loan, lid: Dim_Member}")], NOTE, "reference: {by: About", r"made of something else, `reference` was by About: loan=Fact_Loan, member=Dim_Member \(AboutId\)"),
    "other match": ([(LOAN, "match: {entity: visit", "match: {entity: note")], LOAN, "match:", r"made of something else, `match` was visit \(VisitId\) and is note"),
    "key may be empty": ([(PLACEMENT, "key: true", "key: nullable")], PLACEMENT, "key: nullable", r"key changed, `key` was yes and is nullable"),
    "now mandatory": ([(BRANCH, TOWN, f"{TOWN}    mandatory: true\n")], BRANCH, "mandatory: true", r"Town is not as it was: mark changed, `mandatory` was no and is yes"),
    "no longer identifying": ([(MEMBER, "    identifying: true\n", "")], MEMBER, "name: Name", r"mark changed, `identifying` was yes and is no"),
    "other rule": ([(MEMBER, "{prefix: 4}", "{prefix: 2}")], MEMBER, "quasi: {prefix: 2}", r"mark changed, `quasi` was prefix 4 and is prefix 2"),
    "other pseudonym": ([(MEMBER, "pseudonym: note", "pseudonym: visit")], MEMBER, "pseudonym: visit", r"mark changed, `pseudonym` was note and is visit"),
    "no longer medical": ([(MEMBER, "    medical: true\n", "")], MEMBER, "name: Condition", r"mark changed, `medical` was yes and is no"),
    "medical in other rows": ([(LOAN, "medical_when: KindIsMedical", "medical_when: always")], LOAN, "medical_when: always", r"mark changed, `medical_when` was KindIsMedical and is always"),
    "other entity": ([(BRANCH, "entity: branch", "entity: visit")], BRANCH, "entity: visit", r"Dim_Branch: key changed, its entity branch has become visit, .*make it branch again"),
    "other own key": ([(BRANCH, "columns:", "key_column: BranchID\ncolumns:")], BRANCH, "key_column:", r"key changed, its own key Dim_BranchID has become BranchID.*set `key_column: Dim_BranchID`"),
    "file now medical": ([(BRANCH, "columns:", "medical: true\ncolumns:")], BRANCH, "medical: true", r"Dim_Branch: mark changed, `medical` was no and is yes"),
    "other deletions": ([(ONE, "deletions: file", "deletions: column")], ONE, "deletions: column", r"deletions form changed: file has become column, but version 1 is locked; make it file again"),
    "file removed": ([(ONE, "[Dim_Member, Fact_Loan]", "[Fact_Loan]")], ONE, "loans:", r"file Dim_Member is removed from the version.*put it back in stream loans, or make a new version"),
    "file left a stream": ([(TWO, "shelves: [Dim_Branch, ", "shelves: [")], TWO, "shelves:", r"file Dim_Branch is removed from stream shelves"),
    "stream removed": ([(TWO, "Fact_Loan]\n  shelves: [Dim_Branch, Dim_Edition", "Fact_Loan")], TWO, "streams:", r"stream shelves is removed from the version"),
    "new file in an old version": ([(ONE, "Fact_Loan]", "Fact_Loan, Dim_Branch]")], ONE, "loans:", r"file Dim_Branch is new, but version 1 is locked; a new file comes in the newest version \(2\), or in a new version"),
    "new stream in an old version": ([(ONE, "  loans:", "  shelves: [Dim_Member]\n  loans:")], ONE, "shelves:", r"stream shelves is new, .*it comes in the newest version \(2\)"),
    "new column in an old version": ([(MEMBER, "", NEW)], MEMBER, "name: Fresh", r"Dim_Member\.Fresh is new, but version 1 is locked; a new column comes in the newest version: add `since: \"2\"`"),
    "new column that is mandatory": ([(BRANCH, "", f"{NEW}    mandatory: true\n")], BRANCH, "mandatory: true", r"Fresh is new and mandatory, .*drop `mandatory`, or make a new version"),
    "new column in the key": ([(PLACEMENT, "", f"{NEW}    mandatory: true\n    key: true\n")], PLACEMENT, "key: true", r"Fresh is new in the key: key changed"),
    "new column between others": ([(BRANCH, TOWN, NEW + TOWN)], BRANCH, "name: Fresh", r"Fresh is new between others, .*move it to the end"),
    "lock edited": ([("lock.yaml", "quasi: year", "quasi: month")], "lock.yaml", "Dim_Member:", r"Dim_Member of version 1 has been edited here.*restore lock\.yaml"),
    "lock edited in its columns": ([("lock.yaml", "quasi: prefix 4, digest: 3", "quasi: prefix 4, digest: 4")], "lock.yaml", "Dim_Member:", "has been edited here"),
    "lock without a digest": ([("lock.yaml", "mandatory: true, pseudonym: member, digest:", "mandatory: true, pseudonym:")], "lock.yaml", "Dim_Member:", "has been edited here"),
    "lock of two documents": ([("lock.yaml", "versions:", "---\nversions:")], "lock.yaml", "", r"restore lock\.yaml"),
    "lock with a tag": ([("lock.yaml", "deletions: file", "deletions: !x file")], "lock.yaml", "deletions: !x file", r"restore lock\.yaml"),
    "lock with an unknown key": ([("lock.yaml", "datasets:", "extra: 1\ndatasets:")], "lock.yaml", "extra: 1", r"unknown key `extra`.*restore lock\.yaml"),
    "lock that is not YAML": ([("lock.yaml", "datasets:", "datasets: [")], "lock.yaml", "", r"is not YAML.*restore lock\.yaml"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_refused_with_file_line_and_what_to_do(locked: Path, name: str) -> None:
    edits, file, line, message = BREACHES[name]
    change(locked, edits)
    before = (locked / "lock.yaml").read_bytes()
    error = refusal(locked)
    found = [problem for problem in error.problems if problem.file == file and re.search(message, problem.message)]
    assert len(found) == 1, str(error)
    text = (locked / file).read_text("utf-8").split("\n")[found[0].line - 1]
    if line:
        assert text.strip().removeprefix("- ").startswith(line), text
    with pytest.raises(CatalogRejected, match=re.escape(f"{file}:{found[0].line}: ")):
        make(locked)
    assert (locked / "lock.yaml").read_bytes() == before


def test_a_version_that_is_gone_is_refused(locked: Path) -> None:
    (locked / ONE).unlink()
    assert "version 1 is gone, but version 1 is locked; put its file in versions/ back" in str(refusal(locked))


def test_all_breaches_are_told_at_once(locked: Path) -> None:
    change(
        locked, [(BRANCH, TOWN, ""), (ONE, "deletions: file", "deletions: column"), (LOAN, "type: date", "type: text")]
    )
    assert [problem.file for problem in refusal(locked).problems] == [BRANCH, LOAN, ONE]


THIRD = 'version: "3"\nreleased: 2032-01-01\ndeletions: column\nstreams:\n  loans: [Dim_Branch]\n'
FILE = f"file: Dim_Fresh\ndataset: branch\nentity: branch\ntitle: {{nl: N, en: N}}\ngrain: {{nl: n, en: n}}\ncolumns:\n  - {{name: Code, type: text(10), nl: c, en: c, key: true, mandatory: true}}\n{NEW}"

ALLOWED: dict[str, tuple[Edits, tuple[str, ...]]] = {
    "column at the end": ([(BRANCH, "", NEW)], ("column Dim_Branch.Fresh (version 2)",)),
    "column since the newest": ([(MEMBER, "", f'{NEW}    since: "2"\n')], ("column Dim_Member.Fresh (version 2)",)),
    "file": ([(TWO, "Fact_Note]", "Fact_Note, Dim_Fresh]")], ("file Dim_Fresh (version 2)",)),
    "file in a stream more": ([(TWO, "shelves: [", "shelves: [Dim_Member, ")], ("file Dim_Member in stream shelves (version 2)",)),
    "stream": ([("catalog.yaml", "streams:\n", "streams:\n  cellar:\n    title: {nl: K, en: C}\n    description: {nl: k, en: c}\n"), (TWO, "  loans:", "  cellar: [Dim_Branch]\n  loans:")], ("stream cellar (version 2)",)),
    "version": ([(TWO, "released: 2030-01-01", "released: 2030-01-01\nends: 2032-12-31")], ("version 3",)),
    "meaning": ([(BRANCH, "nl: Plaats", "nl: De plaats"), (BRANCH, "{nl: Vestiging", "{nl: Filiaal"), ("catalog.yaml", "{nl: Uitleen", "{nl: Uitlening")], ()),
    "default": ([(BRANCH, TOWN, f"{TOWN}    default: false\n")], ()),
    "layout of a query": ([("datasets/branch.sql", "SELECT code AS", "-- the branches\nSELECT /* its */\n\tcode  AS")], ()),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_what_may_change_loads_and_can_be_locked(locked: Path, name: str) -> None:
    edits, added = ALLOWED[name]
    change(locked, edits)
    if name == "version":
        (locked / "versions/3.yaml").write_text(THIRD)
    if name == "file":
        (locked / "files/Dim_Fresh.yaml").write_text(FILE)
    assert load(str(locked)).notes == tuple(f"{what} is not locked yet" for what in added)
    assert make(locked).changes == tuple(f"{what} is locked" for what in added)
    assert load(str(locked)).notes == ()


def test_what_was_added_is_locked_from_then_on(locked: Path) -> None:
    change(locked, [(BRANCH, "", NEW)])
    make(locked)
    change(locked, [(BRANCH, "name: Fresh\n    type: text", "name: Fresh\n    type: date")])
    assert "Dim_Branch.Fresh is not as it was: retyped" in str(refusal(locked))


def test_a_changed_query_is_refused_until_it_is_locked_anew(locked: Path) -> None:
    change(locked, [("datasets/loan.sql", "'braille'", "'large print'")])
    problem = refusal(locked).problems[0]
    assert (problem.file, problem.line) == ("datasets/loan.sql", 1)
    assert problem.message.startswith("query changed: loan, but versions 1, 2 are locked;")
    assert "then run `sluis catalog lock`" in problem.message
    assert make(locked).changes == ("query changed: loan",)
    assert load(str(locked)).notes == ()


def test_another_dataset_is_a_changed_query(locked: Path) -> None:
    (locked / "datasets/note.sql").rename(locked / "datasets/remark.sql")
    change(locked, [(NOTE, "dataset: note", "dataset: remark")])
    assert f"{NOTE}:2: query changed: Fact_Note is made by dataset remark, was note" in str(refusal(locked))
    assert make(locked).changes == ("query changed: Fact_Note is made by dataset remark, was note",)
    assert load(str(locked)).notes == ()


def test_a_query_is_not_locked_anew_beside_a_breach(locked: Path) -> None:
    change(locked, [("datasets/loan.sql", "'braille'", "'large print'"), (BRANCH, TOWN, "")])
    before = (locked / "lock.yaml").read_bytes()
    with pytest.raises(CatalogRejected, match="Town is removed") as caught:
        make(locked)
    assert len(caught.value.problems) == 1
    assert (locked / "lock.yaml").read_bytes() == before


def test_the_reason_of_keep_and_the_order_of_values_are_no_facts(folder: Path) -> None:
    change(folder, [(MEMBER, "quasi: drop", "quasi: {keep: because}")])
    make(folder)
    change(folder, [(MEMBER, "{keep: because}", "{keep: why not}"), (MEMBER, "[F, M]", "[M, F]")])
    assert load(str(folder)).notes == ()


def test_without_a_lock_there_is_none_and_a_note_says_so(folder: Path) -> None:
    change(folder, [(BRANCH, TOWN, "")])
    assert load(str(folder)).notes == (
        "there is no lock: `sluis catalog lock` protects the versions that are released",
    )


def test_only_released_versions_are_locked_unless_all_are_asked_for(folder: Path) -> None:
    assert make(folder, today=dt.date(2024, 12, 31), everything=False).versions == ()
    assert not (folder / "lock.yaml").exists()
    assert make(folder, today=dt.date(2025, 1, 1), everything=False).changes == ("version 1 is locked",)
    change(folder, [(BRANCH, TOWN, "")])
    assert load(str(folder)).notes == ("version 2 is not locked yet",)
    assert make(folder, today=dt.date(2030, 1, 1), everything=False).changes == ("version 2 is locked",)


def test_what_is_locked_stays_locked_and_the_same_bytes(locked: Path) -> None:
    before = (locked / "lock.yaml").read_bytes()
    made = make(locked, today=dt.date(2020, 1, 1), everything=False)
    assert (made.versions, made.changes) == (("1", "2"), ())
    assert (locked / "lock.yaml").read_bytes() == before


def test_the_lock_is_no_part_of_what_is_delivered(folder: Path) -> None:
    before = load(str(folder)).digest
    make(folder)
    assert load(str(folder)).digest == before


def test_a_folder_that_cannot_be_written_to_is_refused(folder: Path) -> None:
    (folder / "lock.yaml.new").mkdir()
    with pytest.raises(Rejected, match="cannot be written") as caught:
        make(folder)
    assert "lock a copy" in caught.value.remedy


SAME = {
    "SELECT a,b FROM  t\n": "SELECT a, b\nFROM t -- all of it",
    "SELECT f( a ) FROM t;": "/* outer /* inner */ still */ SELECT f(a) FROM t",
    "SELECT '--' FROM t": "SELECT\t'--' /* text */ FROM t ;\n",
}
OTHER = {
    "SELECT 'a b' FROM t": "SELECT 'a  b' FROM t",
    "SELECT '(a' FROM t": "SELECT '( a' FROM t",
    "SELECT ' -- x' FROM t": "SELECT ' -- y' FROM t",
    "SELECT 'it''s /* x */' FROM t": "SELECT 'it''s /* y */' FROM t",
    r"SELECT E'it\'s -- x' FROM t": r"SELECT E'it\'s -- y' FROM t",
    'SELECT "a -- x" FROM t': 'SELECT "a -- y" FROM t',
    "SELECT $$ -- x $$ FROM t": "SELECT $$ -- y $$ FROM t",
    "SELECT $q$ /* x $q$ FROM t": "SELECT $q$ /* y $q$ FROM t",
    "SELECT a b FROM t": "SELECT ab FROM t",
    "SELECT a - -b FROM t": "SELECT a --b\nFROM t",
    "SELECT 1 /* /* */ + 1 */ FROM t": "SELECT 1 /* /* */ */ + 1 FROM t",
    "SELECT a FROM t WHERE d < $snapshot_date": "SELECT a FROM t WHERE d <= $snapshot_date",
}


@pytest.mark.parametrize("sql", SAME)
def test_comments_and_layout_do_not_change_a_query(sql: str) -> None:
    assert query_digest(sql) == query_digest(SAME[sql])


@pytest.mark.parametrize("sql", OTHER)
def test_anything_else_does(sql: str) -> None:
    assert query_digest(sql) != query_digest(OTHER[sql])


def test_the_commands_lock_and_tell(
    folder: Path, sluis: Sluis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUIS_DATA_DIR", str(tmp_path / "data"))
    assert sluis("catalog", "check", str(folder), "--json").json["notes"][0].startswith("there is no lock")
    assert sluis("catalog", "lock", str(folder), "--all", "--json").json == {
        "lock": str(folder / "lock.yaml"),
        "versions": ["1", "2"],
        "changes": ["version 1 is locked", "version 2 is locked"],
    }
    assert sluis("catalog", "check", str(folder), "--json").json["notes"] == []
    change(folder, [(BRANCH, "", NEW)])
    assert "column Dim_Branch.Fresh (version 2) is not locked yet" in sluis("catalog", "check", str(folder)).out
    change(folder, [(BRANCH, TOWN, "")])
    for command in ("check", "lock"):
        refused = sluis("catalog", command, str(folder), "--json")
        assert (refused.code, refused.out) == (2, "")
        assert "files/Dim_Branch.yaml:13: Dim_Branch.Fresh stands where Town was" in refused.err
