"""The projection of a file for one receiver: which columns it sees, and how each value looks.

This is the one place where the medical mark and the pseudonymous form take effect.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from sluis.catalog.loader import Catalog, Dataset
from sluis.catalog.model import Column, File
from sluis.delivery import pseudonyms
from sluis.lake.sql import CANONICAL_FORM, canonical, ident, key, literal, reference, row_hash, shown

_TYPE_OF_RULE = {"year": "integer", "month": "string", "day": "date", "prefix": "string", "values": "string"}


@dataclass(frozen=True)
class Receiver:
    """What a receiver may see. ``secret``: of the account, at least 16 bytes; used only when pseudonymous."""

    medical: bool
    pseudonymous: bool
    secret: bytes


@dataclass(frozen=True)
class Field:
    """One delivered column after the system columns: name, expression of its text, and type in the descriptor.

    ``key_of``: the columns of the dataset that a key or pseudonym is made of, and of no other; else none.
    """

    name: str
    expression: str
    type: str
    key_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Projection:
    """A file as one receiver sees it. ``chosen``: names of the columns switched on; mandatory ones always are."""

    catalog: Catalog
    version: str
    file: File
    chosen: frozenset[str]
    receiver: Receiver

    @property
    def dataset(self) -> Dataset:
        return self.catalog.datasets[self.file.dataset]

    @property
    def has_change_column(self) -> bool:
        """Whether the version says I, U and D in a column, or deleted keys in a file of their own."""
        return self.catalog.version(self.version).deletions == "column"

    @property
    def delivered(self) -> bool:
        """False for a wholly medical file without the medical mark."""
        return self.receiver.medical or not self.file.medical

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The catalogue's columns that this receiver sees, in the catalogue's order."""
        return tuple(column for column in self.file.columns if self._visible(column))

    def _visible(self, column: Column) -> bool:
        if not (column.mandatory or column.name in self.chosen):
            return False
        if column.medical and not self.receiver.medical:
            return False
        if not self.receiver.pseudonymous:
            return True
        return not column.identifying and not (column.quasi and column.quasi.rule == "drop")

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(
            Field(column.name, self._blanked(column, self._text(column)), self._type(column), self._key_of_what(column))
            for column in self.columns
        )

    def _key_of_what(self, column: Column) -> tuple[str, ...]:
        if column.medical_when is not None and not self.receiver.medical:
            return ()
        if column.reference:
            return (*([column.reference.by] if column.reference.by else []), *column.reference.from_)
        if column.match:
            return tuple(column.match.from_)
        return (column.from_ or column.name,) if column.pseudonym and self.receiver.pseudonymous else ()

    @property
    def primary_key(self) -> str:
        """Expression of PrimaryKey, and of the own key, over a row of the dataset."""
        return self._hex(shown("_key"))

    def record_key(self, texts: list[str]) -> str:
        """Expression of RecordKey over the rendered texts of the fields."""
        return row_hash(texts)

    def _hex(self, key_hex: str) -> str:
        return pseudonyms.pseudonym(key_hex) if self.receiver.pseudonymous else key_hex

    def _blanked(self, column: Column, text: str) -> str:
        if column.medical_when is None or self.receiver.medical:
            return text
        if column.medical_when == "always":
            return "CAST(NULL AS VARCHAR)"
        # Not knowing whether it is medical counts as medical.
        return f"CASE WHEN {ident(column.medical_when)} IS FALSE THEN {text} END"

    def _text(self, column: Column) -> str:
        if column.reference:
            return self._hex(self._referenced(column))
        if column.match:
            types = self.catalog.key_types.entities.get(column.match.entity, ())
            parts = [(ident(n), types[i] if i < len(types) else "text") for i, n in enumerate(column.match.from_)]
            missing = " OR ".join(f"{expression} IS NULL" for expression, _ in parts)
            return self._hex(f"CASE WHEN {missing} THEN NULL ELSE {key(column.match.entity, parts)} END")
        expression = ident(column.from_ or column.name)
        kind = column.type or "text"
        if column.pseudonym and self.receiver.pseudonymous:
            value = f"CASE WHEN {expression} IS NOT NULL THEN {key(column.pseudonym, [(expression, kind)])} END"
            return self._hex(value)
        if column.quasi and self.receiver.pseudonymous:
            return _generalised(column, expression, kind)
        return canonical(expression, kind)

    def _referenced(self, column: Column) -> str:
        link = column.reference
        assert link is not None  # noqa: S101 - for the type checker; only references come here
        if link.file:
            return self._key_of(link.file, link.from_)
        cases = " ".join(
            f"WHEN {literal(value)} THEN {self._key_of(file, link.from_)}" for value, file in (link.files or {}).items()
        )
        return f"CASE {ident(link.by or '')} {cases} END"

    def _key_of(self, file: str, sources: tuple[str, ...]) -> str:
        target = self.catalog.files(self.version).get(file)
        dataset = self.catalog.datasets[target.dataset if target else self._definition(file).dataset]
        return reference(dataset.entity, [(ident(n), part) for n, part in zip(sources, dataset.key, strict=True)])

    def _definition(self, file: str) -> File:
        return next(definition for definition in self.catalog.definitions if definition.file == file)

    def _type(self, column: Column) -> str:
        if not column.type or (column.pseudonym and self.receiver.pseudonymous):
            return "string"
        family = column.type.split("(")[0]
        if column.quasi and self.receiver.pseudonymous:
            rule = column.quasi.rule
            if rule in _TYPE_OF_RULE:
                return _TYPE_OF_RULE[rule]
        return {"decimal": "number", "text": "string", "timestamp": "datetime"}.get(family, family)

    @property
    def _depends_on_mark(self) -> bool:
        asked = (column for column in self.file.columns if column.mandatory or column.name in self.chosen)
        return self.file.medical or any(column.medical or column.medical_when for column in asked)

    @property
    def fingerprint(self) -> str:
        """All that the projection depends on, in parts, so that a difference can be named: see ``difference``."""
        columns = [
            column.model_dump(mode="json", by_alias=True, exclude={"nl", "en", "since", "until", "default"})
            for column in self.columns
        ]
        targets = {
            name: [
                self._definition(name).entity,
                *([part.type, part.nullable] for part in self.catalog.datasets[self._definition(name).dataset].key),
            ]
            for column in self.columns
            if column.reference
            for name in column.reference.targets
        }
        matched = {
            column.name: list(self.catalog.key_types.entities.get(column.match.entity, ()))
            for column in self.columns
            if column.match
        }
        text = json.dumps(
            [self.file.file, self.file.own_key, self.file.entity, columns, targets, matched, self.has_change_column]
        )
        parts = {
            # Another dataset has another journal, whatever its number.
            "form": f"{CANONICAL_FORM} {self.file.dataset}",
            "columns": hashlib.sha256(text.encode()).hexdigest()[:32],
            "medical": str(int(self.receiver.medical)) if self._depends_on_mark else "-",
            "secret": pseudonyms.fingerprint(self.receiver.secret) if self.receiver.pseudonymous else "plain",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items())


