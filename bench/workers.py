"""Workers: what small deliveries cost, what a second worker brings, how environments share. `make bench-workers`.

On an embedded PostgreSQL with the demo's source. Times are of the wall clock between the moment that all was due and
the last delivery; CPU is that of the worker processes, user and system. Ratios are of medians in one run.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psutil
import psycopg

from sluis.control.setup import start
from sluis.demo.generate import generate
from sluis.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    # Models can be imported only once Django runs.
    from sluis.control.models import Configuration, ConnectionAccount, Environment

FILES = 30
PER_ACCOUNT = 10
FEW_CHANGES = (
    "UPDATE werkgever SET naam = naam || ' en zonen' WHERE werkgever_id = 1",
    "UPDATE werknemer SET taal = CASE taal WHEN 'nl' THEN 'en' ELSE 'nl' END WHERE werknemer_id <= 3",
    "UPDATE verzuim SET verwacht_herstel_op = eerste_ziektedag + 90 WHERE verzuim_id <= 2",
)
LARGE = ("werkgevers", "werknemers", "verzuim", "beschikkingen")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--employees", type=int, default=1_000)
    options.add_argument("--configurations", type=int, default=20, help="how many workers share")
    options.add_argument("--environments", type=int, default=200)
    options.add_argument("--many", type=int, default=200, help="configurations that one worker delivers")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=("small", "many", "shared", "environments"))
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluis-bench-") as folder:
        os.environ["SLUIS_DATA_DIR"] = str(Path(folder) / "data")
        os.environ["SLUIS_SECRET_KEY"] = secrets.token_hex(32)
        Path(os.environ["SLUIS_DATA_DIR"]).mkdir(mode=0o700)
        start()
        source = EmbeddedPostgres(Path(folder) / "source")
        try:
            url = source.ensure_database("source")
            generate(url, employees=given.employees)
            parts: dict[str, Callable[[], None]] = {
                "small": lambda: small_delivery(url, given.rounds),
                "many": lambda: many_configurations(url, source, given.many),
                "shared": lambda: second_worker(url, given.configurations, given.rounds),
                "environments": lambda: many_environments(url, given.environments),
            }
            for name, part in parts.items():
                if given.only in {None, name}:
                    part()
        finally:
            source.stop()


def small_delivery(url: str, rounds: int) -> None:
    """CPU of a delivery of changes of 30 files in which one row changed, as a worker's process spends it."""
    from sluis.control.actions import automatic
    from sluis.control.actor import WORKER
    from sluis.control.models import Trigger

    environment, account = made(url, "small")
    configuration = add(account, "small", streams="all")
    keep_files(configuration, FILES)
    automatic.run_refresh(WORKER, environment.pk, now(), Trigger.SCHEDULE)
    automatic.run_delivery(WORKER, configuration.pk, now(), Trigger.SCHEDULE)
    spent, walls = [], []
    for number in range(max(rounds, 3) * 3):
        with psycopg.connect(url, autocommit=True) as changing:
            changing.execute("UPDATE werkgever SET naam = naam || %s WHERE werkgever_id = 1", [str(number)])
        automatic.run_refresh(WORKER, environment.pk, now(), Trigger.SCHEDULE)
        cpu, wall = time.process_time(), time.perf_counter()
        automatic.run_delivery(WORKER, configuration.pk, now(), Trigger.SCHEDULE)
        spent.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
    delivery = configuration.deliveries.order_by("-created_at").first()
    assert delivery is not None
    rows = sum(file.rows for file in delivery.files.all())
    say(
        f"a delivery of {delivery.files.count()} files with {rows} row(s): CPU {statistics.median(spent):.2f} s "
        f"(goal 0.5), wall {statistics.median(walls):.2f} s; medians of {len(spent)}"
    )


def many_configurations(url: str, source: EmbeddedPostgres, count: int) -> None:
    """One worker delivers many configurations of one environment: in full, then when hardly anything changed."""
    from sluis.control.models import Delivery

    environment, account = made(url, "many-configurations")
    configurations = []
    for number in range(count):
        if number and number % PER_ACCOUNT == 0:
            account = add_account(environment, f"DWH-{number // PER_ACCOUNT}")
        configurations.append(add(account, f"many-{number}", streams="all"))
        keep_files(configurations[-1], FILES)
    deliver_all(environment, count, source, "in full")
    with psycopg.connect(url, autocommit=True) as changing:
        for statement in FEW_CHANGES:
            changing.execute(statement)
    deliver_all(environment, count, source, "hardly anything changed")
    last = Delivery.objects.filter(configuration__in=configurations, sequence=2)
    assert {one.mode for one in last} == {"changes"}
    told = [(sum(file.rows for file in one.files.all()), one.files.filter(rows__gt=0).count()) for one in last]
    say(f"  each with {FILES} files, {told[0][0]} row(s) in {told[0][1]} of them")


def deliver_all(environment: Environment, count: int, source: EmbeddedPostgres, what: str) -> None:
    """A refresh, which makes all configurations due, and then one worker, from its start to the last delivery."""
    from sluis.control.actions import automatic
    from sluis.control.actor import WORKER
    from sluis.control.models import Trigger
    from sluis.control.setup import start

    automatic.run_refresh(WORKER, environment.pk, now(), Trigger.SCHEDULE)
    servers = [server for server in (start().embedded, source) if server]
    before, done = sum(map(cpu_of_server, servers)), environment_done(count)
    with working(1) as [worker]:
        took = wait_for(done)
        cpu, postgres, peak = cpu_of(worker), sum(map(cpu_of_server, servers)) - before, peak_of(worker)
    say(
        f"{count} configurations by one worker, {what}: CPU {cpu / count:.3f} s each (goal 0.5 where hardly anything "
        f"changed), PostgreSQL's {postgres / count:.3f} s, {took:.0f} s in all, peak {peak:.0f} MiB"
    )


