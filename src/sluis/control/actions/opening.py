"""Opens what stands on an account: its folder, the first rows of a file, a file, a whole delivery.

Every look is audited. A path is (configuration, folder of a delivery, file). What stands there and is of no delivery
that is known here may hold anything: it asks medical rights.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from django.db import transaction
from zipstream import ZIP_DEFLATED, ZipStream

from sluis.control import audit, places
from sluis.control.actor import Actor
from sluis.control.models import SETTLED_STATES, Configuration, ConnectionAccount, Delivery
from sluis.control.paging import PER_PAGE, Page, place
from sluis.control.permissions import has_medical_rights, not_found, require
from sluis.sftp.destination import Absent, Destination, Entry, is_plain_name

Path = tuple[str, ...]
FIRST_ROWS = 100
"""Deliveries in the folder of a configuration."""
_DEPTH = 3
"""Names in the path of a file."""


@dataclass(frozen=True)
class Standing:
    """What stands under a name. ``delivery``: that it is of, where that is known; ``closed``: asks medical rights."""

    entry: Entry
    delivery: Delivery | None = None
    closed: bool = False


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a file, as texts. ``more``: there are others."""

    delivery: Delivery | None
    names: list[str]
    rows: list[list[str]]
    more: bool


def look(actor: Actor, account: ConnectionAccount, path: Path = (), number: int = 1) -> Page[Standing]:
    """What stands in the folder of an account, of a configuration, or of a delivery.

    Deliveries come by the page, the newest first: a receiver can let thousands stand.
    """
    destination, configuration, delivery = _way_to(actor, account, path)
    entries = _entries(destination, path) if path else _top(account)
    _audit(actor, account, "delivery.look", path, delivery)
    if configuration is None or len(path) > 1:
        found = [Standing(one, delivery) for one in entries if one.is_folder == (not path)]
        return Page(tuple(found), 1, 1, len(found))
    folders = [one for one in reversed(entries) if one.is_folder]
    at = place(len(folders), number, PER_PAGE)
    return Page(_standing(actor, configuration, folders[at.rows]), at.number, at.pages, len(folders))


def _standing(actor: Actor, configuration: Configuration, folders: list[Entry]) -> tuple[Standing, ...]:
    known = _deliveries(configuration, [one.name for one in folders])
    rights = has_medical_rights(actor, configuration.environment)
    return tuple(Standing(one, known.get(one.name), not (rights or _is_plain(known.get(one.name)))) for one in folders)


def _top(account: ConnectionAccount) -> list[Entry]:
    names = sorted(account.configurations.values_list("name", flat=True), key=str.lower)
    return [Entry(name, is_folder=True) for name in names]


def _entries(destination: Destination, path: Path) -> list[Entry]:
    try:
        return destination.entries(path)
    except Absent:
        # The folder of a configuration comes with its first delivery.
        if len(path) > 1:
            raise
        return []


def first_rows(actor: Actor, account: ConnectionAccount, path: Path, rows: int = FIRST_ROWS) -> FirstRows:
    """The first rows of a CSV file."""
    destination, _, delivery = _way_to(actor, account, path, _DEPTH)
    # As many bytes as the first piece has are enough for a look.
    with closing(destination.content(path)) as content:
        first = next(content, b"")
        whole = not next(content, b"")
    _audit(actor, account, "delivery.open", path, delivery)
    reader = csv.reader(io.StringIO(first.decode("utf-8", "replace"), newline=""))
    read = list(itertools.islice(reader, rows + 2))
    if not whole and len(read) < rows + 2:
        # The piece ends somewhere in it.
        read.pop()
    names, *found = read or [[]]
    return FirstRows(delivery, names, found[:rows], len(found) > rows or not whole)


def download(actor: Actor, account: ConnectionAccount, path: Path) -> Generator[bytes]:
    """The bytes of a file. What is refused is refused before the first is asked for."""
    destination, _, delivery = _way_to(actor, account, path, _DEPTH)
    content = destination.content(path)
    first = next(content, b"")
    _audit(actor, account, "delivery.download", path, delivery)
    return _joined(first, content)


def download_all(actor: Actor, account: ConnectionAccount, path: Path) -> Generator[bytes]:
    """The bytes of a zip with all files of a delivery."""
    destination, _, delivery = _way_to(actor, account, path, _DEPTH - 1)
    names = [one.name for one in destination.entries(path) if not one.is_folder]
    _audit(actor, account, "delivery.download", path, delivery)
    packed = ZipStream(compress_type=ZIP_DEFLATED, compress_level=6)
    for name in names:
        packed.add(destination.content((*path, name)), f"{path[-1]}/{name}")
    return _each(packed)


def _joined(first: bytes, rest: Generator[bytes]) -> Generator[bytes]:
    with closing(rest):
        yield first
        yield from rest


def _each(packed: ZipStream) -> Generator[bytes]:
    yield from packed


def _way_to(
    actor: Actor, account: ConnectionAccount, path: Path, depth: int | None = None
) -> tuple[Destination, Configuration | None, Delivery | None]:
    """Where to look, and of which configuration and delivery the path is, for an actor who may open it."""
    require(actor, "delivery.open", account)
    hidden = not all(is_plain_name(name) for name in path)
    if hidden or len(path) > _DEPTH or (depth is not None and len(path) != depth):
        raise Absent(path)
    if not path:
        return places.destination_of(account), None, None
    # Only these: on a server of the receiver other things may stand beside them.
    configuration = account.configurations.defer("streams", "known").filter(name=path[0]).first()
    if configuration is None:
        raise Absent(path[:1])
    delivery = None
    if len(path) > 1:
        delivery = _deliveries(configuration, [path[1]]).get(path[1])
        if delivery is not None:
            require(actor, "delivery.open", delivery)
        if not (_is_plain(delivery) or has_medical_rights(actor, account.environment)):
            raise not_found("delivery", path[1])
    return places.destination_of(account), configuration, delivery


def _deliveries(configuration: Configuration, folders: list[str]) -> dict[str, Delivery]:
    """By folder; of several in one folder, one with the medical mark if there is any."""
    found = configuration.deliveries.filter(folder__in=folders, state__in=SETTLED_STATES)
    return {row.folder: row for row in found.order_by("medical", "published_at")}


def _is_plain(delivery: Delivery | None) -> bool:
    """Whether it is known to be without medical data."""
    return delivery is not None and not delivery.medical and not delivery.configuration.account.medical


def _audit(actor: Actor, account: ConnectionAccount, action: str, path: Path, delivery: Delivery | None) -> None:
    # Who may not open it may not read its path, which tells of its files.
    medical = len(path) > 1 and not _is_plain(delivery)
    with transaction.atomic():
        audit.record(actor, action, f"account {account.name}", account, {"path": "/".join(path)}, medical=medical)
