"""What is to be told of one column: its marks, its looks in a pseudonymous delivery, an example."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal

from sluis.catalog.loader import Catalog
from sluis.catalog.model import SYSTEM_COLUMNS, Column, File, Quasi, Text
from sluis.catalog.site.words import LANGUAGES, PSEUDONYMOUS, RULES, SYSTEM, Language, say

_EXAMPLES = {"integer": "1984", "date": "2026-11-23", "timestamp": "2026-11-23T02:00:00Z", "boolean": "1"}
_TEXT = {"nl": "voorbeeldtekst", "en": "example text"}
_CODE = "AB12CD34EF56"
_NUMBER = Decimal("2730.10")
_LENGTHS = {"year": 4, "month": 7, "day": 10}


def said(text: Text, language: Language) -> str:
    """A text of the catalogue in one language."""
    return text.nl if language == "nl" else text.en


def marks(column: Column) -> dict[str, str]:
    """The marks of a column, in the order in which they are shown; the value is a version or empty."""
    found = {
        "key": column.key is True,
        "nullable": column.key == "nullable",
        "mandatory": column.mandatory,
        "reference": bool(column.reference),
        "match": bool(column.match),
        "identifying": column.identifying,
        "quasi": bool(column.quasi),
        "pseudonym": bool(column.pseudonym),
        "medical": column.medical,
        "medical_some": column.medical_when not in {None, "always"},
        "medical_always": column.medical_when == "always",
        "off": not column.default,
        "since": column.since,
        "until": column.until,
    }
    return {mark: value if isinstance(value, str) else "" for mark, value in found.items() if value}


def type_of(column: Column) -> str:
    """Its type in the catalogue; ``key`` where it is a key."""
    return column.type or "key"


def rule(quasi: Quasi, language: Language) -> str:
    """A rule for a quasi-identifying column, in words."""
    text = say(RULES[quasi.rule], language)
    return text.format(n=quasi.prefix or quasi.band, values=", ".join(quasi.values or ()))


def pseudonymous(column: Column, catalog: Catalog, language: Language) -> str:
    """What a pseudonymous delivery has instead of the value, in words."""
    if column.identifying:
        return say(PSEUDONYMOUS["absent"], language)
    if column.pseudonym:
        entity = said(catalog.head.entities[column.pseudonym], language)
        return say(PSEUDONYMOUS["pseudonym_of"], language).format(entity=entity)
    if column.quasi:
        return rule(column.quasi, language)
    return say(PSEUDONYMOUS["unchanged" if column.type else "pseudonym"], language)


def key_example(name: str, *, pseudonym: bool = False) -> str:
    """A key of 32 hexadecimal characters, the same for the same name."""
    return hashlib.sha256(f"{'pseudonym' if pseudonym else 'key'} of {name}".encode()).hexdigest()[:32]


def example(column: Column, catalog: Catalog, language: Language) -> str:
    """A value as it stands in a plain delivery."""
    if column.reference:
        return key_example(_entity(column.reference.targets[0], catalog))
    if column.match:
        return key_example(column.match.entity)
    if column.quasi and column.quasi.values:
        return column.quasi.values[0]
    return type_example(column.type or "text", language)


def pseudonymous_example(column: Column, catalog: Catalog, language: Language) -> str | None:
    """The same value in a pseudonymous delivery; None where the column is not there."""
    plain = example(column, catalog, language)
    if column.identifying or (column.quasi and column.quasi.rule == "drop"):
        return None
    if column.pseudonym:
        return key_example(column.pseudonym, pseudonym=True)
    if column.reference:
        return key_example(_entity(column.reference.targets[0], catalog), pseudonym=True)
    if column.match:
        return key_example(column.match.entity, pseudonym=True)
    return _generalised(plain, column.quasi) if column.quasi else plain


def type_example(kind: str, language: Language) -> str:
    """A value of a type of the catalogue."""
    if kind == "key":
        return key_example("example")
    if sizes := re.fullmatch(r"decimal\((\d+),(\d+)\)", kind):
        digits, scale = int(sizes[1]), int(sizes[2])
        whole = str(int(_NUMBER))[: digits - scale] or "0"
        return f"{whole}.{'10'.ljust(scale, '0')[:scale]}" if scale else whole
    if kind.startswith("text"):
        length = int(kind[5:-1]) if "(" in kind else len(_TEXT[language])
        return _TEXT[language] if length >= len(_TEXT[language]) else _CODE[:length]
    return _EXAMPLES[kind]


def _entity(file: str, catalog: Catalog) -> str:
    return next(definition.entity for definition in catalog.definitions if definition.file == file)


def _generalised(plain: str, quasi: Quasi) -> str:
    if quasi.rule in _LENGTHS:
        return plain[: _LENGTHS[quasi.rule]]
    if quasi.prefix:
        return plain[: quasi.prefix]
    if quasi.band:
        return str(int(Decimal(plain) // quasi.band * quasi.band))
    return plain


@dataclass(frozen=True)
class SystemColumn:
    """A column that Sluis puts before the file's own. ``example``, ``pseudonym``: a value, plain and pseudonymous."""

    name: str
    type: str
    meaning: dict[Language, str]
    pseudonymous: dict[Language, str]
    example: str
    pseudonym: str


def system_columns(file: File, *, has_change_column: bool) -> list[SystemColumn]:
    """They and what they are, in their order."""
    names = [name for name in SYSTEM_COLUMNS if name != "Mutatie" or has_change_column]
    return [*(_system(name, file) for name in names), _system(file.own_key, file)]


def _system(name: str, file: File) -> SystemColumn:
    if name == "Mutatie":
        looks, example, pseudonym = "unchanged", "I", "I"
    else:
        looks = "recomputed" if name == "RecordKey" else "pseudonym"
        of = name if name == "RecordKey" else file.entity
        example, pseudonym = key_example(of), key_example(of, pseudonym=True)
    return SystemColumn(
        name=name,
        type="text(1)" if name == "Mutatie" else "key",
        meaning=_both(SYSTEM.get(name) or SYSTEM["own"]),
        pseudonymous=_both(PSEUDONYMOUS[looks]),
        example=example,
        pseudonym=pseudonym,
    )


def _both(pair: tuple[str, str]) -> dict[Language, str]:
    return {language: say(pair, language) for language in LANGUAGES}


def is_fact(file: File, version: dict[str, File]) -> bool:
    """Whether a file is a fact: by its name, otherwise if it refers and no other file refers to it."""
    lowered = file.file.lower()
    if lowered.startswith("dim"):
        return False
    if lowered.startswith(("fact", "fct", "feit")):
        return True
    refers = any(column.reference for column in file.columns)
    return refers and not any(
        file.file in column.reference.targets
        for other in version.values()
        if other.file != file.file
        for column in other.columns
        if column.reference
    )
