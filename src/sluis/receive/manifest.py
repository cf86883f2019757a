"""The manifest of a delivery (``datapackage.json``), read and typed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sluis.errors import Rejected

MANIFEST = "datapackage.json"
FORMAT = 1

_FOLDER = re.compile(r"(?P<sequence>\d{6,18})_\d{8}T\d{6}Z_(full|changes)")
_COPY_AGAIN = f"wait until copying is done, or copy the folder again; {MANIFEST} comes last"

Mode = Literal["full", "changes"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}\.csv(\.gz)?$")]


class _Part(BaseModel):
    """Takes what it knows and leaves the rest: keys that come later do no harm."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Column(_Part):
    """One field of a file: name and Data Package type."""

    name: Name
    type: Literal["string", "integer", "number", "date", "datetime", "boolean"]
    format: str = "default"
    decimal_char: Annotated[str, Field(alias="decimalChar")] = "."
    true_values: Annotated[tuple[str, ...], Field(alias="trueValues")] = ("1",)
    false_values: Annotated[tuple[str, ...], Field(alias="falseValues")] = ("0",)

    @property
    def plain(self) -> bool:
        """Written the standard way, not for a spreadsheet."""
        return self.format == "default" and self.decimal_char == "."


class Schema(_Part):
    fields: Annotated[tuple[Column, ...], Field(min_length=2)]


class Dialect(_Part):
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","


class FileInfo(_Part):
    """What happened to the rows of one file. ``deletes`` names the file whose deleted keys these are."""

    mode: Mode
    rows: Annotated[int, Field(ge=0)]
    inserted: int | None = None
    updated: int | None = None
    deleted: int | None = None
    deletes: Name | None = None
    reason: str | None = None


class Resource(_Part):
    """One CSV of a delivery."""

    name: Name
    path: FileName
    bytes: Annotated[int, Field(ge=0)]
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    dialect: Dialect = Dialect()
    table_schema: Annotated[Schema, Field(alias="schema")]
    sluis: FileInfo

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.table_schema.fields

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def has_mutatie(self) -> bool:
        return "Mutatie" in self.names

    @property
    def own_key(self) -> str:
        """Name of the file's own key: the first column that Sluis does not name."""
        return next((name for name in self.names if name not in {"PrimaryKey", "RecordKey", "Mutatie"}), "")

    @property
    def for_spreadsheet(self) -> bool:
        return self.dialect.delimiter != "," or not all(column.plain for column in self.columns)

    @model_validator(mode="after")
    def _columns_in_order(self) -> Resource:
        names = self.names
        _once((name.lower() for name in names), f"{self.name}: column")
        if self.sluis.deletes and names != ["PrimaryKey", self.own_key]:
            raise ValueError(f"{self.name}: deleted keys have two columns, PrimaryKey and the file's own key")
        system = ["PrimaryKey"] if self.sluis.deletes else ["PrimaryKey", "RecordKey"]
        system += ["Mutatie"] if self.has_mutatie else []
        if names[: len(system)] != system or len(names) == len(system):
            raise ValueError(f"{self.name}: the columns do not begin with {', '.join(system)} and the file's own key")
        return self


class DeliveryInfo(_Part):
    """The object ``sluis`` of the manifest. ``sequence`` counts the deliveries of one configuration."""

    format: Literal[1]
    id: Annotated[str, Field(min_length=1)]
    sequence: Annotated[int, Field(ge=1)]
    previous: Annotated[int | None, Field(ge=1)]
    mode: Mode
    ended: tuple[str, ...] = ()
    environment: str
    account: str
    configuration: str
    snapshot: int
    snapshot_time: AwareDatetime
    trigger: str | None = None
    catalog: str | None = None
    version: str | None = None
    version_supported_until: dt.date | None = None
    baseline: int | None = None
    baseline_time: AwareDatetime | None = None
    pseudonymous: bool = False
    medical: bool = False


