"""Two receivers of one configuration: one that follows the contract, and one that only ever upserts and deletes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lending import Copy, Row, read_csv

RESTART = frozenset({"first", "secret", "rebuilt", "destination", "history", "unknown"})
"""Reasons at which one who only upserts begins anew: the keys that went cannot be named."""


@dataclass(frozen=True)
class Named:
    """What one file of a delivery named: key → the new row, or None where it goes; and what the receiver had."""

    mode: str
    reason: str | None
    rows: dict[str, Row | None]
    had: dict[str, Row]


@dataclass(frozen=True)
class Fetched:
    """A delivery as it was applied: its folder, its manifest's ``sluis`` object, what each file named."""

    folder: str
    told: dict[str, Any]
    files: dict[str, Named]


@dataclass
class Receivers:
    """Both copies, kept from the folder of one configuration."""

    folder: Path
    contract: Copy = field(default_factory=Copy)
    upserts: Copy = field(default_factory=lambda: Copy(upsert_only=True))
    last: int = 0
    broken: int = 0
    """The highest number that there was when a delivery went that they had not fetched."""

    def fetch(self, *, take_away: bool = False) -> Iterator[Fetched]:
        """Apply every delivery that stands there and was not applied yet, in order; what is given was just applied.

        Changes across a gap are left alone, and only those may stand there that were numbered before the gap came.
        """
        folders = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        for folder in folders:
            if int(folder.name.split("_")[0]) > self.last and self._follows(folder):
                yield self._apply(folder)
        if take_away:
            for folder in folders:
                shutil.rmtree(folder)

    def _follows(self, folder: Path) -> bool:
        package = json.loads((folder / "datapackage.json").read_text("utf-8"))
        told, resources = package["sluis"], package["resources"]
        every_file_full = all(one["sluis"]["mode"] == "full" for one in resources if "deletes" not in one["sluis"])
        if told["previous"] == (self.last or None) or every_file_full:
            return True
        assert told["sequence"] <= self.broken, "changes across a gap"
        return False

    def _apply(self, folder: Path) -> Fetched:
        package = json.loads((folder / "datapackage.json").read_text("utf-8"))
        told, resources = package["sluis"], package["resources"]
        self.last = told["sequence"]
        deleted = {one["sluis"]["deletes"]: folder / one["path"] for one in resources if "deletes" in one["sluis"]}
        files = {
            one["name"]: self._file(one, folder / one["path"], deleted.get(one["name"]))
            for one in resources
            if "deletes" not in one["sluis"]
        }
        for name in told["ended"]:
            assert name not in files, f"{name} is ended and delivered"
            for copy in (self.contract, self.upserts):
                copy.files.pop(name, None)
        return Fetched(folder.name, told, files)

    def _file(self, resource: dict[str, Any], path: Path, deleted: Path | None) -> Named:
        name, about = resource["name"], resource["sluis"]
        had = dict(self.contract.files.get(name, {}))
        if about["reason"] in RESTART:
            self.upserts.files.pop(name, None)
        self.contract.apply(name, about["mode"], path, deleted)
        self.upserts.apply(name, about["mode"], path, deleted)
        return Named(about["mode"], about["reason"], _named(path, deleted, self.contract.files[name]), had)


def _named(path: Path, deleted: Path | None, now: dict[str, Row]) -> dict[str, Row | None]:
    keys = [str(row["PrimaryKey"]) for one in (path, deleted) if one for row in read_csv(one)]
    assert len(keys) == len(set(keys)), f"{path.name}: a key is named twice"
    return {key: now.get(key) for key in keys}
