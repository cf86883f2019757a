"""History: how far back the journals go, what is expunged, and what that means for the next delivery."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from laws.world import Stream, World
from sluis.control import places
from sluis.control.actions import (
    accounts,
    configurations,
    deliveries,
    environments,
    medical,
    previews,
    retention,
    secrets,
    upkeep,
)
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Bookmark, Delivery, Environment
from sluis.delivery import pseudonyms
from sluis.errors import Rejected
from sluis.lake import store
from sluis.lake.session import open_session
from sluis.lake.upkeep import key_of
from sluis.receive.load import load
from stores import on_disk


def reasons(delivery: Delivery | None) -> dict[str, str | None]:
    assert delivery
    return {one.name: one.reason for one in delivery.files.all()}


def in_the_lake(world: World, token: str) -> list[str]:
    """Where a text occurs in all that the lake keeps: its catalog, and every data file, read as the engine can."""
    location = places.lake(Environment.objects.get(pk=world.environment.pk))
    found = []
    with psycopg.connect(location.database_url) as server:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
        for (table,) in server.execute(named, [location.schema]).fetchall():
            rows = server.execute(
                sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(location.schema, table))
            ).fetchall()
            found += [table for (row,) in rows if token in row]
        files = {
            row[0] for row in server.execute(
                sql.SQL("SELECT path FROM {}").format(sql.Identifier(location.schema, "ducklake_data_file"))
            )
        } | {
            row[0] for row in server.execute(
                sql.SQL("SELECT path FROM {}").format(sql.Identifier(location.schema, "ducklake_delete_file"))
            )
        }  # fmt: skip
    standing = {path.name for path in on_disk(location).rglob("*.parquet")}
    assert standing == {Path(file).name for file in files}, "files that the catalog does not know"
    with open_session(places.scratch()) as session:
        store.attach(session, location, read_only=True)
        for generation in store.generations(session).values():
            for table in (generation.table, generation.journal):
                found += [table for row in session.execute(f"FROM {table}").fetchall() if token in str(row)]
    return found


def test_a_journal_that_is_too_short_brings_everything_in_full(world: World, stream: Stream) -> None:
    with world.time():
        environments.edit_environment(CLI, world.environment, keep_days=1)
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()
    world.now += dt.timedelta(days=3)
    world.refresh()
    world.change("DELETE FROM branch WHERE code = 'a'")
    world.refresh()
    with world.step():
        done = upkeep.maintain(CLI, world.environment)
    assert done.journal_rows == 2
    third = world.deliver(stream)
    assert set(reasons(third).values()) == {"history"}
    assert set(reasons(world.deliver(stream)).values()) == {None}
    assert set(reasons(world.deliver(stream, since="2026-10-21")).values()) == {"history"}


def test_what_is_kept_long_enough_stays_changes(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()
    for _ in range(3):
        with world.step():
            done = upkeep.maintain(CLI, world.environment)
    assert done.journal_rows == 0
    second = world.deliver(stream)
    assert second is not None
    assert (second.mode, second.files.get(name="Dim_Branch").updated) == ("changes", 1)


def test_maintenance_leaves_few_files(world: World, stream: Stream) -> None:
    for number in range(6):
        world.change(f"UPDATE branch SET town = 'x{number}' WHERE code = 'A'")
        world.refresh()
    with world.step():
        done = upkeep.maintain(CLI, world.environment)
    assert done.files < done.files_before
    assert world.deliver(stream) is not None


def test_an_expunged_key_is_nowhere_and_later_deliveries_are_right(world: World, stream: Stream) -> None:
    other = world.add("Twee", streams="shelves")
    world.change("UPDATE member SET condition = 'tokenexpunged' WHERE id = 2")
    world.refresh()
    world.change("DELETE FROM member WHERE id = 2")
    world.refresh()
    world.deliver(other)
    assert in_the_lake(world, "tokenexpunged")
    with world.step():
        done, holdings = upkeep.expunge(CLI, world.environment, "member", parts=["2"])
    assert (done.journal_rows, done.present) == (3, False)
    assert in_the_lake(world, "tokenexpunged") == []
    assert [(one.configuration, one.folder.split("_")[0], one.certain) for one in holdings] == [
        ("DWH/Een", "000001", True)
    ]
    found = reasons(world.deliver(stream))
    assert found.pop("Dim_Member") == "history"
    assert set(found.values()) == {None}
    assert set(reasons(world.deliver(other)).values()) == {None}
    told = str(list(AuditEvent.objects.values_list("details", flat=True)))
    assert pseudonyms.pseudonym_of(bytes(world.account.secret), _key(world, "2")) not in told


def _key(world: World, *parts: str) -> str:
    dataset = world.catalog.datasets["member"]
    return key_of(dataset, parts, scratch=places.scratch(), limits=places.limits())


def test_who_has_heard_of_the_deletion_gets_changes(world: World, stream: Stream) -> None:
    world.change("DELETE FROM member WHERE id = 4")
    world.refresh()
    world.deliver(stream)
    with world.step():
        upkeep.expunge(CLI, world.environment, "member", primary_key=_key(world, "4"))
    world.change("UPDATE member SET active = 0 WHERE id = 1")
    world.refresh()
    third = world.deliver(stream)
    assert third is not None
    assert (third.mode, third.files.get(name="Dim_Member").updated) == ("changes", 1)


def test_a_key_that_the_source_has_loses_its_history_only(world: World, stream: Stream) -> None:
    world.change("UPDATE member SET name = NULL, condition = 'tokencleared' WHERE id = 1")
    world.refresh()
    world.change("UPDATE member SET condition = NULL WHERE id = 1")
    world.refresh()
    with world.step():
        done, holdings = upkeep.expunge(CLI, world.environment, "member", parts=["1"])
    assert (done.present, len(holdings)) == (True, 1)
    assert in_the_lake(world, "tokencleared") == []
    assert world.deliver(stream) is not None


def test_a_delivery_that_may_still_go_out_is_named_too(world: World, stream: Stream) -> None:
    world.change("UPDATE member SET condition = 'x' WHERE id = 2")
    world.refresh()
    world.block_publication(stream)
    with world.step():
        _, holdings = upkeep.expunge(CLI, world.environment, "member", parts=["2"])
    assert [one.folder.split("_")[0] for one in holdings] == ["000001", "000002"]
    assert world.deliver(stream) is not None


def test_a_whole_dataset_goes_and_comes_back_when_it_is_used(world: World, stream: Stream) -> None:
    with world.step():
        done, _ = upkeep.expunge(CLI, world.environment, "member", whole=True)
    assert done.rows == 5
    found = reasons(world.deliver(stream))
    assert found.pop("Dim_Member") == "rebuilt"
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"dataset": "members", "whole": True}, "there is no dataset members"),
        ({"dataset": "member", "parts": ["x"]}, "MemberId is not a integer"),
        ({"dataset": "member", "parts": ["1", "2"]}, r"has 1 part\(s\): MemberId"),
        ({"dataset": "edition", "parts": ["1"]}, r"has 2 part\(s\): TitleId, Printing"),
        ({"dataset": "member", "primary_key": "abc"}, "not a primary key"),
        ({"dataset": "member", "parts": ["1"], "primary_key": "0" * 32}, "said once"),
        ({"dataset": "member"}, "said once"),
        ({"dataset": "member", "primary_key": ""}, "not a primary key"),
    ],
)
def test_what_cannot_be_expunged_is_refused(world: World, stream: Stream, given: dict[str, Any], text: str) -> None:
    with world.step(), pytest.raises(Rejected, match=text):
        upkeep.expunge(CLI, world.environment, **given)


def test_an_environment_without_history_has_nothing_to_keep(world: World) -> None:
    for verb in (
        lambda: upkeep.maintain(CLI, world.environment),
        lambda: upkeep.expunge(CLI, world.environment, "member", whole=True),
    ):
        with world.step(), pytest.raises(Rejected, match="no history yet"):
            verb()


def test_a_lake_that_is_made_anew_brings_everything_in_full(world: World, stream: Stream) -> None:
    old = places.lake(Environment.objects.get())
    with world.step():
        upkeep.rebuild_lake(CLI, world.environment)
    assert not on_disk(old).exists()
    assert set(reasons(world.deliver(stream)).values()) == {"rebuilt"}


def test_no_value_of_a_row_stands_in_the_catalog_of_the_lake(world: World, stream: Stream) -> None:
    world.change("UPDATE member SET name = 'AAA first', condition = 'zzz last' WHERE id = 1")
    world.refresh()
    location = places.lake(Environment.objects.get())
    with psycopg.connect(location.database_url) as server:
        for table in ("ducklake_file_column_stats", "ducklake_table_column_stats"):
            rows = server.execute(
                sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(location.schema, table))
            ).fetchall()
            assert rows
            assert [row for (row,) in rows if "AAA first" in row or "zzz last" in row or "Utrecht" in row] == []


# Secrets and marks


def test_another_secret_brings_everything_in_full_with_other_keys(world: World, stream: Stream) -> None:
    before = set(stream.receivers.contract.files["Dim_Member"])
    with world.step():
        secrets.rotate_secret(CLI, world.account)
    assert set(reasons(world.deliver(stream)).values()) == {"secret"}
    assert before.isdisjoint(stream.receivers.contract.files["Dim_Member"])
    assert set(reasons(world.deliver(stream)).values()) == {None}


def test_a_shared_secret_makes_the_same_pseudonyms_and_no_other_does(world: World, stream: Stream) -> None:
    with world.step():
        second = accounts.add_account(CLI, world.environment, "BI", account_type="hosted", medical=True)
        made = configurations.add_configuration(CLI, second, "Een", version="2", streams="all", pseudonymous=True)
    first = set(stream.receivers.contract.files["Dim_Member"])
    keys = []
    for share in (False, True):
        with world.step():
            if share:
                secrets.share_secret(CLI, second, world.account)
            done = deliveries.deliver(CLI, made)
        text = (places.hosted(second).root / "Een" / done.folder / "Dim_Member.csv").read_text("utf-8")
        keys.append({key for key in first if key in text})
    assert keys == [set(), first]


def test_taking_the_mark_away_offers_to_remove_what_stands_there(world: World, stream: Stream) -> None:
    with world.step():
        account = accounts.edit_account(CLI, world.account, medical=False)
        assert [one.sequence for one in medical.standing_medical(account)] == [1]
        assert [one.sequence for one in medical.remove_medical(CLI, account)] == [1]
        assert medical.standing_medical(account) == []
    assert list(stream.receivers.folder.iterdir()) == []
    assert set(Bookmark.objects.values_list("doubt", flat=True)) == {"history"}
    second = world.deliver(stream)
    assert set(reasons(second).values()) == {"history"}
    assert "Condition" not in stream.receivers.contract.files["Dim_Member"].popitem()[1]


def test_a_file_that_left_in_a_delivery_that_was_removed_is_named_again(world: World, stream: Stream) -> None:
    with world.step():
        configurations.edit_configuration(CLI, stream.configuration, drop_files=["Fact_Note"])
        gone = deliveries.deliver(CLI, stream.configuration)
        assert gone.ended == ["Fact_Note"]
        account = accounts.edit_account(CLI, world.account, medical=False)
        medical.remove_medical(CLI, account)
    third = world.deliver(stream)
    assert third is not None
    assert third.ended == ["Fact_Note"]


# Dry run


def test_a_dry_run_says_what_a_run_then_does_and_does_nothing(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'; DELETE FROM edition WHERE title_id = 2")
    with world.step():
        configurations.choose_columns(CLI, stream.configuration, "Dim_Member", off=["Postcode"])
    world.refresh()
    marks = list(Bookmark.objects.order_by("file").values())
    with world.step():
        shown = previews.preview(CLI, stream.configuration, rows=1)
    assert (Delivery.objects.count(), list(Bookmark.objects.order_by("file").values())) == (1, marks)
    assert [path for path in places.scratch().iterdir() if path.name.startswith("delivery")] == []
    names = ("name", "mode", "reason", "rows", "inserted", "updated", "deleted", "bytes", "sha256")
    foretold = [tuple(getattr(one, name) for name in names) for one in shown.built.written]
    done = world.deliver(stream)
    assert done is not None
    assert [tuple(getattr(one, name) for name in names) for one in done.files.order_by("pk")] == foretold
    assert shown.mode == "changes"
    header, row = shown.first_rows["Dim_Branch"]
    assert (header[:3], row[2]) == (["PrimaryKey", "RecordKey", "Mutatie"], "U")
    event = AuditEvent.objects.get(action="configuration.preview")
    assert "Dim_Branch" in str(event.details)


def test_a_dry_run_without_rows_shows_none(world: World, stream: Stream) -> None:
    with world.step():
        shown = previews.preview(CLI, stream.configuration)
    assert shown.first_rows == {}


def test_what_follows_a_delivery_that_went_unfetched_waits_for_the_next_full_one(world: World, tmp_path: Path) -> None:
    stream = world.add("Een")
    copy = f"duckdb:///{tmp_path / 'copy.duckdb'}"
    for town in ("Leiden", "Delft"):
        world.now += dt.timedelta(days=20)
        world.change(f"UPDATE branch SET town = '{town}' WHERE code = 'A'")
        world.refresh()
        world.deliver(stream, fetch="later")
    with world.step(24 * 20):
        assert [one.sequence for one in retention.remove_old_deliveries(CLI, world.account)] == [1]
    with pytest.raises(Rejected, match="delivery 2 follows 1, and nothing is loaded yet"):
        load(stream.receivers.folder, copy)
    stream.receivers.broken = 2
    third = world.deliver(stream)
    assert set(reasons(third).values()) == {"history"}
    report = load(stream.receivers.folder, copy)
    assert ([one.sequence for one in report.loaded], [one.sequence for one in report.skipped]) == ([3], [2])
