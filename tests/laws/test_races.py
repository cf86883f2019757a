"""Histories in which two things happen at once, or one thing half: each once broke a law."""

from __future__ import annotations

import datetime as dt
import shutil

import psycopg
import pytest
from django.db import connection

from laws.victim import dies
from laws.world import Stream, World
from sluis.control import locks, places
from sluis.control.actions import (
    accounts,
    configurations,
    decisions,
    deliveries,
    environments,
    medical,
    refreshes,
    retention,
    upkeep,
)
from sluis.control.actor import CLI
from sluis.control.models import Bookmark, Delivery, DeliveryState, Environment, LogLine
from sluis.control.setup import Started
from sluis.errors import SluisError
from sluis.lake.brake import Braked


def states() -> list[tuple[int | None, str]]:
    return list(Delivery.objects.order_by("created_at").values_list("sequence", "state"))


@pytest.mark.parametrize("border", ["call _drop", "return withdraw", "call discard"])
def test_a_process_that_dies_while_it_withdraws(world: World, stream: Stream, border: str) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()
    world.block_publication(stream)
    with world.step():
        configurations.choose_columns(CLI, stream.configuration, "Dim_Member", off=["Postcode"])
    assert dies("deliver", stream.configuration.pk, border)
    world.remember_lake()
    done = world.deliver(stream)
    assert done is not None
    assert (done.sequence, done.previous) == (2, 1), states()


