"""The lake's own tables: head, snapshots, datasets with their generations, journals, counts."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import psycopg
from psycopg import sql

from sluis.catalog.loader import Dataset
from sluis.errors import Fatal
from sluis.lake import files
from sluis.lake.files import Folder
from sluis.lake.session import Session
from sluis.lake.sql import CANONICAL_FORM, ident, lake_type, literal


@dataclass(frozen=True)
class LakeLocation:
    """Where an environment's lake is: its catalog in a schema of a PostgreSQL database, its files in a folder."""

    database_url: str
    schema: str
    folder: Folder


@dataclass(frozen=True)
class Head:
    """The newest snapshot: the lake's id, the sequence, the moment (UTC), the digest of the catalogue it was made with.

    Before the first refresh the sequence is 0 and there is neither moment nor digest.
    """

    lake_id: str
    sequence: int
    snapshot_time: dt.datetime | None
    catalog_digest: str | None


@dataclass(frozen=True)
class Generation:
    """One life of a dataset's table: begun at sequence ``since``, which names it too.

    ``journal_since``: the journal tells all that changed after that sequence, and perhaps not all before it.
    """

    dataset: str
    since: int
    shape: str
    journal_since: int

    @property
    def table(self) -> str:
        return f"lake.{ident(f'd_{self.dataset}_{self.since}')}"

    @property
    def journal(self) -> str:
        return f"lake.{ident(f'j_{self.dataset}_{self.since}')}"


_TABLES = """
CREATE TABLE IF NOT EXISTS lake.head (
    lake_id UUID, sequence BIGINT, snapshot_time TIMESTAMP, catalog_digest VARCHAR);
CREATE TABLE IF NOT EXISTS lake.snapshot (sequence BIGINT, snapshot_time TIMESTAMP);
CREATE TABLE IF NOT EXISTS lake.generation (dataset VARCHAR, since BIGINT, shape VARCHAR, journal_since BIGINT);
CREATE TABLE IF NOT EXISTS lake.change_count (
    sequence BIGINT, dataset VARCHAR, rows_total BIGINT, inserted BIGINT, updated BIGINT, deleted BIGINT);
"""


def attach(session: Session, location: LakeLocation, *, read_only: bool) -> None:
    """Attach the lake as ``lake``; it is made where it does not exist and ``read_only`` is not asked."""
    session.load("postgres_scanner", "ducklake")
    session.secret_for_postgres("lake_metadata", location.database_url)
    folder = files.prepare(session, location.folder)
    schema = literal(location.schema)
    # DuckLake reads where its metadata is from a secret too, so that an error cannot show a password.
    session.execute(
        "CREATE OR REPLACE TEMPORARY SECRET lake_place (TYPE ducklake, METADATA_PATH '', "
        f"DATA_PATH {literal(folder)}, "
        # Without the schema all tables of the database are looked up, those of every other environment among them.
        f"METADATA_PARAMETERS MAP {{'TYPE': 'postgres', 'SECRET': 'lake_metadata', 'SCHEMA': {schema}}})"
    )
    options = f"METADATA_SCHEMA {schema}, ENCRYPTED, DATA_INLINING_ROW_LIMIT 0"
    session.execute(f"ATTACH 'ducklake:lake_place' AS lake ({options}{', READ_ONLY' if read_only else ''})")


def prepare(session: Session) -> None:
    """Make the lake's own tables where they do not exist; a new lake gets an id and sequence 0, no snapshot."""
    # Not by asking for names of tables: the engine then looks up every table of the lake.
    with suppress(duckdb.CatalogException):
        if session.number("SELECT count(*) FROM lake.head"):
            return
    # The row must be there before the first refresh: two refreshes conflict by replacing it.
    with session.transaction():
        session.execute(_TABLES)
        session.execute("INSERT INTO lake.head SELECT uuid(), 0, NULL, NULL WHERE NOT EXISTS (SELECT 1 FROM lake.head)")


