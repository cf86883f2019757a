"""The library without the control plane: a source, its lake, receivers with their bookmarks."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lending import CATALOG, Sees, make
from sluis.catalog.loader import Catalog, load
from sluis.delivery.build import Built, build, projections_of
from sluis.delivery.plan import Asked, Bookmark
from sluis.delivery.projection import Receiver
from sluis.embedded import EmbeddedPostgres
from sluis.lake import store
from sluis.lake.refresh import Refreshed, refresh
from sluis.lake.session import open_session
from sluis.lake.sources import Source
from sluis.lake.staging import Moment
from sluis.lake.store import LakeLocation
from stores import ONE_THREAD

START = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)


@dataclass
class House:
    """A source, its lake, and receivers."""

    source: sqlite3.Connection
    path: Path
    location: LakeLocation
    scratch: Path
    catalog: Catalog
    snapshots: int = 0
    bookmarks: dict[str, dict[str, Bookmark]] = field(default_factory=dict)
    outs: int = 0

    def change(self, statement: str) -> None:
        self.source.executescript(statement)
        self.source.commit()

    def refresh(self) -> Refreshed:
        self.snapshots += 1
        moment = Moment(START + dt.timedelta(days=self.snapshots - 1), "Europe/Amsterdam")
        names = frozenset(self.catalog.datasets)
        source = Source.parse(f"sqlite:///{self.path}")
        return refresh(
            self.location,
            source,
            self.catalog,
            names,
            moment,
            seen=self.snapshots - 1,
            scratch=self.scratch,
            limits=ONE_THREAD,
        )

    def deliver(
        self,
        sees: Sees,
        *,
        name: str = "one",
        version: str = "2",
        asked: Asked | None = None,
        leave_out: frozenset[str] = frozenset(),
        confirm: bool = True,
    ) -> tuple[Built, Path]:
        """Build a delivery for a receiver; its bookmarks move when ``confirm``."""
        self.outs += 1
        folder = self.scratch / f"out-{self.outs}"
        folder.mkdir()
        files = self.catalog.stream_files(version, self.catalog.version(version).streams)
        chosen = {n: frozenset(c.name for c in f.columns) - leave_out for n, f in files.items()}
        receiver = Receiver(sees.medical, sees.pseudonymous, sees.secret)
        with open_session(self.scratch, ONE_THREAD) as session:
            store.attach(session, self.location, read_only=True)
            with session.transaction():
                built = build(
                    session,
                    store.contents(session),
                    projections_of(self.catalog, version, chosen, receiver),
                    folder,
                    bookmarks=self.bookmarks.get(name, {}),
                    destination="here",
                    asked=asked or Asked(),
                )
        if confirm:
            totals = {one.name: one.total for one in built.written}
            self.bookmarks[name] = {
                plan.name: Bookmark(
                    built.head.lake_id,
                    built.head.sequence,
                    plan.generation.since,
                    plan.projection.fingerprint,
                    "here",
                    totals[plan.name],
                )
                for plan in built.plans
            }
        return built, folder


@pytest.fixture
def house(tmp_path: Path, postgres: EmbeddedPostgres) -> Iterator[House]:
    name = f"lake_{tmp_path.name}".replace("-", "_")
    location = LakeLocation(postgres.ensure_database("lakes"), name, tmp_path / "lake")
    connection = make(tmp_path / "lending.db")
    yield House(connection, tmp_path / "lending.db", location, tmp_path / "scratch", load(str(CATALOG)))
    connection.close()
