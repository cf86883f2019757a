"""Publishes a delivery into the folder of a hosted account: built outside its view, moved in by one rename."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import uuid
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sluis.errors import Retryable
from sluis.sftp.destination import Absent, Entry, Fate
from sluis.sftp.tree import Tree, names_of

WITHDRAWN = ".withdrawn"
_BUILDING = ".building"
_IDENTITY = "identity"
_AT_ONCE = 1024 * 1024


@dataclass(frozen=True)
class HostedFolder:
    """The folder of one account. ``root`` and the folder that a delivery is built in are on one file system."""

    root: Path

    def place(self, configuration: str, folder: str) -> Path:
        """Where a delivery stands once it is published."""
        return self.root / configuration / folder

    def stage(self, built: Path, configuration: str, keep: frozenset[str]) -> None:
        """Nothing: a delivery is built on the disk that it is published on."""

    def publish(self, built: Path, configuration: str, folder: str) -> None:
        """Move a complete delivery to its final name; raises ``Retryable`` where it surely was not moved."""
        final = self.place(configuration, folder)
        try:
            final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if final.exists():
                raise Retryable(f"{final} exists already", remedy="move it away; a delivery never overwrites another")
            _flush(built)
            built.rename(final)
            _flush(final.parent)
        except OSError as error:
            raise Retryable(
                f"the delivery cannot be moved to {final}: {error.strerror}",
                remedy="look at free space and rights, and deliver again: the delivery is kept and goes first",
            ) from error

    def fate(self, built: Path, configuration: str, folder: str) -> Fate:
        """A delivery whose temporary folder is gone was moved, wherever the receiver has taken it since."""
        del configuration, folder
        return Fate.NOT_PUBLISHED if built.exists() or withdrawn(built).exists() else Fate.PUBLISHED

    def withdraw(self, built: Path, configuration: str, folder: str) -> Fate:
        """Give the built folder another name, so that no other process can move it; where it is gone, it was moved.

        It stays under that name until the caller, who has remembered that it was withdrawn, discards it.
        """
        del configuration, folder
        if withdrawn(built).exists():
            return Fate.NOT_PUBLISHED
        try:
            built.rename(withdrawn(built))
        except FileNotFoundError:
            return Fate.PUBLISHED
        return Fate.NOT_PUBLISHED

    def standing(self, configuration: str) -> list[str]:
        """Names of the deliveries' folders that the configuration's folder holds now."""
        folder = self.root / configuration
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    def remove(self, configuration: str, folder: str) -> None:
        """Remove a delivery that stands there, at once for who looks; nothing happens where it does not stand there."""
        for left in self.root.parent.glob(f".{self.root.name}.removed-*"):
            shutil.rmtree(left, ignore_errors=True)
        away = self.root.with_name(f".{self.root.name}.removed-{uuid.uuid4()}")
        try:
            self.place(configuration, folder).rename(away)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Retryable(
                f"{folder} cannot be removed: {error.strerror}", remedy="look at the rights of the hosted folder"
            ) from error
        shutil.rmtree(away, ignore_errors=True)

    def clean(self, configuration: str, keep: frozenset[str]) -> None:
        """Nothing: what is not published yet never lies in the receiver's view."""

    def entries(self, path: tuple[str, ...]) -> list[Entry]:
        """What stands in a folder below the account's, by name, without links and hidden names; ``Absent``."""
        try:
            found = Tree(self.root).entries(names_of(os.fsencode("/".join(path))))
        except OSError:
            raise Absent(path) from None
        return [_entry(name, status) for name, status in found]

    def content(self, path: tuple[str, ...]) -> Generator[bytes]:
        """A file from its first byte on; ``Absent`` when its first bytes are asked. Close it where you stop before."""
        try:
            handle = Tree(self.root).open(names_of(os.fsencode("/".join(path))))
        except OSError:
            raise Absent(path) from None
        with os.fdopen(handle, "rb") as file:
            while chunk := file.read(_AT_ONCE):
                yield chunk


def _entry(name: bytes, status: os.stat_result) -> Entry:
    moment = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
    return Entry(os.fsdecode(name), stat.S_ISDIR(status.st_mode), status.st_size, moment)


def building(hosted: Path) -> Path:
    """Where deliveries are built, beside the folders of accounts and outside their view; made where it is not."""
    folder = hosted / _BUILDING
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def identity(hosted: Path) -> str:
    """What tells the folder of the hosted accounts from that of another machine, which holds other deliveries."""
    path = building(hosted) / _IDENTITY
    if not path.exists():
        made = path.with_name(f"{_IDENTITY}-{uuid.uuid4()}")
        made.write_text(uuid.uuid4().hex)
        # Linked under its name when whole: two processes that begin at once must read the same.
        with suppress(FileExistsError):
            path.hardlink_to(made)
        made.unlink()
    return path.read_text()


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def withdrawn(built: Path) -> Path:
    """The name of a built folder that is not going to be published."""
    return built.with_name(f"{built.name}{WITHDRAWN}")


def discard(built: Path) -> None:
    """Remove what was built and is not going to be published, under either of its names."""
    for folder in (built, withdrawn(built)):
        shutil.rmtree(folder, ignore_errors=True)
