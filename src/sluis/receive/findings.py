"""What is wrong with a delivery: one word per kind of fault, explained in the receiver's manual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

CODES: dict[str, Severity] = {
    "manifest": "error",
    "mode": "error",
    "missing": "error",
    "size": "error",
    "hash": "error",
    "header": "error",
    "csv": "error",
    "rows": "error",
    "mutations": "error",
    "key": "error",
    "duplicate": "error",
    "own-key": "error",
    "record-key": "error",
    "deleted-row": "error",
    "type": "error",
    "deleted-keys": "error",
    "sequence": "error",
    "gap": "error",
    "mixed": "error",
    "extra": "warning",
    "name": "warning",
    "start": "warning",
}


@dataclass(frozen=True)
class Finding:
    """One fault. ``message`` holds no value from the data; ``file`` is empty where the whole delivery is meant."""

    code: str
    message: str
    delivery: str
    file: str = ""
    as_warning: bool = False

    @property
    def severity(self) -> Severity:
        return "warning" if self.as_warning else CODES[self.code]

    def __str__(self) -> str:
        where = f"{self.delivery}/{self.file}" if self.file else self.delivery
        return f"{self.severity} {self.code}: {where}: {self.message}"
