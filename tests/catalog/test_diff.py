"""What a receiver must do to move to another version, and how heavy that is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.running import Sluis, sluis
from lending import CATALOG
from sluis.catalog.diff import KINDS, diff
from sluis.catalog.loader import load
from sluis.errors import Rejected

__all__ = ["sluis"]

HEAD = """\
catalog: made
title: {nl: m, en: m}
entities:
  thing: {nl: d, en: t}
  other: {nl: a, en: o}
  third: {nl: a, en: o}
streams:
  first: {title: {nl: e, en: f}, description: {nl: e, en: f}}
  second: {title: {nl: t, en: s}, description: {nl: t, en: s}}
"""
KEY = "{name: Id, type: integer, nl: id, en: id, key: true, mandatory: true}"
A, B = (f"{{name: {name}, type: text, nl: {name} nl, en: {name} en}}" for name in ("A", "B"))


def file_text(name: str, version: str, columns: list[str], extra: str = "") -> str:
    listed = "".join(f"  - {column}\n" for column in columns)
    return (
        f"file: {name}\ndataset: {name.lower()}{version}\nentity: thing\ntitle: {{nl: t, en: t}}\n"
        f'grain: {{nl: g, en: g}}\nversions: ["{version}"]\n{extra}columns:\n{listed}'
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two versions of one file ``T`` that are the same."""
    root = tmp_path / "made"
    for inner in ("versions", "files", "datasets"):
        (root / inner).mkdir(parents=True)
    (root / "catalog.yaml").write_text(HEAD)
    ends = {"1": "ends: 2021-01-01\n", "2": ""}
    for version, end in ends.items():
        year = 2019 + int(version)
        (root / f"versions/{version}.yaml").write_text(
            f'version: "{version}"\nreleased: {year}-01-01\n{end}deletions: column\nstreams:\n  first: [T]\n'
        )
        (root / f"datasets/t{version}.sql").write_text("SELECT 1")
        (root / f"files/T{version}.yaml").write_text(file_text("T", version, [KEY, A, B]))
    return root


def found(folder: Path, before: str = "1", after: str = "2") -> list[tuple[Any, ...]]:
    return [
        (change.level, change.kind, change.column, change.before, change.after)
        for change in diff(load(str(folder)), before, after).changes
    ]


def test_versions_that_are_the_same_have_no_changes(folder: Path) -> None:
    assert found(folder) == []
    result = diff(load(str(folder)), "1", "2")
    assert (result.level, list(result.lines())) == ("none", ["made, version 1 → 2: none"])


def marked(mark: str, column: str = A) -> str:
    return column.replace("}", f", {mark}}}")


C = "{name: C, type: date, nl: c, en: c}"
DATE = "{name: A, type: date, nl: A nl, en: A en}"
TO_OTHER = "{name: R, match: {entity: other, from: [A]}, nl: r, en: r}"
TO_THIRD = "{name: R, match: {entity: third, from: [A]}, nl: r, en: r}"

