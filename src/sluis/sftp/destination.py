"""What a place to deliver to can do, whatever it is: the folder of a hosted account, or a server of the receiver."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Protocol


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
