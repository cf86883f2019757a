"""The lending catalogue's source, and an oracle: what a receiver must see, in plain Python over the source's rows.

Nothing here uses the product's SQL.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import hmac
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

CATALOG = Path(__file__).parent / "catalogs" / "lending"

SCHEMA = """
CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, born TEXT, postcode TEXT, sex TEXT, fine TEXT, exact TEXT,
                     joined TEXT, active INTEGER, condition TEXT, card TEXT);
CREATE TABLE branch (code TEXT PRIMARY KEY, town TEXT);
CREATE TABLE edition (title_id INTEGER, printing INTEGER, title TEXT, PRIMARY KEY (title_id, printing));
CREATE TABLE loan (id INTEGER PRIMARY KEY, member_id INTEGER, title_id INTEGER, printing INTEGER, kind TEXT, day TEXT,
                   visit_id INTEGER, remark TEXT);
CREATE TABLE placement (title_id INTEGER, printing INTEGER, branch_code TEXT, copies INTEGER);
CREATE TABLE note (about TEXT, about_id INTEGER, score INTEGER, PRIMARY KEY (about, about_id));
"""

NASTY = """
INSERT INTO member VALUES
 (1, 'Jan ''de'' "Boer"', '1980-01-02', '1234AB', 'M', '1234567890123456789012345678.0123456789', ' lead', '2026-03-29 02:30:00', 1, NULL, 'C1'),
 (2, '', '0001-01-01', NULL, 'F', '-15.5', '12345678901234567890123456789012345678901234567890.123', '2026-10-25 02:30:00.5', 0, 'braille', NULL),
 (3, NULL, '9999-12-31', '9999ZZ', 'X', '0', '', NULL, 1, '', 'C3'),
 (4, 'a,b;c' || char(10) || 'd' || char(13) || 'e', NULL, '', NULL, NULL, NULL, '2026-07-01 12:00:00', 0, '"', '=cmd'),
 (5, '😀 é' || char(101, 769), '1999-12-31', '12', 'M', '10', 'NULL', '1950-01-02 00:00:00', 1, 'NULL', 'C5');
INSERT INTO branch VALUES ('A', 'Utrecht'), ('a', ''), ('B ', NULL);
INSERT INTO edition VALUES (1, 1, '😀 a' || char(10) || 'b'), (1, 2, ''), (2, 1, NULL);
INSERT INTO loan VALUES (10, 1, 1, 1, 'normal', '2026-01-01', 5, 'r'), (11, 2, NULL, NULL, 'braille', '9999-12-31', NULL, NULL),
                        (12, 3, 2, 1, 'normal', NULL, 6, '');
INSERT INTO placement VALUES (1, 1, 'A', 3), (1, 1, NULL, 2), (1, 2, 'a', NULL);
INSERT INTO note VALUES ('member', 1, 5), ('loan', 10, NULL);
"""

Row = dict[str, str | None]
"""A delivered row without its system columns: header → text, None for NULL."""


def make(path: Path) -> sqlite3.Connection:
    """A new source with the nasty values in it."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    # What is lost here is lost when the machine stops, which no test does.
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(SCHEMA + NASTY)
    connection.commit()
    return connection


@dataclass(frozen=True)
class Sees:
    """What a receiver may see."""

    medical: bool = False
    pseudonymous: bool = False
    secret: bytes = b""

    def key(self, entity: str, *parts: object) -> str:
        plain = key(entity, *parts)
        if not self.pseudonymous:
            return plain
        return hmac.new(self.secret, bytes.fromhex(plain), hashlib.sha256).hexdigest()[:32]


def key(entity: str, *parts: object) -> str:
    """The key of an entity: 128 bits of SHA-256 over its name and the parts, each with its length in bytes."""
    return hashlib.sha256((entity + "|" + _encode(_canonical(part) for part in parts)).encode()).hexdigest()[:32]


def record_key(row: Row) -> str:
    """Over all texts, and after them the length of each in bytes, nothing for NULL."""
    lengths = ",".join("" if text is None else str(len(text.encode())) for text in row.values())
    whole = "".join(text or "" for text in row.values()) + "|" + lengths
    return hashlib.sha1(whole.encode(), usedforsecurity=False).hexdigest()[:32]


def _encode(texts: Iterable[str | None]) -> str:
    return "".join("~" if text is None else f"{len(text.encode())}:{text}" for text in texts)


