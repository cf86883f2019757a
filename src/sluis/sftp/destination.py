"""What a place to deliver to can do, whatever it is: the folder of a hosted account, or a server of the receiver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sluis.errors import Rejected


class Absent(Rejected):
    """Nothing stands there, or something else than what was asked for."""

    code = "absent"

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(f"there is no {'/'.join(path)!r} on the account", remedy="look at the folder again")


@dataclass(frozen=True)
class Entry:
    """What stands in a folder under a name. ``bytes``: of a file; ``modified``: None where it is not known."""

    name: str
    is_folder: bool
    bytes: int = 0
    modified: dt.datetime | None = None


def is_plain_name(name: str) -> bool:
    """Whether it is that of a thing in a folder that is shown: not hidden, and no path, here or in a zip elsewhere."""
    return bool(name) and not name.startswith(".") and not set(name) & set("/\\\0")


class Fate(StrEnum):
    """What became of a delivery whose last rename may have been sent."""

    PUBLISHED = "published"
    NOT_PUBLISHED = "not published"
    UNKNOWN = "unknown"


class Destination(Protocol):
    """Where the deliveries of an account go.

    ``built``: the local folder that holds the complete delivery; its name is unique to the delivery, and the same at
    every try. ``configuration`` and ``folder``: names of the two folders it goes to.
    """

    def stage(self, built: Path, configuration: str, keep: frozenset[str]) -> None:
        """Bring what is built so far under a temporary name, so that publishing it is quick; calling again goes on.

        ``keep``: the ``built`` names of all that is under way; other temporary names that are there are removed.
        """

    def publish(self, built: Path, configuration: str, folder: str) -> None:
        """Make a staged delivery stand, complete and at once, under its final name; never over another.

        Any ``SluisError`` leaves its fate to be asked with ``fate``; calling again goes on where it was.
        """

    def fate(self, built: Path, configuration: str, folder: str) -> Fate:
        """What became of a delivery that ``publish`` was called for.

        ``UNKNOWN`` where it can never be learned; ``Retryable`` where it cannot be learned now.
        """

    def withdraw(self, built: Path, configuration: str, folder: str) -> Fate:
        """See to it that the delivery is never published, not by another process either, and say whether it was."""

    def standing(self, configuration: str) -> list[str]:
        """Names of the deliveries' folders that the configuration's folder holds now."""

    def remove(self, configuration: str, folder: str) -> None:
        """Remove a delivery that stands there; nothing happens where it does not."""

    def clean(self, configuration: str, keep: frozenset[str]) -> None:
        """Remove temporary names that dead runs left, but those of the ``built`` names in ``keep``."""

    def entries(self, path: tuple[str, ...]) -> list[Entry]:
        """What stands in a folder below the account's, by name, without links and hidden names; ``Absent``."""

    def content(self, path: tuple[str, ...]) -> Generator[bytes]:
        """A file from its first byte on; ``Absent`` when its first bytes are asked. Close it where you stop before."""
