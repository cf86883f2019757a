"""The lending catalogue as it can change under a running environment, and what the oracle makes of each form."""

from __future__ import annotations

import shutil
from pathlib import Path

from lending import CATALOG, Row

FORMS = ("base", "town", "letter", "score")
"""As it is; another query (towns in capitals); a column more; a column of another type."""


def write(form: str, folder: Path) -> Path:
    """Write the catalogue in one of its forms into a folder of that name."""
    place = folder / form
    if place.exists():
        return place
    shutil.copytree(CATALOG, place)
    if form == "town":
        _replace(place / "datasets" / "branch.sql", 'town AS "Town"', 'upper(town) AS "Town"')
    if form == "letter":
        _replace(place / "datasets" / "branch.sql", "SELECT ", 'SELECT code[1:1] AS "Letter", ')
        with (place / "files" / "Dim_Branch.yaml").open("a") as file:
            file.write("  - {name: Letter, type: text, nl: Letter, en: Letter}\n")
    if form == "score":
        _replace(place / "datasets" / "note.sql", 'score AS "Score"', 'CAST(score AS DECIMAL(10, 2)) AS "Score"')
        _replace(place / "files" / "Fact_Note.yaml", "type: integer", "type: decimal(10,2)")
    return place


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def as_form(form: str, rows: dict[str, dict[str, Row]], codes: dict[str, str]) -> dict[str, dict[str, Row]]:
    """What the oracle says, in this form of the catalogue. ``codes``: the code of each key of a branch."""
    changed = {file: {key: dict(row) for key, row in of_file.items()} for file, of_file in rows.items()}
    for key, row in changed["Dim_Branch"].items():
        if form == "town" and row["Town"] is not None:
            row["Town"] = row["Town"].upper()
        if form == "letter":
            row["Letter"] = codes[key][:1]
    for row in changed["Fact_Note"].values():
        if form == "score" and row["Score"] is not None:
            row["Score"] = f"{int(row['Score'])}.00"
    return changed
