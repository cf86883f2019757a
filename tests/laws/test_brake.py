"""The brake: what loses too much at once waits for a person."""

from __future__ import annotations

import json

import pytest

from laws.world import Stream, World
from sluis.control import places
from sluis.control.actions import configurations, decisions, deliveries, environments, refreshes
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Bookmark, Delivery, DeliveryState, Environment, LogLine, Refresh
from sluis.errors import Rejected
from sluis.lake.brake import Brake, Braked


@pytest.fixture(autouse=True)
def _sharp(world: World) -> None:
    with world.time():
        environments.edit_environment(CLI, world.environment, brake_percent=40, brake_floor=0)


@pytest.mark.parametrize(
    ("before", "gone", "holds"),
    [(1000, 200, False), (1000, 201, True), (100, 100, False), (101, 101, True), (1000, 0, False), (0, 0, False)],
)
def test_by_default_a_fifth_and_more_than_a_hundred_rows(before: int, gone: int, *, holds: bool) -> None:
    assert Brake().holds("file", before, gone) is holds
    assert not Brake(released={"file": gone}).holds("file", before, gone)


def test_a_refresh_that_shrinks_a_dataset_fails_and_leaves_the_lake(world: World, stream: Stream) -> None:
    before = Environment.objects.get().lake_sequence
    world.change("DELETE FROM branch WHERE code <> 'A'")
    with world.step(), pytest.raises(Braked, match=r"branch \(2 of 3 rows\)") as caught:
        refreshes.refresh(CLI, world.environment)
    assert "--release" in caught.value.remedy
    assert caught.value.gone == {"branch": 2}
    failed = Refresh.objects.latest("pk")
    assert (failed.state, failed.gone, Environment.objects.get().lake_sequence) == ("failed", {"branch": 2}, before)
    delivery = world.deliver(stream)
    assert delivery is not None
    assert sum(one.rows for one in delivery.files.all()) == 0


def test_the_release_is_for_one_refresh_and_for_so_many_rows(world: World, stream: Stream) -> None:
    with world.step(), pytest.raises(Rejected, match="did not stop"):
        refreshes.refresh(CLI, world.environment, release=True)
    world.change("DELETE FROM branch WHERE code <> 'A'")
    with world.step(), pytest.raises(Braked):
        refreshes.refresh(CLI, world.environment)
    world.change("DELETE FROM branch")
    with world.step(), pytest.raises(Braked, match="3 of 3"):
        refreshes.refresh(CLI, world.environment, release=True)
    with world.step():
        refreshes.refresh(CLI, world.environment, release=True)
    assert AuditEvent.objects.filter(action="environment.release").count() == 2


def test_a_held_delivery_changes_nothing_and_is_told(world: World, stream: Stream) -> None:
    marks = list(Bookmark.objects.order_by("file").values())
    standing = sorted(stream.receivers.folder.iterdir())
    delivery = world.held(stream)
    assert (delivery.state, delivery.sequence) == (DeliveryState.HELD, None)
    assert list(Bookmark.objects.order_by("file").values()) == marks
    assert sorted(stream.receivers.folder.iterdir()) == standing
    line = LogLine.objects.get(code="held")
    assert (line.level, "Dim_Branch (2 of 3 rows)" in line.text) == (4, True)


def test_a_released_delivery_goes_with_its_bytes_and_the_next_number(world: World, stream: Stream) -> None:
    delivery = world.held(stream)
    built = {path.name: path.read_bytes() for path in places.building(delivery).iterdir()}
    with world.step():
        done = decisions.release(CLI, delivery)
    assert (done.pk, done.state, done.sequence) == (delivery.pk, DeliveryState.DELIVERED, 2)
    published = {path.name: path.read_bytes() for path in (stream.receivers.folder / done.folder).iterdir()}
    assert {name: published[name] for name in built} == built
    world.check(stream)
    assert json.loads(published["datapackage.json"])["sluis"]["previous"] == 1


def test_a_release_after_an_edit_makes_it_anew(world: World, stream: Stream) -> None:
    delivery = world.held(stream)
    with world.step():
        configurations.choose_columns(CLI, stream.configuration, "Dim_Branch", off=["Town"])
        done = decisions.release(CLI, delivery)
    world.check(stream)
    delivery.refresh_from_db()
    assert (done.state, delivery.state) == (DeliveryState.DELIVERED, DeliveryState.SUPERSEDED)
    assert done.pk != delivery.pk
    assert done.files.get(name="Dim_Branch").reason == "columns"


def test_a_refused_delivery_is_gone_and_the_next_is_held_too(world: World, stream: Stream) -> None:
    delivery = world.held(stream)
    with world.step():
        decisions.refuse(CLI, delivery)
    assert not places.building(delivery).exists()
    again = world.deliver(stream)
    assert again is not None
    assert again.state == DeliveryState.HELD
    world.change("INSERT INTO branch VALUES ('a', ''), ('B ', NULL)")
    world.refresh()
    mended = world.deliver(stream)
    again.refresh_from_db()
    assert mended is not None
    assert (again.state, mended.state) == (DeliveryState.SUPERSEDED, DeliveryState.DELIVERED)


def test_a_full_file_is_braked_too(world: World, stream: Stream) -> None:
    world.change("DELETE FROM branch WHERE code <> 'A'")
    with world.step(), pytest.raises(Braked):
        refreshes.refresh(CLI, world.environment)
    with world.step():
        refreshes.refresh(CLI, world.environment, release=True)
        for since in ("all", "2026-10-21"):
            assert deliveries.deliver(CLI, stream.configuration, since=since).state == DeliveryState.HELD


@pytest.mark.parametrize("verb", ["release", "refuse"])
def test_only_what_is_held_can_be_decided_on(world: World, stream: Stream, verb: str) -> None:
    delivered = Delivery.objects.get()
    with world.step(), pytest.raises(Rejected, match="delivered"):
        getattr(decisions, verb)(CLI, delivered)
    with world.step(), pytest.raises(Rejected, match="cannot be cancelled"):
        decisions.cancel(CLI, delivered)
    with world.step(), pytest.raises(Rejected, match="nothing to retry"):
        decisions.retry(CLI, delivered)


def test_a_held_delivery_can_be_cancelled(world: World, stream: Stream) -> None:
    delivery = world.held(stream)
    with world.step():
        decisions.cancel(CLI, delivery)
    delivery.refresh_from_db()
    assert (delivery.state, places.building(delivery).exists()) == (DeliveryState.CANCELLED, False)
    with world.step():
        assert decisions.retry(CLI, delivery).state == DeliveryState.HELD


def test_a_running_delivery_ends_at_the_next_file(world: World, stream: Stream) -> None:
    def cancel(name: str, number: int, many: int) -> None:
        if number == 2:
            decisions.cancel(CLI, Delivery.objects.get(state=DeliveryState.RUNNING))

    with world.step(), pytest.raises(Exception, match="was cancelled") as caught:
        deliveries.deliver(CLI, stream.configuration, since="all", progress=cancel)
    assert getattr(caught.value, "code", "") == "cancelled"
    cancelled = Delivery.objects.latest("created_at")
    assert (cancelled.state, places.building(cancelled).exists()) == (DeliveryState.CANCELLED, False)
    with world.step():
        done = decisions.retry(CLI, cancelled)
    assert (done.state, done.since, done.mode) == (DeliveryState.DELIVERED, "all", "full")
    world.check(stream)
