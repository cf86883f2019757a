"""Writes delivery folders by the published format, apart from the product: the tests' own pen."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "datapackage.json"
Value = str | None
Row = tuple[str, str, Sequence[Value]]
"""``Mutatie``, a name from which the key is made, and the values of the columns, as text."""

_BOOLEAN = {"trueValues": ["1"], "falseValues": ["0"]}


def key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def line(values: Sequence[Value]) -> str:
    """One CSV line: NULL is nothing, an empty text is ``""``, and what needs quotes has them."""
    return ",".join(_cell(value) for value in values) + "\n"


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if value == "" or any(mark in value for mark in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


@dataclass(frozen=True)
class CsvFile:
    """One file of a delivery; ``columns`` are the types of the columns that are not Sluis's own."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Row] = ()
    mode: str = "full"
    mutatie: bool = True
    compressed: bool = False
    deletes: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.name}.csv.gz" if self.compressed else f"{self.name}.csv"

    @property
    def header(self) -> list[str]:
        own_key = f"{self.deletes or self.name}ID"
        if self.deletes:
            return ["PrimaryKey", own_key]
        return ["PrimaryKey", "RecordKey", *(["Mutatie"] if self.mutatie else []), own_key, *self.columns]

    @property
    def fields(self) -> list[dict[str, Any]]:
        types = {name: self.columns.get(name, "string") for name in self.header}
        return [{"name": name, "type": kind, **(_BOOLEAN if kind == "boolean" else {})} for name, kind in types.items()]

    def line(self, row: Row) -> str:
        mutation, name, values = row
        if self.deletes:
            return line([key(name), key(name)])
        alive = mutation != "D"
        record = key(repr(values)) if alive else None
        shown: Sequence[Value] = values if alive else [None] * len(self.columns)
        return line([key(name), record, *([mutation] if self.mutatie else []), key(name), *shown])

    def content(self) -> bytes:
        text = line(list(self.header)) + "".join(self.line(row) for row in self.rows)
        return gzip.compress(text.encode(), mtime=0) if self.compressed else text.encode()

    def resource(self, content: bytes) -> dict[str, Any]:
        counted = {word: sum(row[0] == letter for row in self.rows) for letter, word in _WORDS.items()}
        counts = {"rows": len(self.rows), **({} if self.deletes else counted)}
        return {
            "name": self.name,
            "path": self.path,
            "format": "csv",
            "encoding": "utf-8",
            **seal(content),
            "dialect": {"delimiter": ","},
            "schema": {
                "fieldsMatch": "equal",
                "fields": self.fields,
                "primaryKey": ["PrimaryKey"],
                "missingValues": [""],
            },
            "sluis": {"mode": self.mode, "reason": None, **counts}
            | ({"deletes": self.deletes} if self.deletes else {})
            | dict(self.info),
        }


_WORDS = {"I": "inserted", "U": "updated", "D": "deleted"}


def seal(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def deleted_keys(of: str, names: Sequence[str], *, mode: str = "changes") -> CsvFile:
    """The deleted keys of a file in a version without ``Mutatie``."""
    return CsvFile(f"{of}_verwijderd", {}, [("D", name, ()) for name in names], mode=mode, deletes=of)


def deliver(root: Path, sequence: int, *files: CsvFile, **info: Any) -> Path:
    """Write one delivery into a configuration's folder and return its folder. ``info`` overrules the manifest's object."""
    full = all(file.mode == "full" for file in files if not file.deletes)
    moment = dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC) + dt.timedelta(days=sequence)
    told = {
        "format": 1,
        "id": f"id-{sequence}",
        "sequence": sequence,
        "previous": sequence - 1 or None,
        "mode": "full" if full else "changes",
        "trigger": "schedule",
        "ended": [],
        "environment": "demo",
        "account": "DWH",
        "configuration": "Productie",
        "snapshot": sequence,
        "snapshot_time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "baseline": None if full else sequence - 1,
        "baseline_time": None,
        "catalog": "verzuim",
        "version": "7.36",
        "version_supported_until": None,
        "pseudonymous": True,
        "secret_fingerprint": "f" * 16,
        "medical": False,
    } | info
    folder = root / f"{told['sequence']:06}_{moment:%Y%m%dT%H%M%SZ}_{told['mode']}"
    folder.mkdir(parents=True)
    resources = []
    for file in files:
        content = file.content()
        (folder / file.path).write_bytes(content)
        resources.append(file.resource(content))
    manifest = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"productie-{sequence:06}",
        "created": told["snapshot_time"],
        "resources": resources,
        "sluis": told,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest of a delivery."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))


def rewrite(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change a file of a delivery and its size and hash in the manifest with it, so that only its content is wrong."""
    path = folder / name
    path.write_bytes(change(path.read_bytes()))

    def reseal(manifest: dict[str, Any]) -> None:
        next(one for one in manifest["resources"] if one["path"] == name).update(seal(path.read_bytes()))

    edit(folder, reseal)


def plain_rows(path: Path) -> list[list[str]]:
    """The rows of a CSV as Python's own module reads them, header included."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
