"""What must hold between the parts of a catalogue. Each rule gives file, line and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sluis.catalog.model import CatalogVersion, Column, File, Head
from sluis.catalog.reading import Document, Problem

Definition = tuple[Document, File]


@dataclass(frozen=True)
class Parts:
    """A catalogue before it is known to hold together; versions in order of release."""

    document: Document
    head: Head
    versions: list[tuple[Document, CatalogVersion]]
    files: list[Definition]
    queries: dict[str, str]

    @property
    def by_version(self) -> dict[str, CatalogVersion]:
        return {version.version: version for _, version in self.versions}


def files_of(
    definitions: Iterable[File], version: CatalogVersion, versions: dict[str, CatalogVersion]
) -> dict[str, File]:
    """The files of one version, with that version's columns."""
    order = list(versions)
    named = {name for names in version.streams.values() for name in names}
    return {
        file.file: file.model_copy(update={"columns": _columns_of(file, version.version, order)})
        for file in definitions
        if file.file in named and (file.versions is None or version.version in file.versions)
    }


def _columns_of(file: File, version: str, order: list[str]) -> tuple[Column, ...]:
    here = order.index(version)
    return tuple(
        column
        for column in file.columns
        if (column.since is None or order.index(column.since) <= here)
        and (column.until is None or here <= order.index(column.until))
    )


@dataclass
class KeyTypes:
    """Types of the key parts of every file, and of every entity that a file is the key of."""

    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    entities: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def resolve(cls, definitions: Iterable[File]) -> tuple[KeyTypes, list[str]]:
        """The types, and the files whose keys go round in a circle."""
        types = cls()
        by_name = {file.file: file for file in definitions}
        circular = [file.file for file in by_name.values() if types._visit(file, by_name, ()) is None]
        for file in by_name.values():
            if file.file in types.files:
                types.entities.setdefault(file.entity, types.files[file.file])
        return types, circular

    def _visit(self, file: File, by_name: dict[str, File], path: tuple[str, ...]) -> tuple[str, ...] | None:
        if file.file in path:
            return None
        if file.file not in self.files:
            parts: dict[str, str] = {}
            for column in file.key_columns:
                found = self._column(column, by_name, (*path, file.file))
                if found is None:
                    return None
                for name, kind in found.items():
                    parts.setdefault(name, kind)
            self.files[file.file] = tuple(parts.values())
        return self.files[file.file]

    def _column(self, column: Column, by_name: dict[str, File], path: tuple[str, ...]) -> dict[str, str] | None:
        if column.type:
            return {column.from_ or column.name: column.type}
        if column.match:
            return dict.fromkeys(column.match.from_, "text")
        target = by_name.get(column.reference.targets[0]) if column.reference else None
        if not column.reference or target is None:
            return {}
        types = self._visit(target, by_name, path)
        if types is None:
            return None
        return dict(zip(column.reference.from_, types, strict=False))


def dataset_types(files: Iterable[File], keys: KeyTypes) -> dict[str, str]:
    """Catalogue type of every column that the files need of their query; the first file to name one decides."""
    types: dict[str, str] = {}
    for file in files:
        for column in file.columns:
            for source, kind in column_types(column, keys).items():
                types.setdefault(source, kind)
    return types


def column_types(column: Column, keys: KeyTypes) -> dict[str, str]:
    """Columns of the query that one column is made of, with the type each must have."""
    types: dict[str, str] = {}
    if column.type:
        types[column.from_ or column.name] = column.type
    elif column.match:
        known = keys.entities.get(column.match.entity, ())
        types |= {name: known[i] if i < len(known) else "text" for i, name in enumerate(column.match.from_)}
    elif column.reference:
        types |= dict(zip(column.reference.from_, keys.files.get(column.reference.targets[0], ()), strict=False))
    if column.medical_when and column.medical_when != "always":
        types[column.medical_when] = "boolean"
    return types


