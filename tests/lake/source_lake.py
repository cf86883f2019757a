"""A lake to read sources into, small catalogues to read them with, and what can happen meanwhile."""

from __future__ import annotations

import datetime as dt
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from sluis.catalog.loader import Catalog, load
from sluis.errors import SluisError
from sluis.lake import store
from sluis.lake.refresh import refresh
from sluis.lake.session import open_session
from sluis.lake.sources import Source
from sluis.lake.sql import canonical, ident
from sluis.lake.staging import Moment
from sluis.lake.store import LakeLocation
from stores import on_disk

_MOMENT = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
Rows = list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Wish:
    """A dataset: its query, and the columns that its file has with their types; the first is the key."""

    sql: str
    columns: dict[str, str]


def catalog(folder: Path, **wishes: Wish) -> Catalog:
    """A catalogue with one file per dataset."""
    for name in ("versions", "files", "datasets"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = "{nl: t, en: t}"
    entities = "".join(f"  {name}: {text}\n" for name in wishes)
    stream = f"streams:\n  all:\n    title: {text}\n    description: {text}\n"
    (folder / "catalog.yaml").write_text(f"catalog: small\ntitle: {text}\nentities:\n{entities}{stream}")
    files = ", ".join(f"File_{name}" for name in wishes)
    version = f'version: "1"\nreleased: 2026-01-01\ndeletions: column\nstreams:\n  all: [{files}]\n'
    (folder / "versions" / "1.yaml").write_text(version)
    for name, wish in wishes.items():
        (folder / "datasets" / f"{name}.sql").write_text(wish.sql)
        columns = "".join(
            f"  - {{name: {column}, type: '{kind}', nl: t, en: t{', key: true, mandatory: true' if not number else ''}}}\n"
            for number, (column, kind) in enumerate(wish.columns.items())
        )
        head = f"file: File_{name}\ndataset: {name}\nentity: {name}\ntitle: {text}\ngrain: {text}\n"
        (folder / "files" / f"File_{name}.yaml").write_text(f"{head}columns:\n{columns}")
    return load(str(folder))


@dataclass(frozen=True)
class Lake:
    """A lake of its own, with the time zone of Amsterdam."""

    location: LakeLocation
    scratch: Path

    def refresh(self, url: str, catalog: Catalog) -> None:
        """Read everything in the catalogue from the source at that URL."""
        refresh(
            self.location,
            Source.parse(url),
            catalog,
            frozenset(catalog.datasets),
            Moment(_MOMENT, "Europe/Amsterdam"),
            seen=0,
            scratch=self.scratch,
        )

    def rows(self, catalog: Catalog) -> dict[str, Rows]:
        """The rows of every dataset as a delivery would render them, the columns in the order of their names."""
        with open_session(self.scratch) as session:
            store.attach(session, self.location, read_only=True)
            made = {}
            for name, generation in store.generations(session).items():
                columns = catalog.datasets[name].columns
                listed = ", ".join(canonical(ident(column), kind) for column, kind in columns.items())
                made[name] = sorted(session.execute(f"SELECT {listed} FROM {generation.table}").fetchall(), key=str)
            return made

    def state(self) -> tuple[dict[str, list[str]], list[str]]:
        """All that a refresh could change: the rows of the lake's own catalog, and the names of its files."""
        with psycopg.connect(self.location.database_url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'lake'").fetchall()
            select = sql.SQL("SELECT t::text FROM lake.{} AS t ORDER BY 1")
            rows = {t: [r for (r,) in connection.execute(select.format(sql.Identifier(t)))] for (t,) in tables}
        return rows, sorted(str(path) for path in on_disk(self.location).rglob("*"))

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What happens inside must leave the lake as it was."""
        before = self.state()
        assert before[0]["ducklake_snapshot"]
        yield
        assert self.state() == before

    def refused(self, url: str, catalog: Catalog) -> str:
        """Refresh, which must fail with an error of Sluis; gives all that the error says."""
        with pytest.raises(SluisError) as caught:
            self.refresh(url, catalog)
        assert not list(self.scratch.iterdir()), "nothing of the source stays behind"
        error = caught.value
        # The cause and the context are part of a logged traceback.
        shown = "" if error.__suppress_context__ else f"{error.__cause__} {error.__context__}"
        return f"{type(error).__name__}: {error} | {error.remedy} {shown}"


@pytest.fixture
def lake(new_database: Callable[[], str], tmp_path: Path) -> Lake:
    return Lake(LakeLocation(new_database(), "lake", tmp_path / "lake"), tmp_path / "scratch")


PAIRS = """
CREATE TABLE one (id INTEGER, n INTEGER); CREATE TABLE two (id INTEGER, n INTEGER);
CREATE TABLE three (id INTEGER, n INTEGER); CREATE TABLE four (id INTEGER, n INTEGER);
INSERT INTO one VALUES (1, 0); INSERT INTO two VALUES (1, 0);
INSERT INTO three VALUES (1, 0); INSERT INTO four VALUES (1, 0);
CREATE TABLE heavy (id INTEGER, filler VARCHAR(400))
"""
"""Statements that make four tables whose ``n`` is always the same, and one that takes time to read."""

HEAVY = [(number, random.Random(number).randbytes(200).hex()) for number in range(5000)]
"""Two million bytes that no connection makes smaller than one."""


def pairs(folder: Path) -> Catalog:
    """Datasets that are read one after the other, a heavy one between, and one that joins two tables."""
    return catalog(
        folder,
        a=Wish("SELECT id AS Id, n AS N FROM source.one", {"Id": "integer", "N": "integer"}),
        b=Wish("SELECT id AS Id, filler AS Filler FROM source.heavy", {"Id": "integer", "Filler": "text"}),
        c=Wish("SELECT id AS Id, n AS N FROM source.two", {"Id": "integer", "N": "integer"}),
        d=Wish(
            "SELECT t.id AS Id, t.n AS N, f.n AS M FROM source.three AS t JOIN source.four AS f ON f.id = t.id",
            {"Id": "integer", "N": "integer", "M": "integer"},
        ),
    )


UPDATES = tuple(f"UPDATE {table} SET n = n + 1" for table in ("four", "three", "two", "one"))
"""The statements of one transaction of the writer, the table that is read last first."""


def one_moment(lake: Lake, url: str, made: Catalog, commit: Callable[[], None], rounds: int = 3) -> None:
    """While a writer commits without pause, every refresh must see all tables as one commit left them."""
    seen = set()
    for _ in range(rounds):
        with written(commit) as commits:
            before = commits()
            lake.refresh(url, made)
            during = commits() - before
        assert during > 10, f"only {during} commits fell in a refresh: it proves nothing"
        rows = lake.rows(made)
        [(_, first)], [(_, second)], [(_, right, left)] = rows["a"], rows["c"], rows["d"]
        assert len({first, second, left, right}) == 1, (first, second, left, right)
        seen.add(first)
    assert len(seen) == rounds, "every refresh saw another moment"


@contextmanager
def written(commit: Callable[[], None]) -> Iterator[Callable[[], int]]:
    """Call ``commit`` again and again in a thread; gives what tells how often it was done."""
    stop, failed = threading.Event(), []
    count = 0

    def loop() -> None:
        nonlocal count
        try:
            while not stop.is_set():
                commit()
                count += 1
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield lambda: count
    finally:
        stop.set()
        thread.join()
    assert not failed, failed


@contextmanager
def forwarded(target: Path, host: str, cut_after: int | None = None) -> Iterator[int]:
    """A TCP port that leads to a UNIX socket; ``cut_after``: bytes from the server after which all is cut off."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:
        threads: list[threading.Thread] = []
        left = [cut_after]

        def carry(origin: socket.socket, other: socket.socket, *, limited: bool) -> None:
            with suppress(OSError):
                while data := origin.recv(65536):
                    if limited and left[0] is not None:
                        left[0] -= len(data)
                        if left[0] < 0:
                            break
                    other.sendall(data)
            for end in (origin, other):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        def serve(client: socket.socket) -> None:
            with client, closing(socket.socket(socket.AF_UNIX)) as upstream:
                upstream.connect(str(target))
                back = threading.Thread(target=carry, args=(upstream, client), kwargs={"limited": True})
                back.start()
                carry(client, upstream, limited=False)
                back.join()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    threads.append(threading.Thread(target=serve, args=(client,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()
