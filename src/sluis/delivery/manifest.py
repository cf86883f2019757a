"""``datapackage.json``: a Data Package v2 descriptor that is the manifest of the delivery too."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

from sluis.catalog.model import Column
from sluis.delivery.projection import Projection
from sluis.delivery.writing import Written

FORMAT = 1
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
FILE_NAME = "datapackage.json"


@dataclass(frozen=True)
class Heading:
    """What the manifest tells of the delivery as a whole. Times are aware; ``sequence`` counts per configuration."""

    id: str
    sequence: int
    previous: int | None
    created: dt.datetime
    trigger: str
    ended: tuple[str, ...]
    environment: str
    account: str
    configuration: str
    snapshot: int
    snapshot_time: dt.datetime
    baseline: int | None
    baseline_time: dt.datetime | None
    catalog: str
    version: str
    supported_until: dt.date | None
    pseudonymous: bool
    secret_fingerprint: str | None
    medical: bool


def folder_name(sequence: int, snapshot_time: dt.datetime, mode: str) -> str:
    """Name of a delivery's folder, e.g. ``000042_20261123T020000Z_changes``; sorts by sequence."""
    return f"{sequence:06d}_{snapshot_time.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}_{mode}"


def mode_of(written: list[Written]) -> str:
    """``full`` only if every file is."""
    return "full" if all(one.mode == "full" for one in written) else "changes"


def descriptor(heading: Heading, written: list[Written], projections: dict[str, Projection]) -> str:
    """The text of ``datapackage.json``, the same for the same input."""
    full = {one.name for one in written if one.mode == "full"}
    resources = [_resource(one, projections[one.deletes or one.name], full) for one in written]
    package = {
        "$schema": PROFILE,
        "name": f"{_slug(heading.configuration)}-{heading.sequence:06d}",
        "created": _moment(heading.created),
        "resources": resources,
        "sluis": _heading(heading, mode_of(written)),
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "delivery"


def _moment(moment: dt.datetime | None) -> str | None:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _heading(heading: Heading, mode: str) -> dict[str, Any]:
    until = heading.supported_until
    return {
        "format": FORMAT,
        "id": heading.id,
        "sequence": heading.sequence,
        "previous": heading.previous,
        "mode": mode,
        "trigger": heading.trigger,
        "ended": list(heading.ended),
        "environment": heading.environment,
        "account": heading.account,
        "configuration": heading.configuration,
        "snapshot": heading.snapshot,
        "snapshot_time": _moment(heading.snapshot_time),
        "baseline": heading.baseline,
        "baseline_time": _moment(heading.baseline_time),
        "catalog": heading.catalog,
        "version": heading.version,
        "version_supported_until": until.isoformat() if until else None,
        "pseudonymous": heading.pseudonymous,
        "secret_fingerprint": heading.secret_fingerprint,
        "medical": heading.medical,
    }


def _resource(written: Written, projection: Projection, full: set[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fieldsMatch": "equal",
        "fields": _fields(written, projection),
        "primaryKey": ["PrimaryKey"],
    }
    about: dict[str, Any] = {
        "mode": written.mode,
        "reason": written.reason,
        "rows": written.rows,
        "inserted": written.inserted,
        "updated": written.updated,
        "deleted": written.deleted,
    }
    if written.deletes:
        about["deletes"] = written.deletes
    else:
        keys, references = _references(written, projection, full)
        if keys:
            schema["foreignKeys"] = keys
        if references:
            about["references"] = references
    return {
        "name": written.name,
        "path": written.path,
        "format": "csv",
        "encoding": "utf-8",
        "bytes": written.bytes,
        "hash": f"sha256:{written.sha256}",
        "dialect": {"delimiter": ","},
        "schema": schema,
        "sluis": about,
    }


def _fields(written: Written, projection: Projection) -> list[dict[str, Any]]:
    own = {"name": projection.file.own_key, "type": "string", "constraints": {"required": True}}
    first = {"name": "PrimaryKey", "type": "string", "constraints": {"required": True}}
    if written.deletes:
        return [first, own]
    change = {"name": "Mutatie", "type": "string", "constraints": {"enum": ["I", "U", "D"]}}
    described = {column.name: column for column in projection.columns}
    return [
        first,
        {"name": "RecordKey", "type": "string"},
        *([change] if projection.has_change_column else []),
        own,
        *(_field(field.name, field.type, described[field.name], written) for field in projection.fields),
    ]


def _field(name: str, kind: str, column: Column, written: Written) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": kind, "description": column.nl}
    if kind == "boolean":
        field |= {"trueValues": ["1"], "falseValues": ["0"]}
    # A deleted row has only its keys, and a changes file may hold one at any time. An empty text is a value here,
    # and to a validator nothing at all.
    always = column.key is True and not column.quasi and not column.medical_when and kind != "string"
    if always and written.mode == "full" and written.deleted == 0:
        field["constraints"] = {"required": True}
    return field


def _references(
    written: Written, projection: Projection, full: set[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Foreign keys that a validator can check in this delivery alone, and all references, for a person or a loader."""
    keys, references = [], []
    for column in projection.columns:
        link = column.reference
        if not link:
            continue
        told = {"field": column.name, "resource": link.file} if link.file else _dependent(column)
        references.append(told)
        target = link.file
        if target and written.name in full and target in full and _checkable(column, projection):
            here = "" if target == written.name else target
            keys.append({"fields": [column.name], "reference": {"resource": here, "fields": ["PrimaryKey"]}})
    return keys, references


def _checkable(column: Column, projection: Projection) -> bool:
    return not column.medical_when or projection.receiver.medical


def _dependent(column: Column) -> dict[str, Any]:
    link = column.reference
    assert link is not None  # noqa: S101 - for the type checker; only references come here
    return {"field": column.name, "by": link.by, "resources": link.files}
