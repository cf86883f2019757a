"""A whole installation in small: a source, its environment, configurations, and the receivers of each; and its oracle."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import time_machine
from django.db import DatabaseError, connection
from django.db.models import Sum
from psycopg import sql

from laws.catalogues import as_form, write
from laws.receivers import Fetched, Named, Receivers
from lending import Row, Sees, differences, expected, make
from sluis.catalog.loader import Catalog, load
from sluis.control import places
from sluis.control.actions import accounts, configurations, deliveries, environments, refreshes, suspensions
from sluis.control.actor import CLI
from sluis.control.models import Configuration, ConnectionAccount, Delivery, DeliveryState, Environment, Suspension
from sluis.errors import Rejected, SluisError
from sluis.lake import files, store
from sluis.lake.brake import Braked
from sluis.lake.session import open_session

FILES = {
    "member": "Dim_Member",
    "branch": "Dim_Branch",
    "edition": "Dim_Edition",
    "loan": "Fact_Loan",
    "placement": "Fact_Placement",
    "note": "Fact_Note",
}
"""The file of each dataset."""
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
START = dt.datetime(2026, 10, 20, 22, 30, tzinfo=dt.UTC)
_NUMBERS = itertools.count(1)
_FAULT = """
CREATE OR REPLACE FUNCTION fail_when_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('fault.confirm', true) = 'on' THEN RAISE EXCEPTION 'confirmation lost'; END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER fail_when_asked BEFORE INSERT OR UPDATE ON control_bookmark
    FOR EACH ROW EXECUTE FUNCTION fail_when_asked();
