"""Fills an empty database with the application of the demo: its tables, and the data of so many employees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import psycopg
from psycopg import sql

from sluis.demo.script import Counts, run
from sluis.errors import Rejected

TODAY = dt.date(2026, 11, 2)
"""The day up to which the data reach by default: fixed, so that they never depend on the clock."""

HISTORY_MONTHS = 18
EMPLOYEES_PER_EMPLOYER = 50
MOST_EMPLOYEES = 4_000_000

_STEPS = {
    "schema": ["schema.sql", "schema_2.sql", "schema_3.sql"],
    "lists": ["sql/generate_1_lists.sql"],
    "employers": ["sql/generate_2_employers.sql"],
    "employees": ["sql/generate_3_employees.sql"],
    "absence": ["sql/generate_4_absence.sql"],
    "persons and employments": [
        "sql/generate_5_persons.sql",
        "sql/insert_persons.sql",
        "sql/generate_6_employments.sql",
    ],
    "cases, reports and decisions": ["sql/generate_7_cases.sql"],
    "lists of the other streams": ["sql/generate_10_lists.sql", "sql/generate_11_questionnaires.sql"],
    "users": ["sql/generate_12_users.sql"],
    "services and policies": ["sql/generate_13_services.sql", "sql/generate_14_policies.sql"],
    "tasks and agenda": ["sql/generate_15_tasks.sql", "sql/generate_16_agenda.sql"],
    "claims and invoices": ["sql/generate_17_claims.sql", "sql/generate_18_invoices.sql"],
    "attributes": ["sql/generate_19_attributes.sql"],
    "surveys and documents": ["sql/generate_20_surveys.sql", "sql/generate_21_documents.sql"],
}


def generate(
    url: str,
    *,
    employees: int,
    seed: int = 1,
    today: dt.date | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> Counts:
    """Make the tables in the empty database ``url`` and fill them, in one transaction.

    The result follows from ``employees``, ``seed`` and ``today`` alone (day up to which absence has been processed;
    ``TODAY`` by default); there are 18 months of history before it. ``progress`` is called with the name of each step
    as it starts. Returns the rows per table. Raises ``Rejected`` where the database is not empty.
    """
    if not 1 <= employees <= MOST_EMPLOYEES:
        raise Rejected(f"{employees} employees cannot be made", remedy=f"ask for 1 to {MOST_EMPLOYEES:,}")
    counts = Counts()
    with psycopg.connect(url) as connection:
        _refuse_tables(connection)
        day = today or TODAY
        prepare(connection, seed=seed, today=day, history=_months_before(day, HISTORY_MONTHS), counts=counts)
        size = {"employees": employees, "employers": min(employees, max(12, employees // EMPLOYEES_PER_EMPLOYER))}
        run(connection, "sql/size.sql", counts, size)
        for step, scripts in _STEPS.items():
            progress(step)
            for script in scripts:
                run(connection, script, counts)
        progress("sequences")
        _advance_sequences(connection)
    with psycopg.connect(url, autocommit=True) as connection:
        progress("statistics")
        connection.execute("ANALYZE")
    return counts


def prepare(connection: psycopg.Connection, *, seed: int, today: dt.date, history: dt.date, counts: Counts) -> None:
    """Make the functions that the scripts draw from, for this connection only."""
    connection.execute("SET LOCAL timezone = 'Europe/Amsterdam'")
    connection.execute("SET LOCAL work_mem = '64MB'")
    # Compiling a statement takes longer than most of them.
    connection.execute("SET LOCAL jit = off")
    run(connection, "sql/functions.sql", counts, {"seed": seed, "today": today, "history": history})
    run(connection, "sql/lists.sql", counts)
    run(connection, "sql/persons.sql", counts)


def _refuse_tables(connection: psycopg.Connection) -> None:
    row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone()
    if row and row[0]:
        raise Rejected("the database for the demo already has tables", remedy="give an empty database")


def _advance_sequences(connection: psycopg.Connection) -> None:
    """Let every sequence go on after the numbers that were given by hand; that of an empty table stays as it is."""
    columns = connection.execute(
        """SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND is_identity = 'YES'"""
    ).fetchall()
    for table, column in columns:
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
                sql.Literal(table), sql.Literal(column), sql.Identifier(column), sql.Identifier(table)
            )
        )


def _months_before(day: dt.date, months: int) -> dt.date:
    """First day of the month that lies so many months before."""
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)