def check(parts: Parts) -> list[Problem]:
    """Every fault between the parts."""
    definitions = [file for _, file in parts.files]
    keys, circular = KeyTypes.resolve(definitions)
    problems = [*_versions(parts), *_definitions(parts), *_streams(parts)]
    for doc, file in parts.files:
        if file.file in circular:
            problems.append(doc.problem("its key refers to a file whose key refers back; give one a key of its own"))
        problems += _marks(doc, file, parts)
        problems += _references(doc, file, parts, keys)
    return [*problems, *_datasets(parts, keys), *_entities(parts, keys)]


def _versions(parts: Parts) -> Iterator[Problem]:
    if not parts.versions:
        yield parts.document.problem("the folder versions/ has no version; add versions/<name>.yaml")
    seen: set[str] = set()
    for doc, version in parts.versions:
        if version.version in seen:
            yield doc.problem(f"version {version.version} is defined twice; keep one", "version")
        seen.add(version.version)
    for (doc, version), (_, successor) in zip(parts.versions, parts.versions[1:], strict=False):
        latest = _year_later(successor.released)
        if version.ends is None:
            yield doc.problem(f"has successor {successor.version}: add `ends`, at the latest {latest}", "version")
        elif not successor.released <= version.ends <= latest:
            yield doc.problem(
                f"`ends` lies between the release of {successor.version} and one year later: "
                f"{successor.released} to {latest}",
                "ends",
            )
    if parts.versions and parts.versions[-1][1].ends is not None:
        yield parts.versions[-1][0].problem("the newest version has no end; leave `ends` out", "ends")


