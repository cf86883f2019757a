"""What a refresh does to the lake, and what it refuses."""

from __future__ import annotations

import datetime as dt
import math
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import psycopg
import pytest

from lending import CATALOG, make
from sluis.catalog.loader import Catalog, load
from sluis.embedded import EmbeddedPostgres
from sluis.errors import Fatal, Rejected, Retryable
from sluis.lake import store
from sluis.lake.faults import explained
from sluis.lake.refresh import Refreshed, refresh
from sluis.lake.session import open_session
from sluis.lake.sources import Source
from sluis.lake.staging import Moment, stage
from sluis.lake.store import LakeLocation
from stores import ONE_THREAD, on_disk

MOMENT = Moment(dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC), "Europe/Amsterdam")


@dataclass
class House:
    source: sqlite3.Connection
    url: str
    location: LakeLocation
    scratch: Path
    catalog: Catalog

    def change(self, statement: str) -> None:
        self.source.executescript(statement)
        self.source.commit()

    def refresh(self, *names: str, catalog: Catalog | None = None, seen: int = 0) -> Refreshed:
        wanted = frozenset(names or self.catalog.datasets)
        source = Source.parse(self.url)
        made = catalog or self.catalog
        return refresh(self.location, source, made, wanted, MOMENT, seen=seen, scratch=self.scratch, limits=ONE_THREAD)

    def state(self) -> dict[str, object]:
        """Everything in the lake: head, and every dataset's rows and journal."""
        with open_session(self.scratch, ONE_THREAD) as session:
            store.attach(session, self.location, read_only=True)
            found: dict[str, object] = {"head": store.head(session)}
            for name, generation in store.generations(session).items():
                found[name] = sorted(map(str, session.execute(f"FROM {generation.table}").fetchall()))
                found[f"{name} journal"] = sorted(map(str, session.execute(f"FROM {generation.journal}").fetchall()))
            return found


@pytest.fixture
def house(tmp_path: Path, postgres: EmbeddedPostgres) -> Iterator[House]:
    location = LakeLocation(postgres.ensure_database("lakes"), f"r_{tmp_path.name}", tmp_path / "lake")
    connection = make(tmp_path / "lending.db")
    yield House(connection, f"sqlite:///{tmp_path / 'lending.db'}", location, tmp_path / "scratch", load(str(CATALOG)))
    connection.close()


def test_the_journal_holds_the_row_before_and_after(house: House) -> None:
    first = house.refresh()
    assert (first.head.sequence, {c.rebuilt for c in first.counts.values()}) == (1, {True})
    house.change(
        "UPDATE branch SET town = 'x' WHERE code = 'A'; DELETE FROM branch WHERE code = 'a'; INSERT INTO branch VALUES ('n', 'y')"
    )
    second = house.refresh()
    count = second.counts["branch"]
    assert (count.rows, count.inserted, count.updated, count.deleted, count.rebuilt) == (3, 1, 1, 1, False)
    with open_session(house.scratch, ONE_THREAD) as session:
        store.attach(session, house.location, read_only=True)
        journal = store.generations(session)["branch"].journal
        rows = session.execute(f'SELECT _image, "Code", "Town" FROM {journal} ORDER BY ALL').fetchall()
    assert rows == [("A", "A", "x"), ("A", "n", "y"), ("B", "A", "Utrecht"), ("B", "a", "")]


def test_nothing_changed_is_a_snapshot_without_changes(house: House) -> None:
    house.refresh()
    again = house.refresh()
    assert again.head.sequence == 2
    assert {(c.inserted, c.updated, c.deleted) for c in again.counts.values()} == {(0, 0, 0)}


def test_what_is_not_used_any_more_leaves_the_lake(house: House) -> None:
    house.refresh()
    house.refresh("branch", "edition")
    assert set(house.state()) == {"head", "branch", "branch journal", "edition", "edition journal"}
    back = house.refresh("branch", "member")
    assert (back.counts["member"].rebuilt, back.counts["branch"].rebuilt) == (True, False)


def without(catalog: Path, file: str, column: str) -> None:
    """Take a column out of a file's definition."""
    path = catalog / "files" / file
    kept = re.sub(rf"  - name: {column}\n(    .*\n)+", "", path.read_text("utf-8"))
    assert kept != path.read_text("utf-8")
    path.write_text(kept, "utf-8")


