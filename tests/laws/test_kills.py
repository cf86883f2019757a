"""Processes that die at any moment: whatever they left, the laws hold afterwards."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from laws.victim import dies, start, variables
from laws.world import World
from sluis.control import places
from sluis.control.models import OPEN_STATES, Delivery, DeliveryState
from sluis.control.setup import Started
from sluis.receive.verify import verify

KILLS = int(os.environ.get("KILLS", "200"))
_LONGEST = 60
CHANGES = """
UPDATE member SET name = name || 'x', condition = 'c{0}' WHERE id = {1};
DELETE FROM branch WHERE code = 'b{2}'; INSERT OR REPLACE INTO branch VALUES ('b{0}', 'town {0}');
INSERT OR REPLACE INTO loan VALUES ({3}, {1}, 1, 1, 'normal', '2026-01-01', 5, 'r{0}');
UPDATE edition SET title = 't{0}' WHERE printing = 1; DELETE FROM loan WHERE id = {4};
"""


def change(world: World, number: int) -> None:
    world.change(CHANGES.format(number, number % 5 + 1, number - 2, 20 + number % 7, 20 + (number + 3) % 7))


def kills(world: World, many: int, seed: int) -> tuple[int, int]:
    """Kill ``many`` processes, at borders and at random moments; how many died, and how many deliveries arrived."""
    chance = random.Random(seed)
    stream = world.streams[0]
    world.deliver(stream)
    borders = {"deliver": 4000, "refresh": 2500, "maintain": 1200}
    died = 0
    for number in range(many):
        change(world, number)
        what = chance.choice(("deliver", "deliver", "deliver", "refresh", "maintain"))
        target = stream.configuration.pk if what == "deliver" else world.environment.pk
        at_border = chance.random() < 0.7
        die_at = chance.randrange(1, borders[what]) if at_border else None
        victim = start(what, target, die_at=die_at, variables=variables())
        if not at_border:
            time.sleep(chance.uniform(0.05, 1.0))
            # It can be done already.
            with suppress(ProcessLookupError):
                os.kill(victim.pid or 0, signal.SIGKILL)
        victim.join(_LONGEST)
        assert victim.exitcode in {0, 3, -signal.SIGKILL}, (what, die_at, victim.exitcode)
        died += victim.exitcode == -signal.SIGKILL
        world.remember_lake()
        if chance.random() < 0.5:
            world.check(stream, take_away=chance.random() < 0.3)
        if chance.random() < 0.7:
            world.deliver(stream)
    world.deliver(stream)
    return died, Delivery.objects.filter(state=DeliveryState.DELIVERED).count()


BORDERS = (
    ("deliver", "return settle"),
    ("deliver", "call _begin"),
    ("deliver", "return _begin"),
    ("refresh", "call stage"),
    ("refresh", "return stage"),
    ("refresh", "return move_head"),
    ("refresh", "return _apply"),
    ("refresh", "call forget_values"),
    ("refresh", "call _succeed"),
    ("deliver", "call build_in"),
    ("deliver", "return build_in"),
    ("deliver", "return record"),
    ("deliver", "return _number"),
    ("deliver", "return _write_manifest"),
    ("deliver", "call publish"),
    ("deliver", "call _confirm"),
    ("deliver", "call _move_bookmarks"),
    ("deliver", "return _move_bookmarks"),
    ("deliver", "return _confirm"),
    ("maintain", "return _prune"),
    ("maintain", "call _forget_files"),
    ("maintain", "return _forget_files"),
)
"""Every border between two stages of the actions."""


def test_the_laws_hold_after_a_death_at_every_border(committed: Started, tmp_path: Path) -> None:
    world = World.make(tmp_path)
    stream = world.add("Een")
    world.deliver(stream)
    for number, (what, border) in enumerate(BORDERS):
        change(world, number)
        if what == "maintain":
            world.refresh()
        target = stream.configuration.pk if what == "deliver" else world.environment.pk
        assert dies(what, target, border), f"{what} never came to {border}"
        world.remember_lake()
        if number % 2:
            world.check(stream)
        world.deliver(stream)
    judge(world)


def judge(world: World) -> None:
    """Nothing is left open or lying about, and numbers have no gaps."""
    assert not Delivery.objects.filter(state__in=OPEN_STATES).exists()
    numbers = list(
        Delivery.objects.filter(sequence__isnull=False).order_by("sequence").values_list("sequence", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
    places.clean()
    assert list(places.scratch().iterdir()) == []
    assert verify(world.streams[0].receivers.folder).ok


def test_the_laws_hold_after_kills(committed: Started, tmp_path: Path) -> None:
    world = World.make(tmp_path)
    world.add("Een")
    died, delivered = kills(world, 15, seed=7)
    assert died >= 8
    assert delivered >= 6
    judge(world)


@pytest.mark.soak
def test_the_laws_hold_after_hundreds_of_kills(committed: Started, tmp_path: Path) -> None:
    world = World.make(tmp_path)
    world.add("Een")
    died, delivered = kills(world, round(KILLS * 1.3), seed=random.randrange(1 << 30))
    print(f"{died} processes killed, {delivered} deliveries arrived and are right")  # noqa: T201 - the figure of the soak
    assert died >= KILLS
    judge(world)
