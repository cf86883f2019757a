"""Per file of a delivery: full or changes, since when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sluis.delivery.projection import Projection, difference
from sluis.lake.store import Contents, Generation

Mode = Literal["full", "changes"]


@dataclass(frozen=True)
class Bookmark:
    """What the receiver has of one file, as the delivery that brought it started with.

    ``sequence`` of the snapshot; ``generation`` of the dataset; ``fingerprint`` of the projection; ``rows`` of the
    file. ``doubt``: the reason why it cannot be trusted (``unknown``, ``history``), or empty.
    """

    lake_id: str
    sequence: int
    generation: int
    fingerprint: str
    destination: str
    rows: int
    doubt: str = ""


@dataclass(frozen=True)
class Asked:
    """What a run was asked for: everything, or the changes since the bookmark, or since a snapshot as well.

    ``since``: sequence of the last snapshot before the date that was asked; ``too_old``: a date was asked from
    before the first snapshot.
    """

    everything: bool = False
    since: int | None = None
    too_old: bool = False


@dataclass(frozen=True)
class FilePlan:
    """How one file goes.

    ``baseline``: the sequence that the changes are relative to. ``since``: the sequence of the date that was asked.
    ``deletions_since``: in a full file, the sequence since which deleted keys can be named too. ``touched``: whether
    any row of the dataset changed since then; if not, there is nothing to look for. ``had``: rows that the receiver
    has, None where it has none of the file. ``rows``: those of the dataset when it was read. ``copied``: a table that
    holds all that is asked of the journal.
    """

    projection: Projection
    generation: Generation
    mode: Mode
    reason: str | None
    baseline: int | None
    since: int | None
    deletions_since: int | None
    touched: bool
    had: int | None
    rows: int
    copied: str | None = None

    @property
    def name(self) -> str:
        return self.projection.file.file

    @property
    def history(self) -> str:
        """The table in which the changes stand."""
        return self.copied or self.generation.journal


@dataclass(frozen=True)
class Position:
    """Where a delivery starts from: the lake, what the receiver has of each file, and where it is."""

    lake: Contents
    bookmarks: Mapping[str, Bookmark]
    destination: str


def plan(projections: Iterable[Projection], position: Position, asked: Asked) -> list[FilePlan]:
    """The plan of a delivery of the newest snapshot; every dataset it needs must be in ``position.lake``."""
    return [_one(projection, position, asked) for projection in projections if projection.delivered]


def _one(projection: Projection, position: Position, asked: Asked) -> FilePlan:
    generation = position.lake.generations[projection.file.dataset]
    bookmark = position.bookmarks.get(projection.file.file)
    reason = _reason(projection, generation, position)
    keys_stay = reason in {None, "columns", "medical"}
    if reason is None and asked.everything:
        reason = "asked"
    if reason is None and (asked.too_old or (asked.since is not None and asked.since < generation.journal_since)):
        reason = "history"
    had = bookmark.sequence if bookmark and keys_stay else None
    oldest = min(value for value in (had, asked.since, position.lake.head.sequence) if value is not None)
    read = position.lake.reads[generation.dataset]
    touched = read.last_change > oldest
    rows = bookmark.rows if bookmark else None
    if reason is None:
        return FilePlan(projection, generation, "changes", None, had, asked.since, None, touched, rows, read.rows)
    return FilePlan(projection, generation, "full", reason, None, None, had, touched, rows, read.rows)


def _reason(projection: Projection, generation: Generation, position: Position) -> str | None:
    """Why this file must come in full, or None. The keys stay the same for ``columns`` and ``medical`` alone."""
    bookmark = position.bookmarks.get(projection.file.file)
    if bookmark is None:
        return "first"
    if bookmark.destination != position.destination or bookmark.doubt:
        return bookmark.doubt or "destination"
    if bookmark.lake_id != position.lake.head.lake_id or bookmark.generation != generation.since:
        return "rebuilt"
    if bookmark.sequence > position.lake.head.sequence:
        return "unknown"
    if bookmark.sequence < generation.journal_since:
        return "history"
    return difference(bookmark.fingerprint, projection.fingerprint)
