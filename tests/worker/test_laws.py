"""The laws under four workers that are killed, and a database that is restarted, while schedules fall due.

A history is an environment whose source changes before each of some moments. Several go on at a time, and the workers
outlive them. When a moment's work is done, receivers fetch: what they have is what the oracle says, and no
configuration was delivered twice for it, or not at all.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning
from procrastinate.contrib.django.models import ProcrastinateJob

from laws import mutations
from laws.victim import variables as of_this_process
from laws.world import World
from sluis.control.actions import schedules
from sluis.control.actor import CLI
from sluis.control.models import Configuration, Delivery, DeliveryState, Environment, RefreshState, Schedule
from sluis.control.setup import Started
from sluis.embedded import EmbeddedPostgres
from worker.crew import Crew

HISTORIES = int(os.environ.get("WORKER_HISTORIES", "500"))
AT_ONCE = 6
"""Histories that go on at a time: more than there are workers."""
ROUNDS = 3
KILL_EVERY, RESTART_EVERY = 3, 25
"""Runs that end between two deaths of a worker, and between two restarts of the database."""
_LONGEST = 240
_MUTATIONS = st.lists(mutations.ANY, min_size=1, max_size=6)


@dataclass
class History:
    """An environment, the moments that are still to come, and how many snapshots of it are known."""

    world: World
    rounds: int
    moment: dt.datetime | None = None
    known: int = 0
    done: int = 0

    @property
    def locks(self) -> list[str]:
        """The locks of all jobs that concern it."""
        streams = [f"delivery:{one.configuration.pk}" for one in self.world.streams]
        return [f"lake:{self.world.environment.pk}", f"account:{self.world.account.pk}", *streams]

    def fall_due(self) -> None:
        """Change the source, and let the moment come. Nothing is being done for the environment now."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NonInteractiveExampleWarning)
            mutations.apply(self.world.source, _MUTATIONS.example())
        if self.done % 2:
            Environment.objects.filter(pk=self.world.environment.pk).update(maintained_at=None)
        self.moment = timezone.now()
        Schedule.objects.filter(environment=self.world.environment).update(next_run_at=self.moment)

    def at_rest(self) -> bool:
        if Schedule.objects.filter(environment=self.world.environment, next_run_at__lte=timezone.now()).exists():
            return False
        return not ProcrastinateJob.objects.filter(lock__in=self.locks, status__in=("todo", "doing")).exists()

    def judge(self) -> None:
        """All that came of the moment."""
        failed = ProcrastinateJob.objects.filter(lock__in=self.locks).values_list("task_name", "status", "attempts")
        assert not list(failed), "a job was given up"
        assert (
            self.world.environment.refreshes.filter(planned_at=self.moment, state=RefreshState.SUCCEEDED).count() == 1
        )
        self.world.remember_lake()
        # The source stood still meanwhile, so that snapshots of which nobody was told show the same.
        newest = max(number for _, number in self.world.snapshots)
        lake_id = next(lake for lake, number in self.world.snapshots if number == newest)
        for number in range(self.known + 1, newest):
            self.world._keep(lake_id, number)
        self.known = newest
        for stream in self.world.streams:
            runs = Delivery.objects.filter(configuration=stream.configuration, planned_at=self.moment)
            ended = list(runs.exclude(state=DeliveryState.FAILED).values_list("state", flat=True))
            assert ended == [DeliveryState.DELIVERED], f"{ended} for one moment"
            self.world.check(stream, take_away=self.done % 3 == 1)
        self.done += 1


def begin(folder: Path, chance: random.Random) -> History:
    world = World.make(folder, medical=chance.random() < 0.5)
    world.add("Een", pseudonymous=chance.random() < 0.5)
    if chance.random() < 0.5:
        world.add("Twee", streams="shelves", pseudonymous=chance.random() < 0.5)
    Configuration.objects.filter(account=world.account).update(automatic=True)
    world.now = timezone.now()
    schedules.set_schedule(CLI, world.environment, time=dt.time(2, 30), weekday=1)
    history = History(world, chance.randint(2, ROUNDS))
    history.fall_due()
    return history


@dataclass
class Chaos:
    """What happens to workers and database, counted by the runs that ended, so that a slow machine gets no more of it."""

    crew: Crew
    server: EmbeddedPostgres
    chance: random.Random
    ended: int = 0
    next_kill: int = 1
    next_restart: int = RESTART_EVERY // 3
    restarts: int = 0
    moved: float = field(default_factory=time.monotonic)

    def strike(self) -> None:
        ended = Delivery.objects.filter(state=DeliveryState.DELIVERED).count()
        if ended > self.ended:
            self.ended, self.moved = ended, time.monotonic()
        assert time.monotonic() - self.moved < _LONGEST, f"nothing goes on:\n{self.crew.told()}"
        if self.ended >= self.next_kill:
            time.sleep(self.chance.uniform(0, 0.5))
            self.crew.kill_one(self.chance)
            self.next_kill = self.ended + self.chance.randint(1, 2 * KILL_EVERY - 1)
        if self.ended >= self.next_restart:
            self.restart()
            self.next_restart = self.ended + self.chance.randint(1, 2 * RESTART_EVERY - 1)
        self.crew.keep()

    def restart(self) -> None:
        connection.close()
        mode = self.chance.choice(("fast", "immediate"))
        self.server.control("restart", "-m", mode)
        self.restarts += 1


@contextmanager
def crew_of(folder: Path, many: int) -> Iterator[Crew]:
    crew = Crew(of_this_process(), folder / "workers.log", many)
    crew.keep()
    try:
        yield crew
    finally:
        crew.kill_all()


def run(folder: Path, server: EmbeddedPostgres, histories: int, seed: int) -> Chaos:
    """Let so many histories happen, and judge each moment of each."""
    chance = random.Random(seed)
    under_way: list[History] = []
    begun = 0
    with crew_of(folder, 4) as crew:
        chaos = Chaos(crew, server, chance)
        while begun < histories or under_way:
            while begun < histories and len(under_way) < AT_ONCE:
                under_way.append(begin(folder, chance))
                begun += 1
            chaos.strike()
            for history in [one for one in under_way if one.at_rest()]:
                history.judge()
                if history.done < history.rounds:
                    history.fall_due()
                else:
                    history.world.close()
                    under_way.remove(history)
            time.sleep(0.05)
    return chaos


def test_the_laws_hold_with_four_workers(committed: Started, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    chaos = run(tmp_path, postgres, 3, seed=7)
    assert chaos.crew.killed >= 2


@pytest.mark.soak
def test_the_laws_hold_with_four_workers_for_hundreds_of_histories(
    committed: Started, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    chaos = run(tmp_path, postgres, HISTORIES, seed=random.randrange(1 << 30))
    print(  # noqa: T201 - the figure of the soak
        f"{HISTORIES} histories, {chaos.ended} deliveries, {chaos.crew.killed} workers killed, "
        f"{chaos.crew.started} started, {chaos.restarts} restarts of the database: all right"
    )
    assert chaos.crew.killed >= HISTORIES // 2
    assert chaos.restarts >= HISTORIES // 25