def _year_later(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _definitions(parts: Parts) -> Iterator[Problem]:
    known = parts.by_version
    for doc, file in parts.files:
        if file.file.endswith("_verwijderd"):
            yield doc.problem(f"{file.file}: names that end in _verwijderd are for deleted keys; take another", "file")
    taken: dict[tuple[str, str], str] = {}
    for doc, file in parts.files:
        for name, *where in _version_names(file):
            if name not in known:
                yield doc.problem(f"there is no version {name}; use one of {', '.join(known)}", *where)
        yield from _spans(doc, file, list(known))
        for version in file.versions or known:
            place = (file.file.lower(), version)
            if place in taken:
                yield doc.problem(
                    f"file {file.file} is defined in {taken[place]} too for version {version}; "
                    "say with `versions` which serves which",
                    "file",
                )
            taken.setdefault(place, doc.shown)


def _version_names(file: File) -> Iterator[tuple[str, *tuple[str | int, ...]]]:
    """Every version that a file names, and where."""
    yield from ((name, "versions", number) for number, name in enumerate(file.versions or ()))
    for number, column in enumerate(file.columns):
        yield from ((name, "columns", number, key) for key in ("since", "until") if (name := getattr(column, key)))


def _spans(doc: Document, file: File, order: list[str]) -> Iterator[Problem]:
    for number, column in enumerate(file.columns):
        if column.since in order and column.until in order and order.index(column.since) > order.index(column.until):
            yield doc.problem(
                f"{column.name}: since {column.since} until {column.until} is in no version; turn them round",
                "columns", number, "until",
            )  # fmt: skip


def _streams(parts: Parts) -> Iterator[Problem]:
    used: set[str] = set()
    for doc, version in parts.versions:
        here = {f.file for _, f in parts.files if f.versions is None or version.version in f.versions}
        for stream, names in version.streams.items():
            if stream not in parts.head.streams:
                yield doc.problem(f"stream {stream} is not in catalog.yaml; describe it there", "streams", stream)
            for number, name in enumerate(names):
                used.add(name)
                if name not in here:
                    yield doc.problem(
                        f"there is no file {name} for this version; add files/{name}.yaml", "streams", stream, number
                    )
                if name in names[:number]:
                    yield doc.problem(f"{name} stands in this stream twice; keep one", "streams", stream, number)
    for doc, file in parts.files:
        if file.file not in used:
            yield doc.problem(f"file {file.file} is in no stream of any version; add it to one", "file")


def _marks(doc: Document, file: File, parts: Parts) -> Iterator[Problem]:
    entities = parts.head.entities
    if file.entity not in entities:
        yield doc.problem(f"entity {file.entity} is not in catalog.yaml; add it there", "entity")
    for number, column in enumerate(file.columns):
        place = ("columns", number)
        if column.mandatory and column.medical and not file.medical:
            yield doc.problem(
                f"{column.name}: a mandatory column cannot be medical unless the whole file is; "
                "use `medical_when`, or drop `mandatory`",
                *place,
            )
        if column.key and column.medical_when and not file.medical:
            yield doc.problem(
                f"{column.name}: a key column cannot have `medical_when`: its value could be guessed from the key",
                *place,
            )
        for entity in (column.pseudonym, column.match.entity if column.match else None):
            if entity and entity not in entities:
                yield doc.problem(f"{column.name}: entity {entity} is not in catalog.yaml; add it there", *place)


def _references(doc: Document, file: File, parts: Parts, keys: KeyTypes) -> Iterator[Problem]:
    names = {f.file for _, f in parts.files}
    for number, column in enumerate(file.columns):
        if not column.reference:
            continue
        plain = {c.from_ or c.name for c in file.columns if (c.type or "").startswith("text")}
        if column.reference.by and column.reference.by not in plain:
            yield doc.problem(
                f"{column.name}: `by` names {column.reference.by}, which is no text column of this file; add it",
                "columns",
                number,
                "reference",
            )
        for target in column.reference.targets:
            if target not in names:
                yield doc.problem(
                    f"{column.name}: refers to file {target}, which does not exist; add it or leave the column out",
                    "columns",
                    number,
                    "reference",
                )
            elif len(keys.files.get(target, column.reference.from_)) != len(column.reference.from_):
                yield doc.problem(
                    f"{column.name}: the key of {target} has {len(keys.files[target])} part(s), "
                    f"`from` names {len(column.reference.from_)}",
                    "columns",
                    number,
                    "reference",
                )
            elif keys.files.get(target) != keys.files.get(column.reference.targets[0]):
                yield doc.problem(
                    f"{column.name}: the keys of its targets have different types", "columns", number, "reference"
                )


def _datasets(parts: Parts, keys: KeyTypes) -> Iterator[Problem]:
    by_dataset: dict[str, list[Definition]] = {}
    for doc, file in parts.files:
        by_dataset.setdefault(file.dataset, []).append((doc, file))
        if file.dataset not in parts.queries:
            yield doc.problem(f"there is no query datasets/{file.dataset}.sql; write it", "dataset")
    for name in sorted(set(parts.queries) - set(by_dataset)):
        yield Problem(f"datasets/{name}.sql", 1, "no file uses this dataset; remove it or add a file")
    for name, files in by_dataset.items():
        first = files[0][1]
        types: dict[str, str] = {}
        for doc, file in files:
            if (file.entity, file.key_parts) != (first.entity, first.key_parts):
                yield doc.problem(
                    f"dataset {name} also serves {first.file}, which has another entity or key; "
                    "files of one dataset share both",
                    "entity",
                )
            for number, column in enumerate(file.columns):
                for source, kind in column_types(column, keys).items():
                    if types.setdefault(source, kind) != kind:
                        yield doc.problem(
                            f"{column.name}: column {source} of dataset {name} is {types[source]} elsewhere, "
                            f"{kind} here; make them equal",
                            "columns",
                            number,
                        )


def _entities(parts: Parts, keys: KeyTypes) -> Iterator[Problem]:
    for doc, file in parts.files:
        if keys.files.get(file.file) != keys.entities.get(file.entity):
            yield doc.problem(
                f"entity {file.entity} has a key of {keys.entities.get(file.entity)} elsewhere; "
                "one entity has one kind of key",
                "entity",
            )
        for number, column in enumerate(file.columns):
            known = keys.entities.get(column.pseudonym or "")
            if known and known != (column.type,):
                yield doc.problem(
                    f"{column.name}: the key of entity {column.pseudonym} is {', '.join(known)}, "
                    f"the column is {column.type}; give it an entity of its own",
                    "columns",
                    number,
                    "pseudonym",
                )
