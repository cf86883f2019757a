"""The documentation as data: JSON and CSV of everything in a version, in both languages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sluis.catalog.loader import Catalog
from sluis.catalog.model import Column, File, Text
from sluis.catalog.site import describe
from sluis.catalog.site.changes import changes
from sluis.catalog.site.words import LANGUAGES

FORMAT = 1
_STREAM = ("version", "stream", "title_nl", "title_en", "description_nl", "description_en", "files")
_FILE = (
    "version", "file", "kind", "title_nl", "title_en", "grain_nl", "grain_en", "key", "own_key", "entity", "dataset",
    "medical", "default", "streams", "columns",
)  # fmt: skip
_COLUMN = (
    "version", "file", "position", "column", "system", "type", "meaning_nl", "meaning_en", "key", "mandatory",
    "default", "reference", "reference_by", "match", "identifying", "quasi", "pseudonym", "medical", "medical_when",
    "since", "until", "from", "pseudonymous_nl", "pseudonymous_en",
)  # fmt: skip


def version_files(catalog: Catalog, version: str) -> dict[str, str]:
    """The text of each file with data of a version, by its name."""
    content = document(catalog, version)
    columns = [{"file": file["file"], **column} for file in content["files"] for column in file["columns"]]
    found = changes(catalog, version)
    return {
        **({"changes.json": _json(found.as_json())} if found else {}),
        "catalog.json": _json(content),
        "streams.csv": _table(_STREAM, version, content["streams"]),
        "files.csv": _table(_FILE, version, ({**file, "columns": len(file["columns"])} for file in content["files"])),
        "columns.csv": _table(_COLUMN, version, columns),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def document(catalog: Catalog, version: str) -> dict[str, Any]:
    """Everything of a version as one JSON document."""
    about = catalog.version(version)
    files = catalog.files(version)
    return {
        "format": FORMAT,
        "catalog": catalog.name,
        "title": _both(catalog.head.title),
        "digest": catalog.digest,
        "version": version,
        "released": about.released.isoformat(),
        "ends": about.ends.isoformat() if about.ends else None,
        "deletions": about.deletions,
        "entities": {name: _both(text) for name, text in catalog.head.entities.items()},
        "streams": [
            {
                "stream": name,
                "title": _both(catalog.streams[name].title),
                "description": _both(catalog.streams[name].description),
                "files": list(names),
            }
            for name, names in about.streams.items()
        ],
        "files": [_file(catalog, version, files[name]) for name in sorted(files, key=str.lower)],
    }


def _file(catalog: Catalog, version: str, file: File) -> dict[str, Any]:
    about = catalog.version(version)
    system = describe.system_columns(file, has_change_column=about.deletions == "column")
    columns = [
        *(_system(column) for column in system),
        *(_column(column, catalog) for column in file.columns),
    ]
    return {
        "file": file.file,
        "kind": "fact" if describe.is_fact(file, catalog.files(version)) else "dimension",
        "title": _both(file.title),
        "grain": _both(file.grain),
        "key": [column.name for column in file.key_columns],
        "own_key": file.own_key,
        "entity": file.entity,
        "dataset": file.dataset,
        "medical": file.medical,
        "default": file.default,
        "streams": [name for name, names in about.streams.items() if file.file in names],
        "columns": [{"position": position, **column} for position, column in enumerate(columns, 1)],
    }


def _system(column: describe.SystemColumn) -> dict[str, Any]:
    return {
        "column": column.name,
        "system": True,
        "type": column.type,
        "meaning": dict(column.meaning),
        "mandatory": True,
        "default": True,
        "pseudonymous": dict(column.pseudonymous),
    }


def _column(column: Column, catalog: Catalog) -> dict[str, Any]:
    reference = column.reference
    return {
        "column": column.name,
        "system": False,
        "type": describe.type_of(column),
        "meaning": {"nl": column.nl, "en": column.en},
        "key": column.key,
        "mandatory": column.mandatory,
        "default": column.default,
        "reference": (reference.file or dict(reference.files or {})) if reference else None,
        "reference_by": reference.by if reference else None,
        "match": column.match.entity if column.match else None,
        "identifying": column.identifying,
        "quasi": _quasi(column),
        "pseudonym": column.pseudonym,
        "medical": column.medical,
        "medical_when": column.medical_when,
        "since": column.since,
        "until": column.until,
        "from": list(column.sources),
        "pseudonymous": {language: describe.pseudonymous(column, catalog, language) for language in LANGUAGES},
    }


def _quasi(column: Column) -> Any:
    """The rule as the catalogue writes it: its name, or a mapping with its value."""
    if not column.quasi:
        return None
    values = column.quasi.model_dump(mode="json", exclude_none=True, exclude={"rule"})
    return values or column.quasi.rule


def _both(text: Text) -> dict[str, str]:
    return {"nl": text.nl, "en": text.en}


def _table(header: tuple[str, ...], version: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """RFC 4180 with LF; texts in two languages are two columns, lists are separated by spaces."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        flat = {"version": version, **row}
        for name, value in row.items():
            if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
                flat |= {f"{name}_{language}": value[language] for language in LANGUAGES}
        writer.writerow([_cell(flat.get(name)) for name in header])
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