def second_worker(url: str, configurations: int, rounds: int) -> None:
    """Full deliveries of one environment, by one worker and by two."""
    environment, account = made(url, "shared")
    for number in range(configurations):
        add(account, f"shared-{number}", streams=LARGE, incremental=False)
    times: dict[int, list[float]] = {1: [], 2: []}
    cpus: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers in (1, 2):
            due([environment])
            with working(workers) as processes:
                first = wait_for(environment_done(configurations))
                times[workers].append(first)
                cpus[workers].append(sum(map(cpu_of, processes)))
    one, two = statistics.median(times[1]), statistics.median(times[2])
    say(
        f"a refresh and {configurations} full deliveries: 1 worker {one:.1f} s, 2 workers {two:.1f} s: "
        f"{one / two:.2f} times as fast (CPU {statistics.median(cpus[1]):.1f} and {statistics.median(cpus[2]):.1f} s)"
    )


def many_environments(url: str, environments: int) -> None:
    """Environments with one small configuration each, all due at once, with two workers."""
    from django.db.models import F, Max

    from sluis.control.models import Delivery

    all_of_them = []
    for number in range(environments):
        environment, account = made(url, f"many-{number}")
        add(account, f"many-{number}", streams=["werkgevers"])
        all_of_them.append(environment)
    began = due(all_of_them)
    mine = Delivery.objects.filter(configuration__account__environment__in=all_of_them, state="delivered")
    with working(2) as processes:
        took = wait_for(lambda: mine.count() == environments)
        cpu = sum(map(cpu_of, processes))
    slowest = mine.aggregate(last=Max(F("published_at")))["last"] - began
    first = mine.order_by("published_at").values_list("published_at", flat=True).first()
    assert first is not None
    say(
        f"{environments} environments due at once, refreshed and delivered by 2 workers: {took:.0f} s "
        f"({cpu / environments:.2f} s of CPU each), the first after {(first - began).total_seconds():.1f} s, "
        f"the slowest after {slowest.total_seconds():.0f} s"
    )


def made(url: str, name: str) -> tuple[Environment, ConnectionAccount]:
    """An environment over the source, and a hosted account in it."""
    from sluis.control.actions import environments
    from sluis.control.actor import CLI

    environment = environments.add_environment(CLI, name, source_url=url, catalog="verzuim")
    environments.edit_environment(CLI, environment, brake_percent=100, daily_allowed=True)
    return environment, add_account(environment, "DWH")


def add_account(environment: Environment, name: str) -> ConnectionAccount:
    from sluis.control.actions import accounts
    from sluis.control.actor import CLI

    return accounts.add_account(CLI, environment, name, account_type="hosted", medical=True)


def add(
    account: ConnectionAccount, name: str, *, streams: Iterable[str] | Literal["all"], incremental: bool = True
) -> Configuration:
    from sluis.control.actions import configurations
    from sluis.control.actor import CLI

    return configurations.add_configuration(
        CLI, account, name, version="7.36", streams=streams, pseudonymous=True, automatic=True, incremental=incremental
    )


def keep_files(configuration: Configuration, count: int) -> None:
    """Leave out the files behind the first ``count``, and the one with a row per day."""
    from sluis.control.actions import configurations
    from sluis.control.actor import CLI

    names = [one.file for one in configuration.files.order_by("pk")]
    kept = [name for name in names if not name.endswith("Dag")][:count]
    configurations.edit_configuration(CLI, configuration, drop_files=sorted(set(names) - set(kept)))


def due(environments: list[Environment]) -> dt.datetime:
    """Let environments be due now; the moment."""
    from sluis.control.actions import schedules
    from sluis.control.actor import CLI
    from sluis.control.models import Schedule

    for environment in environments:
        schedules.set_schedule(CLI, environment, time=dt.time(2, 30), weekday=None)
    moment = now()
    Schedule.objects.filter(environment__in=environments).update(next_run_at=moment)
    return moment


def environment_done(configurations: int) -> Callable[[], bool]:
    """Whether as many deliveries as there are configurations have been made since now."""
    from sluis.control.models import Delivery

    before = Delivery.objects.filter(state="delivered").count()
    return lambda: Delivery.objects.filter(state="delivered").count() == before + configurations


@contextmanager
def working(count: int) -> Iterator[list[psutil.Process]]:
    """Worker processes, as `sluis up --workers` has them."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "sluis", "worker"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(count)
    ]
    try:
        yield [psutil.Process(process.pid) for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=60)


def wait_for(done: Callable[[], bool]) -> float:
    began = time.perf_counter()
    while not done():
        time.sleep(0.1)
    return time.perf_counter() - began


def cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def peak_of(process: psutil.Process) -> float:
    """MiB that a process has had at most."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def cpu_of_server(server: EmbeddedPostgres) -> float:
    """Seconds of the processor that a PostgreSQL has used, its processes that ended included."""
    postmaster = psutil.Process(int((server.folder / "postmaster.pid").read_text().split()[0]))
    while True:
        with contextlib.suppress(psutil.NoSuchProcess):
            ended = postmaster.cpu_times().children_user
            running = sum(map(cpu_of, postmaster.children()))
            times = postmaster.cpu_times()
            # One that ended meanwhile would count twice, or not at all.
            if times.children_user == ended:
                return running + cpu_of(postmaster) + float(ended + times.children_system)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
