"""The differences between two successive versions, for a page: what changed, and what a receiver does about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sluis.catalog.diff import KINDS, Change, Diff, Value, diff
from sluis.catalog.loader import Catalog
from sluis.catalog.site.words import Language, texts

DUTCH: dict[str, tuple[str, str]] = {
    "deletions form changed": (
        "vorm van verwijderde rijen gewijzigd",
        "verander hoe verwijderde rijen worden gelezen",
    ),
    "stream added": ("datastream erbij", "kies de datastream als hij gewenst is"),
    "stream removed": (
        "datastream vervallen",
        "de datastream komt niet meer; kijk welke van zijn bestanden met een andere komen",
    ),
    "file added to stream": ("bestand in datastream erbij", "het bestand komt ook met deze datastream"),
    "file removed from stream": (
        "bestand uit datastream vervallen",
        "kies een andere datastream die het bestand heeft",
    ),
    "file added": ("bestand erbij", "maak er een tabel voor als het gewenst is"),
    "file removed": ("bestand vervallen", "laad het niet meer"),
    "key changed": ("sleutel gewijzigd", "laad het bestand opnieuw: de sleutels zijn anders dan tevoren"),
    "own key renamed": ("eigen sleutel hernoemd", "hernoem de kolom in de tabel en in wat haar gebruikt"),
    "column added": ("kolom erbij", "voeg de kolom aan de tabel toe als zij gewenst is"),
    "column inserted": (
        "kolom ertussen",
        "voeg de kolom toe; wie kolommen op hun plaats leest, leest vanaf hier andere",
    ),
    "column removed": ("kolom vervallen", "haal de kolom uit de tabel en uit wat haar gebruikt"),
    "column renamed": ("kolom hernoemd", "hernoem de kolom in de tabel en in wat haar gebruikt"),
    "columns reordered": ("kolommen in andere volgorde", "lees kolommen op naam, of in de nieuwe volgorde"),
    "retyped": ("ander type", "geef de kolom in de tabel het nieuwe type en laad het bestand opnieuw"),
    "reference changed": ("verwijzing gewijzigd", "koppel met het nieuwe bestand en laad het bestand opnieuw"),
    "mark set": (
        "markering erbij",
        "zonder medische markering of in pseudonieme vorm kunnen waarden ontbreken, leeg of anders zijn",
    ),
    "mark changed": (
        "markering gewijzigd",
        "in pseudonieme vorm of zonder medische markering zien waarden er anders uit",
    ),
    "mark taken away": ("markering vervallen", "waarden kunnen komen waar zij ontbraken, leeg of anders waren"),
    "mandatory changed": ("verplicht gewijzigd", "verplicht: de kolom komt altijd; anders kan zij uitgezet worden"),
    "source changed": ("herkomst gewijzigd", "niets aan het laden; kijk of de waarden zijn zoals verwacht"),
    "meaning changed": ("betekenis gewijzigd", "niets, maar lees de nieuwe betekenis"),
}
_PRESENCE = {"stream added", "stream removed", "file added", "column added", "column inserted"}
"""Here the link says it all; what the comparison tells besides is for a program."""


@dataclass(frozen=True)
class Line:
    """One change in words. ``stream``: the datastream that it is about, where it is about the version."""

    change: Change
    what: str
    to_do: str
    stream: str
    before: str
    after: str


def predecessor(catalog: Catalog, version: str) -> str | None:
    """The version before this one, in order of release."""
    names = list(catalog.versions)
    place = names.index(version)
    return names[place - 1] if place else None


def changes(catalog: Catalog, version: str) -> Diff | None:
    """What changed since the version before; None for the first."""
    before = predecessor(catalog, version)
    return diff(catalog, before, version) if before else None


def lines(found: Diff, language: Language) -> list[tuple[str, list[Line]]]:
    """Per file its changes; those of the version itself first, under an empty name."""
    made = (_line(change, language) for change in found.changes)
    return [(name, list(group)) for name, group in groupby(made, key=lambda line: line.change.file or "")]


def _line(change: Change, language: Language) -> Line:
    about_stream = change.file is None and change.kind.startswith("stream")
    stream = next(_texts(change.after, change.before), "") if about_stream else ""
    before, after = _values(change, language)
    what, to_do = (change.kind, KINDS[change.kind][1]) if language == "en" else DUTCH[change.kind]
    return Line(
        change=change,
        what=what,
        to_do=to_do,
        stream=stream,
        before=before,
        after=after,
    )


def _values(change: Change, language: Language) -> tuple[str, str]:
    if change.kind in _PRESENCE:
        return "", ""
    if change.kind == "deletions form changed":
        words = texts(language)
        return words[f"deletions_{change.before}"], words[f"deletions_{change.after}"]
    return next(_texts(change.before), ""), next(_texts(change.after), "")


def _texts(*values: Value) -> Iterator[str]:
    for value in values:
        if isinstance(value, tuple):
            yield ", ".join(value)
        elif value is not None:
            yield str(value)
