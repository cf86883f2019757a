"""What can be chosen, beside what is chosen: for a screen on which a configuration is put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sluis.catalog.loader import Catalog, load
from sluis.catalog.model import Column, File, Stream
from sluis.control import choices
from sluis.control.actions.configurations import chosen_of
from sluis.control.actor import Actor
from sluis.control.choices import Chosen
from sluis.control.models import Bookmark, Configuration, ConnectionAccount
from sluis.control.permissions import require
from sluis.delivery import projection
from sluis.delivery.build import projections_of
from sluis.delivery.projection import Receiver


@dataclass(frozen=True)
class VersionOffer:
    """A version of the catalogue. ``ended``: it can be chosen no more; ``newest``: the one that is advised."""

    version: str
    released: dt.date
    ends: dt.date | None
    ended: bool
    newest: bool


@dataclass(frozen=True)
class ColumnOffer:
    """A column. ``new``: it came since the last save; ``hidden``: why it does not go out, ``medical``,
    ``identifying``, or empty.
    """

    column: Column
    on: bool
    new: bool
    hidden: str


@dataclass(frozen=True)
class FileOffer:
    """A file of the chosen streams, once, however many of them have it."""

    file: File
    on: bool
    new: bool
    hidden: str
    columns: tuple[ColumnOffer, ...]

    @property
    def chosen(self) -> int:
        """How many of its columns are on."""
        return sum(one.on for one in self.columns)


@dataclass(frozen=True)
class StreamOffer:
    """A stream of the version with the files in it."""

    code: str
    stream: Stream
    on: bool
    new: bool
    files: tuple[File, ...]


@dataclass(frozen=True)
class Composition:
    """All that a version has, and what of it is chosen."""

    catalog: Catalog
    version: str
    streams: tuple[StreamOffer, ...]
    files: tuple[FileOffer, ...]

    @property
    def has_news(self) -> bool:
        """Whether anything in it came since the last save."""
        files = any(one.new or any(column.new for column in one.columns) for one in self.files)
        return files or any(one.new for one in self.streams)

    @property
    def choice(self) -> Chosen:
        """The chosen files with their chosen columns."""
        return {one.file.file: [each.column.name for each in one.columns if each.on] for one in self.files if one.on}


def versions(actor: Actor, account: ConnectionAccount) -> list[VersionOffer]:
    """The versions of the environment's catalogue, the newest first."""
    require(actor, "account.view", account)
    catalog, today = load(account.environment.catalog), account.environment.today()
    return [
        VersionOffer(
            version=one.version,
            released=one.released,
            ends=one.ends,
            ended=one.ends is not None and one.ends < today,
            newest=one.version == catalog.newest.version,
        )
        for one in reversed(catalog.versions.values())
    ]


def streams(actor: Actor, account: ConnectionAccount, version: str) -> list[StreamOffer]:
    """The streams of a version, none of them chosen."""
    require(actor, "account.view", account)
    return list(_streams(load(account.environment.catalog), version, (), {}))


def composition(actor: Actor, configuration: Configuration) -> Composition:
    """A configuration as it is kept, among all that its version has."""
    require(actor, "configuration.view", configuration)
    return _compose(configuration, configuration.streams, chosen_of(configuration))


def recomposed(
    actor: Actor,
    configuration: Configuration,
    *,
    before: Iterable[str],
    streams: Iterable[str],
    files: Mapping[str, Collection[str]],
) -> Composition:
    """The same while somebody changes it: streams went from ``before`` to ``streams``; ``files`` are chosen so far.

    A stream that came brings its default files.
    """
    require(actor, "configuration.view", configuration)
    catalog, version = load(configuration.environment.catalog), configuration.version
    known = catalog.version(version).streams
    choices.refuse_unknown("stream", {*before, *streams}, list(known), f"version {version}")
    old, new = ([name for name in known if name in set(names)] for names in (before, streams))
    every = catalog.files(version)
    choices.refuse_unknown("file", files, list(every), f"version {version}")
    so_far = {name: choices.with_columns(every[name], (), columns, ()) for name, columns in files.items()}
    in_reach = catalog.stream_files(version, new)
    added = choices.default_choice(catalog, version, [name for name in new if name not in old])
    kept = {name: columns for name, columns in so_far.items() if name in in_reach}
    return _compose(configuration, new, {**added, **kept})