CHANGES: dict[str, tuple[list[str], list[str], list[tuple[Any, ...]]]] = {
    "column added": ([KEY, A], [KEY, A, C], [("minor", "column added", "C", None, "date")]),
    "column added with its marks": ([KEY], [KEY, marked("identifying: true")], [("minor", "column added", "A", None, "text, identifying")]),
    "column inserted": ([KEY, A], [KEY, C, A], [("major", "column inserted", "C", None, "date, before A")]),
    "column removed": ([KEY, A, B], [KEY, B], [("major", "column removed", "A", "text", None)]),
    "column renamed": ([KEY, A, B], [KEY, A.replace("name: A", "name: Z, from: A"), B], [("major", "column renamed", "Z", "A", "Z")]),
    "column renamed and retyped": ([KEY, A], [KEY, DATE.replace("name: A", "name: Z, from: A")], [("major", "column renamed", "Z", "A", "Z"), ("major", "retyped", "Z", "text", "date")]),
    "other name and source": ([KEY, A], [KEY, A.replace("name: A", "name: Z")], [("major", "column removed", "A", "text", None), ("minor", "column added", "Z", None, "text")]),
    "other name and meaning": ([KEY, A], [KEY, A.replace("name: A", "name: Z, from: A").replace("A en", "other")], [("major", "column removed", "A", "text", None), ("minor", "column added", "Z", None, "text")]),
    "retyped": ([KEY, A], [KEY, DATE], [("major", "retyped", "A", "text", "date")]),
    "reordered": ([KEY, A, B, C], [KEY, B, C, A], [("major", "columns reordered", None, ("Id", "A", "B", "C"), ("Id", "B", "C", "A"))]),
    "renamed and moved": ([KEY, A, B], [KEY, B, A.replace("name: A", "name: Z, from: A")], [("major", "column renamed", "Z", "A", "Z"), ("major", "columns reordered", None, ("Id", "Z", "B"), ("Id", "B", "Z"))]),
    "source": ([KEY, A], [KEY, marked("from: Q")], [("none", "source changed", "A", "A", "Q")]),
    "meaning": ([KEY, A], [KEY, A.replace("A en", "other")], [("none", "meaning changed", "A", "A en", "other")]),
    "match": ([KEY, TO_OTHER], [KEY, TO_THIRD], [("major", "reference changed", "R", "key of match other (A): text", "key of match third (A): text")]),
    "reference to a value": ([KEY, TO_OTHER], [KEY, "{name: R, type: text, nl: r, en: r}"], [("major", "retyped", "R", "key of match other (A): text", "text")]),
    "mandatory": ([KEY, A], [KEY, marked("mandatory: true")], [("minor", "mandatory changed", "A", "mandatory no", "mandatory yes")]),
    "identifying set": ([KEY, A], [KEY, marked("identifying: true")], [("major", "mark set", "A", "identifying no", "identifying yes")]),
    "identifying taken away": ([KEY, marked("identifying: true")], [KEY, A], [("minor", "mark taken away", "A", "identifying yes", "identifying no")]),
    "medical set": ([KEY, A], [KEY, marked("medical: true")], [("major", "mark set", "A", "medical no", "medical yes")]),
    "quasi changed": ([KEY, marked("quasi: {prefix: 4}")], [KEY, marked("quasi: {prefix: 2}")], [("major", "mark changed", "A", "quasi prefix 4", "quasi prefix 2")]),
    "pseudonym set": ([KEY, A], [KEY, marked("pseudonym: other")], [("major", "mark set", "A", "pseudonym no", "pseudonym other")]),
    "key of more parts": ([KEY, A], [KEY, marked("key: true, mandatory: true")], [("major", "key changed", None, ("thing", "integer from Id"), ("thing", "integer from Id", "text from A")), ("minor", "mandatory changed", "A", "mandatory no", "mandatory yes")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_a_column_is_told_with_its_level(folder: Path, name: str) -> None:
    before, after, changes = CHANGES[name]
    for version, columns in (("1", before), ("2", after)):
        (folder / f"files/T{version}.yaml").write_text(file_text("T", version, columns))
    assert found(folder) == changes


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_another_entity_is_another_key(folder: Path) -> None:
    (folder / "files/U.yaml").write_text(file_text("U", "1", [KEY]))
    (folder / "datasets/u1.sql").write_text("SELECT 1")
    edit(folder, "versions/1.yaml", "[T]", "[T, U]")
    edit(folder, "files/T2.yaml", "entity: thing", "entity: other")
    key = ("major", "key changed", None, ("thing", "integer from Id"), ("other", "integer from Id"))
    assert found(folder)[0] == key


def test_a_key_that_may_be_empty_is_another_key(folder: Path) -> None:
    edit(folder, "files/T2.yaml", "key: true", "key: nullable")
    assert found(folder)[0][-1] == ("thing", "integer from Id, may be empty")


def test_what_a_file_says_of_itself(folder: Path) -> None:
    edit(folder, "files/T2.yaml", "columns:", "medical: true\nkey_column: TKey\ncolumns:")
    edit(folder, "files/T2.yaml", "grain: {nl: g", "grain: {nl: other")
    assert found(folder) == [
        ("major", "mark set", None, "medical no", "medical yes"),
        ("major", "own key renamed", "TKey", "TID", "TKey"),
        ("none", "meaning changed", None, "g", "other"),
    ]


def test_streams_files_and_deletions(folder: Path) -> None:
    for name, version in (("U", "1"), ("V", "2")):
        (folder / f"files/{name}.yaml").write_text(file_text(name, version, [KEY, A]))
        (folder / f"datasets/{name.lower()}{version}.sql").write_text("SELECT 1")
    edit(folder, "versions/1.yaml", "[T]", "[U]\n  second: [T]")
    edit(folder, "versions/1.yaml", "deletions: column", "deletions: file")
    edit(folder, "versions/2.yaml", "[T]", "[T, V]")
    forth = [
        ("major", "deletions form changed", None, "file", "column"),
        ("major", "stream removed", None, "second", None),
        ("minor", "file added to stream", None, None, "first"),
        ("major", "file removed", None, "2 columns, in first", None),
        ("minor", "file added", None, None, "2 columns, in first"),
    ]
    assert found(folder) == forth
    back = {(kind, before, after) for _, kind, _, before, after in found(folder, "2", "1")}
    assert back == {
        ("deletions form changed", "column", "file"),
        ("stream added", None, "second"),
        ("file removed from stream", "first", None),
        ("file added", None, "2 columns, in first"),
        ("file removed", "2 columns, in first", None),
    }


def test_lending_from_1_to_2() -> None:
    result = diff(load(str(CATALOG)), "1", "2")
    told = [(change.level, change.file, change.kind, change.column) for change in result.changes]
    assert told == [
        ("major", None, "deletions form changed", None),
        ("minor", None, "stream added", None),
        ("minor", "Dim_Branch", "file added", None),
        ("minor", "Dim_Edition", "file added", None),
        ("minor", "Dim_Member", "column added", "Card"),
        ("major", "Fact_Loan", "column inserted", "Dim_EditionID"),
        ("major", "Fact_Loan", "column inserted", "VisitKey"),
        ("minor", "Fact_Note", "file added", None),
        ("minor", "Fact_Placement", "file added", None),
    ]
    assert result.level == "major"


def test_additions_alone_are_minor_and_meanings_alone_none(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CATALOG, tmp_path / "lending"))
    (folder / "versions/3.yaml").write_text(
        (folder / "versions/2.yaml").read_text().replace('"2"', '"3"').replace("2030-01-01", "2031-01-01")
    )
    edit(folder, "versions/2.yaml", "released: 2030-01-01", "released: 2030-01-01\nends: 2031-12-31")
    assert diff(load(str(folder)), "2", "3").level == "none"
    edit(
        folder,
        "files/Dim_Branch.yaml",
        "    en: Town\n",
        '    en: Town\n  - {name: C, type: date, nl: c, en: c, since: "3"}\n',
    )
    assert found(folder, "2", "3") == [("minor", "column added", "C", None, "date")]
    assert found(folder, "3", "2") == [("major", "column removed", "C", "date", None)]
    assert diff(load(str(folder)), "2", "3").level == "minor"


def test_the_json_holds_everything(sluis: Sluis) -> None:
    value = sluis("catalog", "diff", str(CATALOG), "1", "2", "--json").json
    assert {name: value[name] for name in ("catalog", "from", "to", "level", "counts")} == {
        "catalog": "lending", "from": "1", "to": "2", "level": "major", "counts": {"major": 3, "minor": 6, "none": 0},
    }  # fmt: skip
    assert value["changes"][0] == {
        "level": "major",
        "file": None,
        "column": None,
        "kind": "deletions form changed",
        "before": "file",
        "after": "column",
        "what_to_do": KINDS["deletions form changed"][1],
    }
    assert value == json.loads(json.dumps(diff(load(str(CATALOG)), "1", "2").as_json()))


def test_the_text_names_every_file_once_with_what_to_do(sluis: Sluis) -> None:
    text = sluis("catalog", "diff", str(CATALOG), "1", "2").out
    lines = text.split("\n")
    assert lines[:4] == [
        "lending, version 1 → 2: major",
        "",
        "the version",
        "  major  deletions form changed: file → column",
    ]
    heads = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert heads == [
        "the version",
        "Dim_Branch",
        "Dim_Edition",
        "Dim_Member",
        "Fact_Loan",
        "Fact_Note",
        "Fact_Placement",
    ]
    assert "  minor  column added: Card: text(20), pseudonym note" in lines
    assert KINDS["column inserted"][1] in text


def test_a_version_that_is_not_there_is_refused(sluis: Sluis) -> None:
    with pytest.raises(Rejected, match="no version '9'"):
        diff(load(str(CATALOG)), "1", "9")
    refused = sluis("catalog", "diff", str(CATALOG), "9", "2", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "choose one of: 1, 2" in refused.err
