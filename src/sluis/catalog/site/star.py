"""The star model of a datastream as a drawing: facts in the middle, dimensions on both sides, arrows between.

Only places and curves are computed here, in pixels from the top left; the template draws them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from sluis.catalog.model import File
from sluis.catalog.site.describe import is_fact

_HEIGHT, _GAP, _LANE_GAP, _MARGIN = 54, 30, 130, 56
_CHARACTER, _TITLE_CHARACTER, _PADDING = 7.4, 6.5, 30
_LONGEST = 34
LONGEST_TITLE = 38
"""Characters of a name and of a title in a box; the rest is cut."""
_SIDE, _FAR, _UNEVEN = 60.0, 500.0, 60.0
"""What it costs, in pixels of length: an arrow inside a lane, one from the left lane to the right, one box more left
than right."""


@dataclass(frozen=True)
class Box:
    """A file: its place, whether it is a fact, and its name cut to what fits."""

    file: str
    label: str
    fact: bool
    lane: int
    x: float
    y: float
    width: float
    height: float = _HEIGHT

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    def side(self, *, right: bool) -> float:
        return self.x + self.width if right else self.x


@dataclass(frozen=True)
class Arrow:
    """The references from one file to another: the columns, the curve, and where its label stands."""

    source: str
    target: str
    columns: tuple[str, ...]
    curve: str
    x: float
    y: float
    minor: bool


@dataclass(frozen=True)
class Star:
    """The drawing. ``outside``: references to files that the datastream does not have."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Link:
    """One column that refers to one file, and whether the datastream has that file."""

    source: str
    column: str
    target: str
    inside: bool


_Edges = Mapping[tuple[str, str], tuple[str, ...]]


def star(files: Mapping[str, File], version: dict[str, File]) -> Star:
    """Draw the files of a datastream; ``version``: all files of its version."""
    links = tuple(
        Link(name, column.name, target, target in files)
        for name, file in files.items()
        for column in file.columns
        if column.reference
        for target in dict.fromkeys(column.reference.targets)
        if target in version
    )
    edges: dict[tuple[str, str], tuple[str, ...]] = {}
    for link in links:
        if link.inside:
            pair = (link.source, link.target)
            edges[pair] = (*edges.get(pair, ()), link.column)
    facts = [name for name, file in files.items() if is_fact(file, version)] or [_busiest(files, edges)]
    boxes = _boxes(_lanes(list(files), facts, edges), files, set(facts) if _any_fact(files, version) else set())
    width = max(box.x + box.width for box in boxes.values()) + _MARGIN
    height = max(box.y + box.height for box in boxes.values()) + _GAP / 2
    return Star(round(width), round(height), tuple(boxes.values()), tuple(_arrows(boxes, edges)), links)


def _any_fact(files: Mapping[str, File], version: dict[str, File]) -> bool:
    return any(is_fact(file, version) for file in files.values())


def _busiest(files: Mapping[str, File], edges: _Edges) -> str:
    return max(files, key=lambda name: sum(name in pair for pair in edges))


_Lanes = tuple[list[str], list[str], list[str]]


def _lanes(names: list[str], facts: list[str], edges: _Edges) -> _Lanes:
    """Left, middle and right, each from the top: exchanged two by two for as long as that makes the arrows shorter."""
    rest = [name for name in names if name not in facts]
    half = (len(rest) + 1) // 2
    lefts = range(max(half - 1, min(len(rest), 1)), min(half + 1, len(rest)) + 1)
    tries = [_improved((rest[:left], list(facts), rest[left:]), edges) for left in lefts]
    return min(tries, key=lambda lanes: _cost(lanes, edges))


def _improved(lanes: _Lanes, edges: _Edges) -> _Lanes:
    places = [(lane, row) for lane, column in enumerate(lanes) for row in range(len(column))]
    best, improved = _cost(lanes, edges), True
    while improved:
        improved = False
        for a, b in combinations(places, 2):
            if (a[0] == 1) != (b[0] == 1):
                continue
            _exchange(lanes, a, b)
            cost = _cost(lanes, edges)
            if cost < best - 1e-6:
                best, improved = cost, True
            else:
                _exchange(lanes, a, b)
    return lanes


def _exchange(lanes: _Lanes, a: tuple[int, int], b: tuple[int, int]) -> None:
    one, other = lanes[a[0]], lanes[b[0]]
    one[a[1]], other[b[1]] = other[b[1]], one[a[1]]


