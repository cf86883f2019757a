"""The words of a catalogue: versions, streams, files, columns. What a YAML file may say, and nothing more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

SYSTEM_COLUMNS = ("PrimaryKey", "RecordKey", "Mutatie")
MONEY = "decimal(12,2)"
MOST_DIGITS = 38
"""Of a decimal: what DuckDB and Parquet keep exactly."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_TYPE = re.compile(
    r"integer|date|timestamp|boolean|text(\((?P<n>[1-9]\d{0,6})\))?|decimal\((?P<p>\d{1,2}),(?P<s>\d{1,2})\)"
)


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a name: use letters, digits and _, begin with a letter, at most 63 characters"
        )
    return value


def _type(value: str) -> str:
    value = MONEY if value == "money" else value.replace(" ", "")
    match = _TYPE.fullmatch(value)
    if not match:
        raise ValueError(
            f"unknown type {value!r}: use integer, decimal(p,s), money, date, timestamp, boolean, text or text(n)"
        )
    if match["p"] and not 1 <= int(match["p"]) <= MOST_DIGITS:
        raise ValueError(f"{value!r}: the precision of a decimal is 1 to {MOST_DIGITS}")
    if match["p"] and int(match["s"]) > int(match["p"]):
        raise ValueError(f"{value!r}: the scale of a decimal is at most its precision")
    return value


