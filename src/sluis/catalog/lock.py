"""The lock: whether a catalogue still keeps what the receivers of its released versions depend on.

``lock.yaml`` stands in the catalogue's folder. ``make`` writes it, ``check`` compares: a locked version takes new
columns, files and streams while it is the newest, a changed query after a review, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from sluis.catalog import checks
from sluis.catalog.lockfile import (
    LOCK,
    MARKS,
    Facts,
    Lock,
    LockedFile,
    LockedVersion,
    plain,
    shown,
    state,
    stored,
    write,
)
from sluis.catalog.reading import CatalogRejected, Problem


@dataclass(frozen=True)
class Made:
    """What ``make`` did: the versions that are locked now, and each thing that became locked or was locked anew."""

    path: Path
    versions: tuple[str, ...]
    changes: tuple[str, ...]


def check(folder: Path, parts: checks.Parts) -> tuple[list[Problem], tuple[str, ...]]:
    """Every breach of the lock, and notes on what is not locked (yet)."""
    old, faults = stored(folder)
    if faults:
        return faults, ()
    if old is None:
        return [], ("there is no lock: `sluis catalog lock` protects the versions that are released",)
    findings = list(_compare(parts, old, state(parts, list(parts.by_version))))
    notes = (f"{finding.what} is not locked yet" for finding in findings if finding.kind == "added")
    return _problems(finding for finding in findings if finding.kind != "added"), tuple(notes)


def make(folder: Path, parts: checks.Parts, *, today: dt.date, everything: bool = False) -> Made:
    """Write ``lock.yaml`` for the versions released by ``today``, or all; what is locked stays locked.

    Changed queries are locked anew. ``CatalogRejected`` where anything else that was locked has changed: then nothing
    is written.
    """
    old, faults = stored(folder)
    if faults:
        raise CatalogRejected(folder.name, faults)
    old = old or Lock()
    wanted = [
        version.version
        for _, version in parts.versions
        if everything or version.released <= today or version.version in old.versions
    ]
    now = state(parts, wanted)
    findings = list(_compare(parts, old, now))
    breaches = _problems(finding for finding in findings if finding.kind == "fault")
    if breaches:
        raise CatalogRejected(folder.name, breaches)
    path = folder / LOCK
    if now != old:
        write(path, now)
    changes = dict.fromkeys(f.what if f.kind == "query" else f"{f.what} is locked" for f in findings)
    return Made(path, tuple(now.versions), tuple(changes))


@dataclass(frozen=True)
class Finding:
    """One difference between lock and catalogue: a breach, a changed query, or an addition that may be."""

    kind: Literal["fault", "query", "added"]
    file: str
    line: int
    what: str
    remedy: str = ""
    version: str = ""


@dataclass(frozen=True)
class _Here:
    """One locked version of a catalogue, and where its parts stand."""

    parts: checks.Parts
    version: str

    @property
    def newest(self) -> str:
        return self.parts.versions[-1][1].version

    @property
    def is_newest(self) -> bool:
        return self.version == self.newest

    def streams(self, what: str, remedy: str, *place: str) -> Finding:
        """A breach in the file of the version."""
        document = next(document for document, version in self.parts.versions if version.version == self.version)
        return self._finding(document.problem(what, *place), remedy)

    def file(self, name: str, what: str, remedy: str, *place: str) -> Finding:
        """A breach in the definition of a file."""
        return self._finding(self.definition(name)[0].problem(what, *place), remedy)

    def column(self, name: str, column: str, what: str, remedy: str, *place: str) -> Finding:
        """A breach in a column of a file; where it is gone, at the list of columns."""
        document, file = self.definition(name)
        numbers = [number for number, known in enumerate(file.columns) if known.name == column]
        problem = document.problem(f"{name}.{column} {what}", "columns", *numbers, *place)
        return self._finding(problem, remedy)

    def added(self, what: str) -> Finding:
        return Finding("added", LOCK, 1, f"{what} (version {self.version})")

    def _finding(self, problem: Problem, remedy: str) -> Finding:
        return Finding("fault", problem.file, problem.line, problem.message, remedy, self.version)

    def definition(self, name: str) -> checks.Definition:
        """What defines a file in this version."""
        return next(
            (document, file)
            for document, file in self.parts.files
            if file.file == name and (file.versions is None or self.version in file.versions)
        )


def _problems(findings: Iterable[Finding]) -> list[Problem]:
    """Findings as problems; the same finding in several versions is one."""
    versions: dict[tuple[str, int, str, str], list[str]] = {}
    for found in findings:
        versions.setdefault((found.file, found.line, found.what, found.remedy), []).append(found.version)
    return [
        Problem(file, line, f"{what}, but {_are(names)} locked; {remedy}")
        for (file, line, what, remedy), names in versions.items()
    ]


def _are(versions: list[str]) -> str:
    return f"version {versions[0]} is" if len(versions) == 1 else f"versions {', '.join(versions)} are"


def _compare(parts: checks.Parts, old: Lock, now: Lock) -> Iterator[Finding]:
    for name, version in old.versions.items():
        if name in now.versions:
            yield from _compare_version(_Here(parts, name), version, now.versions[name])
        else:
            remedy = "put its file in versions/ back: a version that was released stays described"
            yield Finding("fault", LOCK, 1, f"version {name} is gone", remedy, name)
    for name in now.versions:
        if name not in old.versions:
            yield Finding("added", LOCK, 1, f"version {name}")
    for name, query in old.datasets.items():
        if name in now.datasets and now.datasets[name] != query:
            remedy = "look whether it gives the same to receivers, then run `sluis catalog lock`"
            for served in (served for served, locked in old.versions.items() if _uses(locked, name)):
                yield Finding("query", f"datasets/{name}.sql", 1, f"query changed: {name}", remedy, served)


def _uses(version: LockedVersion, dataset: str) -> bool:
    return any(file.dataset == dataset for file in version.files.values())


def _compare_version(here: _Here, old: LockedVersion, now: LockedVersion) -> Iterator[Finding]:
    if old.deletions != now.deletions:
        what = f"deletions form changed: {old.deletions} has become {now.deletions}"
        yield here.streams(what, f"make it {old.deletions} again, or make a new version", "deletions")
    yield from _streams(here, old, now)
    for name, file in old.files.items():
        if name not in now.files:
            stream = next(stream for stream, names in old.streams.items() if name in names)
            remedy = f"put it back in stream {stream}, or make a new version without it"
            yield here.streams(f"file {name} is removed from the version", remedy, "streams", stream)
        elif (file.digest, file.dataset) != (now.files[name].digest, now.files[name].dataset):
            yield from _file(here, name, file, now.files[name])
    for name in now.files:
        if name not in old.files and here.is_newest:
            yield here.added(f"file {name}")
        elif name not in old.files:
            remedy = f"a new file comes in the newest version ({here.newest}), or in a new version"
            yield here.streams(f"file {name} is new", remedy, "streams", *_streams_with(now, name))


def _streams_with(version: LockedVersion, name: str) -> list[str]:
    return [stream for stream, names in version.streams.items() if name in names][:1]


def _streams(here: _Here, old: LockedVersion, now: LockedVersion) -> Iterator[Finding]:
    for stream, names in old.streams.items():
        if stream not in now.streams:
            yield here.streams(
                f"stream {stream} is removed from the version",
                "put it back, or make a new version without it",
                "streams",
            )
        for name in names if stream in now.streams else ():
            if name in now.files and name not in now.streams[stream]:
                remedy = "put it back, or make a new version without it"
                yield here.streams(f"file {name} is removed from stream {stream}", remedy, "streams", stream)
    for stream, names in now.streams.items():
        known = [name for name in names if name in old.files and name not in old.streams.get(stream, ())]
        new = (
            [f"stream {stream}"] if stream not in old.streams else [f"file {name} in stream {stream}" for name in known]
        )
        for what in new:
            remedy = f"it comes in the newest version ({here.newest}), or in a new version"
            yield here.added(what) if here.is_newest else here.streams(f"{what} is new", remedy, "streams", stream)


def _file(here: _Here, name: str, old: LockedFile, now: LockedFile) -> Iterator[Finding]:
    if old.entity != now.entity:
        what = f"{name}: key changed, its entity {old.entity} has become {now.entity}"
        yield here.file(name, what, f"make it {old.entity} again, or make a new version", "entity")
    if old.key_column != now.key_column:
        what = f"{name}: key changed, its own key {old.key_column} has become {now.key_column}"
        yield here.file(name, what, f"set `key_column: {old.key_column}`, or make a new version", "key_column")
    if old.medical != now.medical:
        what = f"{name}: mark changed, `medical` was {shown(old.medical)} and is {shown(now.medical)}"
        yield here.file(name, what, "undo it, or make a new version", "medical")
    if old.dataset != now.dataset:
        document, _ = here.definition(name)
        line = document.line(("dataset",))
        what = f"query changed: {name} is made by dataset {now.dataset}, was {old.dataset}"
        remedy = "look whether it gives the same to receivers, then run `sluis catalog lock`"
        yield Finding("query", document.shown, line, what, remedy, here.version)
    yield from _columns(here, name, old.columns, now.columns)


def _columns(here: _Here, name: str, old: dict[str, Facts], now: dict[str, Facts]) -> Iterator[Finding]:
    renamed = _renamed(old, now)
    for column, values in old.items():
        if column in renamed:
            new = renamed[column]
            sure = now[new]["digest"] == values["digest"]
            what = f"is {column} renamed" if sure else f"stands where {column} was, which is renamed or removed"
            yield here.column(name, new, what, f"put {column} back, or make a new version", "name")
        elif column not in now:
            remedy = f'put it back; a new version can do without it (`until: "{here.newest}"`)'
            yield here.column(name, column, "is removed", remedy)
        else:
            yield from _facts(here, name, column, plain(values), plain(now[column]))
    yield from _moved(here, name, old, now, renamed)
    yield from _added(here, name, old, now, renamed)


def _renamed(old: dict[str, Facts], now: dict[str, Facts]) -> dict[str, str]:
    """Columns that are gone, each with the new column that has all its facts, or its place and all but its source."""
    fresh = [column for column in now if column not in old]
    renamed: dict[str, str] = {}
    for place, (column, values) in enumerate(old.items()):
        if column in now:
            continue
        same = [new for new in fresh if now[new]["digest"] == values["digest"]]
        there = list(now)[place : place + 1]
        same += [new for new in there if new in fresh and _without_source(now[new]) == _without_source(values)]
        if same:
            renamed[column] = same[0]
            fresh.remove(same[0])
    return renamed


def _without_source(values: Facts) -> Facts:
    return {name: value for name, value in values.items() if name not in {"from", "digest"}}


def _facts(here: _Here, name: str, column: str, old: Facts, now: Facts) -> Iterator[Finding]:
    for fact in [*old, *(fact for fact in now if fact not in old)]:
        was, is_ = old.get(fact), now.get(fact)
        if was == is_:
            continue
        kind = (
            "retyped" if fact in {"type", "key_types"} else "key changed" if fact == "key" else "made of something else"
        )
        kind = "mark changed" if fact in MARKS else kind
        what = f"is not as it was: {kind}, `{fact}` was {shown(was)} and is {shown(is_)}"
        yield here.column(name, column, what, "undo it, or make a new version", fact)


def _moved(
    here: _Here, name: str, old: dict[str, Facts], now: dict[str, Facts], renamed: dict[str, str]
) -> Iterator[Finding]:
    before = [renamed.get(column, column) for column in old if renamed.get(column, column) in now]
    after = [column for column in now if column in before]
    for tag, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for column in after[start:end] if tag in {"insert", "replace"} else ():
            place = before.index(column)
            where = f"after {before[place - 1]}" if place else "first"
            yield here.column(name, column, "is moved", f"put it {where} again, or make a new version")


def _added(
    here: _Here, name: str, old: dict[str, Facts], now: dict[str, Facts], renamed: dict[str, str]
) -> Iterator[Finding]:
    last = max((place for place, column in enumerate(now) if column in old or column in renamed.values()), default=-1)
    for place, (column, values) in enumerate(now.items()):
        if column in old or column in renamed.values():
            continue
        if not here.is_newest:
            remedy = f'a new column comes in the newest version: add `since: "{here.newest}"`, or make a new version'
            yield here.column(name, column, "is new", remedy)
        elif values.get("key"):
            yield here.column(
                name, column, "is new in the key: key changed", "drop `key`, or make a new version", "key"
            )
        elif values.get("mandatory"):
            yield here.column(
                name, column, "is new and mandatory", "drop `mandatory`, or make a new version", "mandatory"
            )
        elif place < last:
            yield here.column(name, column, "is new between others", "move it to the end, or make a new version")
        else:
            yield here.added(f"column {name}.{column}")