class Manifest(_Part):
    """A whole delivery."""

    name: str
    created: AwareDatetime | None = None
    resources: tuple[Resource, ...]
    sluis: DeliveryInfo

    @property
    def files(self) -> tuple[Resource, ...]:
        """The files proper, without those that only name deleted keys."""
        return tuple(resource for resource in self.resources if resource.sluis.deletes is None)

    @property
    def every_file_full(self) -> bool:
        """Such a delivery may follow a gap: it leans on nothing that came before."""
        return all(resource.sluis.mode == "full" for resource in self.files)

    def deletes_of(self, file: Resource) -> Resource | None:
        """The resource with the deleted keys of a file, where they come apart."""
        return next((resource for resource in self.resources if resource.sluis.deletes == file.name), None)

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        _once((resource.name.lower() for resource in self.resources), "resource")
        _once((resource.path.lower() for resource in self.resources), "path")
        deleted = [resource.sluis.deletes for resource in self.resources if resource.sluis.deletes]
        _once(deleted, "deleted keys of")
        missing = sorted(set(deleted) - {resource.name for resource in self.files})
        if missing:
            raise ValueError(f"deleted keys of {missing[0]}, a file that is not in the delivery")
        if self.sluis.previous is not None and self.sluis.previous >= self.sluis.sequence:
            raise ValueError("sluis.previous is not before sluis.sequence")
        return self


def _once(names: Iterable[str], what: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]} stands there twice")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of one delivery folder.

    Raises ``Rejected`` where it is missing, is no manifest of Sluis, is of a newer format, or names a path that is not
    a plain file name.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise Rejected(f"{folder.name} has no {MANIFEST}: the delivery is not complete", remedy=_COPY_AGAIN) from error
    except OSError as error:
        raise Rejected(
            f"{folder.name}/{MANIFEST} cannot be read: {error.strerror}", remedy="mend the rights on the file"
        ) from error
    except ValueError as error:
        raise Rejected(f"{folder.name}/{MANIFEST} is not whole JSON", remedy=_COPY_AGAIN) from error
    _check_format(folder, content)
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise Rejected(
            f"{folder.name}/{MANIFEST} cannot be used: {where}: {first['msg'].removeprefix('Value error, ')}",
            remedy="copy the folder again; if that does not help, send this message to who delivers the data",
        ) from error


def _check_format(folder: Path, content: object) -> None:
    info = content.get("sluis") if isinstance(content, dict) else None
    if not isinstance(info, dict):
        raise Rejected(
            f"{folder.name}/{MANIFEST} is not of a Sluis delivery: it has no object `sluis`",
            remedy="point at a folder that Sluis delivered",
        )
    if info.get("format") != FORMAT:
        raise Rejected(
            f"{folder.name} has format {info.get('format')!r}; this version of Sluis reads format {FORMAT}",
            remedy="install a newer version of Sluis on this side",
        )


def is_delivery(folder: Path) -> bool:
    """Whether this is the folder of one delivery, complete or not, rather than that of a configuration."""
    return bool(_FOLDER.fullmatch(folder.name)) or (folder / MANIFEST).is_file()


def delivery_folders(folder: Path) -> list[Path]:
    """The folder itself if it is a delivery, otherwise the deliveries in it, in order of their sequence.

    Whatever else lies in a configuration's folder is left alone. Raises ``Rejected`` where there is no delivery.
    """
    if not folder.is_dir():
        raise Rejected(f"{folder} is not a folder", remedy="give the folder of a delivery or of a configuration")
    if is_delivery(folder):
        return [folder]
    found = [path for path in folder.iterdir() if _FOLDER.fullmatch(path.name) and path.is_dir()]
    if not found:
        raise Rejected(
            f"{folder} holds no delivery",
            remedy="give the folder of a configuration: it holds folders such as 000042_20261123T020000Z_changes",
        )
    return sorted(found, key=lambda path: (int(path.name.split("_", 1)[0]), path.name))