def difference(before: str, now: str) -> str | None:
    """The reason for a full file that lies between two fingerprints, or None where they are equal."""
    if before == now:
        return None
    old = dict(part.partition("=")[::2] for part in before.split(";"))
    new = dict(part.partition("=")[::2] for part in now.split(";"))
    for part, reason in (("form", "rebuilt"), ("secret", "secret"), ("medical", "medical"), ("columns", "columns")):
        if old.get(part) != new.get(part):
            return reason
    return "unknown"


def _generalised(column: Column, expression: str, kind: str) -> str:
    rule = column.quasi
    assert rule is not None  # noqa: S101 - for the type checker; only columns with a rule come here
    text = canonical(expression, kind)
    if rule.rule in {"year", "month", "day"}:
        return f"({text})[1:{ {'year': 4, 'month': 7, 'day': 10}[rule.rule] }]"
    if rule.prefix:
        return f"({text})[1:{rule.prefix}]"
    if rule.band:
        # Not by division: DuckDB divides decimals as doubles.
        rest = f"(({expression} % {rule.band}) + {rule.band}) % {rule.band}"
        return f"CAST(CAST({expression} - {rest} AS DECIMAL(38, 0)) AS VARCHAR)"
    if rule.values:
        return f"CASE WHEN {text} IN ({', '.join(map(literal, rule.values))}) THEN {text} END"
    return text
