"""Verifying deliveries: a sound one passes, and each kind of fault is found."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from receive.writer import MANIFEST, CsvFile, Row, deleted_keys, deliver, edit, key, line, rewrite
from sluis.receive.findings import CODES
from sluis.receive.verify import VerifyReport, verify

COLUMNS = {
    "Nummer": "integer",
    "Bedrag": "number",
    "Dag": "date",
    "Moment": "datetime",
    "Ja": "boolean",
    "Tekst": "string",
}
ROWS: list[Row] = [
    ("I", "one", ["1", "12.50", "2026-11-23", "2026-11-23T02:00:00Z", "1", "secret text"]),
    ("I", "two", ["-2", "-0.01", "0001-01-01", "0001-01-01T00:00:00Z", "0", ""]),
    ("I", "three", ["0", "9" * 36 + ".99", "9999-12-31", "9999-12-31T23:59:59.999999Z", "1", 'a\n"b",\r\n😀']),
    ("I", "four", [None] * 6),
]
FACT = CsvFile("Fact_Verzuim", COLUMNS, ROWS)
DIM = CsvFile("Dim_Werknemer", {"Naam": "string"}, [("I", "jan", ["Jan"])])
CHANGES = CsvFile("Fact_Verzuim", COLUMNS, [("U", "one", ROWS[0][2]), ("D", "two", [])], mode="changes")
CSV = "Fact_Verzuim.csv"


def _codes(report: VerifyReport) -> set[str]:
    return {finding.code for finding in report.findings}


def test_sound_deliveries_have_no_findings(tmp_path: Path) -> None:
    older = CsvFile("Fact_Oud", COLUMNS, [("U", "one", ROWS[0][2])], mode="changes", mutatie=False)
    zipped = CsvFile("Fact_Klein", COLUMNS, ROWS, compressed=True)
    deliver(tmp_path, 1, CsvFile("Fact_Verzuim", COLUMNS, [*ROWS, ("D", "gone", [])]), CsvFile("Fact_Leeg", COLUMNS))
    deliver(tmp_path, 2, CHANGES, older, deleted_keys("Fact_Oud", ["two"]), zipped)
    report = verify(tmp_path)
    assert report.findings == ()
    assert report.ok
    assert [(delivery.sequence, delivery.rows) for delivery in report.deliveries] == [(1, 5), (2, 8)]


def test_a_single_delivery_is_not_asked_for_what_came_before(tmp_path: Path) -> None:
    report = verify(deliver(tmp_path, 42, CHANGES))
    assert report.findings == ()


def _content(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda folder: rewrite(folder, CSV, change)


def _replace(old: str, new: str) -> Callable[[Path], object]:
    def change(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return _content(change)


def _told(**info: object) -> Callable[[Path], object]:
    return lambda folder: edit(folder, lambda manifest: manifest["resources"][0]["sluis"].update(info))


def _rows_told(rows: int) -> Callable[[Path], object]:
    """The manifest agrees with the number of rows, so that only the rows themselves are wrong."""
    return _told(rows=rows, inserted=None, updated=None, deleted=None)


def _both(*changes: Callable[[Path], object]) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def _extra_row(*values: str | None) -> Callable[[Path], object]:
    row = line(list(values)).encode()
    return _both(_content(lambda content: content + row), _rows_told(5))


def _link(folder: Path) -> None:
    (folder / CSV).rename(folder.parent / CSV)
    (folder / CSV).symlink_to(folder.parent / CSV)


BAD_KEY = "Z" * 32
NOTHING: list[str | None] = [None] * 6
UNENDED = line([key("x"), key("r"), "I", key("x"), *NOTHING[1:], ""]).encode().replace(b'""', b'"never closed')
FULL_FAULTS: list[tuple[str, str, Callable[[Path], object]]] = [
    ("manifest", "none", lambda folder: (folder / MANIFEST).unlink()),
    ("manifest", "unusable", lambda folder: edit(folder, lambda m: m["resources"][0].update(path="../x.csv"))),
    ("missing", "gone", lambda folder: (folder / CSV).unlink()),
    ("missing", "a link", _link),
    ("size", "cut off", lambda folder: (folder / CSV).write_bytes((folder / CSV).read_bytes()[:-3])),
    ("hash", "other bytes", lambda folder: (folder / CSV).write_bytes((folder / CSV).read_bytes()[::-1])),
    ("header", "renamed", _replace("Bedrag", "Bedrog")),
    ("header", "reordered", _replace("Nummer,Bedrag", "Bedrag,Nummer")),
    ("header", "one more", _replace("Tekst\n", "Tekst,Meer\n")),
    ("header", "empty file", _content(lambda _: b"")),
    ("csv", "too few", _both(_content(lambda content: content + b"a,b\n"), _rows_told(5))),
    ("csv", "too many", _replace("secret text", "secret,text")),
    ("csv", "not UTF-8", _content(lambda content: content.replace(b"secret", b"s\xffcret"))),
    ("csv", "header not UTF-8", _content(lambda content: content.replace(b"Bedrag", b"B\xffdrag"))),
    (
        "rows",
        "fewer",
        _both(_content(lambda content: content[: content.index(key("four").encode())]), _told(inserted=None)),
    ),
    ("rows", "told otherwise", _told(rows=5)),
    ("rows", "a quote that does not end", _both(_content(lambda content: content + UNENDED), _rows_told(5))),
    ("mutations", "told otherwise", _told(inserted=3)),
    ("mutations", "unknown letter", _extra_row(key("x"), key("r"), "X", key("x"), *NOTHING)),
    ("mutations", "none", _extra_row(key("x"), key("r"), None, key("x"), *NOTHING)),
    ("mutations", "U in a full file", _extra_row(key("x"), key("r"), "U", key("x"), *NOTHING)),
    ("key", "not hexadecimal", _extra_row(BAD_KEY, key("r"), "I", BAD_KEY, *NOTHING)),
    ("key", "none", _extra_row(None, key("r"), "I", None, *NOTHING)),
    ("duplicate", "twice", _extra_row(key("one"), key("r"), "I", key("one"), *NOTHING)),
    ("duplicate", "I and D", _extra_row(key("one"), None, "D", key("one"), *NOTHING)),
    ("own-key", "other", _extra_row(key("x"), key("r"), "I", key("y"), *NOTHING)),
    ("own-key", "none", _extra_row(key("x"), key("r"), "I", None, *NOTHING)),
    ("record-key", "none", _extra_row(key("x"), None, "I", key("x"), *NOTHING)),
    ("deleted-row", "a value", _extra_row(key("x"), None, "D", key("x"), "1", *NOTHING[1:])),
    ("deleted-row", "a RecordKey", _extra_row(key("x"), key("r"), "D", key("x"), *NOTHING)),
    ("mode", "not every file", _told(mode="changes")),
    ("extra", "a file", lambda folder: (folder / "Fact_Meer.csv").write_text("x")),
    ("name", "renamed", lambda folder: folder.rename(folder.with_name("000009_20260102T020000Z_full"))),
]
BAD_VALUES = {
    "Nummer": ["1.0", "x", "", "1e3", " 1", "9" * 40],
    "Bedrag": ["1,5", "NaN", "", "1e3", ".5", "9" * 39, "0." + "0" * 40 + "1"],
    "Dag": ["2026-02-30", "2026-1-1", "infinity", "0000-01-01", "20260101", ""],
    "Moment": ["2026-11-23 02:00:00", "2026-11-23T02:00:00", "2026-11-23T02:00:00+01:00", "2026-11-23T25:00:00Z"],
    "Ja": ["true", "2", "ja", ""],
}
VALUES = [(name, value) for name, values in BAD_VALUES.items() for value in values]


def _value(name: str, value: str) -> Callable[[Path], object]:
    values = [value if column == name else None for column in COLUMNS]
    return _extra_row(key("x"), key("r"), "I", key("x"), *values)


@pytest.mark.parametrize(("code", "change"), [pytest.param(c, f, id=f"{c}: {n}") for c, n, f in FULL_FAULTS])
def test_each_fault_is_found_and_nothing_else(tmp_path: Path, code: str, change: Callable[[Path], object]) -> None:
    change(deliver(tmp_path, 1, FACT))
    report = verify(tmp_path)
    assert _codes(report) == {code}
    assert report.ok == (CODES[code] == "warning")
    assert all(finding.message for finding in report.findings)


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_a_value_that_is_not_of_its_type_is_found(tmp_path: Path, name: str, value: str) -> None:
    _value(name, value)(deliver(tmp_path, 1, FACT))
    report = verify(tmp_path)
    assert _codes(report) == {"type"}
    assert name in report.findings[0].message


def test_a_deleted_key_that_stands_in_its_file_is_found(tmp_path: Path) -> None:
    older = CsvFile("Fact_Verzuim", COLUMNS, ROWS, mutatie=False)
    report = verify(deliver(tmp_path, 1, older, deleted_keys("Fact_Verzuim", ["one", "gone"])))
    assert _codes(report) == {"deleted-keys"}
    assert "1 deleted keys" in report.findings[0].message


def test_a_finding_shows_no_data(tmp_path: Path) -> None:
    for sequence, (_, _, change) in enumerate(FULL_FAULTS, 1):
        folder = deliver(tmp_path / str(sequence), 1, FACT)
        change(folder)
        texts = " ".join(str(finding) for finding in verify(tmp_path / str(sequence)).findings)
        assert "secret" not in texts
        assert "s?cret" not in texts
        assert BAD_KEY not in texts


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = deliver(tmp_path, 1, FACT)
    _replace("secret text", "secret,text")(folder)
    assert "near line 2" in verify(tmp_path).findings[0].message


def _chain(root: Path, *deliveries: tuple[int, CsvFile, dict[str, Any]]) -> VerifyReport:
    for sequence, file, info in deliveries:
        deliver(root, sequence, file, **info)
    return verify(root)


CHAINS: list[tuple[str, bool, list[tuple[int, CsvFile, dict[str, Any]]]]] = [
    ("", True, [(1, FACT, {}), (2, CHANGES, {}), (3, CHANGES, {}), (4, FACT, {})]),
    ("", True, [(7, FACT, {}), (8, CHANGES, {})]),
    ("start", True, [(7, CHANGES, {}), (8, CHANGES, {})]),
    ("gap", False, [(1, FACT, {}), (3, CHANGES, {})]),
    ("gap", True, [(1, FACT, {}), (3, FACT, {})]),
    ("mixed", False, [(1, FACT, {}), (2, CHANGES, {"configuration": "Proef"})]),
    ("sequence", False, [(1, FACT, {}), (1, CHANGES, {"mode": "changes"})]),
]


@pytest.mark.parametrize(("code", "ok", "deliveries"), CHAINS)
def test_the_order_of_deliveries(
    tmp_path: Path, code: str, *, ok: bool, deliveries: list[tuple[int, CsvFile, dict[str, Any]]]
) -> None:
    report = _chain(tmp_path, *deliveries)
    assert _codes(report) == ({code} if code else set())
    assert report.ok == ok


def test_every_kind_of_fault_has_its_case() -> None:
    tried = {code for code, _, _ in FULL_FAULTS} | {code for code, _, _ in CHAINS} | {"type", "deleted-keys"}
    assert tried - {""} == set(CODES)


def test_one_bad_delivery_does_not_hide_the_others(tmp_path: Path) -> None:
    (deliver(tmp_path, 1, FACT) / MANIFEST).write_text("half")
    rewrite(deliver(tmp_path, 2, CHANGES, DIM), CSV, lambda content: content.replace(b"12.50", b"12,50"))
    report = verify(tmp_path)
    assert [(finding.code, finding.delivery[:6]) for finding in report.findings if finding.severity == "error"] == [
        ("manifest", "000001"),
        ("csv", "000002"),
    ]


def test_a_gzip_that_is_none_is_found(tmp_path: Path) -> None:
    zipped = CsvFile("Fact_Verzuim", COLUMNS, ROWS, compressed=True)
    rewrite(deliver(tmp_path / "a", 1, zipped), "Fact_Verzuim.csv.gz", gzip.decompress)
    assert _codes(verify(tmp_path / "a")) == {"csv"}
    rewrite(deliver(tmp_path / "b", 1, zipped), "Fact_Verzuim.csv.gz", lambda content: content[:-20])
    assert not verify(tmp_path / "b").ok


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    root = tmp_path / "Productie [1] * ? {a} 'é'"
    deliver(root, 1, FACT)
    assert verify(root).findings == ()


def test_lines_inside_a_text_are_not_rows(tmp_path: Path) -> None:
    """Far beyond one buffer: texts made of lines that look just like the rows around them."""
    inner = line([key("x"), key("r"), "I", key("x"), *["1"] * 5, 'as "well"']) * 200
    rows: list[Row] = [("I", str(number), [None] * 5 + [inner]) for number in range(600)]
    report = verify(deliver(tmp_path, 1, CsvFile("Fact_Verzuim", COLUMNS, rows)))
    assert report.findings == ()
