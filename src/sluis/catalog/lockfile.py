"""``lock.yaml``: what the receivers of a version depend on, as facts with digests. Made, read and written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sluis.catalog import checks
from sluis.catalog.model import CatalogVersion, Column, File, Match, Quasi, Reference
from sluis.catalog.reading import LOADER, CatalogRejected, Problem, parse, read
from sluis.errors import Rejected

LOCK = "lock.yaml"
MARKS = ("mandatory", "identifying", "quasi", "pseudonym", "medical", "medical_when")
_HEADING = (
    "# What the receivers of released versions depend on. Made by `sluis catalog lock`; do not edit.\n"
    "# A column is locked by its facts, not by its meaning; docs/catalogue.md says what may still change.\n"
)
_RESTORE = "restore lock.yaml from version control; only `sluis catalog lock` writes it"
_PIECE = re.compile(
    r"(?P<gap>\s+|--[^\n]*)|(?P<comment>/\*)"
    r"|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)|\w+|.",
    re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")

Fact = str | bool | None
Facts = dict[str, str | bool]
"""What a receiver depends on in one column, besides its name and place. What is off is left out."""


class _Locked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LockedFile(_Locked):
    """One file of one version; each column's facts hold their own ``digest`` too."""

    digest: str
    dataset: str
    entity: str
    key_column: str
    medical: bool
    columns: dict[str, Facts]


class LockedVersion(_Locked):
    """One version: how deleted keys come, and its streams and files by name."""

    deletions: str
    streams: dict[str, tuple[str, ...]]
    files: dict[str, LockedFile]


class LockedQuery(_Locked):
    """One query, by the digest of its text without comments and layout."""

    digest: str


class Lock(_Locked):
    """``lock.yaml``."""

    datasets: dict[str, LockedQuery] = {}
    versions: dict[str, LockedVersion] = {}


def facts(column: Column, keys: checks.KeyTypes) -> Facts:
    """What a receiver depends on in one column, besides its name and place."""
    found: dict[str, Fact] = {"type": column.type}
    if column.type:
        found["from"] = column.from_ or column.name
    else:
        types = checks.column_types(column, keys)
        found["reference"] = _reference(column.reference) if column.reference else None
        found["match"] = _match(column.match) if column.match else None
        found["key_types"] = ", ".join(types.get(source, "text") for source in column.sources)
    found |= {"key": column.key, "mandatory": column.mandatory, "identifying": column.identifying}
    found |= {"quasi": _quasi(column.quasi) if column.quasi else None, "pseudonym": column.pseudonym}
    found |= {"medical": column.medical, "medical_when": column.medical_when}
    return {name: value for name, value in found.items() if value}


def query_digest(sql: str) -> str:
    """Digest of a query that stays the same when only comments or layout change."""
    return _digest(_normal(sql))


def shown(value: Fact) -> str:
    """A fact as a person reads it."""
    return "no" if not value else "yes" if value is True else value


def _reference(reference: Reference) -> str:
    target = reference.file or f"by {reference.by}: " + ", ".join(
        f"{value}={file}" for value, file in sorted((reference.files or {}).items())
    )
    return f"{target} ({', '.join(reference.from_)})"


def _match(match: Match) -> str:
    return f"{match.entity} ({', '.join(match.from_)})"


def _quasi(quasi: Quasi) -> str:
    value = quasi.prefix or quasi.band or ", ".join(sorted(quasi.values or ()))
    return f"{quasi.rule} {value}".strip()


def _normal(sql: str) -> str:
    """The query with one space for every gap, and none around brackets and commas; literals stay as they are."""
    pieces: list[str] = []
    for piece in _pieces(sql):
        if pieces and pieces[-1] == " " and piece in " (),":
            pieces.pop()
        if piece != " " or (pieces and pieces[-1] not in "(),"):
            pieces.append(piece)
    return "".join(pieces).rstrip("; ")


def _pieces(sql: str) -> Iterator[str]:
    at = 0
    while match := _PIECE.match(sql, at):
        at = _comment_end(sql, at) if match["comment"] else match.end()
        yield " " if match["comment"] or match["gap"] else match.group()