def _compose(configuration: Configuration, streams: Sequence[str], chosen: Chosen) -> Composition:
    catalog, version = load(configuration.environment.catalog), configuration.version
    known = configuration.known
    return Composition(
        catalog=catalog,
        version=version,
        streams=tuple(_streams(catalog, version, streams, known)),
        files=tuple(
            _file(configuration, file, chosen.get(name))
            for name, file in catalog.stream_files(version, streams).items()
        ),
    )


def _streams(
    catalog: Catalog, version: str, chosen: Sequence[str], known: Mapping[str, Collection[str]]
) -> Iterable[StreamOffer]:
    for code in catalog.version(version).streams:
        yield StreamOffer(
            code=code,
            stream=catalog.streams[code],
            on=code in chosen,
            new=bool(known) and code not in known["streams"],
            files=tuple(catalog.stream_files(version, [code]).values()),
        )


def _file(configuration: Configuration, file: File, chosen: Sequence[str] | None) -> FileOffer:
    known = configuration.known.get("columns") if configuration.known else None
    new_file = known is not None and file.file not in known
    # Of a file that is new every column is: the mark stands once, on the file.
    seen = known.get(file.file) if known else None
    columns = tuple(
        ColumnOffer(
            column=column,
            on=column.mandatory or (column.name in chosen if chosen is not None else column.default),
            new=seen is not None and column.name not in seen,
            hidden=_hidden(configuration, medical=column.medical, identifying=column.identifying),
        )
        for column in file.columns
    )
    return FileOffer(
        file=file,
        on=chosen is not None,
        new=new_file,
        hidden=_hidden(configuration, medical=file.medical, identifying=False),
        columns=columns,
    )


def _hidden(configuration: Configuration, *, medical: bool, identifying: bool) -> str:
    if medical and not configuration.account.medical:
        return "medical"
    return "identifying" if identifying and configuration.pseudonymous else ""


@dataclass(frozen=True)
class Full:
    """A file that comes in full. ``reason``: as of a bookmark; ``rows``: that the receiver has of it now."""

    file: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Foresight:
    """What the receiver will notice of a change, at the next delivery.

    ``delivered``: whether it has anything yet. ``comes``: files that it gets for the first time. ``ends``: files that
    it gets no more. ``stays``: how many go on as they were. ``on`` and ``off``: columns by file, of files that stay, as
    far as this receiver gets them.
    """

    delivered: bool
    full: tuple[Full, ...]
    comes: tuple[str, ...]
    ends: tuple[str, ...]
    stays: int
    on: dict[str, list[str]]
    off: dict[str, list[str]]
    streams_on: tuple[str, ...]
    streams_off: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the receiver notices nothing at all."""
        return not (self.full or self.comes or self.ends or self.on or self.off)


def foresee(actor: Actor, configuration: Configuration, streams: Sequence[str], files: Chosen) -> Foresight:
    """What the receiver will notice if this is saved; ``Rejected`` where it cannot be."""
    require(actor, "configuration.edit", configuration)
    catalog, version = load(configuration.environment.catalog), configuration.version
    now = choices.streams_in(catalog, version, streams)
    after, before = choices.picked(catalog, version, now, files), chosen_of(configuration)
    marks = {row.file: row for row in Bookmark.objects.filter(configuration=configuration)}
    account = configuration.account
    receiver = Receiver(account.medical, configuration.pseudonymous, account.secret)
    going, gone = (
        {one.file.file: one for one in projections_of(catalog, version, _frozen(chosen), receiver) if one.delivered}
        for chosen in (after, before)
    )
    full = tuple(
        Full(name, reason, marks[name].rows)
        for name, one in going.items()
        if name in marks and (reason := projection.difference(marks[name].fingerprint, one.fingerprint))
    )
    columns = {name: (_names(one), _names(gone[name])) for name, one in going.items() if name in gone}
    return Foresight(
        delivered=bool(marks),
        full=full,
        comes=tuple(name for name in going if name not in (marks or gone)),
        ends=tuple(sorted(set(marks) - set(going))),
        stays=len(set(going) & set(marks)) - len(full),
        on={name: found for name, (new, old) in columns.items() if (found := [one for one in new if one not in old])},
        off={name: found for name, (new, old) in columns.items() if (found := [one for one in old if one not in new])},
        streams_on=tuple(one for one in now if one not in configuration.streams),
        streams_off=tuple(one for one in configuration.streams if one not in now),
    )


def _frozen(chosen: Chosen) -> dict[str, frozenset[str]]:
    return {name: frozenset(columns) for name, columns in chosen.items()}


def _names(of: projection.Projection) -> list[str]:
    return [column.name for column in of.columns]