def head(session: Session) -> Head:
    """The newest snapshot; sequence 0 before the first refresh. Raises ``Fatal`` where the lake has no single head."""
    rows = session.execute(
        "SELECT CAST(lake_id AS VARCHAR), sequence, snapshot_time, catalog_digest FROM lake.head"
    ).fetchall()
    if len(rows) != 1:
        raise Fatal(
            f"the lake has {len(rows)} heads instead of one", remedy="rebuild the lake by a refresh under a new id"
        )
    lake_id, sequence, moment, digest = rows[0]
    return Head(lake_id, sequence, moment.replace(tzinfo=dt.UTC) if moment else None, digest)


def generations(session: Session) -> dict[str, Generation]:
    """The present generation of every dataset, by name."""
    rows = session.execute("SELECT dataset, since, shape, journal_since FROM lake.generation").fetchall()
    return {row[0]: Generation(*row) for row in rows}


def snapshot_before(session: Session, moment: dt.datetime) -> int | None:
    """Sequence of the snapshot before the first one of ``moment`` or later, or None where there is none before.

    A clock that was set back makes snapshots that seem older than those before them: they count as later.
    """
    naive = moment.astimezone(dt.UTC).replace(tzinfo=None)
    row = session.row(
        "SELECT max(sequence) FROM lake.snapshot WHERE sequence < "
        "coalesce((SELECT min(sequence) FROM lake.snapshot WHERE snapshot_time >= ?), 9223372036854775807)",
        [naive],
    )
    return int(str(row[0])) if row and row[0] is not None else None


def snapshot_time(session: Session, sequence: int) -> dt.datetime | None:
    """Moment of a snapshot, or None where it is not known any more."""
    row = session.execute("SELECT snapshot_time FROM lake.snapshot WHERE sequence = ?", [sequence]).fetchone()
    return row[0].replace(tzinfo=dt.UTC) if row else None


@dataclass(frozen=True)
class Read:
    """The sequences at which a dataset was last read, and at which one of its rows last changed, 0 for never.

    ``rows``: how many it had when it was last read.
    """

    last: int
    last_change: int
    rows: int


def reads(session: Session) -> dict[str, Read]:
    """When each dataset was read. One that was suspended lacks in the newest snapshots."""
    rows = session.execute(
        "SELECT dataset, max(sequence), coalesce(max(sequence) FILTER (inserted + updated + deleted > 0), 0), "
        "arg_max(rows_total, sequence) FROM lake.change_count GROUP BY dataset"
    ).fetchall()
    return {name: Read(*numbers) for name, *numbers in rows}


@dataclass(frozen=True)
class Contents:
    """What the lake holds at its newest snapshot: its head, and by dataset the generation and when it was read."""

    head: Head
    generations: dict[str, Generation]
    reads: dict[str, Read]


def contents(session: Session) -> Contents:
    """What the lake holds. What follows is of the same snapshot only within the same transaction."""
    return Contents(head(session), generations(session), reads(session))


def keep_counts(session: Session, counts: Sequence[tuple[int, str, int, int, int, int]]) -> None:
    """Remember per dataset what a snapshot changed: sequence, dataset, rows, and how many came, changed and went."""
    # In one statement, which makes one file.
    if counts:
        listed = ", ".join("(?, ?, ?, ?, ?, ?)" for _ in counts)
        session.execute(f"INSERT INTO lake.change_count VALUES {listed}", [value for one in counts for value in one])


def shape(dataset: Dataset) -> str:
    """What a generation depends on: the key and the columns with their types, and the canonical form."""
    return json.dumps(
        {
            "canonical": CANONICAL_FORM,
            "entity": dataset.entity,
            "key": [[part.column, part.type] for part in dataset.key],
            "columns": dataset.columns,
        },
        sort_keys=True,
    )


def added_columns(present: Generation, dataset: Dataset) -> dict[str, str] | None:
    """Columns that a present table lacks and can simply be given, or None where it must be made anew."""
    before, now = json.loads(present.shape), json.loads(shape(dataset))
    had = before.pop("columns")
    if before != {name: value for name, value in now.items() if name != "columns"}:
        return None
    if any(dataset.columns.get(name) != kind for name, kind in had.items()):
        return None
    return {name: kind for name, kind in dataset.columns.items() if name not in had}


