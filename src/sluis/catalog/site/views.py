"""What the pages show, in one language: versions, streams, files and columns, ready for the templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sluis.catalog.loader import Catalog
from sluis.catalog.model import Column, File
from sluis.catalog.site import describe
from sluis.catalog.site.star import Star, star
from sluis.catalog.site.words import MARKS, Language, day, say, texts


@dataclass(frozen=True)
class Mark:
    """A badge: which mark, and its text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Target:
    """A file that a reference points at. ``when``: the condition in words; ``present``: the version has the file."""

    file: str
    when: str
    present: bool


@dataclass(frozen=True)
class Row:
    """One line of the table of columns. ``example`` and ``pseudonym``: values; the latter None where not delivered."""

    name: str
    type: str
    meaning: str
    marks: tuple[Mark, ...]
    targets: tuple[Target, ...]
    match: str
    note: str
    pseudonymous: str
    example: str
    pseudonym: str | None

    @property
    def unchanged(self) -> bool:
        """Whether a pseudonymous delivery leaves it alone, by no rule at all."""
        return self.pseudonym == self.example and not any(mark.kind == "quasi" for mark in self.marks)


@dataclass(frozen=True)
class FileView:
    """A file of one version."""

    catalog: Catalog
    version: str
    file: File
    language: Language

    @property
    def name(self) -> str:
        return self.file.file

    @property
    def title(self) -> str:
        return describe.said(self.file.title, self.language)

    @property
    def grain(self) -> str:
        return describe.said(self.file.grain, self.language)

    @property
    def entity(self) -> str:
        return describe.said(self.catalog.head.entities[self.file.entity], self.language)

    @property
    def fact(self) -> bool:
        return describe.is_fact(self.file, self.catalog.files(self.version))

    @property
    def deleted_file(self) -> str | None:
        """Name of the file with deleted keys, where the version has those."""
        return None if _has_change_column(self.catalog, self.version) else f"{self.name}_verwijderd"

    @property
    def streams(self) -> list[str]:
        return [name for name, files in self.catalog.version(self.version).streams.items() if self.name in files]

    @property
    def versions(self) -> list[str]:
        return [name for name in self.catalog.versions if self.name in self.catalog.files(name)]

    @property
    def same_dataset(self) -> list[str]:
        """Other files of the version that are made of the same table."""
        files = self.catalog.files(self.version).values()
        return [file.file for file in files if file.dataset == self.file.dataset and file.file != self.name]

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.file.key_columns]

    @property
    def referred_by(self) -> list[str]:
        files = self.catalog.files(self.version).values()
        return [
            file.file for file in files if any(c.reference and self.name in c.reference.targets for c in file.columns)
        ]

    @cached_property
    def system_rows(self) -> list[Row]:
        has_change = _has_change_column(self.catalog, self.version)
        return [self._system(column) for column in describe.system_columns(self.file, has_change_column=has_change)]

    def _system(self, column: describe.SystemColumn) -> Row:
        return Row(
            name=column.name,
            type=column.type,
            meaning=column.meaning[self.language],
            marks=_badges({"mandatory": ""}, self.language),
            targets=(),
            match="",
            note="",
            pseudonymous=column.pseudonymous[self.language],
            example=column.example,
            pseudonym=column.pseudonym,
        )

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(column) for column in self.file.columns]

    def _row(self, column: Column) -> Row:
        return Row(
            name=column.name,
            type=describe.type_of(column),
            meaning=column.nl if self.language == "nl" else column.en,
            marks=_badges(describe.marks(column), self.language),
            targets=self._targets(column),
            match=self._match(column),
            note=column.quasi.keep if column.quasi and column.quasi.keep else "",
            pseudonymous=describe.pseudonymous(column, self.catalog, self.language),
            example=describe.example(column, self.catalog, self.language),
            pseudonym=describe.pseudonymous_example(column, self.catalog, self.language),
        )

    def _targets(self, column: Column) -> tuple[Target, ...]:
        if not column.reference:
            return ()
        present = self.catalog.files(self.version)
        if column.reference.file:
            return (Target(column.reference.file, "", column.reference.file in present),)
        when = texts(self.language)["reference_when"]
        return tuple(
            Target(file, when.format(by=column.reference.by, value=value), file in present)
            for value, file in (column.reference.files or {}).items()
        )

    def _match(self, column: Column) -> str:
        if not column.match:
            return ""
        entity = describe.said(self.catalog.head.entities[column.match.entity], self.language)
        return texts(self.language)["match_on"].format(entity=entity)

    @cached_property
    def mark_counts(self) -> list[tuple[Mark, int]]:
        """How many of the file's own columns have each mark, in the order of the marks."""
        counts = Counter(mark.kind for row in self.rows for mark in row.marks)
        general = {"since": _general("since", self.language), "until": _general("until", self.language)}
        return [
            (Mark(kind, general.get(kind) or say(MARKS[kind][0], self.language)), counts[kind])
            for kind in MARKS
            if counts[kind]
        ]


