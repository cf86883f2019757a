"""What a receiver must do to move from one version of a catalogue to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sluis.catalog.checks import KeyTypes
from sluis.catalog.loader import Catalog
from sluis.catalog.lockfile import MARKS, Fact, Facts, facts, shown
from sluis.catalog.model import CatalogVersion, Column, File

Level = Literal["major", "minor", "none"]
Value = str | bool | tuple[str, ...] | None

LEVELS: tuple[Level, ...] = ("none", "minor", "major")
KINDS: dict[str, tuple[Level, str]] = {
    "deletions form changed": ("major", "change how deleted rows are read"),
    "stream added": ("minor", "choose the stream if it is wanted"),
    "stream removed": ("major", "the stream no longer comes; look which of its files come with another"),
    "file added to stream": ("minor", "the file comes with this stream too"),
    "file removed from stream": ("major", "choose another stream that has the file"),
    "file added": ("minor", "make a table for it if it is wanted"),
    "file removed": ("major", "stop loading it"),
    "key changed": ("major", "load the file anew: its keys differ from those of before"),
    "own key renamed": ("major", "rename the column in the table and in what uses it"),
    "column added": ("minor", "add the column to the table if it is wanted"),
    "column inserted": ("major", "add the column; who reads columns by their place reads others from here on"),
    "column removed": ("major", "take the column out of the table and of what uses it"),
    "column renamed": ("major", "rename the column in the table and in what uses it"),
    "columns reordered": ("major", "read columns by name, or in the new order"),
    "retyped": ("major", "give the column of the table the new type and load the file anew"),
    "reference changed": ("major", "join with the new target and load the file anew"),
    "mark set": ("major", "the values can be absent, blank or other without the medical mark or when pseudonymous"),
    "mark changed": ("major", "the values look different when pseudonymous or without the medical mark"),
    "mark taken away": ("minor", "the values can come where they were absent, blank or other"),
    "mandatory changed": ("minor", "mandatory: the column always comes; otherwise it can be switched off"),
    "source changed": ("none", "nothing in what loads it; see whether the values are what is expected"),
    "meaning changed": ("none", "nothing, but read the new meaning"),
}
"""Every kind of change: whether the receiver's loader breaks (major), may be extended (minor), or neither."""


@dataclass(frozen=True)
class Change:
    """One change; ``file`` and ``column`` are None where it is about the version or the whole file.

    ``column`` has the name in the new version, or the old one where it is gone. ``before`` and ``after`` are None
    where there was or is nothing.
    """

    file: str | None
    column: str | None
    kind: str
    before: Value = None
    after: Value = None

    @property
    def level(self) -> Level:
        return KINDS[self.kind][0]

    @property
    def what_to_do(self) -> str:
        return KINDS[self.kind][1]

    @property
    def text(self) -> str:
        """The change in one line, without the file."""
        about = f"{self.kind}: {self.column}" if self.column else self.kind
        values = " → ".join(_text(value) for value in (self.before, self.after) if value is not None)
        return f"{about}: {values}"


@dataclass(frozen=True)
class Diff:
    """Every change between two versions, those of the version first, then by file, level and column."""

    catalog: str
    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def level(self) -> Level:
        """The heaviest of all."""
        return max((change.level for change in self.changes), key=LEVELS.index, default="none")

    def as_json(self) -> dict[str, Any]:
        """Everything, as values that JSON knows."""
        counts = {level: sum(change.level == level for change in self.changes) for level in reversed(LEVELS)}
        changes = [
            {"level": change.level, **asdict(change), "what_to_do": change.what_to_do} for change in self.changes
        ]
        heading = {"catalog": self.catalog, "from": self.before, "to": self.after, "level": self.level}
        return {**heading, "counts": counts, "changes": changes}

    def lines(self) -> Iterator[str]:
        """The same for a person: a heading, and per file its changes with what to do."""
        yield f"{self.catalog}, version {self.before} → {self.after}: {self.level}"
        file: str | None = ""
        for change in self.changes:
            if change.file != file:
                file = change.file
                yield f"\n{file or 'the version'}"
            yield f"  {change.level:5}  {change.text}\n         {change.what_to_do}"


def diff(catalog: Catalog, before: str, after: str) -> Diff:
    """Compare two versions; ``Rejected`` for a version that is not there."""
    old, new = catalog.version(before), catalog.version(after)
    old_files, new_files = catalog.files(before), catalog.files(after)
    changes = list(_version(old, new, old_files, new_files))
    for name in sorted(old_files.keys() | new_files.keys()):
        changes += _presence(name, old, new, old_files, new_files)
        if name in old_files and name in new_files:
            changes += _file(old_files[name], new_files[name], catalog.key_types)
    return Diff(catalog.name, before, after, tuple(sorted(changes, key=_order)))


def _order(change: Change) -> tuple[str, int, str, str, str]:
    place = -LEVELS.index(change.level)
    return (change.file or "", place, change.kind, change.column or "", f"{change.before} {change.after}")


def _text(value: Value) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else shown(value)


def _version(
    old: CatalogVersion, new: CatalogVersion, old_files: dict[str, File], new_files: dict[str, File]
) -> Iterator[Change]:
    if old.deletions != new.deletions:
        yield Change(None, None, "deletions form changed", old.deletions, new.deletions)
    for stream in sorted(old.streams.keys() | new.streams.keys()):
        before, after = old.streams.get(stream), new.streams.get(stream)
        if before is None or after is None:
            gone = after is None
            kind = "stream removed" if gone else "stream added"
            yield Change(None, None, kind, stream if gone else None, None if gone else stream)
            continue
        for name in sorted(set(before) ^ set(after)):
            if name in old_files and name in new_files:
                there = name in after
                kind = "file added to stream" if there else "file removed from stream"
                yield Change(name, None, kind, None if there else stream, stream if there else None)


