"""Whether a query gives the same answer again, over the same rows in another order and with other threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sluis.catalog.loader import Dataset
from sluis.lake.session import Session
from sluis.lake.sql import ident

_AGAIN = "source.result._again"
_TURNED = 'source.main."_turned by Sluis"'


@dataclass(frozen=True)
class Difference:
    """How many rows of one answer are not in the other, and in which columns.

    Where the keys differ, rows cannot be told apart: then the columns are those of the key.
    """

    rows: int
    columns: tuple[str, ...]


@contextmanager
def turned_round(session: Session) -> Iterator[None]:
    """Turn the rows of every copied table round, for good, and use another number of threads meanwhile.

    Few rows are read by one thread, in the order in which they lie: only another order shows what depends on it.
    """
    tables = session.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'source' AND schema_name = 'main'"
    ).fetchall()
    for (table,) in tables:
        name = f"source.main.{ident(table)}"
        session.execute(f"CREATE TABLE {_TURNED} AS FROM {name} ORDER BY rowid DESC")
        session.execute(f"DROP TABLE {name}")
        session.execute(f"ALTER TABLE {_TURNED} RENAME TO {ident(table)}")
    threads = session.number("SELECT current_setting('threads')")
    session.execute(f"SET threads = {1 if threads > 1 else 2}")
    try:
        yield
    finally:
        session.execute(f"SET threads = {threads}")


def differences(session: Session, select: str, first: str, dataset: Dataset) -> Difference | None:
    """Run a query again and compare its rows with those in table ``first``; None where they are the same.

    Compared are sums of hashes, so that memory does not grow with the rows; only where these differ, rows are counted.
    """
    session.sparing(f"CREATE OR REPLACE TABLE {_AGAIN} AS {select}")
    try:
        if _sums(session, first, ["_hash"]) == _sums(session, _AGAIN, ["_hash"]):
            return None
        keys = [part.column for part in dataset.key]
        moved = _sums(session, first, ["_key"]) != _sums(session, _AGAIN, ["_key"])
        names = keys if moved else list(dataset.columns)
        one, two = _sums(session, first, names), _sums(session, _AGAIN, names)
        row = session.row(
            "SELECT greatest(sum(greatest(times, 0)), sum(greatest(-times, 0))) FROM (SELECT sum(way) AS times FROM "
            f"(SELECT _key, _hash, 1 AS way FROM {first} UNION ALL SELECT _key, _hash, -1 AS way FROM {_AGAIN}) "
            "GROUP BY _key, _hash)"
        )
        differing = tuple(name for name, a, b in zip(names, one, two, strict=True) if a != b)
        return Difference(int(str(row[0])) if row else 0, differing)
    finally:
        session.execute(f"DROP TABLE {_AGAIN}")


def _sums(session: Session, table: str, columns: list[str]) -> tuple[object, ...]:
    """Per column a number over its values, each with its row's key: the same for the same rows in any order."""
    listed = ", ".join(f"sum(hash(_key, {ident(column)}))" for column in columns)
    return session.row(f"SELECT {listed} FROM {table}") or ()
