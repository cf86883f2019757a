"""What changes in the synthetic application when days go by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest

from demo.rules import broken, checksums
from sluis.demo.life import live
from sluis.errors import Rejected


def test_a_week_touches_every_table_in_every_way(new_copy: Callable[[], str]) -> None:
    url = new_copy()
    counts = live(url, days=5)
    done = {
        table: "".join(way for way, n in zip("IUD", (c.inserted, c.updated, c.deleted), strict=True) if n)
        for table, c in counts.tables.items()
    }
    with psycopg.connect(url) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        day = next(connection.execute("SELECT verwerkt_tot FROM administratie"))[0]
    # There is one administration, and some lists are standards.
    standards = {"vangnetsoort", "discipline", "cas_hoofdgroep", "cas_code", "fml_item"}
    expected = dict.fromkeys(tables - standards, "IUD") | {"administratie": "U"}
    assert done == expected
    assert day == dt.date(2026, 11, 9)
    assert broken(url) == []


def test_little_changes_in_a_day(new_copy: Callable[[], str]) -> None:
    url = new_copy()
    with psycopg.connect(url) as connection:
        before = next(connection.execute("SELECT count(*) FROM verzuim_verloop"))[0]
        tasks = next(connection.execute("SELECT count(*) FROM taak"))[0]
    counts = live(url, days=1)
    assert 0 < counts.tables["verzuim_verloop"].inserted < before / 50
    assert 0 < counts.tables["taak"].inserted < tasks / 50
    assert counts.rows < 600


def test_days_apart_are_the_same_as_days_together(new_copy: Callable[[], str]) -> None:
    together, apart = new_copy(), new_copy()
    live(together, days=6)
    live(apart, days=1)
    live(apart, days=5)
    assert checksums(together) == checksums(apart)


def test_another_seed_gives_another_week(new_copy: Callable[[], str]) -> None:
    one, other = new_copy(), new_copy()
    live(one, days=5)
    live(other, days=5, seed=2)
    assert checksums(one)["verzuim"] != checksums(other)["verzuim"]
    assert broken(other) == []


def test_the_data_hang_together_after_two_months(new_copy: Callable[[], str]) -> None:
    url = new_copy()
    live(url, days=42)
    assert broken(url) == []
    with psycopg.connect(url) as connection:
        day = next(connection.execute("SELECT verwerkt_tot FROM administratie"))[0]
        holidays = connection.execute("SELECT datum FROM feestdag WHERE is_vrij AND datum > '2026-11-02'").fetchall()
    played = [dt.date(2026, 11, 3) + dt.timedelta(n) for n in range((day - dt.date(2026, 11, 2)).days)]
    # On Christmas nothing happens; a collective day off may have been added after it had been worked.
    assert dt.date(2026, 12, 25) < day
    assert sum(one.weekday() < 5 for one in played) - 42 in range(1, 1 + len(holidays))


def test_a_removed_file_leaves_nothing_behind(new_copy: Callable[[], str]) -> None:
    url = new_copy()
    live(url, days=3)
    with psycopg.connect(url) as connection:
        gone = connection.execute(
            """SELECT count(*) FROM generate_series(1, 1000) AS i WHERE i NOT IN (SELECT werknemer_id FROM werknemer)"""
        )
        assert next(gone)[0] == 3


def test_a_database_without_the_demo_is_refused(new_database: Callable[[], str]) -> None:
    with pytest.raises(Rejected, match="not that of the demo"):
        live(new_database(), days=1)


def test_no_days_are_refused(application: str) -> None:
    with pytest.raises(Rejected, match="0 days"):
        live(application, days=0)