def _canonical(part: object) -> str | None:
    return None if part is None else unicodedata.normalize("NFC", str(part))


def expected(connection: sqlite3.Connection, sees: Sees, chosen: dict[str, set[str]]) -> dict[str, dict[str, Row]]:
    """file → PrimaryKey → row, for version 2; ``chosen`` narrows the columns of a file."""
    made = {
        "Dim_Member": {
            sees.key("member", r["id"]): _member(r, sees) for r in connection.execute("SELECT * FROM member")
        },
        "Dim_Branch": {
            sees.key("branch", r["code"]): {"Code": r["code"], "Town": r["town"]}
            for r in connection.execute("SELECT * FROM branch")
        },
        "Dim_Edition": {
            sees.key("edition", r["title_id"], r["printing"]): {
                "TitleId": str(r["title_id"]),
                "Printing": str(r["printing"]),
                "Title": r["title"],
            }
            for r in connection.execute("SELECT * FROM edition")
        },
        "Fact_Loan": {
            sees.key("loan", r["id"]): _loan(r, sees)
            for r in connection.execute("SELECT * FROM loan WHERE member_id IN (SELECT id FROM member)")
        },
        "Fact_Placement": {
            sees.key("placement", r["title_id"], r["printing"], r["branch_code"]): {
                "Dim_EditionID": sees.key("edition", r["title_id"], r["printing"]),
                "Dim_BranchID": None if r["branch_code"] is None else sees.key("branch", r["branch_code"]),
                "Copies": _text(r["copies"]),
            }
            for r in connection.execute("SELECT * FROM placement")
        },
        "Fact_Note": {
            sees.key("note_row", r["about"], r["about_id"]): {
                "About": r["about"],
                "AboutKey": sees.key(r["about"], r["about_id"]),
                "Score": _text(r["score"]),
            }
            for r in connection.execute("SELECT * FROM note")
        },
    }
    return {
        file: {pk: {c: v for c, v in row.items() if c in chosen.get(file, row)} for pk, row in rows.items()}
        for file, rows in made.items()
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _member(r: sqlite3.Row, sees: Sees) -> Row:
    row: Row = {"MemberId": sees.key("member", r["id"]) if sees.pseudonymous else str(r["id"])}
    joined = _utc(r["joined"])
    if sees.pseudonymous:
        band = None if r["fine"] is None else str((Decimal(r["fine"]) // 10 - (_floor_fix(r["fine"]))) * 10)
        row |= {
            "Born": r["born"] and r["born"][:4],
            "Postcode": None if r["postcode"] is None else r["postcode"][:4],
            "Sex": r["sex"] if r["sex"] in {"F", "M"} else None,
            "Fine": band,
            "Joined": joined and joined[:10],
        }
    else:
        row |= {
            "Name": r["name"],
            "Born": r["born"],
            "Postcode": r["postcode"],
            "Sex": r["sex"],
            "Fine": None if r["fine"] is None else f"{Decimal(r['fine']):.10f}",
            "Exact": r["exact"],
            "Joined": joined,
        }
    row["Active"] = str(r["active"])
    if sees.medical:
        row["Condition"] = r["condition"]
    row["Card"] = sees.key("note", r["card"]) if sees.pseudonymous and r["card"] is not None else r["card"]
    return row


def _floor_fix(text: str) -> int:
    # Decimal's // cuts towards zero; a band begins at the number below.
    value = Decimal(text)
    return 1 if value < 0 and value % 10 != 0 else 0


def _utc(text: str | None) -> str | None:
    """A local time of Amsterdam in UTC: in the doubled hour the second, in the missing hour as if not yet changed."""
    if text is None:
        return None
    local = dt.datetime.fromisoformat(text)
    fold = 1 if local.date() == dt.date(2026, 10, 25) else 0
    moment = local.replace(tzinfo=ZoneInfo("Europe/Amsterdam"), fold=fold).astimezone(dt.UTC)
    whole = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0")
    return whole + (f".{moment.microsecond:06d}" if moment.microsecond else "") + "Z"


def _loan(r: sqlite3.Row, sees: Sees) -> Row:
    edition = (
        None if r["title_id"] is None or r["printing"] is None else sees.key("edition", r["title_id"], r["printing"])
    )
    row: Row = {
        "LoanId": sees.key("loan", r["id"]) if sees.pseudonymous else str(r["id"]),
        "Dim_MemberID": sees.key("member", r["member_id"]),
        "Dim_EditionID": edition,
        "Kind": r["kind"] if sees.medical or r["kind"] != "braille" else None,
        "Day": r["day"],
        "VisitKey": None if r["visit_id"] is None else sees.key("visit", r["visit_id"]),
    }
    if sees.medical and not sees.pseudonymous:
        row["Remark"] = r["remark"]
    return row


def read_csv(path: Path) -> list[Row]:
    """The lines of a CSV, telling nothing (NULL) from an empty string; a small reader of its own."""
    text = path.read_bytes().decode("utf-8")
    lines = _lines(text)
    header = [field or "" for field in lines[0]]
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def _lines(text: str) -> list[list[str | None]]:
    lines: list[list[str | None]] = []
    line: list[str | None] = []
    position, size = 0, len(text)
    while position < size:
        if text[position] == '"':
            field, position = _quoted(text, position + 1)
            line.append(field)
        else:
            end = min(at for at in (text.find(",", position), text.find("\n", position), size) if at >= 0)
            line.append(text[position:end] or None)
            position = end
        if position >= size or text[position] == "\n":
            lines.append(line)
            line = []
        elif text[position + 1 : position + 2] in {"\n", ""}:
            line.append(None)
            position += 1
            lines.append(line)
            line = []
        position += 1
    return lines


def _quoted(text: str, position: int) -> tuple[str, int]:
    parts = []
    while True:
        end = text.index('"', position)
        parts.append(text[position:end])
        if text[end + 1 : end + 2] != '"':
            return "".join(parts), end + 1
        parts.append('"')
        position = end + 2


class Copy:
    """A receiver's copy of every file: applies deliveries as the contract says, or by upserting only."""

    def __init__(self, *, upsert_only: bool = False) -> None:
        self.upsert_only = upsert_only
        self.files: dict[str, dict[str, Row]] = {}

    def apply(self, file: str, mode: str, path: Path, deleted: Path | None = None) -> None:
        """Apply one file of a delivery; a key that is named twice is an error."""
        rows = read_csv(path)
        keys = [row["PrimaryKey"] for row in rows]
        assert len(keys) == len(set(keys)), f"{file}: a key is named twice"
        if mode == "full" and not self.upsert_only:
            self.files[file] = {}
        copy = self.files.setdefault(file, {})
        for row in rows:
            self._one(file, copy, row)
        for row in read_csv(deleted) if deleted else []:
            copy.pop(str(row["PrimaryKey"]), None)

    @staticmethod
    def _one(file: str, copy: dict[str, Row], row: Row) -> None:
        own = f"{file}ID"
        pk, change = str(row.pop("PrimaryKey")), row.pop("Mutatie", "I")
        record, own_key = row.pop("RecordKey"), row.pop(own)
        assert own_key == pk
        if change == "D":
            assert {record, *row.values()} == {None}, f"{file}: a deleted row has more than its keys"
            copy.pop(pk, None)
            return
        assert record == record_key(row), f"{file}: RecordKey is not over the delivered columns"
        copy[pk] = row


def same_as_csv_module(path: Path) -> bool:
    """Whether Python's own reader sees the same texts, NULL and empty being one to it."""
    with path.open(encoding="utf-8", newline="") as stream:
        theirs = [dict(row) for row in csv.DictReader(stream)]
    return theirs == [{name: value or "" for name, value in row.items()} for row in read_csv(path)]


def differences(got: dict[str, dict[str, Row]], want: dict[str, dict[str, Row]]) -> list[str]:
    """What differs between a copy and what the oracle says, one line a value."""
    lines = []
    for file in sorted(got.keys() | want.keys()):
        ours, theirs = got.get(file, {}), want.get(file, {})
        lines += [f"{file}: {key} is only in the copy" for key in ours.keys() - theirs.keys()]
        lines += [f"{file}: {key} is missing" for key in theirs.keys() - ours.keys()]
        for key in ours.keys() & theirs.keys():
            a, b = ours[key], theirs[key]
            lines += [f"{file}: {n}: {a.get(n)!r} <> {b.get(n)!r}" for n in a.keys() | b.keys() if a.get(n) != b.get(n)]
            lines += [f"{file}: {key}: columns {list(a)} <> {list(b)}"] * (list(a) != list(b))
    return lines
