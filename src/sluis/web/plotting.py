"""Plots: a table of numbers per day that a script draws, with what it shows in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Say = Callable[[int], str]


@dataclass(frozen=True)
class Cell:
    """A number, and as people read it."""

    value: int
    shown: str


@dataclass(frozen=True)
class Plot:
    """Numbers per day. ``kind``: ``bars`` or ``line``; ``unit``: ``number``, ``bytes`` or ``seconds``.

    ``rows``: a day with a cell per series, the oldest first. ``summary``: what the drawing shows, in words.
    """

    name: str
    title: str | Promise
    kind: str
    unit: str
    series: tuple[str | Promise, ...]
    rows: tuple[tuple[dt.date, tuple[Cell, ...]], ...]
    summary: str


def number(value: int) -> str:
    """``1.234``."""
    return formats.number_format(value, force_grouping=True)


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
    listed = [(day, tuple(Cell(value, say(value)) for value in values)) for day, values in rows]
    told = "; ".join(_summary(label, [(day, cells[at]) for day, cells in listed]) for at, label in enumerate(series))
    return Plot(name, title, kind, unit, tuple(series), tuple(listed), told if listed else "")


def _summary(label: str | Promise, found: list[tuple[dt.date, Cell]]) -> str:
    """What somebody who does not see the plot is told: how far it goes, the highest and the last."""
    if not found:
        return ""
    top_day, top = max(found, key=lambda one: one[1].value)
    last_day, last = found[-1]
    return _("%(label)s: at most %(top)s, on %(top_day)s; last %(last)s, on %(last_day)s") % {
        "label": label,
        "top": top.shown,
        "top_day": _day(top_day),
        "last": last.shown,
        "last_day": _day(last_day),
    }


def _day(day: dt.date) -> str:
    return formats.date_format(day, _("j M Y"))
