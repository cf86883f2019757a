"""The receiver's manual: complete in both languages, and its code runs as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from receive.page import PAGE, blocks, code, halves
from receive.writer import CsvFile, Row, deliver
from sluis.receive.findings import CODES, Severity

COLUMNS = {
    "Nummer": "integer",
    "Bedrag": "number",
    "Dag": "date",
    "Moment": "datetime",
    "Ja": "boolean",
    "Tekst": "string",
}
LONG = "9" * 36 + ".99"
ROWS: list[Row] = [
    ("I", "a", ["1", LONG, "0001-01-01", "0001-01-01T00:00:00Z", "1", ""]),
    ("U", "b", ["-2", "1.50", "9999-12-31", "9999-12-31T23:59:59.123456Z", "0", 'a\n"b" 😀,']),
    ("U", "c", [None] * 6),
    ("D", "d", []),
]
FILE = "Fact_Verzuim.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = [CsvFile("Fact_Verzuim", COLUMNS, ROWS, mode="changes"), CsvFile("Fact_Leeg", COLUMNS)]
    return deliver(tmp_path, 42, *files, CsvFile("Fact_Klein", COLUMNS, ROWS, mode="changes", compressed=True))


def test_both_halves_have_the_same_blocks_of_code() -> None:
    dutch, english = map(blocks, halves())
    assert dutch == english
    assert len(dutch) == 17


def test_both_halves_have_the_same_shape() -> None:
    dutch, english = ([line.count("|") for line in half.splitlines() if line.startswith("|")] for half in halves())
    assert dutch == english
    dutch, english = ([line.count("#") for line in half.splitlines() if line.startswith("#")] for half in halves())
    assert dutch == english


@pytest.mark.parametrize("half", halves(), ids=["nl", "en"])
def test_every_kind_of_fault_is_explained_with_its_severity(half: str) -> None:
    rows = [line.split("|") for line in half.splitlines() if line.startswith("| `")]
    explained: dict[str, Severity] = {}
    for row in rows:
        severity: Severity = "warning" if re.search(r"\((waarschuwing|warning)\)", row[2]) else "error"
        explained |= {word: severity for word in re.findall(r"`([^`]+)`", row[1]) if word in CODES}
    assert explained == CODES


@pytest.mark.parametrize("half", halves(), ids=["nl", "en"])
def test_every_key_of_the_manifest_is_named(half: str, folder: Path) -> None:
    manifest = json.loads((folder / "datapackage.json").read_bytes())
    described = {*manifest["sluis"]} - {"trigger", "catalog", "snapshot"}
    described |= {*manifest["resources"][0]["sluis"], "deletes"}
    assert {key for key in described if f"`{key}`" not in half and f'"{key}"' not in half} == set()


def test_links_within_the_page_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    titles = {
        re.sub(r"[^a-z0-9 -]", "", t.lower()).replace(" ", "-") for t in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= titles


def test_duckdb_tells_null_from_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        connection.execute(code("sql duckdb"))
        found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM stage_verzuim").fetchall()
    assert found == [tuple(values or [None] * 6) for _, _, values in ROWS]


def test_pandas_reads_every_type(folder: Path) -> None:
    path = "000042_20261123T020000Z_changes"
    assert path in code("python pandas")
    script = code("python pandas").replace(f'"{path}"', repr(str(folder)))
    names: dict[str, Any] = {}
    exec(script, names)
    for name in ("Fact_Verzuim", "Fact_Klein"):
        table = names["tables"][name]
        assert table["Nummer"].tolist()[:2] == [1, -2]
        assert table["Bedrag"].tolist()[:2] == [Decimal(LONG), Decimal("1.50")]
        assert table["Dag"].tolist()[:2] == [pd.Timestamp("0001-01-01"), pd.Timestamp("9999-12-31")]
        assert str(table["Moment"].tolist()[1]) == "9999-12-31 23:59:59.123456+00:00"
        assert table["Ja"].tolist()[:2] == [True, False]
        assert table["Tekst"].tolist()[1] == 'a\n"b" 😀,'
        assert table.iloc[2][list(COLUMNS)].isna().all()
        assert len(table) == 4
    assert len(names["tables"]["Fact_Leeg"]) == 0


def _frictionless(folder: Path) -> dict[str, Any]:
    """The report of the page's command; in a process of its own, because it leaves files open."""
    program, *rest = shlex.split(code("sh frictionless"))
    command = [str(Path(sys.executable).with_name(program)), *rest, "--json"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["valid"] == (done.returncode == 0)
    return report


def test_frictionless_finds_a_delivery_valid(folder: Path) -> None:
    report = _frictionless(folder)
    assert report["valid"], report
    assert [task["stats"].get("rows", 0) for task in report["tasks"]] == [4, 0, 4]


def test_frictionless_finds_a_damaged_delivery_invalid(folder: Path) -> None:
    (folder / FILE).write_bytes((folder / FILE).read_bytes().replace(b"1.50", b"1.51"))
    assert not _frictionless(folder)["valid"]