def test_a_column_that_the_catalogue_adds_is_filled_in_and_is_no_change(house: House) -> None:
    copy = Path(shutil.copytree(CATALOG, house.scratch.parent / "catalog"))
    without(copy, "Dim_Branch.yaml", "Town")
    without(copy, "Dim_Member.yaml", "Exact")
    house.refresh("branch", "member", catalog=load(str(copy)))
    house.change("UPDATE member SET name = 'new' WHERE id = 1; DELETE FROM branch WHERE code = 'a'")
    filled = house.refresh("branch", "member")
    assert {name: (c.inserted, c.updated, c.deleted, c.rebuilt) for name, c in filled.counts.items()} == {
        "branch": (0, 0, 1, False), "member": (0, 1, 0, False),
    }  # fmt: skip
    with open_session(house.scratch, ONE_THREAD) as session:
        store.attach(session, house.location, read_only=True)
        table = store.generations(session)["branch"].table
        assert session.execute(f'SELECT "Code", "Town" FROM {table} ORDER BY ALL').fetchall() == [
            ("A", "Utrecht"),
            ("B ", None),
        ]
    again = house.refresh("branch", "member")
    assert {(c.inserted, c.updated, c.deleted) for c in again.counts.values()} == {(0, 0, 0)}


def test_a_column_that_goes_or_gets_another_type_makes_the_table_anew(house: House) -> None:
    house.refresh("branch", "member")
    copy = Path(shutil.copytree(CATALOG, house.scratch.parent / "catalog"))
    without(copy, "Dim_Branch.yaml", "Town")
    assert house.refresh("branch", catalog=load(str(copy))).counts["branch"].rebuilt
    path = copy / "files" / "Dim_Branch.yaml"
    path.write_text(path.read_text("utf-8").replace("text(10)", "text(11)"), "utf-8")
    (copy / "files" / "Fact_Placement.yaml").unlink()
    (copy / "datasets" / "placement.sql").unlink()
    version = copy / "versions" / "2.yaml"
    version.write_text(version.read_text("utf-8").replace("Fact_Placement, ", ""), "utf-8")
    assert house.refresh("branch", catalog=load(str(copy))).counts["branch"].rebuilt


def test_two_refreshes_at_once_cannot_both_commit(house: House) -> None:
    house.refresh()
    with open_session(house.scratch, ONE_THREAD) as one, open_session(house.scratch, ONE_THREAD) as two:
        for session in (one, two):
            store.attach(session, house.location, read_only=False)
            session.execute("BEGIN TRANSACTION")
            store.move_head(session, store.head(session), MOMENT.time, "digest", seen=0)
        one.execute("COMMIT")
        with pytest.raises(Exception, match=r"[Cc]onflict"):
            two.execute("COMMIT")
    assert house.refresh().head.sequence == 3


def test_a_lake_behind_what_is_known_of_it_gets_a_new_id(house: House) -> None:
    first = house.refresh()
    assert house.refresh(seen=1).head.lake_id == first.head.lake_id
    assert house.refresh(seen=5).head.lake_id != first.head.lake_id


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("ALTER TABLE member RENAME COLUMN name TO naam", r"dataset member: table member has no column name \(any more\)"),
        ("ALTER TABLE loan RENAME COLUMN kind TO soort", r"dataset loan: table loan has no column kind \(any more\)"),
        ("DROP TABLE placement", r"dataset placement reads source\.placement, which the source does not have"),
        ("INSERT INTO placement VALUES (1, 1, 'A', 9)", r"dataset placement: 1 key\(s\) occur more than once, in 2 rows; for example [0-9a-f]{32}"),
        ("INSERT INTO placement VALUES (NULL, 1, 'A', 9)", r"dataset placement: column TitleId is part of the key and empty in 1 row"),
        ("UPDATE branch SET code = 'far too long' WHERE code = 'A'", r"dataset branch: column Code is longer than 10 characters in 1 row"),
        ("UPDATE member SET born = 'GEHEIM' WHERE id = 1", r"dataset member: in column Born a value in the source does not fit"),
    ],
)  # fmt: skip
def test_a_refresh_that_fails_says_where_and_leaves_the_lake_as_it_was(
    house: House, statement: str, message: str
) -> None:
    house.refresh()
    before = house.state()
    house.change(statement)
    with pytest.raises(Rejected, match=message) as caught:
        house.refresh()
    assert caught.value.remedy
    assert "GEHEIM" not in f"{caught.value} {caught.value.remedy}"
    assert house.state() == before


def test_duplicate_keys_that_tell_nothing_are_shown_as_they_are(house: House) -> None:
    copy = Path(shutil.copytree(CATALOG, house.scratch.parent / "catalog"))
    (copy / "datasets" / "edition.sql").write_text(
        'SELECT title_id AS "TitleId", 7 AS "Printing", title AS "Title" FROM source.edition', "utf-8"
    )
    with pytest.raises(Rejected, match=r"for example TitleId = 1, Printing = 7"):
        house.refresh("edition", catalog=load(str(copy)))


