"""Which bytes of which files receivers have read, so that a download that was resumed counts as complete."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass
class Ranges:
    """Bytes of one file that were read, as half-open ranges that do not touch."""

    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        """Count bytes as read. Almost always they follow on the last ones."""
        if start >= end:
            return
        if self.spans and self.spans[-1][0] <= start <= self.spans[-1][1]:
            self.spans[-1] = (self.spans[-1][0], max(end, self.spans[-1][1]))
            return
        merged: list[tuple[int, int]] = []
        for span in sorted([*self.spans, (start, end)]):
            if merged and span[0] <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(span[1], merged[-1][1]))
            else:
                merged.append(span)
        self.spans = merged

    def covers(self, size: int) -> bool:
        """Whether every byte of a file of that size was read."""
        return size == 0 or self.spans == [(0, size)] or any(a <= 0 and b >= size for a, b in self.spans)

    def join(self, other: Ranges) -> None:
        """Count what another reading had too."""
        for start, end in other.spans:
            self.add(start, end)


class Unfinished:
    """What was read of files that nobody has wholly yet. Bounded: the oldest is forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._ranges: OrderedDict[Hashable, Ranges] = OrderedDict()

    def finish(self, file: Hashable, read: Ranges, size: int) -> bool:
        """Add a reading of a file; whether with it every byte was read."""
        known = self._ranges.pop(file, Ranges())
        known.join(read)
        if known.covers(size):
            return True
        self._ranges[file] = known
        while len(self._ranges) > self._most:
            self._ranges.popitem(last=False)
        return False