Name = Annotated[str, AfterValidator(_name)]
ColumnType = Annotated[str, AfterValidator(_type)]
VersionName = Annotated[str, Field(pattern=r"^\d+(\.\d+)*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Text(_Strict):
    """A text in both languages of the product."""

    nl: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Reference(_Strict):
    """The key of a row of another file: a fixed one, or one that depends on the value of column ``by``."""

    file: Name | None = None
    by: Name | None = None
    files: dict[str, Name] | None = None
    from_: Annotated[tuple[Name, ...], BeforeValidator(tuple), Field(alias="from", min_length=1)]

    @model_validator(mode="after")
    def _one_form(self) -> Reference:
        fixed = self.file is not None and self.by is None and self.files is None
        dependent = self.file is None and self.by is not None and bool(self.files)
        if not fixed and not dependent:
            raise ValueError("a reference has either `file`, or `by` and `files`")
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of every file it can point at."""
        return (self.file,) if self.file else tuple((self.files or {}).values())


class Match(_Strict):
    """A key to match rows on that points at no file."""

    entity: Name
    from_: Annotated[tuple[Name, ...], BeforeValidator(tuple), Field(alias="from", min_length=1)]


class Quasi(_Strict):
    """How a quasi-identifying value looks in a pseudonymous delivery: exactly one rule."""

    rule: Literal["drop", "year", "month", "day", "prefix", "band", "values", "keep"]
    prefix: Annotated[int, Field(ge=1)] | None = None
    band: Annotated[int, Field(ge=1)] | None = None
    values: Annotated[tuple[str, ...], BeforeValidator(tuple), Field(min_length=1)] | None = None
    keep: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            if value not in {"drop", "year", "month", "day"}:
                raise ValueError(f"unknown rule {value!r}: use drop, year, month, day, prefix, band, values or keep")
            return {"rule": value}
        if isinstance(value, dict) and len(value) == 1 and "rule" not in value:
            rule = next(iter(value))
            return {"rule": rule, **value}
        raise ValueError(
            "give exactly one rule: drop, year, month, day, or {prefix: n}, {band: n}, {values: […]}, {keep: reason}"
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What a person writes: the name of a rule, or a mapping with one rule and its value."""
        fields = handler.resolve_ref_schema(handler(core))["properties"]
        long = [
            {"type": "object", "properties": {rule: fields[rule]}, "required": [rule], "additionalProperties": False}
            for rule in ("prefix", "band", "values", "keep")
        ]
        return {"anyOf": [{"enum": ["drop", "year", "month", "day"]}, *long]}


class Column(_Strict):
    """One column of a file, with its marks."""

    name: Name
    type: ColumnType | None = None
    nl: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    from_: Annotated[Name | None, Field(alias="from")] = None
    key: bool | Literal["nullable"] = False
    mandatory: bool = False
    default: bool = True
    reference: Reference | None = None
    match: Match | None = None
    identifying: bool = False
    quasi: Quasi | None = None
    pseudonym: Name | None = None
    medical: bool = False
    medical_when: Name | None = None
    since: VersionName | None = None
    until: VersionName | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Column:  # noqa: C901 - one flat list of rules, each with its message
        hashed = self.reference or self.match
        if bool(self.reference) + bool(self.match) + bool(self.type) != 1:
            raise ValueError(f"{self.name}: give exactly one of `type`, `reference` and `match`")
        if hashed and self.from_:
            raise ValueError(f"{self.name}: `from` stands inside `reference` or `match`")
        if hashed and (self.quasi or self.pseudonym):
            raise ValueError(f"{self.name}: a key already becomes a pseudonym; drop `quasi` and `pseudonym`")
        if self.key and not self.mandatory:
            raise ValueError(f"{self.name}: a key column is mandatory; add `mandatory: true`")
        if self.key and self.identifying:
            raise ValueError(f"{self.name}: a key column cannot be `identifying`; mark it `pseudonym: <entity>`")
        if self.mandatory and self.identifying:
            raise ValueError(
                f"{self.name}: a mandatory column cannot be `identifying`, it would be missing when pseudonymous"
            )
        if self.mandatory and not self.default:
            raise ValueError(f"{self.name}: a mandatory column cannot have `default: false`")
        if self.medical and self.medical_when:
            raise ValueError(f"{self.name}: give `medical` or `medical_when`, not both")
        if self.pseudonym and self.quasi:
            raise ValueError(f"{self.name}: give `pseudonym` or `quasi`, not both")
        if self.pseudonym and self.identifying:
            raise ValueError(f"{self.name}: give `pseudonym` or `identifying`, not both")
        if self.quasi and self.type:
            _check_quasi(self.name, self.type, self.quasi)
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the query that its value is made of, the one of ``medical_when`` not among them."""
        if self.reference:
            return self.reference.from_
        if self.match:
            return self.match.from_
        return (self.from_ or self.name,)

    @property
    def key_sources(self) -> tuple[str, ...]:
        """Columns of the query that are key parts because of this column; none if it is no key column."""
        return self.sources if self.key else ()


def _check_quasi(name: str, column_type: str, quasi: Quasi) -> None:
    fits = {
        "year": ("date", "timestamp"),
        "month": ("date", "timestamp"),
        "day": ("date", "timestamp"),
        "prefix": ("text",),
        "band": ("integer", "decimal"),
        "values": ("text",),
    }
    allowed = fits.get(quasi.rule)
    if allowed and not column_type.startswith(allowed):
        raise ValueError(f"{name}: the rule `{quasi.rule}` does not fit type {column_type}")


class File(_Strict):
    """One CSV file: a dimension or a fact of a star model."""

    file: Name
    dataset: Name
    entity: Name
    title: Text
    grain: Text
    columns: Annotated[tuple[Column, ...], BeforeValidator(tuple), Field(min_length=1)]
    versions: Annotated[tuple[VersionName, ...], BeforeValidator(tuple)] | None = None
    key_column: Name | None = None
    medical: bool = False
    default: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> File:
        if not any(column.key for column in self.columns):
            raise ValueError(f"{self.file}: no column has `key: true`; a file needs a key")
        own = {name.lower() for name in (*SYSTEM_COLUMNS, self.own_key)}
        seen: set[str] = set()
        for number, column in enumerate(self.columns):
            name = column.name.lower()
            if name in own | seen:
                what = "is a column that Sluis adds itself" if name in own else "stands there twice"
                message = f"{self.file}: column {column.name} {what}; give it another name or leave it out"
                raise PydanticCustomError(
                    "column_name", "{message}", {"message": message, "place": ("columns", number)}
                )
            seen.add(name)
        return self

    @property
    def own_key(self) -> str:
        """Name of the file's own key column, e.g. ``Dim_WerkgeverID``."""
        return self.key_column or f"{self.file}ID"

    @property
    def key_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)

    @property
    def key_parts(self) -> tuple[str, ...]:
        """Columns of the query whose raw values make PrimaryKey, in order."""
        return tuple(dict.fromkeys(source for column in self.key_columns for source in column.key_sources))


class Stream(_Strict):
    """A theme: a set of files."""

    title: Text
    description: Text


class CatalogVersion(_Strict):
    """One released set of streams and files."""

    version: VersionName
    released: dt.date
    ends: dt.date | None = None
    deletions: Literal["column", "file"]
    streams: dict[Name, Annotated[tuple[Name, ...], BeforeValidator(tuple), Field(min_length=1)]]


class Head(_Strict):
    """``catalog.yaml``: the catalogue's name, entities and streams."""

    catalog: Name
    title: Text
    entities: dict[Name, Text]
    streams: dict[Name, Stream]