def _general(mark: str, language: Language) -> str:
    return say(MARKS[mark][0], language).format(version="…")


@dataclass(frozen=True)
class StreamView:
    """A datastream of one version."""

    catalog: Catalog
    version: str
    name: str
    language: Language

    @property
    def title(self) -> str:
        return describe.said(self.catalog.streams[self.name].title, self.language)

    @property
    def description(self) -> str:
        return describe.said(self.catalog.streams[self.name].description, self.language)

    @cached_property
    def files(self) -> list[FileView]:
        """Facts first, each kind in the catalogue's order."""
        files = self.catalog.stream_files(self.version, [self.name]).values()
        views = [FileView(self.catalog, self.version, file, self.language) for file in files]
        return sorted(views, key=lambda view: not view.fact)

    @cached_property
    def star(self) -> Star:
        return star(self.catalog.stream_files(self.version, [self.name]), self.catalog.files(self.version))


@dataclass(frozen=True)
class VersionView:
    """A version of the catalogue."""

    catalog: Catalog
    name: str
    language: Language

    @property
    def newest(self) -> bool:
        return self.name == self.catalog.newest.version

    @property
    def released(self) -> str:
        return day(self.catalog.version(self.name).released, self.language)

    @property
    def support(self) -> str:
        ends = self.catalog.version(self.name).ends
        words = texts(self.language)
        return words["supported_until"].format(day=day(ends, self.language)) if ends else words["no_end"]

    @property
    def deletions(self) -> str:
        return texts(self.language)[f"deletions_{self.catalog.version(self.name).deletions}"]

    @cached_property
    def streams(self) -> list[StreamView]:
        names = self.catalog.version(self.name).streams
        return [StreamView(self.catalog, self.name, name, self.language) for name in names]

    @cached_property
    def files(self) -> list[FileView]:
        """Every file once, in order of name."""
        files = self.catalog.files(self.name)
        return [FileView(self.catalog, self.name, files[name], self.language) for name in sorted(files, key=str.lower)]

    @property
    def column_count(self) -> int:
        """Columns of all files, the system columns not counted."""
        return sum(len(view.file.columns) for view in self.files)


def _has_change_column(catalog: Catalog, version: str) -> bool:
    return catalog.version(version).deletions == "column"


def _badges(marks: dict[str, str], language: Language) -> tuple[Mark, ...]:
    return tuple(Mark(kind, say(MARKS[kind][0], language).format(version=value)) for kind, value in marks.items())


def search_entries(version: VersionView) -> Iterable[tuple[str, str, str, str]]:
    """Per thing that can be found: kind, name, text, and its page seen from the version's folder."""
    for stream in version.streams:
        yield "stream", stream.title, stream.description, f"streams/{stream.name}.html"
    for file in version.files:
        page = f"files/{file.name}.html"
        yield "file", file.name, f"{file.title} — {file.grain}", page
        for row in file.rows:
            yield "column", f"{file.name}.{row.name}", row.meaning, f"{page}#col-{row.name}"