def test_doubt_that_came_up_since_is_not_cleared_by_settling(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()
    with world.step():
        deliveries.deliver(CLI, stream.configuration)  # nobody fetches it
    world.change("UPDATE branch SET town = 'y' WHERE code = 'a'")
    world.refresh()
    world.lose_confirmation(stream)
    with world.step():
        world.account = accounts.edit_account(CLI, world.account, hosted=accounts.HostedSettings(retention_days=1))
    world.now += dt.timedelta(days=3)
    with world.step():
        assert [one.sequence for one in retention.remove_old_deliveries(CLI, world.account)] == [1, 2]
        fourth = deliveries.deliver(CLI, stream.configuration)
    assert (fourth.sequence, fourth.mode) == (4, "full")
    assert set(Bookmark.objects.values_list("doubt", flat=True)) == {""}


def test_a_file_that_left_meanwhile_is_named_again_to_who_missed_it(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()
    with world.step():
        deliveries.deliver(CLI, stream.configuration)  # nobody fetches it
        configurations.edit_configuration(CLI, stream.configuration, drop_files=["Fact_Note"])
    world.lose_confirmation(stream)
    with world.step():
        world.account = accounts.edit_account(CLI, world.account, hosted=accounts.HostedSettings(retention_days=1))
    world.now += dt.timedelta(days=3)
    with world.step():
        retention.remove_old_deliveries(CLI, world.account)
        fourth = deliveries.deliver(CLI, stream.configuration)
    assert (fourth.mode, fourth.ended) == ("full", ["Fact_Note"])


def test_one_that_is_cancelled_while_its_last_file_is_written(world: World, stream: Stream) -> None:
    def cancel(name: str, number: int, many: int) -> None:
        if number == many:
            decisions.cancel(CLI, Delivery.objects.get(state=DeliveryState.RUNNING))

    with world.step(), pytest.raises(SluisError, match="was cancelled"):
        deliveries.deliver(CLI, stream.configuration, since="all", progress=cancel)
    assert states()[-1] == (None, DeliveryState.CANCELLED)


def test_a_release_is_for_the_refresh_that_it_is_given_to(world: World, stream: Stream) -> None:
    with world.time():
        environments.edit_environment(CLI, world.environment, brake_percent=40, brake_floor=0)
    world.change("DELETE FROM branch WHERE code <> 'A'")
    with world.step(), pytest.raises(Braked):
        refreshes.refresh(CLI, world.environment)
    world.change("ALTER TABLE member RENAME TO lid")
    with world.step(), pytest.raises(SluisError):
        refreshes.refresh(CLI, world.environment, release=True)
    world.change("ALTER TABLE lid RENAME TO member; INSERT INTO branch VALUES ('a', ''), ('B ', NULL)")
    world.change("DELETE FROM branch WHERE code IN ('A', 'B ')")
    with world.step(), pytest.raises(Braked):
        refreshes.refresh(CLI, world.environment)


def test_a_process_that_dies_once_it_has_removed_a_medical_delivery(world: World, stream: Stream) -> None:
    with world.step():
        accounts.edit_account(CLI, world.account, medical=False)
    assert dies("remove medical", world.account.pk, "return remove")
    assert list(stream.receivers.folder.iterdir()) == []
    assert set(Bookmark.objects.values_list("doubt", flat=True)) == {"history"}


def test_a_medical_delivery_without_confirmation_is_removed_too(world: World, stream: Stream) -> None:
    world.lose_confirmation(stream)
    with world.step():
        account = accounts.edit_account(CLI, world.account, medical=False)
        assert [one.sequence for one in medical.remove_medical(CLI, account)] == [1, 2]
    assert LogLine.objects.filter(code="mark-gone").count() == 1
    done = world.deliver(stream)
    assert done is not None
    assert (done.medical, done.mode) == (False, "full")


def test_a_held_delivery_that_lost_what_was_built_is_made_anew(world: World, stream: Stream) -> None:
    delivery = world.held(stream)
    shutil.rmtree(places.building(delivery))
    with world.step():
        done = decisions.release(CLI, delivery)
    world.check(stream)
    assert (done.sequence, done.state, done.pk == delivery.pk) == (2, DeliveryState.DELIVERED, False)


def test_one_that_was_released_meanwhile_is_not_ended(world: World, stream: Stream) -> None:
    delivery = world.held(stream)
    stale = Delivery.objects.get(pk=delivery.pk)
    with world.step():
        decisions.release(CLI, delivery)
        deliveries.end(stale, DeliveryState.SUPERSEDED, "superseded", "too late")
    assert states()[-1] == (2, DeliveryState.DELIVERED)
    world.check(stream)


def test_what_was_built_before_somebody_was_expunged_is_made_anew(world: World, stream: Stream) -> None:
    world.change("UPDATE member SET condition = 'tokenexpunged' WHERE id = 2")
    world.refresh()
    world.block_publication(stream)
    world.change("DELETE FROM member WHERE id = 2")
    world.refresh()
    with world.step():
        upkeep.expunge(CLI, world.environment, "member", parts=["2"])
    assert world.deliver(stream) is not None
    texts = [path.read_text("utf-8") for path in stream.receivers.folder.rglob("*.csv")]
    assert texts
    assert not any("tokenexpunged" in text for text in texts)


def test_a_wait_that_ended_leaves_no_limit_behind(committed: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_LONGEST_WAIT_MS", 200)
    with psycopg.connect(committed.database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(locks.Kind.READING), 1])
        with pytest.raises(SluisError, match="kept in order"), locks.reading(1):
            pass
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_what_a_receiver_has_is_counted_right_after_a_run_since_a_date(world: World, stream: Stream) -> None:
    world.now += dt.timedelta(days=1)
    world.change("DELETE FROM branch WHERE code = 'a'")
    world.refresh()
    world.deliver(stream)
    world.now += dt.timedelta(days=1)
    world.refresh()
    for _ in range(2):
        dated = world.deliver(stream, since="2026-10-22")
        assert dated is not None
        assert dated.files.get(name="Dim_Branch").deleted == 1, "it is named again, relative to what was asked"
        assert Bookmark.objects.get(file="Dim_Branch").rows == 2


def test_a_refresh_that_died_after_its_snapshot_explains_it_whatever_follows(world: World, stream: Stream) -> None:
    assert dies("refresh", world.environment.pk, "call _succeed")
    world.remember_lake()
    world.broken_refresh()
    assert Environment.objects.get().lake_sequence == 2
    done = world.deliver(stream)
    assert done is not None
    assert done.mode == "changes"