def _presence(
    name: str, old: CatalogVersion, new: CatalogVersion, old_files: dict[str, File], new_files: dict[str, File]
) -> Iterator[Change]:
    if name not in old_files:
        yield Change(name, None, "file added", None, _described(new_files[name], new))
    elif name not in new_files:
        yield Change(name, None, "file removed", _described(old_files[name], old), None)


def _described(file: File, version: CatalogVersion) -> str:
    streams = ", ".join(stream for stream, names in version.streams.items() if file.file in names)
    return f"{len(file.columns)} column{'s' if len(file.columns) > 1 else ''}, in {streams}"


def _file(old: File, new: File, keys: KeyTypes) -> Iterator[Change]:
    name = new.file
    if _key(old, keys) != _key(new, keys):
        yield Change(name, None, "key changed", _key(old, keys), _key(new, keys))
    if old.own_key != new.own_key:
        yield Change(name, new.own_key, "own key renamed", old.own_key, new.own_key)
    if old.medical != new.medical:
        kind = "mark set" if new.medical else "mark taken away"
        yield Change(name, None, kind, _mark("medical", old.medical), _mark("medical", new.medical))
    for text in ("title", "grain"):
        for language in ("nl", "en"):
            before, after = (getattr(getattr(file, text), language) for file in (old, new))
            if before != after:
                yield Change(name, None, "meaning changed", before, after)
    renamed = _renamed(old, new)
    yield from _columns(old, new, renamed, keys)
    yield from _places(old, new, renamed, keys)


def _key(file: File, keys: KeyTypes) -> tuple[str, ...]:
    """What PrimaryKey is made of: the entity, and of every key column where its value comes from and its type."""
    return (file.entity, *(_key_part(facts(column, keys)) for column in file.key_columns))


def _key_part(values: Facts) -> str:
    source = f" from {values['from']}" if "from" in values else ""
    return f"{_type(values)}{source}{', may be empty' if values['key'] == 'nullable' else ''}"


def _renamed(old: File, new: File) -> dict[str, str]:
    """New name by old name of the columns that have the same meaning and source under another name."""
    before, after = ({column.name: column for column in file.columns} for file in (old, new))
    fresh = {_identity(column): name for name, column in after.items() if name not in before}
    pairs = {name: fresh.get(_identity(column)) for name, column in before.items() if name not in after}
    return {name: found for name, found in pairs.items() if found}


def _identity(column: Column) -> tuple[object, ...]:
    return (column.nl, column.en, column.sources, bool(column.reference), bool(column.match))


def _columns(old: File, new: File, renamed: dict[str, str], keys: KeyTypes) -> Iterator[Change]:
    after = {column.name: column for column in new.columns}
    for column in old.columns:
        there = after.get(renamed.get(column.name, column.name))
        if there is None:
            yield Change(new.file, column.name, "column removed", _summary(column, keys), None)
            continue
        if there.name != column.name:
            yield Change(new.file, there.name, "column renamed", column.name, there.name)
        yield from _column(new.file, column, there, keys)


def _column(file: str, old: Column, new: Column, keys: KeyTypes) -> Iterator[Change]:
    before, after = facts(old, keys), facts(new, keys)
    if _type(before) != _type(after):
        known = {"reference", "match"} & (before.keys() | after.keys())
        kind = "reference changed" if known and "type" not in before.keys() | after.keys() else "retyped"
        yield Change(file, new.name, kind, _type(before), _type(after))
    if before.get("from") != after.get("from") and "from" in before and "from" in after:
        yield Change(file, new.name, "source changed", before["from"], after["from"])
    for mark in MARKS:
        was, is_ = before.get(mark), after.get(mark)
        if was != is_:
            kind = "mandatory changed" if mark == "mandatory" else _mark_kind(was, is_)
            yield Change(file, new.name, kind, _mark(mark, was), _mark(mark, is_))
    for was, is_ in ((old.nl, new.nl), (old.en, new.en)):
        if was != is_:
            yield Change(file, new.name, "meaning changed", was, is_)


def _type(values: Facts) -> str:
    """What stands in the field: a type, or the key of what with parts of which types."""
    if "type" in values:
        return str(values["type"])
    target = values.get("reference") or f"match {values['match']}"
    return f"key of {target}: {values['key_types']}"


def _mark_kind(was: Fact, is_: Fact) -> str:
    return "mark set" if not was else "mark changed" if is_ else "mark taken away"


def _mark(name: str, value: Fact) -> str:
    return f"{name} {shown(value)}"


def _places(old: File, new: File, renamed: dict[str, str], keys: KeyTypes) -> Iterator[Change]:
    names = [column.name for column in new.columns]
    before = [name for column in old.columns if (name := renamed.get(column.name, column.name)) in names]
    after = [name for name in names if name in before]
    if before != after:
        yield Change(new.file, None, "columns reordered", tuple(before), tuple(after))
    last = names.index(after[-1]) if after else -1
    for place, column in enumerate(new.columns):
        if column.name not in before and place < last:
            where = f"{_summary(column, keys)}, before {names[place + 1]}"
            yield Change(new.file, column.name, "column inserted", None, where)
        elif column.name not in before:
            yield Change(new.file, column.name, "column added", None, _summary(column, keys))


def _summary(column: Column, keys: KeyTypes) -> str:
    values = facts(column, keys)
    return ", ".join(
        [
            _type(values),
            *(mark if values[mark] is True else f"{mark} {values[mark]}" for mark in MARKS if mark in values),
        ]
    )
