"""``sluis demo``: the main job from a source database to a receiver's disk, on embedded parts, and a proof of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from sluis import settings
from sluis.cli.common import draw
from sluis.errors import Fatal

if TYPE_CHECKING:
    from sluis.control.models import Configuration, Delivery, Environment

DAYS = 5
"""Working days of a week."""
LOAD_MEMORY = "400MB"
"""For the receiver's part; with what the engine needs beyond its limit, the process stays below 1 GiB."""
KEY_FILE = "id_demo"
StageOf = Callable[[str], AbstractContextManager[None]]


@dataclass
class Stage:
    """A step of the demo: what it was, and how long it took in seconds."""

    name: str
    seconds: float


@dataclass
class Report:
    """What the demo did. ``differences``: tables in which the loaded copy and the fresh full delivery differ."""

    employees: int
    folder: Path
    stages: list[Stage] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    login: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {
            "employees": self.employees,
            "folder": str(self.folder),
            "equal": not self.differences,
            "differences": self.differences,
            "rows": self.rows,
            "stages": {stage.name: round(stage.seconds, 1) for stage in self.stages},
            "deliveries": [
                {
                    "sequence": delivery.sequence,
                    "mode": delivery.mode,
                    "files": {
                        one.name: {"rows": one.rows, "I": one.inserted, "U": one.updated, "D": one.deleted}
                        for one in delivery.files.order_by("id")
                    },
                }
                for delivery in self.deliveries
            ],
        }


def run(employees: int, console: Console) -> Report:
    """Run the demo in a folder of its own inside the data folder, made anew each time; the report of what it did."""
    folder = _own_folder()
    report = Report(employees, folder)

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        began = time.monotonic()
        with console.status(f"{name} …"):
            yield
        report.stages.append(Stage(name, time.monotonic() - began))
        console.print(f"  {name:<55} {report.stages[-1].seconds:7.1f} s", highlight=False)

    with stage("start PostgreSQL and make the tables"):
        source_url = _source_database()

    # Not before: the models exist once Django has started.
    from sluis.control.actions import deliveries, mails, refreshes
    from sluis.control.actor import CLI
    from sluis.demo import generate, life

    with stage(f"make the source: an application with {employees:,} employees"):
        generate.generate(source_url, employees=employees)
    environment, configuration, control = _set_up(source_url)
    report.login = _receiver_key(configuration, folder)
    with stage("refresh: read the source into the lake"):
        refreshes.refresh(CLI, environment)
    with stage("deliver in full"):
        report.deliveries.append(deliveries.deliver(CLI, configuration))
    with stage("live a week in the source"):
        life.live(source_url, days=DAYS)
    with stage("refresh again"):
        refreshes.refresh(CLI, environment)
    with stage("deliver the changes"):
        report.deliveries.append(deliveries.deliver(CLI, configuration))
    with stage("deliver the same in full, to compare"):
        deliveries.deliver(CLI, control)
    mails.send_due_mails(CLI)
    _prove(report, configuration, control, stage)
    return report


