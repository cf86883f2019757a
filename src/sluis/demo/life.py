"""Lets the application of the demo live: working days on which things are added, changed and deleted."""

from __future__ import annotations

import datetime as dt

import psycopg

from sluis.demo.generate import prepare
from sluis.demo.script import Counts, run
from sluis.errors import Rejected

_EVERY_DAY = [
    "sql/life_1_absence.sql",
    "sql/life_2_people.sql",
    "sql/insert_persons.sql",
    "sql/life_3_employments.sql",
    "sql/life_4_cases.sql",
    "sql/life_5_details.sql",
    "sql/life_6_removal.sql",
    "sql/life_7_1_tasks.sql",
    "sql/life_7_2_agenda.sql",
    "sql/life_7_3_policies.sql",
    "sql/life_7_4_claims.sql",
    "sql/life_7_5_performances.sql",
    "sql/life_7_6_surveys.sql",
]
_BY_WEEKDAY = [
    ["sql/life_monday.sql", "sql/life_monday_policies.sql"],
    ["sql/life_tuesday.sql", "sql/life_tuesday_services.sql", "sql/life_tuesday_invoices.sql"],
    ["sql/life_wednesday.sql", "sql/life_wednesday_attributes.sql"],
    ["sql/life_thursday.sql", "sql/life_thursday_lists.sql"],
    ["sql/life_friday.sql", "sql/life_friday_users.sql"],
]


def live(url: str, *, days: int, seed: int = 1) -> Counts:
    """Play the next ``days`` working days after ``administratie.verwerkt_tot``, each in one transaction.

    What happens on a day follows from the data, the day and ``seed`` alone: two days and then three are the same as
    five. Organisation and lists change on one weekday each, so five days touch every table. Returns the rows that were
    inserted, updated and deleted per table. Raises ``Rejected`` where the database is not that of the demo.
    """
    if days < 1:
        raise Rejected(f"{days} days cannot be played", remedy="ask for 1 day or more")
    counts = Counts()
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(days):
            with connection.transaction():
                _play(connection, seed, counts)
    return counts


def _play(connection: psycopg.Connection, seed: int, counts: Counts) -> None:
    history, day = _next_working_day(connection)
    # A seed for each day: chance that is the same every day would fall on the same people.
    prepare(connection, seed=seed * 1_000_003 + day.toordinal(), today=day, history=history, counts=counts)
    size = connection.execute("SELECT count(*) FROM dienstverband WHERE coalesce(einddatum, %s) >= %s", [day, day])
    run(connection, "sql/life_0_day.sql", counts, {"size": next(size)[0]})
    for script in (*_EVERY_DAY, *_BY_WEEKDAY[day.weekday()], "sql/life_9_end.sql"):
        run(connection, script, counts)


def _next_working_day(connection: psycopg.Connection) -> tuple[dt.date, dt.date]:
    """First day of the history, and the working day to play."""
    try:
        row = connection.execute(
            """SELECT historie_vanaf, (SELECT min(verwerkt_tot + i) FROM generate_series(1, 14) AS i
                WHERE extract(isodow FROM verwerkt_tot + i) < 6
                    AND verwerkt_tot + i NOT IN (SELECT datum FROM feestdag WHERE is_vrij))
            FROM administratie FOR UPDATE"""
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    if row is None:
        raise Rejected("the database is not that of the demo", remedy="make it with `generate` first")
    return row[0], row[1]