def add_columns(session: Session, present: Generation, dataset: Dataset, added: dict[str, str]) -> None:
    """Give table and journal their new columns, empty; the generation stays the same."""
    for name, kind in added.items():
        for table in (present.table, present.journal):
            session.execute(f"ALTER TABLE {table} ADD COLUMN {ident(name)} {lake_type(kind)}")
    session.execute("UPDATE lake.generation SET shape = ? WHERE dataset = ?", [shape(dataset), dataset.name])


def new_generation(session: Session, dataset: Dataset, sequence: int) -> Generation:
    """Begin a new table and journal; ``note_generations`` tells the lake of it."""
    fresh = Generation(dataset.name, sequence, shape(dataset), sequence)
    columns = "".join(f", {ident(name)} {lake_type(kind)}" for name, kind in dataset.columns.items())
    session.execute(f"CREATE TABLE {fresh.table} (_key UUID, _hash UUID{columns})")
    session.execute(f"CREATE TABLE {fresh.journal} (_sequence BIGINT, _image VARCHAR, _key UUID, _hash UUID{columns})")
    return fresh


def note_generations(session: Session, fresh: Sequence[Generation], gone: Sequence[Generation]) -> None:
    """Let the lake know the generations that began, and remove those that ended with their tables and journals."""
    for one in gone:
        session.execute(f"DROP TABLE {one.table}")
        session.execute(f"DROP TABLE {one.journal}")
    # In one statement each: an insertion makes a file, and every delivery reads them all.
    if gone:
        session.execute(
            "DELETE FROM lake.generation WHERE dataset IN (SELECT unnest(?))", [[one.dataset for one in gone]]
        )
    if fresh:
        listed = ", ".join("(?, ?, ?, ?)" for _ in fresh)
        values = [value for one in fresh for value in (one.dataset, one.since, one.shape, one.journal_since)]
        session.execute(f"INSERT INTO lake.generation VALUES {listed}", values)


def move_head(session: Session, current: Head, moment: dt.datetime, digest: str, *, seen: int) -> Head:
    """Replace the head by the next one. Two transactions that do this at once cannot both commit.

    ``seen``: the highest sequence that this lake is known to have had. A lake that is behind it was put back from an
    older copy: it gets a new id, so that no bookmark of the lost snapshots is taken for one of the new.
    """
    lake_id = current.lake_id if current.sequence >= seen else str(uuid.uuid4())
    fresh = Head(lake_id, current.sequence + 1, moment.astimezone(dt.UTC), digest)
    naive = moment.astimezone(dt.UTC).replace(tzinfo=None)
    session.execute("DELETE FROM lake.head")
    session.execute("INSERT INTO lake.head VALUES (?, ?, ?, ?)", [fresh.lake_id, fresh.sequence, naive, digest])
    session.execute("INSERT INTO lake.snapshot VALUES (?, ?)", [fresh.sequence, naive])
    return fresh


def forget_values(location: LakeLocation) -> None:
    """Take the smallest and largest values out of the lake's catalog, where they would stand in clear.

    Those of the sequence stay: it says nothing of a person, and journals are read by it.
    """
    with psycopg.connect(location.database_url, autocommit=True) as connection:
        for table in ("ducklake_file_column_stats", "ducklake_table_column_stats"):
            connection.execute(
                sql.SQL(
                    "UPDATE {schema}.{table} AS stats SET min_value = NULL, max_value = NULL "
                    "WHERE (min_value IS NOT NULL OR max_value IS NOT NULL) AND NOT EXISTS (SELECT 1 "
                    "FROM {schema}.ducklake_column AS c WHERE c.table_id = stats.table_id "
                    "AND c.column_id = stats.column_id AND c.column_name = '_sequence')"
                ).format(schema=sql.Identifier(location.schema), table=sql.Identifier(table))
            )