def _cost(lanes: _Lanes, edges: _Edges) -> float:
    """Length of all arrows, more or less: they go up or down, around boxes, and behind the facts."""
    tall = max(map(len, lanes))
    place = {
        name: (lane, (row + 0.5) * tall / len(column) * (_HEIGHT + _GAP))
        for lane, column in enumerate(lanes)
        for row, name in enumerate(column)
    }
    total = _UNEVEN * abs(len(lanes[0]) - len(lanes[2]))
    for source, target in edges:
        (lane, y), (other, z) = place[source], place[target]
        total += abs(y - z) + {0: _SIDE, 1: 0.0, 2: _FAR}[abs(lane - other)]
    return total


def _boxes(lanes: _Lanes, files: Mapping[str, File], facts: set[str]) -> dict[str, Box]:
    tall = max(map(len, lanes)) * (_HEIGHT + _GAP)
    boxes: dict[str, Box] = {}
    x: float = _MARGIN
    for lane, column in enumerate(lanes):
        if not column:
            continue
        width = max(150.0, *(_text_width(files[name]) + _PADDING for name in column))
        for row, name in enumerate(column):
            y = (row + 0.5) * tall / len(column) - _HEIGHT / 2
            boxes[name] = Box(name, _cut(name), name in facts, lane, x, round(y, 1), round(width, 1))
        x += round(width, 1) + _LANE_GAP
    return boxes


def _text_width(file: File) -> float:
    """Of the wider of name and title, in either language: the drawing is the same in both."""
    title = max(len(file.title.nl), len(file.title.en))
    return max(min(len(file.file), _LONGEST) * _CHARACTER, min(title, LONGEST_TITLE) * _TITLE_CHARACTER)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


@dataclass(frozen=True)
class _End:
    """One end of an arrow: the box, the side, and the height of the other end, by which ends are ordered."""

    pair: tuple[str, str]
    outgoing: bool
    box: str
    right: bool
    towards: float


def _arrows(boxes: dict[str, Box], edges: _Edges) -> list[Arrow]:
    ends = [end for pair in edges for end in _ends(pair, boxes)]
    ports: dict[tuple[tuple[str, str], bool], tuple[float, float]] = {}
    for name, right in dict.fromkeys((end.box, end.right) for end in ends):
        here = sorted(
            (end for end in ends if (end.box, end.right) == (name, right)),
            key=lambda end: (end.towards, end.pair, end.outgoing),
        )
        box = boxes[name]
        for number, end in enumerate(here, 1):
            y = box.y + box.height * number / (len(here) + 1)
            ports[end.pair, end.outgoing] = (box.side(right=right), round(y, 1))
    return [_arrow(pair, columns, boxes, ports[pair, True], ports[pair, False]) for pair, columns in edges.items()]


def _ends(pair: tuple[str, str], boxes: dict[str, Box]) -> tuple[_End, _End]:
    source, target = boxes[pair[0]], boxes[pair[1]]
    if source.lane == target.lane:
        # On the outer side, where no other arrows are; facts have an arrow-free side nowhere.
        right = source.lane != 0
        return (
            _End(pair, outgoing=True, box=source.file, right=right, towards=target.middle - 0.1),
            _End(pair, outgoing=False, box=target.file, right=right, towards=source.middle + 0.1),
        )
    right = source.lane < target.lane
    return (
        _End(pair, outgoing=True, box=source.file, right=right, towards=target.middle),
        _End(pair, outgoing=False, box=target.file, right=not right, towards=source.middle),
    )


def _arrow(
    pair: tuple[str, str],
    columns: tuple[str, ...],
    boxes: dict[str, Box],
    start: tuple[float, float],
    end: tuple[float, float],
) -> Arrow:
    source, target = boxes[pair[0]], boxes[pair[1]]
    (x, y), (to_x, to_y) = start, end
    if source.lane == target.lane:
        bulge = 26 + min(abs(to_y - y) * 0.12, 44)
        bend = x + (bulge if source.lane else -bulge)
        control, to_control = bend, bend
    else:
        reach = (to_x - x) * 0.5
        control, to_control = x + reach, to_x - reach
    curve = f"M{x:.1f} {y:.1f}C{control:.1f} {y:.1f} {to_control:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    middle_x = (x + 3 * control + 3 * to_control + to_x) / 8
    return Arrow(*pair, columns, curve, round(middle_x, 1), round((y + to_y) / 2, 1), minor=not source.fact)
