"""Two groups of workers that have nothing in common but PostgreSQL, the store, and the folder of the hosted accounts.

One of them dies half-way: all is delivered once, and nothing is lost.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from laws.receivers import Receivers
from laws.victim import variables as of_this_process
from laws.world import Stream, World
from sftp.receiving import PASSWORD, Receiver, receiving
from sluis import settings
from sluis.control.actions import accounts, configurations, schedules
from sluis.control.actions.servers import ServerSettings
from sluis.control.actor import CLI
from sluis.control.models import Configuration, Delivery, DeliveryState, Environment, Schedule
from sluis.control.setup import Started
from stores import Bucket, bucket, store_server
from worker.crew import Crew

__all__ = ["bucket", "store_server"]
_LONGEST = 300


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as running:
        yield running


@dataclass
class Customer:
    """An environment with configurations for a hosted account or for a server of the receiver."""

    world: World
    root: Path | None

    def add(self, number: int) -> None:
        made = configurations.add_configuration(
            CLI, self.world.account, f"C{number}", version="2", streams=["shelves"], pseudonymous=True
        )
        if self.root is None:
            self.world.follow(made)
        else:
            self.world.streams.append(Stream(made, Receivers(self.root / made.name)))


def customer(folder: Path, receiver: Receiver | None) -> Customer:
    world = World.make(folder)
    if receiver is None:
        return Customer(world, None)
    server = ServerSettings(
        host="127.0.0.1",
        port=receiver.port,
        user="sluis",
        folder=f"/in/{world.environment.name}",
        password=PASSWORD,
        host_keys=(receiver.host_keys[0].public.line,),
    )
    world.account = accounts.add_account(
        CLI, world.environment, "Extern", account_type="external", medical=True, server=server
    )
    return Customer(world, receiver.root / "in" / world.environment.name)


def customers(folder: Path, receiver: Receiver, many: int, each: int) -> list[World]:
    """So many environments, of which every second delivers to a server, with all their configurations due."""
    worlds = []
    for number in range(many):
        made = customer(folder, receiver if number % 2 else None)
        for configuration in range(each):
            made.add(configuration)
        schedules.set_schedule(CLI, made.world.environment, time=dt.time(2, 30), weekday=1)
        made.world.now = timezone.now()
        worlds.append(made.world)
    Configuration.objects.update(automatic=True)
    Schedule.objects.update(next_run_at=timezone.now())
    return worlds


def delivered() -> int:
    return Delivery.objects.filter(state=DeliveryState.DELIVERED).count()


def at_rest(total: int) -> bool:
    waiting = ProcrastinateJob.objects.filter(status__in=("todo", "doing"))
    return delivered() >= total and not waiting.exists()


def run(folder: Path, receiver: Receiver, bucket: Bucket, *, many: int, each: int, hasty: bool) -> None:
    (folder / "hosted").mkdir(mode=0o700)
    worlds = customers(folder, receiver, many, each)
    total = many * each
    groups = [
        Crew({**of_this_process(), "SLUIS_DATA_DIR": str(folder / name)}, folder / f"{name}.log", 2, hasty)
        for name in ("first", "second")
    ]
    for group in groups:
        group.keep()
    first, second = groups
    try:
        moved, before = time.monotonic(), 0
        while not at_rest(total):
            now = delivered()
            if now > before:
                before, moved = now, time.monotonic()
            told = "\n".join(group.told() for group in groups)
            assert time.monotonic() - moved < _LONGEST, f"{now} of {total}:\n{told}"
            if first.members and now >= total // 2:
                first.kill_all()
            if first.members:
                first.keep()
            second.keep()
            time.sleep(0.05)
    finally:
        first.kill_all()
        second.kill_all()
    assert (folder / "first" / "work").is_dir()
    assert (folder / "second" / "work").is_dir()
    judge(worlds, bucket)


def judge(worlds: list[World], bucket: Bucket) -> None:
    assert not ProcrastinateJob.objects.exists(), "a job was given up"
    assert bucket.names()
    for world in worlds:
        moment = Schedule.objects.get(environment=world.environment).last_run_at
        world.remember_lake()
        newest = Environment.objects.get(pk=world.environment.pk)
        for number in range(1, newest.lake_sequence or 0):
            world._keep(newest.lake_id, number)
        for stream in world.streams:
            runs = Delivery.objects.filter(configuration=stream.configuration).exclude(state=DeliveryState.FAILED)
            assert [(one.state, one.planned_at, one.sequence) for one in runs] == [("delivered", moment, 1)]
            standing = [path.name for path in stream.receivers.folder.iterdir()]
            assert standing == [runs[0].folder]
            world.check(stream)


@pytest.fixture
def house(variables: pytest.MonkeyPatch, committed: Started, bucket: Bucket, tmp_path: Path) -> Path:
    bucket.use(variables)
    variables.setenv("SLUIS_HOSTED_DIR", str(tmp_path / "hosted"))
    settings.current.cache_clear()
    return tmp_path


def test_a_group_that_dies_half_way(house: Path, receiver: Receiver, bucket: Bucket) -> None:
    run(house, receiver, bucket, many=4, each=3, hasty=True)


@pytest.mark.soak
def test_a_group_that_dies_half_way_through_two_hundred(house: Path, receiver: Receiver, bucket: Bucket) -> None:
    run(house, receiver, bucket, many=10, each=20, hasty=False)