def _comment_end(sql: str, at: int) -> int:
    """Comments between slash and star lie within each other, as in PostgreSQL."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(sql, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def state(parts: checks.Parts, versions: Iterable[str]) -> Lock:
    """The lock that these versions have as the catalogue is now."""
    keys, _ = checks.KeyTypes.resolve(file for _, file in parts.files)
    by_version = parts.by_version
    locked = {name: _locked_version(parts, by_version[name], keys) for name in versions}
    datasets = sorted({file.dataset for version in locked.values() for file in version.files.values()})
    queries = {name: LockedQuery(digest=query_digest(parts.queries[name])) for name in datasets}
    return Lock(datasets=queries, versions=locked)


def _locked_version(parts: checks.Parts, version: CatalogVersion, keys: checks.KeyTypes) -> LockedVersion:
    files = checks.files_of((file for _, file in parts.files), version, parts.by_version)
    locked = {name: _locked_file(files[name], version.deletions, keys) for name in sorted(files)}
    return LockedVersion(deletions=version.deletions, streams=version.streams, files=locked)


def _locked_file(file: File, deletions: str, keys: checks.KeyTypes) -> LockedFile:
    columns = {column.name: facts(column, keys) for column in file.columns}
    locked = LockedFile(
        digest="",
        dataset=file.dataset,
        entity=file.entity,
        key_column=file.own_key,
        medical=file.medical,
        columns={name: {**values, "digest": _digest(values)} for name, values in columns.items()},
    )
    return locked.model_copy(update={"digest": _file_digest(file.file, deletions, locked)})


def _file_digest(name: str, deletions: str, file: LockedFile) -> str:
    columns = [[column, plain(values)] for column, values in file.columns.items()]
    return _digest([name, deletions, file.entity, file.key_column, file.medical, columns])


def plain(values: Facts) -> Facts:
    """The facts of a locked column without their digest."""
    return {name: value for name, value in values.items() if name != "digest"}


def write(path: Path, lock: Lock) -> None:
    """Write the lock as a whole or not at all; ``Rejected`` where the folder cannot be written to."""
    data = lock.model_dump(mode="json")
    text = _HEADING + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=None)
    beside = path.with_suffix(".yaml.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        raise Rejected(
            f"{path} cannot be written: {error.strerror}", remedy="lock a copy of the catalogue that you may write to"
        ) from error


def stored(folder: Path) -> tuple[Lock | None, list[Problem]]:
    """The lock as it stands in the folder, None without one, and what is wrong with it."""
    path = folder / LOCK
    if not path.is_file():
        return None, []
    try:
        lock = Lock.model_validate(yaml.load(path.read_bytes(), Loader=LOADER))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValidationError):
        return None, _unreadable(folder, path)
    edited = _edited(lock)
    return lock, _changed_by_hand(folder, path, edited) if edited else []


def _edited(lock: Lock) -> list[tuple[str, str]]:
    return [
        (version_name, name)
        for version_name, version in lock.versions.items()
        for name, file in version.files.items()
        if file.digest != _file_digest(name, version.deletions, file)
        or any(values.get("digest") != _digest(plain(values)) for values in file.columns.values())
    ]


def _unreadable(folder: Path, path: Path) -> list[Problem]:
    try:
        _, problems = parse(Lock, read(path, folder))
    except CatalogRejected as error:
        problems = list(error.problems)
    except yaml.YAMLError:
        problems = []
    problems = problems or [Problem(LOCK, 1, "cannot be read")]
    return [Problem(found.file, found.line, f"{found.message}; {_RESTORE}") for found in problems]


def _changed_by_hand(folder: Path, path: Path, edited: list[tuple[str, str]]) -> list[Problem]:
    document = read(path, folder)
    return [
        document.problem(
            f"{name} of version {version} has been edited here: its digest is another; {_RESTORE}",
            *("versions", version, "files", name),
        )
        for version, name in edited
    ]