def _own_folder() -> Path:
    """Point Sluis at a folder of the demo's own, so that it can be run again and touches nothing else."""
    folder = settings.current().subfolder("demo")
    _stop_leftover(folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.environ["SLUIS_DATA_DIR"] = str(folder)
    # A demo mails nobody: it keeps its mails in its folder.
    for name in ("SLUIS_DATABASE_URL", "SLUIS_SMTP_URL"):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.setdefault("SLUIS_SECRET_KEY", "only-for-the-demo-" + "0" * 32)
    settings.current.cache_clear()
    return folder


def _stop_leftover(folder: Path) -> None:
    # A demo that was killed leaves its server running in a folder that is about to go.
    postmaster = folder / "postgres" / "postmaster.pid"
    if postmaster.exists():
        from sluis.embedded import EmbeddedPostgres

        EmbeddedPostgres(folder / "postgres").stop()


def _source_database() -> str:
    from sluis.control.setup import start

    embedded = start().embedded
    if embedded is None:
        raise Fatal("the demo runs on embedded parts only", remedy="take SLUIS_DATABASE_URL away")
    return embedded.ensure_database("demo_source")


def _set_up(source_url: str) -> tuple[Environment, Configuration, Configuration]:
    from sluis.control.actions import accounts, configurations, environments, recipients
    from sluis.control.actor import CLI

    environment = environments.add_environment(CLI, "demo", source_url=source_url, catalog="verzuim")
    account = accounts.add_account(CLI, environment, "DWH", account_type="hosted")
    recipients.add_recipient(CLI, account, "beheer@demo.example", report="metadata")
    made = [
        configurations.add_configuration(CLI, account, name, version="7.36", streams="all", pseudonymous=True)
        for name in ("Productie", "Controle")
    ]
    return environment, made[0], made[1]


def _receiver_key(configuration: Configuration, folder: Path) -> str:
    """A key for the receiver of the demo, in a file of its own; the name to log in with."""
    from sluis.cli.common import write_private
    from sluis.control.actions.keys import make_key
    from sluis.control.actor import CLI

    # Without a passphrase: the command that the demo prints is to work as it stands.
    key, pair = make_key(CLI, configuration.account, "demo", protected=False)
    write_private(folder / KEY_FILE, pair.private)
    return str(key.account.login)


def stay(report: Report, weeks: int, console: Console) -> None:
    """Furnish the demo, serve it with all parts on free ports, and print how to get in, until it is stopped."""
    from sluis.cli import showcase, supervising
    from sluis.control.setup import start

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        began = time.monotonic()
        with console.status(f"{name} …"):
            yield
        console.print(f"  {name:<55} {time.monotonic() - began:7.1f} s", highlight=False)

    configuration = report.deliveries[0].configuration
    passwords = showcase.furnish(_source_database(), configuration, weeks, stage)
    address = showcase.open_doors()
    # Kept by this process as long as the parts run.
    database = start().embedded
    told = [f"web application: {address}"]
    told += [f"  {one.name:<6} {passwords[one.name]}   {one.does}" for one in showcase.PERSONAS]
    told += ["over SFTP, in another terminal:", _fetching(report)]
    supervising.supervise(
        {name: (name,) for name in ("web", "sftp", "worker")},
        lambda: console.print("\n".join(told), highlight=False, soft_wrap=True),
        patience=settings.current().stop_seconds + 10,
        database=database,
    )


def _fetching(report: Report) -> str:
    """The command that fetches the deliveries of the demo as they stand."""
    from sluis.cli.sftp import hosted_server

    server = hosted_server()
    known = report.folder / "known_hosts"
    known.write_text("".join(f"[{server.host}]:{server.port} {key.public}\n" for key in server.keys), encoding="utf-8")
    return (
        f"sftp -r -P {server.port} -i {report.folder / KEY_FILE} -o IdentitiesOnly=yes "
        f"-o UserKnownHostsFile={known} {report.login}@{server.host}:Productie ."
    )


def _prove(report: Report, configuration: Configuration, control: Configuration, stage: StageOf) -> None:
    """Load both configurations as a receiver would, and compare the two databases row by row."""
    from sluis.control import places
    from sluis.receive.compare import compare
    from sluis.receive.load import load

    hosted = places.hosted(configuration.account).root
    databases = {name: report.folder / f"{name}.duckdb" for name in (configuration.name, control.name)}
    with stage("load what was delivered, as a receiver"):
        for name, database in databases.items():
            load(hosted / name, f"duckdb:///{database}", memory_limit=LOAD_MEMORY)
    with stage("compare with the fresh full delivery, row by row"):
        compared = compare(*databases.values(), memory_limit=LOAD_MEMORY)
    report.rows = {table.name: table.rows[0] for table in compared}
    report.differences = [table.name for table in compared if not table.equal]


def show(report: Report, console: Console) -> None:
    """Print the counts per file, and where things are."""
    title = f"What the receiver got: {report.employees:,} employees in full, then the changes of a week"
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("file", no_wrap=True)
    for heading in ("full", "I", "U", "D", "bytes", "rows now"):
        table.add_column(heading, justify="right")
    full, changes = ({one.name: one for one in d.files.order_by("id")} for d in report.deliveries)
    for name, one in changes.items():
        numbers = (full[name].rows, one.inserted, one.updated, one.deleted, one.bytes, report.rows.get(name, 0))
        table.add_row(name, *(f"{number:,}" for number in numbers))
    draw(table)
    where = report.folder / "hosted" / "demo" / "DWH" / "Productie"
    console.print(f"deliveries:  {where}", highlight=False, soft_wrap=True)
    console.print(f"mails:       {report.folder / 'mail'}", highlight=False, soft_wrap=True)
    console.print(f"loaded copy: {report.folder / 'Productie.duckdb'}", highlight=False, soft_wrap=True)
    if report.differences:
        console.print(f"DIFFERENT from a fresh full delivery: {', '.join(report.differences)}", highlight=False)
    else:
        console.print("equal to a fresh full delivery: every row of every file", highlight=False)
