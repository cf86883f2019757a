"""Suspended datasets: the rest goes on without them, and when they return receivers become right."""

from __future__ import annotations

import datetime as dt

import pytest

from laws.world import Stream, World
from sluis.control.actions import configurations, decisions, deliveries, environments, refreshes, suspensions, upkeep
from sluis.control.actions.previews import preview
from sluis.control.actor import CLI
from sluis.control.models import Bookmark, Delivery, Environment, LogLine
from sluis.errors import Rejected

BROKEN = "ALTER TABLE branch RENAME TO filiaal"
MENDED = "ALTER TABLE filiaal RENAME TO branch"


def delivered(world: World, stream: Stream, since: str = "last") -> Delivery:
    done = world.deliver(stream, since=since)
    assert done is not None
    return done


def modes(delivery: Delivery) -> dict[str, tuple[str, str | None]]:
    return {one.name: (one.mode, one.reason) for one in delivery.files.all()}


def test_the_rest_goes_on_and_the_return_is_changes(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'before' WHERE code = 'A'")
    world.suspend("branch")
    world.change("DELETE FROM branch WHERE code = 'a'; UPDATE member SET postcode = '9999AA' WHERE id = 1")
    world.refresh()
    without = delivered(world, stream)
    assert without.ended == []
    assert "Dim_Branch" not in modes(without)
    assert without.files.get(name="Dim_Member").updated == 1
    line = LogLine.objects.get(delivery=without, code="suspended")
    assert (line.level, line.details) == (4, {"files": ["Dim_Branch"], "datasets": ["branch"]})
    assert Bookmark.objects.get(file="Dim_Branch").doubt == ""
    world.resume("branch")
    world.refresh()
    back = delivered(world, stream)
    assert set(modes(back).values()) == {("changes", None)}
    branch = back.files.get(name="Dim_Branch")
    assert (branch.inserted, branch.updated, branch.deleted) == (0, 1, 1)
    assert not LogLine.objects.filter(delivery=back, level=4).exists()


def test_what_the_source_cannot_give_stops_nothing_else(world: World, stream: Stream) -> None:
    world.change(BROKEN)
    with world.step(), pytest.raises(Rejected, match="branch"):
        refreshes.refresh(CLI, world.environment)
    world.suspend("branch")
    with world.step(0):
        done = refreshes.refresh(CLI, world.environment)
    assert "branch" not in done.counts
    assert done.log.get(code="not-read").details == {"datasets": ["branch"]}
    world.change(MENDED)
    world.resume("branch")
    assert delivered(world, stream).files.get(name="Dim_Branch").rows == 0


def test_a_delivery_before_the_next_refresh_reads_what_returned(world: World, stream: Stream) -> None:
    """Else it would be of the newest snapshot, and this file of an older one."""
    world.suspend("branch")
    world.change("UPDATE branch SET town = 'later' WHERE code = 'A'")
    world.refresh()
    world.resume("branch")
    before = Environment.objects.get().lake_sequence or 0
    done = delivered(world, stream)
    assert done.snapshot == before + 1
    assert done.files.get(name="Dim_Branch").updated == 1


def test_one_that_was_never_read_comes_in_full_when_it_returns(world: World) -> None:
    world.suspend("branch")
    stream = world.add("Een")
    assert "Dim_Branch" not in modes(delivered(world, stream))
    world.resume("branch")
    found = modes(delivered(world, stream))
    assert found.pop("Dim_Branch") == ("full", "first")
    assert set(found.values()) == {("changes", None)}


def test_after_a_full_delivery_without_it_it_comes_in_full(world: World, stream: Stream) -> None:
    """A receiver may have begun anew with that one."""
    world.suspend("branch")
    assert delivered(world, stream, since="all").mode == "full"
    world.resume("branch")
    found = modes(delivered(world, stream))
    assert found.pop("Dim_Branch") == ("full", "unknown")
    assert set(found.values()) == {("changes", None)}


def test_a_file_that_leaves_while_its_dataset_is_suspended_is_named(world: World, stream: Stream) -> None:
    world.suspend("branch")
    delivered(world, stream)
    with world.step(1):
        configurations.edit_configuration(CLI, stream.configuration, drop_files=["Dim_Branch"])
    assert delivered(world, stream).ended == ["Dim_Branch"]
    assert not Bookmark.objects.filter(file="Dim_Branch").exists()


def test_a_file_that_left_is_told_once_though_another_is_in_doubt(world: World, stream: Stream) -> None:
    world.suspend("branch")
    delivered(world, stream, since="all")
    assert Bookmark.objects.get(file="Dim_Branch").doubt == "unknown"
    with world.step(1):
        configurations.edit_configuration(CLI, stream.configuration, drop_files=["Fact_Note"])
    assert [delivered(world, stream).ended for _ in range(2)] == [["Fact_Note"], []]


def test_all_that_is_suspended_is_no_delivery(world: World, stream: Stream) -> None:
    for dataset in ("member", "branch", "edition", "loan", "placement", "note"):
        world.suspend(dataset)
    with world.step(), pytest.raises(Rejected, match="is suspended: branch, edition") as caught:
        deliveries.deliver(CLI, stream.configuration)
    assert "sluis env resume" in caught.value.remedy
    assert Delivery.objects.filter(sequence__isnull=False).count() == 1


def test_what_was_built_before_is_made_anew(world: World, stream: Stream) -> None:
    """Somebody saw that the source is wrong while the delivery was being made."""

    def suspend(name: str, number: int, many: int) -> None:
        if number == many and not world.suspended():
            suspensions.suspend(CLI, world.environment, "branch", reason="towns are wrong")

    world.change("UPDATE branch SET town = 'wrong' WHERE code = 'A'")
    world.refresh()
    with world.step():
        done = deliveries.deliver(CLI, stream.configuration, progress=suspend)
    world.check(stream)
    assert "Dim_Branch" not in modes(done)


def test_what_the_brake_holds_is_made_anew_without_it(world: World, stream: Stream) -> None:
    held = world.held(stream)
    assert held.state == "held"
    world.suspend("branch")
    with world.step():
        done = decisions.release(CLI, held)
    world.check(stream)
    assert "Dim_Branch" not in modes(done)


def test_a_dry_run_tells_what_would_be_left_out(world: World, stream: Stream) -> None:
    world.suspend("branch")
    with world.step():
        found = preview(CLI, stream.configuration)
    assert found.left_out == ("Dim_Branch",)
    assert "Dim_Branch" not in {one.name for one in found.built.written}


def test_long_suspended_beyond_the_history(world: World, stream: Stream) -> None:
    """Nothing is remembered of it by then; it is read anew, and comes in full where its changes are not known."""
    world.suspend("branch")
    world.change("UPDATE branch SET town = 'long ago' WHERE code = 'A'")
    with world.time():
        environments.edit_environment(CLI, world.environment, keep_days=1)
    for _ in range(2):
        world.now += dt.timedelta(days=2)
        world.refresh()
        with world.step():
            upkeep.maintain(CLI, world.environment)
    world.resume("branch")
    assert modes(delivered(world, stream))["Dim_Branch"][0] == "full"


def test_one_that_is_expunged_meanwhile_comes_in_full(world: World, stream: Stream) -> None:
    world.suspend("branch")
    with world.step():
        upkeep.expunge(CLI, world.environment, "branch", whole=True)
    assert "Dim_Branch" not in modes(delivered(world, stream))
    world.resume("branch")
    assert modes(delivered(world, stream))["Dim_Branch"] == ("full", "rebuilt")


def test_what_cannot_be(world: World, stream: Stream) -> None:
    with world.time():
        with pytest.raises(Rejected, match="there is no dataset brunch") as caught:
            suspensions.suspend(CLI, world.environment, "brunch", reason="x")
        assert "branch" in caught.value.remedy
        for reason in ("", "  ", "x" * 501):
            with pytest.raises(Rejected, match="asks a reason"):
                suspensions.suspend(CLI, world.environment, "branch", reason=reason)
        suspensions.suspend(CLI, world.environment, "branch", reason="x")
        with pytest.raises(Rejected, match="suspended already"):
            suspensions.suspend(CLI, world.environment, "branch", reason="y")
        with pytest.raises(Rejected, match="is not suspended"):
            suspensions.resume(CLI, world.environment, "member")
