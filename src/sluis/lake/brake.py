"""The brake: what loses more than a share of its rows at once is held until a person lets it go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluis.errors import Rejected


@dataclass(frozen=True)
class Brake:
    """Holds where more than ``percent`` of the rows go, and more than ``floor`` rows.

    ``released``: by name, the number of rows that a person has let go.
    """

    percent: int = 20
    floor: int = 100
    released: Mapping[str, int] = field(default_factory=dict)

    def holds(self, name: str, before: int, gone: int) -> bool:
        """Whether the loss of ``gone`` of ``before`` rows is held."""
        return gone > self.floor and gone * 100 > before * self.percent and gone > self.released.get(name, 0)


class Braked(Rejected):
    """Too many rows would go at once.

    ``gone``: by name, how many.
    """

    code = "braked"

    def __init__(self, message: str, *, remedy: str, gone: Mapping[str, int]) -> None:
        super().__init__(message, remedy=remedy)
        self.gone = dict(gone)
