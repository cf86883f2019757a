"""The receiver's manual: complete in both languages, and its code runs as it stands there."""

from __future__ import annotations

import datetime as dt
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
from sluis.catalog.loader import load
from sluis.delivery.manifest import Heading, descriptor
from sluis.delivery.plan import Mode
from sluis.delivery.projection import Projection, Receiver
from sluis.delivery.writing import Written
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
    ("I", "a", ["9223372036854775807", LONG, "0001-01-01", "0001-01-01T00:00:00Z", "1", ""]),
    ("U", "b", ["-9223372036854775808", "1.50", "9999-12-31", "9999-12-31T23:59:59.123456Z", "0", 'a\n"b" 😀,']),
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


def _written(name: str, mode: Mode, deletes: str | None = None) -> Written:
    return Written(name, f"{name}.csv", mode, None, 0, 0, 0, 0, 0, "", deletes=deletes)


def _manifest(modes: dict[str, Mode]) -> dict[str, Any]:
    """What the product itself says of files of the built-in catalogue, the last of them with its deleted keys."""
    catalog = load("verzuim")
    files = catalog.files("7.36")
    receiver = Receiver(medical=True, pseudonymous=False, secret=b"")
    projections = {
        name: Projection(catalog, "7.36", files[name], frozenset(c.name for c in files[name].columns), receiver)
        for name in modes
    }
    moment = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
    heading = Heading(
        *("one", 2, 1, moment, "schedule", (), "demo", "DWH", "Productie", 2, moment, 1, moment),
        *("verzuim", "7.36", None, True, "f" * 16, True),
    )
    written = [*(_written(name, mode) for name, mode in modes.items()), _written("Weg", "changes", [*modes][-1])]
    told: dict[str, Any] = json.loads(descriptor(heading, written, projections))
    return told


@pytest.mark.parametrize("half", halves(), ids=["nl", "en"])
def test_every_key_of_the_manifest_is_told(half: str) -> None:
    """Those of the whole in their table, and no others; those of a file where they belong."""
    manifest = _manifest({"Fact_AttributeValue": "full"})
    _, table = re.split(r"^\| (?:Sleutel|Key) \| .*$", half, maxsplit=1, flags=re.MULTILINE)
    rows = [line.split("|")[1] for line in table.split("\n\n")[0].splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([^`]+)`", " ".join(rows))) == sorted(manifest["sluis"])
    of_files = {key for resource in manifest["resources"] for key in resource["sluis"]}
    assert {"references", "deletes"} < of_files
    of_files |= {key for one in manifest["resources"][0]["sluis"]["references"] for key in one}
    assert {key for key in of_files if f"`{key}`" not in half} == set()


def test_references_are_as_the_page_says() -> None:
    """``foreignKeys`` between files that are both full, and to itself as ``""``; ``references`` always, in two forms."""
    modes: dict[str, Mode] = {
        "Dim_Afdeling": "full", "Dim_Werkgever": "full", "Dim_Contract": "changes", "Fact_AttributeValue": "full"
    }  # fmt: skip
    told = {one["name"]: one for one in _manifest(modes)["resources"]}
    keys = {
        name: {key["fields"][0]: key["reference"]["resource"] for key in one["schema"].get("foreignKeys", [])}
        for name, one in told.items()
    }
    assert set(keys["Dim_Afdeling"].values()) == {"", "Dim_Werkgever"}
    assert not keys["Dim_Contract"]
    assert not keys["Fact_AttributeValue"]
    contract, attribute = (told[name]["sluis"]["references"] for name in ("Dim_Contract", "Fact_AttributeValue"))
    assert {"field": "Dim_WerkgeverID", "resource": "Dim_Werkgever"} in contract
    assert {"field", "by", "resources"} in [set(one) for one in attribute]
    changes = _manifest(dict.fromkeys(modes, "changes"))["resources"]
    assert not [one for one in changes if "foreignKeys" in one["schema"]]


def test_links_within_the_page_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    titles = {
        re.sub(r"[^a-z0-9 -]", "", t.lower()).replace(" ", "-") for t in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= titles


def test_duckdb_tells_null_from_empty_and_reads_a_long_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Row] = [*ROWS, ("I", "e", [None] * 5 + ["x" * 8_000_000])]
    monkeypatch.chdir(deliver(tmp_path, 42, CsvFile("Fact_Verzuim", COLUMNS, rows)))
    with duckdb.connect() as connection:
        connection.execute(code("sql duckdb"))
        found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM stage_verzuim").fetchall()
    assert found == [tuple(values or [None] * 6) for _, _, values in rows]


def test_pandas_reads_every_type(folder: Path) -> None:
    path = "000042_20261123T020000Z_changes"
    assert path in code("python pandas")
    script = code("python pandas").replace(f'"{path}"', repr(str(folder)))
    names: dict[str, Any] = {}
    exec(script, names)
    for name in ("Fact_Verzuim", "Fact_Klein"):
        table = names["tables"][name]
        assert table["Nummer"].tolist()[:2] == [2**63 - 1, -(2**63)]
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