"""


@dataclass(frozen=True)
class Snapshot:
    """The source as a refresh found it, the form of the catalogue then, the moment, and the files that it left alone."""

    rows: sqlite3.Connection
    form: str
    time: dt.datetime
    suspended: frozenset[str]


@dataclass(frozen=True)
class Made:
    """What a delivery was made with: what its receiver sees, the chosen files with their columns, and those of them
    that were left out.
    """

    sees: Sees
    chosen: dict[str, set[str]]
    left_out: set[str]


@dataclass
class Stream:
    """A configuration with its receivers. ``have``: what they must have of each file."""

    configuration: Configuration
    receivers: Receivers
    have: dict[str, dict[str, Row]] = field(default_factory=dict)


@dataclass
class World:
    """One environment; everything in it happens at the virtual moment ``now``."""

    folder: Path
    source: sqlite3.Connection
    environment: Environment
    account: ConnectionAccount
    form: str = "base"
    now: dt.datetime = START
    streams: list[Stream] = field(default_factory=list)
    snapshots: dict[tuple[str, int], Snapshot] = field(default_factory=dict)
    made: dict[object, Made] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, *, medical: bool = True) -> World:
        with connection.cursor() as cursor:
            cursor.execute(_FAULT)
        number = next(_NUMBERS)
        place = folder / f"world-{number}"
        place.mkdir()
        file = place / "lending.db"
        source = make(file)
        with time_machine.travel(START, tick=False):
            environment = environments.add_environment(
                CLI, f"E{number}", source_url=f"sqlite:///{file}", catalog=str(write("base", folder))
            )
            environments.edit_environment(CLI, environment, brake_percent=100)
            account = accounts.add_account(CLI, environment, "DWH", account_type="hosted", medical=medical)
        return cls(place, source, environment, account)

    def close(self) -> None:
        """Remove all that it left, so that thousands fit on one machine."""
        self.source.close()
        for snapshot in self.snapshots.values():
            snapshot.rows.close()
        location = places.lake(Environment.objects.get(pk=self.environment.pk))
        with psycopg.connect(location.database_url, autocommit=True) as server:
            server.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(location.schema)))
        files.remove_all(location.folder, places.scratch())
        shutil.rmtree(places.hosted(self.account).root.parent, ignore_errors=True)
        shutil.rmtree(self.folder)

    def add(self, name: str, *, version: str = "2", pseudonymous: bool = True, streams: str = "all") -> Stream:
        with self.time():
            made = configurations.add_configuration(
                CLI,
                self.account,
                name,
                version=version,
                streams="all" if streams == "all" else [streams],
                pseudonymous=pseudonymous,
                reason="" if pseudonymous else "test",
            )
        return self.follow(made)

    def follow(self, configuration: Configuration) -> Stream:
        folder = places.hosted(self.account).root / configuration.name
        self.streams.append(Stream(configuration, Receivers(folder)))
        return self.streams[-1]

    @contextmanager
    def time(self) -> Iterator[None]:
        with time_machine.travel(self.now, tick=False):
            yield

    @contextmanager
    def step(self, hours: int = 7) -> Iterator[None]:
        """Something happens, some hours after what happened before; snapshots that it makes are remembered."""
        self.now += dt.timedelta(hours=hours)
        try:
            with self.time():
                yield
        finally:
            self.remember()

    def remember(self) -> None:
        lake_id, sequence = Environment.objects.values_list("lake_id", "lake_sequence").get(pk=self.environment.pk)
        if lake_id:
            self._keep(lake_id, sequence or 0)
        numbered = Delivery.objects.filter(configuration__account=self.account, sequence__isnull=False)
        for pk in set(numbered.values_list("pk", flat=True)) - self.made.keys():
            delivery = Delivery.objects.select_related("configuration__account").get(pk=pk)
            configuration = delivery.configuration
            sees = Sees(delivery.medical, configuration.pseudonymous, bytes(configuration.account.secret))
            chosen = {one.file: set(one.columns) for one in configuration.files.all()}
            left_out = chosen.keys() & self.suspended()
            self.made[delivery.pk] = Made(sees, {file: chosen[file] for file in chosen.keys() - left_out}, left_out)

    def remember_lake(self) -> None:
        """Remember the newest snapshot of the lake itself: a process that died may not have told of it."""
        now = Environment.objects.get(pk=self.environment.pk)
        if now.lake_id:
            with open_session(places.scratch()) as session:
                store.attach(session, places.lake(now), read_only=True)
                head = store.head(session)
            self._keep(head.lake_id, head.sequence)
        self.remember()

    def _keep(self, lake_id: str, sequence: int) -> None:
        if (lake_id, sequence) not in self.snapshots:
            rows = sqlite3.connect(":memory:")
            rows.row_factory = sqlite3.Row
            self.source.backup(rows)
            self.snapshots[lake_id, sequence] = Snapshot(rows, self.form, self.now, frozenset(self.suspended()))

    def suspended(self) -> set[str]:
        """The files of the datasets that are set aside now."""
        return {FILES[one.dataset] for one in Suspension.objects.filter(environment=self.environment)}

    def suspend(self, dataset: str) -> None:
        with self.step(1), suppress(Rejected):
            suspensions.suspend(CLI, self.environment, dataset, reason="the source is wrong")

    def resume(self, dataset: str) -> None:
        with self.step(1), suppress(Rejected):
            suspensions.resume(CLI, self.environment, dataset)

    def change(self, statement: str) -> None:
        self.source.executescript(statement)
        self.source.commit()

    def refresh(self) -> None:
        with self.step():
            refreshes.refresh(CLI, self.environment)

    def broken_refresh(self) -> None:
        """A refresh that fails at the source, where a table is needed that went; it comes back afterwards."""
        self.now += dt.timedelta(hours=1)
        self.change("ALTER TABLE member RENAME TO lid")
        with self.time(), suppress(SluisError):
            refreshes.refresh(CLI, self.environment)
        self.change("ALTER TABLE lid RENAME TO member")
        self.remember()

    def switch(self, form: str) -> None:
        """Another form of the catalogue."""
        with self.step():
            environments.change_catalog(CLI, self.environment, str(write(form, self.folder.parent)))
        self.form = form

    def deliver(self, stream: Stream, *, since: str = "last", fetch: str = "now") -> Delivery | None:
        """Deliver; let the receivers fetch (``now``, ``now and take away`` or ``later``), and hold what they have
        against the oracle. None where it was refused.
        """
        with self.step():
            try:
                done = deliveries.deliver(CLI, stream.configuration, since=since)
            except Braked:
                return None
        if fetch != "later":
            self.check(stream, take_away=fetch != "now")
        return done

    def held(self, stream: Stream) -> Delivery:
        """Two of the three branches go; the refresh is let through, the delivery is held."""
        with self.time():
            environments.edit_environment(CLI, self.environment, brake_percent=40, brake_floor=0)
        self.change("DELETE FROM branch WHERE code <> 'A'")
        with self.step(), pytest.raises(Braked):
            refreshes.refresh(CLI, self.environment)
        with self.step():
            refreshes.refresh(CLI, self.environment, release=True)
            return deliveries.deliver(CLI, stream.configuration)

    def lose_confirmation(self, stream: Stream) -> None:
        """The delivery arrives, and the process never learns of it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('fault.confirm', 'on', false)")
        try:
            with self.step(), suppress(DatabaseError, SluisError):
                deliveries.deliver(CLI, stream.configuration)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('fault.confirm', 'off', false)")

    def block_publication(self, stream: Stream) -> None:
        """The delivery is numbered and cannot be moved to its place."""
        place = stream.receivers.folder
        place.parent.mkdir(parents=True, exist_ok=True)
        away = place.with_name(f"{place.name}.away")
        if place.exists():
            place.rename(away)
        place.write_text("in the way")
        with self.step(), suppress(SluisError):
            deliveries.deliver(CLI, stream.configuration)
        place.unlink()
        if away.exists():
            away.rename(place)

    def forget_destination(self, stream: Stream) -> None:
        """What was being published went to a place that cannot be asked any more."""
        Delivery.objects.filter(configuration=stream.configuration, state=DeliveryState.PUBLISHING).update(
            destination="hosted:0"
        )

    def check(self, stream: Stream, *, take_away: bool = False) -> None:
        """Fetch what stands there; after each delivery both copies are what the oracle says."""
        for fetched in stream.receivers.fetch(take_away=take_away):
            self._judge(stream, fetched)

    def _judge(self, stream: Stream, fetched: Fetched) -> None:
        delivery = Delivery.objects.get(configuration=stream.configuration, folder=fetched.folder)
        assert delivery.snapshot is not None
        names = ("rows", "inserted", "updated", "deleted", "bytes")
        summed = delivery.files.aggregate(**{f"all_{name}": Sum(name) for name in names})
        assert [getattr(delivery, name) for name in names] == list(summed.values())
        number = (delivery.lake_id, delivery.snapshot)
        want = self._oracle(delivery, number)
        assert set(fetched.files) == set(want)
        left_out = self.made[delivery.pk].left_out & stream.have.keys()
        # Of what was left out they keep what they had.
        stream.have = {**want, **{file: stream.have[file] for file in left_out}}
        for copy in (stream.receivers.contract, stream.receivers.upserts):
            assert set(copy.files) == set(stream.have)
            found = differences(copy.files, stream.have)
            assert not found, f"{fetched.folder} upserts={copy.upsert_only}: " + "; ".join(found[:6])
        for name, named in fetched.files.items():
            if named.mode == "changes":
                self._judge_minimal(delivery, (name, named), want[name])

    def _judge_minimal(self, delivery: Delivery, file: tuple[str, Named], want: dict[str, Row]) -> None:
        name, named = file
        differs = {key for key in want.keys() | named.had.keys() if want.get(key) != named.had.get(key)}
        if delivery.since == "last":
            assert set(named.rows) == differs, f"{name}: not exactly what differs for this receiver"
            return
        dated, letter = self._at(name, delivery), {"Letter"}
        keys = want.keys() | dated.keys()
        differs |= {key for key in keys if _but(want.get(key), letter) != _but(dated.get(key), letter)}
        assert differs <= set(named.rows), f"{name}: lacks what changed since {delivery.since}"

    def _at(self, name: str, delivery: Delivery) -> dict[str, Row]:
        """A file as it was at 00:00 of a date, in Amsterdam."""
        midnight = dt.datetime.combine(dt.date.fromisoformat(delivery.since), dt.time(), AMSTERDAM)
        of_lake = sorted(number for lake, number in self.snapshots if lake == delivery.lake_id)
        later = [n for n in of_lake if self.snapshots[delivery.lake_id, n].time >= midnight]
        before = [n for n in of_lake if n < (later[0] if later else of_lake[-1] + 1)]
        # A snapshot has of what it left alone what the one before it had.
        before = [n for n in before if name not in self.snapshots[delivery.lake_id, n].suspended]
        return self._oracle(delivery, (delivery.lake_id, before[-1]))[name]

    def _oracle(self, delivery: Delivery, number: tuple[str, int]) -> dict[str, dict[str, Row]]:
        """What the receiver of a delivery must have, were it of this snapshot."""
        snapshot, made = self.snapshots[number], self.made[delivery.pk]
        rows = expected(snapshot.rows, made.sees, {})
        codes = {
            made.sees.key("branch", r["code"]): r["code"] for r in snapshot.rows.execute("SELECT code FROM branch")
        }
        rows = as_form(snapshot.form, rows, codes)
        return {
            file: {key: {c: v for c, v in row.items() if c in chosen} for key, row in rows[file].items()}
            for file, chosen in made.chosen.items()
        }

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(AMSTERDAM).date()

    @property
    def catalog(self) -> Catalog:
        return load(Environment.objects.get(pk=self.environment.pk).catalog)


def _but(row: Row | None, names: set[str]) -> Row | None:
    return None if row is None else {name: value for name, value in row.items() if name not in names}
