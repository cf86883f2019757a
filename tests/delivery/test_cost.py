"""What a refresh and a delivery cost, in rows that the engine moves: the same on every machine, however busy it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pytest

from delivery.house import House, house
from lending import Sees
from sluis.delivery import writing
from sluis.lake import interrupts

__all__ = ["house"]

LOANS = """
WITH RECURSIVE many(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM many WHERE n < {first} + {rows} - 1)
INSERT INTO loan SELECT n, n % 5 + 1, 1, 1, 'normal', '2026-01-01', n, 'remark ' || n FROM many;
"""
CHANGES = """
UPDATE loan SET day = '2026-02-02' WHERE id BETWEEN {first} AND {first} + 9;
DELETE FROM loan WHERE id BETWEEN {first} + 10 AND {first} + 19;
INSERT INTO loan SELECT id + 9000000, member_id, title_id, printing, kind, day, visit_id, remark
    FROM loan WHERE id BETWEEN {first} + 20 AND {first} + 29;
"""
FEW, MANY = 2_000, 20_000


@contextmanager
def moved(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Call it for the rows that all operators of all statements gave since it was called before."""
    rows, execute = [0], interrupts.execute

    def counted(
        connection: duckdb.DuckDBPyConnection, statement: str, parameters: object = None
    ) -> duckdb.DuckDBPyConnection:
        # Of the statement before: its rows have been fetched by now.
        rows[0] += json.loads(connection.get_profiling_information(format="json")).get("cumulative_cardinality", 0)
        connection.execute("PRAGMA enable_profiling = 'no_output'")
        return execute(connection, statement, parameters)

    def told() -> int:
        found, rows[0] = rows[0], 0
        return found

    with monkeypatch.context() as patch:
        patch.setattr(interrupts, "execute", counted)
        yield told


@pytest.mark.parametrize("sees", [Sees(), Sees(pseudonymous=True, secret=b"s" * 32)])
def test_a_delivery_of_changes_costs_what_changed(house: House, monkeypatch: pytest.MonkeyPatch, sees: Sees) -> None:
    """As much with ten times the rows: no table is looked through."""
    costs = {}
    for first, rows in ((1_000, FEW), (100_000, MANY)):
        house.change(LOANS.format(first=first, rows=rows))
        house.refresh()
        house.deliver(sees)
        house.change(CHANGES.format(first=first))
        house.refresh()
        with moved(monkeypatch) as told:
            built, _ = house.deliver(sees)
            costs[rows] = told()
        loans = next(one for one in built.written if one.name == "Fact_Loan")
        assert (loans.inserted, loans.updated, loans.deleted) == (10, 10, 10)
    assert 30 < costs[MANY] <= costs[FEW] + 100, costs
    assert costs[FEW] < 30 * 40, costs


def test_a_delivery_in_full_reads_each_row_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look at the table, one line of the file: each is a handful of operators."""
    house.change(LOANS.format(first=1_000, rows=MANY))
    house.refresh()
    with moved(monkeypatch) as told:
        house.deliver(Sees())
        cost = told() / MANY
    assert 4 <= cost < 6, cost


def test_keys_that_occur_many_times_are_made_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a loan those of its member and its edition; that of its visit is another in each row."""
    house.change(LOANS.format(first=1_000, rows=MANY))
    house.refresh()
    made: list[str] = []
    execute = interrupts.execute

    def noted(
        connection: duckdb.DuckDBPyConnection, statement: str, parameters: object = None
    ) -> duckdb.DuckDBPyConnection:
        if "TEMPORARY TABLE keys_" in statement:
            made.append(re.findall(r"SELECT DISTINCT (.*?) FROM", statement)[0])
        return execute(connection, statement, parameters)

    monkeypatch.setattr(interrupts, "execute", noted)
    monkeypatch.setattr(writing, "MANY_ROWS", MANY)
    house.deliver(Sees(pseudonymous=True, secret=b"s" * 32))
    assert made == ['"MemberId"', '"TitleId", "Printing"']


def test_a_refresh_handles_each_row_a_few_times(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first writes them; a later one compares keys and hashes, and writes what differs."""
    house.change(LOANS.format(first=1_000, rows=MANY))
    with moved(monkeypatch) as told:
        house.refresh()
        first = told() / MANY
        house.change(CHANGES.format(first=1_000))
        house.refresh()
        later = told() / MANY
    assert 8 <= first < 13, first
    assert 8 <= later < 14, later
