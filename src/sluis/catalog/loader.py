"""A catalogue as a whole: read from its folder, checked, and asked questions of."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

from sluis.catalog import checks, lock
from sluis.catalog.lockfile import LOCK
from sluis.catalog.model import CatalogVersion, File, Head, Stream
from sluis.catalog.reading import CatalogRejected, Document, Model, Problem, parse, read
from sluis.errors import Rejected


@dataclass(frozen=True)
class KeyPart:
    """One raw part of a key: its column of the query, its catalogue type, and whether it may be empty."""

    column: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class Dataset:
    """The table behind one or more files: one query, one key.

    ``columns`` maps each column that the files need to its catalogue type, in order of name; the query may give
    more, which are not read.
    """

    name: str
    sql: str
    entity: str
    key: tuple[KeyPart, ...]
    columns: dict[str, str]
    files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Catalog:
    """What can be delivered. Made by ``load``; everything in it has passed the checks. Equal only to itself."""

    name: str
    folder: Path
    head: Head
    versions: dict[str, CatalogVersion]
    definitions: tuple[File, ...]
    queries: dict[str, str]
    digest: str
    notes: tuple[str, ...] = ()
    problems_at: dict[str, Document] = field(default_factory=dict, repr=False, compare=False)

    @property
    def newest(self) -> CatalogVersion:
        return next(reversed(self.versions.values()))

    @property
    def streams(self) -> dict[str, Stream]:
        return self.head.streams

    def version(self, name: str) -> CatalogVersion:
        """The version of that name; ``Rejected`` with the names there are."""
        if name not in self.versions:
            raise Rejected(
                f"catalogue {self.name} has no version {name!r}", remedy=f"choose one of: {', '.join(self.versions)}"
            )
        return self.versions[name]

    def files(self, version: str) -> dict[str, File]:
        """Every file of a version by name, with the columns of that version."""
        return self._files_by_version[self.version(version).version]

    def stream_files(self, version: str, streams: Iterable[str]) -> dict[str, File]:
        """The files of some streams, each once, in the order of the version."""
        wanted = set(streams)
        unknown = wanted - set(self.version(version).streams)
        if unknown:
            raise Rejected(
                f"version {version} of catalogue {self.name} has no stream {', '.join(sorted(unknown))}",
                remedy=f"choose from: {', '.join(self.version(version).streams)}",
            )
        files = self.files(version)
        return {
            name: files[name]
            for stream, names in self.version(version).streams.items()
            if stream in wanted
            for name in names
        }

    @cached_property
    def _files_by_version(self) -> dict[str, dict[str, File]]:
        return {
            name: checks.files_of(self.definitions, version, self.versions) for name, version in self.versions.items()
        }

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """Every dataset by name."""
        return {name: self._dataset(name) for name in sorted({file.dataset for file in self.definitions})}

    def _dataset(self, name: str) -> Dataset:
        files = [file for file in self.definitions if file.dataset == name]
        types = checks.dataset_types(files, self.key_types)
        nullable = {
            source
            for file in files
            for column in file.columns
            if column.key == "nullable"
            for source in column.key_sources
        }
        key = tuple(KeyPart(part, types[part], part in nullable) for part in files[0].key_parts)
        return Dataset(
            name=name,
            sql=self.queries[name],
            entity=files[0].entity,
            key=key,
            columns=dict(sorted(types.items())),
            files=tuple(dict.fromkeys(file.file for file in files)),
        )

    @cached_property
    def key_types(self) -> checks.KeyTypes:
        """Types of the key parts, by file and by entity."""
        return checks.KeyTypes.resolve(self.definitions)[0]


def load(name_or_path: str) -> Catalog:
    """Load a built-in catalogue by name, or one from a folder; ``CatalogRejected`` with all faults where it has any."""
    folder = _folder(name_or_path)
    return _load(folder, _state(folder))


def parts_of(name_or_path: str) -> tuple[Path, checks.Parts]:
    """The folder of a catalogue and what stands in it, checked like ``load`` but for the lock."""
    folder = _folder(name_or_path)
    return folder, _parts(folder)


def builtin_names() -> tuple[str, ...]:
    root = resources.files("sluis.catalogs")
    return tuple(sorted(item.name for item in root.iterdir() if item.is_dir() and not item.name.startswith("_")))


def _folder(name_or_path: str) -> Path:
    if name_or_path in builtin_names():
        return Path(str(resources.files("sluis.catalogs") / name_or_path))
    path = Path(name_or_path)
    if not path.is_dir():
        raise Rejected(
            f"there is no catalogue {name_or_path!r}",
            remedy=f"give a folder with a catalog.yaml, or a built-in name: {', '.join(builtin_names())}",
        )
    return path.resolve()


def _state(folder: Path) -> tuple[tuple[str, int, int, int, int], ...]:
    """What tells that a file of the folder is not the one that was read: a run reads its catalogue several times."""
    paths = sorted(path for pattern in ("*.yaml", "*/*.yaml", "*/*.sql") for path in folder.glob(pattern))
    states = [(str(path), path.stat()) for path in paths]
    return tuple((path, one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino) for path, one in states)


@functools.lru_cache(maxsize=8)
def _load(folder: Path, _: object) -> Catalog:
    parts = _parts(folder)
    problems, notes = lock.check(folder, parts)
    if problems:
        raise CatalogRejected(folder.name, problems)
    return Catalog(
        name=parts.head.catalog,
        folder=folder,
        head=parts.head,
        versions=parts.by_version,
        definitions=tuple(file for _, file in parts.files),
        queries=parts.queries,
        digest=_digest(folder),
        notes=notes,
        problems_at={file.file: doc for doc, file in parts.files},
    )


def _parts(folder: Path) -> checks.Parts:
    problems: list[Problem] = []
    if not (folder / "catalog.yaml").is_file():
        raise CatalogRejected(folder.name, [Problem("catalog.yaml", 1, "is missing; a catalogue begins with it")])
    documents = _documents(folder, problems)
    head = _one(Head, documents["catalog.yaml"], problems) if "catalog.yaml" in documents else None
    versions = [
        (doc, version)
        for name, doc in documents.items()
        if name.startswith("versions/") and (version := _one(CatalogVersion, doc, problems))
    ]
    files = [
        (doc, file)
        for name, doc in documents.items()
        if name.startswith("files/") and (file := _one(File, doc, problems))
    ]
    queries = _queries(folder, problems)
    if problems or head is None:
        raise CatalogRejected(folder.name, problems)
    versions.sort(key=lambda item: (item[1].released, _number(item[1].version)))
    parts = checks.Parts(documents["catalog.yaml"], head, versions, files, queries)
    problems += checks.check(parts)
    if problems:
        raise CatalogRejected(folder.name, problems)
    return parts


def _documents(folder: Path, problems: list[Problem]) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for path in [
        folder / "catalog.yaml",
        *sorted(folder.glob("versions/*.yaml")),
        *sorted(folder.glob("files/*.yaml")),
    ]:
        try:
            document = read(path, folder)
        except CatalogRejected as error:
            problems += error.problems
        else:
            documents[document.shown] = document
    return documents


def _queries(folder: Path, problems: list[Problem]) -> dict[str, str]:
    queries = {}
    for path in sorted((folder / "datasets").glob("*.sql")):
        try:
            queries[path.stem] = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            shown = path.relative_to(folder).as_posix()
            problems.append(Problem(shown, line, "is not UTF-8 text; save it as UTF-8"))
    return queries


def _one(model: type[Model], document: Document, problems: list[Problem]) -> Model | None:
    value, found = parse(model, document)
    problems += found
    return value


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.sql")]):
        if path == folder / LOCK:
            continue
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
