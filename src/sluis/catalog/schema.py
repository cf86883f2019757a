"""JSON Schemas of the YAML files, for editors."""

from __future__ import annotations

from typing import Any

from sluis.catalog.model import CatalogVersion, File, Head


def schemas() -> dict[str, dict[str, Any]]:
    """One JSON Schema per kind of file: ``catalog``, ``version``, ``file``."""
    return {
        kind: {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}
        for kind, model in (("catalog", Head), ("version", CatalogVersion), ("file", File))
    }
