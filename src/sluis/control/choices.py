"""What a configuration can choose of a catalogue: versions, streams, files, columns. Explicit lists only."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sluis.catalog.loader import Catalog
from sluis.catalog.model import File
from sluis.errors import Rejected

Chosen = dict[str, list[str]]
"""File → its chosen columns, both in the order of the catalogue."""


def check_version(catalog: Catalog, version: str, today: dt.date) -> None:
    """``Rejected`` where the version does not exist or has ended."""
    ends = catalog.version(version).ends
    if ends is not None and ends < today:
        raise Rejected(
            f"version {version} of catalogue {catalog.name} ended on {ends}",
            remedy=f"choose {catalog.newest.version}",
        )


def streams_in(catalog: Catalog, version: str, streams: Iterable[str]) -> list[str]:
    """The streams in the order of the version, each once; ``Rejected`` where one is unknown, or none is given."""
    known = list(catalog.version(version).streams)
    wanted = set(streams)
    refuse_unknown("stream", wanted, known, f"version {version}")
    if not wanted:
        raise Rejected("a configuration has at least one stream", remedy=f"choose from: {', '.join(known)}")
    return [stream for stream in known if stream in wanted]


def default_columns(file: File) -> list[str]:
    """The columns that are on in a new choice of the file."""
    return [column.name for column in file.columns if column.default or column.mandatory]


def default_choice(catalog: Catalog, version: str, streams: Iterable[str]) -> Chosen:
    """The files that are on when these streams are newly chosen, each with its default columns."""
    files = catalog.stream_files(version, streams)
    return {name: default_columns(file) for name, file in files.items() if file.default}


def with_streams(catalog: Catalog, version: str, old: Sequence[str], new: Sequence[str], chosen: Chosen) -> Chosen:
    """The choice after the streams went from ``old`` to ``new``.

    A stream that comes brings its default files; one that goes takes the files that no other chosen stream has.
    """
    files = catalog.stream_files(version, new)
    added = default_choice(catalog, version, [stream for stream in new if stream not in old])
    return in_order(files, {**added, **{name: columns for name, columns in chosen.items() if name in files}})


def with_files(files: Mapping[str, File], chosen: Chosen, add: Sequence[str], drop: Sequence[str]) -> Chosen:
    """The choice with some of ``files`` more and some less; new ones come with their default columns."""
    refuse_unknown("file", add, list(files), "the chosen streams")
    refuse_unknown("file", drop, list(chosen), "this configuration")
    refuse_both("file", add, drop)
    kept = {name: columns for name, columns in chosen.items() if name not in drop}
    return in_order(files, {**{name: default_columns(files[name]) for name in add}, **kept})


def with_columns(file: File, chosen: Sequence[str], on: Iterable[str], off: Iterable[str]) -> list[str]:
    """The columns with some on and some off; ``Rejected`` for unknown ones, and for mandatory ones off."""
    on, off = list(on), list(off)
    known = [column.name for column in file.columns]
    refuse_unknown("column", [*on, *off], known, file.file)
    refuse_both("column", on, off)
    fixed = [column.name for column in file.columns if column.mandatory and column.name in off]
    if fixed:
        raise Rejected(f"{', '.join(fixed)} of {file.file} cannot be off", remedy="leave mandatory columns on")
    wanted = {*chosen, *on} - set(off)
    return [column.name for column in file.columns if column.name in wanted or column.mandatory]


def picked(catalog: Catalog, version: str, streams: Iterable[str], wanted: Mapping[str, Collection[str]]) -> Chosen:
    """A choice as it was put together elsewhere: file → its wanted columns; mandatory ones come by themselves."""
    files = catalog.stream_files(version, streams)
    refuse_unknown("file", wanted, list(files), "the chosen streams")
    return in_order(files, {name: with_columns(files[name], (), columns, ()) for name, columns in wanted.items()})


def offered(catalog: Catalog, version: str) -> dict[str, Any]:
    """All that a version has to choose from: ``streams``, and ``columns`` by file."""
    files = catalog.files(version)
    return {
        "streams": list(catalog.version(version).streams),
        "columns": {name: [column.name for column in file.columns] for name, file in files.items()},
    }


def moved(catalog: Catalog, version: str, streams: Iterable[str], chosen: Chosen) -> tuple[list[str], Chosen]:
    """The same choice in another version: what stands there under the same names, with its mandatory columns.

    What is new in that version stays off; what it does not have falls out.
    """
    known = catalog.version(version).streams
    kept = [stream for stream in known if stream in set(streams)]
    if not kept:
        raise Rejected(
            f"version {version} has none of the chosen streams", remedy=f"make a new configuration: {', '.join(known)}"
        )
    files = catalog.stream_files(version, kept)
    return kept, in_order(
        files, {name: with_columns(files[name], chosen[name], (), ()) for name in files if name in chosen}
    )


def in_order(files: Mapping[str, File], chosen: Chosen) -> Chosen:
    """The choice in the order of the version; ``Rejected`` where nothing is left."""
    if not chosen:
        raise Rejected(
            "a configuration has at least one file", remedy=f"keep or add one of: {', '.join(files) or 'no file'}"
        )
    return {name: chosen[name] for name in files if name in chosen}


def refuse_unknown(kind: str, names: Iterable[str], known: Sequence[str], place: str) -> None:
    """``Rejected`` with close matches, or with all there are, where a name is not among ``known``."""
    unknown = sorted(set(names) - set(known))
    if not unknown:
        return
    close = [match for name in unknown for match in _close(name, known)]
    listed = ", ".join(dict.fromkeys(close or known))
    raise Rejected(
        f"there is no {kind} {', '.join(unknown)} in {place}",
        remedy=f"did you mean {listed}?" if close else f"choose from: {listed}",
    )


def _close(name: str, known: Sequence[str]) -> list[str]:
    lowered = {item.lower(): item for item in known}
    return [lowered[match] for match in difflib.get_close_matches(name.lower(), list(lowered), n=3)]


def refuse_both(kind: str, first: Iterable[str], second: Iterable[str]) -> None:
    """``Rejected`` where a name is to be both on and off."""
    both = sorted(set(first) & set(second))
    if both:
        raise Rejected(f"{kind} {', '.join(both)} is to be both on and off", remedy="name it once")