def test_a_column_of_another_type_is_refused_by_name(house: House) -> None:
    copy = Path(shutil.copytree(CATALOG, house.scratch.parent / "catalog"))
    query = copy / "datasets" / "branch.sql"
    query.write_text('SELECT code AS "Code", 1.5 AS "Town" FROM source.branch', "utf-8")
    with pytest.raises(Rejected, match=r"dataset branch: column Town is DECIMAL\(2,1\), the catalogue says text"):
        house.refresh("branch", catalog=load(str(copy)))
    query.write_text('SELECT code AS "Code" FROM source.branch', "utf-8")
    with pytest.raises(Rejected, match=r"dataset branch: the query gives no column Town"):
        house.refresh("branch", catalog=load(str(copy)))


def test_the_date_of_the_refresh_is_that_of_the_environment(house: House) -> None:
    late = Moment(dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC), "Europe/Amsterdam")
    assert late.date == dt.date(2026, 11, 2)
    copy = Path(shutil.copytree(CATALOG, house.scratch.parent / "catalog"))
    (copy / "datasets" / "branch.sql").write_text(
        'SELECT code AS "Code", CAST($snapshot_date AS VARCHAR) AS "Town" FROM source.branch', "utf-8"
    )
    with open_session(house.scratch, ONE_THREAD) as session:
        stage(session, Source.parse(house.url), load(str(copy)), frozenset({"branch"}), late)
        assert session.row('SELECT DISTINCT "Town" FROM source.result.branch') == ("2026-11-02",)


def test_data_on_disk_are_encrypted_and_temporary_files_go(house: House) -> None:
    house.change("UPDATE branch SET town = 'PLANTEDTOKEN' || hex(randomblob(20))")
    house.refresh()
    assert list(house.scratch.iterdir()) == []
    files = [path for path in on_disk(house.location).rglob("*") if path.is_file()]
    assert files
    assert not any(b"PLANTEDTOKEN" in path.read_bytes() for path in files)
    assert not any(path.read_bytes().startswith(b"PAR1") for path in files), (
        "an encrypted Parquet file begins with PARE"
    )


def test_a_source_that_cannot_be_opened_is_told_without_its_password(house: House) -> None:
    source = Source.parse("postgresql://reader:PLANTED%2FSECRET@127.0.0.1:1/app")
    assert (source.url, source.password) == ("postgresql://reader@127.0.0.1:1/app", "PLANTED/SECRET")
    with pytest.raises(Retryable) as caught:
        refresh(house.location, source, house.catalog, frozenset({"branch"}), MOMENT, seen=0, scratch=house.scratch)
    assert "PLANTED" not in f"{caught.value} {caught.value.remedy}"


def test_the_catalog_of_the_lake_lies_in_a_schema_of_its_own(house: House) -> None:
    house.refresh()
    with psycopg.connect(house.location.database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = %s AND table_name LIKE 'ducklake%%'",
            [house.location.schema],
        ).fetchone()
        inlined = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = %s AND table_name LIKE 'ducklake_inlined_data_%%' AND table_name <> 'ducklake_inlined_data_tables'",
            [house.location.schema],
        ).fetchone()
    assert row
    assert row[0] > 10
    assert inlined == (0,), "small changes would stand in the catalog in clear"


@pytest.mark.parametrize(
    "error",
    [
        duckdb.TransactionException("TransactionContext Error: Failed to commit: FATAL: shutting down"),
        duckdb.TransactionException("TransactionContext Error: Current transaction is aborted (please ROLLBACK)"),
        duckdb.Error("Failed to prepare COPY: FATAL:  the database system is starting up"),
        duckdb.Error("Failed to prepare COPY: server closed the connection unexpectedly"),
    ],
)
def test_a_database_that_stops_in_between_is_something_to_try_again(house: House, error: duckdb.Error) -> None:
    house.refresh()
    with open_session(house.scratch, ONE_THREAD) as session:
        store.attach(session, house.location, read_only=True)
        with pytest.raises(Retryable, match="did not answer"), explained(session, "delivering", house.location):
            raise error


def test_what_nobody_knows_is_tried_again_only_where_the_database_was_away(house: House) -> None:
    house.refresh()
    unknown = duckdb.InvalidInputException("Invalid Input Error: something that no version said before")
    with open_session(house.scratch, ONE_THREAD) as session:
        store.attach(session, house.location, read_only=True)
        with pytest.raises(Fatal, match="unexpected error"), explained(session, "delivering", house.location):
            raise unknown
        gone = replace(house.location, database_url="postgresql://nobody@127.0.0.1:1/none")
        with pytest.raises(Retryable, match="did not answer"), explained(session, "delivering", gone):
            raise unknown
        # It is as if the server had begun after the session.
        session.began = -math.inf
        with pytest.raises(Retryable, match="did not answer"), explained(session, "delivering", house.location):
            raise unknown


def test_a_conflict_is_left_to_who_knows_who_was_first(house: House) -> None:
    with (
        open_session(house.scratch, ONE_THREAD) as session,
        pytest.raises(duckdb.TransactionException),
        explained(session, "writing", house.location),
    ):
        raise duckdb.TransactionException("TransactionContext Error: Failed to commit: Transaction conflict")
