"""Lists by the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

PER_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of a list, numbered from 1. ``total``: rows in the list; ``cut``: there are more, not in it."""

    rows: tuple[Row, ...]
    number: int
    pages: int
    total: int
    cut: bool = False


@dataclass(frozen=True)
class Place:
    """Where a page stands in its list: its number, of how many, and the rows that are on it."""

    number: int
    pages: int
    rows: slice


def place(total: int, number: int, per_page: int = PER_PAGE) -> Place:
    """The page of a number, or the nearest that there is."""
    pages = max(1, -(-total // per_page))
    number = min(max(1, number), pages)
    first = (number - 1) * per_page
    return Place(number, pages, slice(first, min(first + per_page, total)))
