"""What trying a catalogue's queries brings to light, in words and in numbers, never with a value of a row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong (``error``: a refresh would fail), doubtful (``warning``) or good to know (``note``).

    ``kind``: a word for programs. ``rows`` and ``of``: how many rows it concerns, of how many. No text holds a value
    of a row.
    """

    severity: Severity
    kind: str
    dataset: str
    message: str
    remedy: str
    file: str | None = None
    column: str | None = None
    rows: int | None = None
    of: int | None = None


@dataclass(frozen=True)
class Report:
    """What came of trying. ``rows``: of each dataset whose query could be run."""

    findings: tuple[Finding, ...]
    rows: dict[str, int]

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        counts = {f"{severity}s": self.count(severity) for severity in SEVERITIES}
        return {**counts, "rows": self.rows, "findings": [asdict(finding) for finding in self.findings]}


def number(count: int) -> str:
    """``1,234``."""
    return f"{count:,}"


def share(count: int, of: int, what: str = "row") -> str:
    """``2 of 8 rows (25%)``."""
    percentage = 100 * count / of if of else 0
    # Neither a few rows nor all but a few are rounded away.
    shown = f"{percentage:.0f}" if percentage in {0, 100} else f"{percentage:.4g}" if percentage > 1 else "under 1"
    return f"{number(count)} of {number(of)} {what}{'' if of == 1 else 's'} ({shown}%)"
