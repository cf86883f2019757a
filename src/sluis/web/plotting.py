"""Plots: a table of numbers per day that a script draws, with what it shows in words."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Say = Callable[[int], str]


class Cell(NamedTuple):
    """A number, and as people read it."""

    value: int
    shown: str


@dataclass(frozen=True)
class Row:
    """A day, as machines and as people read it, with a cell per series."""

    day: str
    shown: str
    cells: tuple[Cell, ...]

    @property
    def line(self) -> str:
        """The row of a table."""
        cells = "".join(f'<td data-value="{int(cell.value)}">{escape(cell.shown)}</td>' for cell in self.cells)
        return f'<tr><th scope="row" data-day="{escape(self.day)}">{escape(self.shown)}</th>{cells}</tr>'


@dataclass(frozen=True)
class Plot:
    """Numbers per day. ``kind``: ``bars`` or ``line``; ``unit``: ``number``, ``bytes`` or ``seconds``.

    ``rows``: the newest first. ``summary``: what the drawing shows, in words.
    """

    name: str
    title: str | Promise
    kind: str
    unit: str
    series: tuple[str | Promise, ...]
    rows: tuple[Row, ...]
    summary: str

    @property
    def lines(self) -> SafeString:
        """The rows of the table."""
        # A page has thousands of cells, for which a template, and Django's own escaping, take ten times as long.
        return SafeString("".join(row.line for row in self.rows))


def size(value: int) -> str:
    """``1,2 MB``."""
    return filesizeformat(value)


def plot(
    name: str,
    title: str | Promise,
    looks: tuple[str, str, Say],
    series: Sequence[str | Promise],
    rows: Iterable[tuple[dt.date, Sequence[int]]],
) -> Plot:
    """A plot of one or more series. ``looks``: its kind, its unit, and how a number is written."""
    kind, unit, say = looks
    listed = tuple(
        Row(day.isoformat(), _day(day, get_language()), tuple(Cell(one, say(one)) for one in values))
        for day, values in reversed(list(rows))
    )
    told = "; ".join(_summary(label, [(row.shown, row.cells[at]) for row in listed]) for at, label in enumerate(series))
    return Plot(name, title, kind, unit, tuple(series), listed, told if listed else "")


@functools.lru_cache(maxsize=2048)
def _day(day: dt.date, _language: str | None) -> str:
    """Every plot of a page has the same days."""
    return formats.date_format(day, _("j M Y"))


def _summary(label: str | Promise, found: list[tuple[str, Cell]]) -> str:
    """What somebody who does not see the plot is told: how far it goes, the highest and the last."""
    if not found:
        return ""
    top_day, top = max(found, key=lambda one: one[1].value)
    last_day, last = found[0]
    return _("%(label)s: at most %(top)s, on %(top_day)s; last %(last)s, on %(last_day)s") % {
        "label": label,
        "top": top.shown,
        "top_day": top_day,
        "last": last.shown,
        "last_day": last_day,
    }
