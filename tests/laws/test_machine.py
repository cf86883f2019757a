"""The laws under everything that a user can do and much that can break, in random order, against an oracle.

A history is one run of the machine: an installation in small in which sources, configurations, catalogues and receivers
change. The short form runs always; ``make soak`` runs thousands (``HISTORIES`` says how many).
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Max
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from laws import mutations, world
from laws.catalogues import FORMS
from laws.world import Stream, World
from sluis.control.actions import (
    accounts,
    configurations,
    decisions,
    environments,
    refreshes,
    secrets,
    upkeep,
)
from sluis.control.actions.medical import remove_medical
from sluis.control.actions.retention import remove_old_deliveries
from sluis.control.actor import CLI
from sluis.control.models import Configuration, Delivery, DeliveryState
from sluis.control.setup import Started
from sluis.delivery import writing
from sluis.errors import Rejected
from sluis.lake.brake import Braked
from stores import Bucket, bucket, store_server

__all__ = ["bucket", "store_server"]

HISTORIES = int(os.environ.get("HISTORIES", "10000"))
IN_STORE = HISTORIES // 25
"""Histories of which the lake lies in a store."""
STEPS = 10
SHARDS = 2
BATCH = min(250, HISTORIES // SHARDS)
SINCE: st.SearchStrategy[str | int] = st.one_of(st.just("last"), st.just("last"), st.just("all"), st.integers(0, 5))
"""Since the last delivery, everything, or so many days ago."""
FILES = ("Dim_Member", "Dim_Branch", "Dim_Edition", "Fact_Loan", "Fact_Placement", "Fact_Note")
COLUMNS = {
    "Dim_Member": ("Name", "Born", "Postcode", "Sex", "Fine", "Exact", "Joined", "Active", "Condition", "Card"),
    "Dim_Branch": ("Town", "Letter"),
    "Dim_Edition": ("Title",),
    "Fact_Loan": ("Dim_EditionID", "Kind", "Day", "VisitKey", "Remark"),
    "Fact_Placement": ("Copies",),
    "Fact_Note": ("Score",),
}


UNFIT = ("archived", "nothing that this account may have", "too much would go", "delivers is suspended")


def expect(error: Rejected, *texts: str) -> None:
    """Only these refusals are right here."""
    if not any(text in str(error) for text in texts):
        raise error


def as_of_large_tables(patch: pytest.MonkeyPatch) -> None:
    """Files are made in the ways that are meant for many rows."""
    patch.setattr(writing, "FEW", 0)
    patch.setattr(writing, "MANY_ROWS", 0)
    patch.setattr(writing, "TIMES", 1)


class Laws(RuleBasedStateMachine):
    """Every rule is something that a person, the source, a receiver or fate does."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.patch = pytest.MonkeyPatch()

    @initialize(
        medical=st.booleans(),
        version=st.sampled_from(("2", "2", "1")),
        pseudonymous=st.booleans(),
        both=st.booleans(),
        large=st.booleans(),
    )
    def begin(self, *, medical: bool, version: str, pseudonymous: bool, both: bool, large: bool) -> None:
        if large:
            as_of_large_tables(self.patch)
        self.world = World.make(self.folder, medical=medical)
        self.world.add("Een", version=version, pseudonymous=pseudonymous)
        if both:
            self.world.add("Twee", streams="shelves", pseudonymous=not pseudonymous)

    @property
    def at(self) -> World:
        assert self.world
        return self.world

    def configuration(self, number: int) -> Configuration:
        return Configuration.objects.get(pk=self.stream(number).configuration.pk)

    @staticmethod
    def configuration_of(stream: Stream) -> Configuration:
        return Configuration.objects.get(pk=stream.configuration.pk)

    def stream(self, number: int) -> Stream:
        return self.at.streams[number % len(self.at.streams)]

    def teardown(self) -> None:
        if self.world:
            try:
                self.end()
            finally:
                self.world.close()
                self.patch.undo()

    def end(self) -> None:
        """Whatever happened, the next delivery of everything makes both copies right; one more then brings nothing."""
        for dataset in world.FILES:
            self.at.resume(dataset)
        for stream in self.at.streams:
            done = self.delivered(stream)
            if done and done.state == DeliveryState.DELIVERED and self.configuration_of(stream).incremental:
                again = self.delivered(stream)
                assert again is not None
                assert (again.mode, sum(one.rows for one in again.files.all())) == ("changes", 0)

    # The source

    @rule(done=st.lists(mutations.ANY, min_size=1, max_size=6))
    def mutate(self, done: list[tuple[str, list[object]]]) -> None:
        mutations.apply(self.at.source, done)

    @rule(
        done=st.lists(mutations.ANY, max_size=4), release=st.booleans(), well=st.sampled_from((True, True, True, False))
    )
    def refresh(self, done: list[tuple[str, list[object]]], *, release: bool, well: bool) -> None:
        mutations.apply(self.at.source, done)
        if not well:
            self.at.broken_refresh()
            return
        try:
            self.at.refresh()
        except Braked:
            if release:
                with self.at.step():
                    refreshes.refresh(CLI, self.at.environment, release=True)

    # Deliveries

    @rule(
        number=st.integers(0, 2),
        since=SINCE,
        done=st.lists(mutations.ANY, max_size=4),
        fetch=st.sampled_from(("now", "now and take away", "later")),
    )
    def deliver(self, number: int, since: str | int, done: list[tuple[str, list[object]]], fetch: str) -> None:
        mutations.apply(self.at.source, done)
        day = self.at.today - dt.timedelta(days=since) if isinstance(since, int) else None
        asked = day.isoformat() if day else str(since)
        self.delivered(self.stream(number), since=asked, refresh=bool(done), fetch=fetch)

    @rule(number=st.integers(0, 2), done=st.lists(mutations.ANY, min_size=1, max_size=6))
    def deliver_changes(self, number: int, done: list[tuple[str, list[object]]]) -> None:
        mutations.apply(self.at.source, done)
        self.delivered(self.stream(number), refresh=True)

    def delivered(
        self, stream: Stream, *, since: str = "last", refresh: bool = False, fetch: str = "now"
    ) -> Delivery | None:
        try:
            if refresh:
                self.at.refresh()
            return self.at.deliver(stream, since=since, fetch=fetch)
        except Rejected as error:
            expect(error, *UNFIT)
            return None

    @rule(number=st.integers(0, 2), fetched=st.booleans())
    def confirmation_is_lost(self, number: int, *, fetched: bool) -> None:
        stream = self.stream(number)
        self.at.lose_confirmation(stream)
        if fetched:
            self.at.check(stream, take_away=True)

    @rule(number=st.integers(0, 2))
    def publication_fails(self, number: int) -> None:
        self.at.block_publication(self.stream(number))

    @rule(number=st.integers(0, 2), how=st.sampled_from(("lost", "blocked")))
    def fate_is_unknown(self, number: int, how: str) -> None:
        stream = self.stream(number)
        self.at.lose_confirmation(stream) if how == "lost" else self.at.block_publication(stream)
        self.at.check(stream)
        self.at.forget_destination(stream)

    @rule(days=st.sampled_from((20, 40)))
    def old_ones_go(self, *, days: int) -> None:
        """Retention, of all or only of the oldest: what was not fetched by then makes the next delivery full."""
        with self.at.step(24 * days):
            self.at.account.refresh_from_db()
            removed = remove_old_deliveries(CLI, self.at.account)
        for stream in self.at.streams:
            gone = [one.sequence or 0 for one in removed if one.configuration == stream.configuration]
            if max(gone, default=0) > stream.receivers.last:
                numbered = stream.configuration.deliveries.aggregate(last=Max("sequence"))
                stream.receivers.broken = numbered["last"]

    # The brake

    @rule(percent=st.sampled_from((10, 40, 100)))
    def set_brake(self, percent: int) -> None:
        with self.at.step(0):
            environments.edit_environment(CLI, self.at.environment, brake_percent=percent, brake_floor=0)

    @precondition(lambda self: self.world and self.held())
    @rule(what=st.sampled_from(("release", "release", "refuse", "cancel")))
    def decide(self, what: str) -> None:
        delivery = self.held()[0]
        stream = next(one for one in self.at.streams if one.configuration == delivery.configuration)
        with self.at.step():
            try:
                getattr(decisions, what)(CLI, delivery)
            except Rejected as error:
                expect(error, *UNFIT)
        self.at.check(stream)

    def held(self) -> list[Delivery]:
        return list(
            Delivery.objects.filter(
                configuration__account__environment=self.at.environment, state=DeliveryState.HELD
            ).select_related("configuration__account__environment")
        )

    # Edits

    def edit(self, number: int, **changes: Any) -> None:
        with self.at.step(1):
            try:
                configurations.edit_configuration(CLI, self.configuration(number), **changes)
            except Rejected:
                return

    @rule(number=st.integers(0, 2), stream=st.sampled_from(("loans", "shelves")), add=st.booleans())
    def streams(self, number: int, stream: str, *, add: bool) -> None:
        self.edit(number, **{"add_streams" if add else "drop_streams": [stream]})

    @rule(number=st.integers(0, 2), file=st.sampled_from(FILES), add=st.booleans())
    def files(self, number: int, file: str, *, add: bool) -> None:
        self.edit(number, **{"add_files" if add else "drop_files": [file]})

    @rule(number=st.integers(0, 2), incremental=st.booleans())
    def incremental(self, number: int, *, incremental: bool) -> None:
        self.edit(number, incremental=incremental)

    @rule(number=st.integers(0, 2), file=st.sampled_from(FILES), data=st.data(), on=st.booleans())
    def columns(self, number: int, file: str, data: st.DataObject, *, on: bool) -> None:
        column = data.draw(st.sampled_from(COLUMNS[file]))
        with self.at.step(1):
            try:
                configurations.choose_columns(
                    CLI, self.configuration(number), file, **{"on" if on else "off": [column]}
                )
            except Rejected:
                return

    @rule(medical=st.booleans(), remove=st.booleans())
    def mark(self, *, medical: bool, remove: bool) -> None:
        with self.at.step(1):
            self.at.account.refresh_from_db()
            if medical != self.at.account.medical:
                account = accounts.edit_account(CLI, self.at.account, medical=medical)
                if remove and not medical:
                    remove_medical(CLI, account)

    @rule()
    def rotate(self) -> None:
        with self.at.step(1):
            secrets.rotate_secret(CLI, self.at.account)

    @rule(number=st.integers(0, 2))
    def archive_or_restore(self, number: int) -> None:
        found = self.configuration(number)
        with self.at.step(1):
            try:
                (configurations.restore if found.archived_at else configurations.archive)(CLI, found)
            except Rejected as error:
                expect(error, "being published")

    @precondition(lambda self: self.world and len(self.world.streams) < 3)
    @rule(number=st.integers(0, 2))
    def copy(self, number: int) -> None:
        with self.at.step(1):
            made = configurations.copy_configuration(CLI, self.configuration(number), f"Kopie {len(self.at.streams)}")
        self.at.follow(made)

    @rule(form=st.sampled_from(FORMS))
    def catalogue(self, form: str) -> None:
        self.at.switch(form)

    @rule(dataset=st.sampled_from(tuple(world.FILES)), broken=st.booleans())
    def suspend(self, dataset: str, *, broken: bool) -> None:
        """Somebody sets a dataset aside, perhaps because the source is wrong, which it then is no more."""
        if broken:
            self.at.broken_refresh()
        self.at.suspend(dataset)

    @precondition(lambda self: self.world and self.world.suspended())
    @rule()
    def resume(self) -> None:
        for dataset, file in world.FILES.items():
            if file in self.at.suspended():
                self.at.resume(dataset)
                return

    # The history

    @precondition(lambda self: self.world and self.world.snapshots)
    @rule(days=st.sampled_from((1, 2, 400)))
    def maintain(self, days: int) -> None:
        with self.at.step(1):
            environments.edit_environment(CLI, self.at.environment, keep_days=days)
            upkeep.maintain(CLI, self.at.environment)

    @precondition(lambda self: self.world and self.world.snapshots)
    @rule(dataset=st.sampled_from(("member", "branch")), key=st.sampled_from(("1", "2", "A", "a", "")))
    def expunge(self, dataset: str, key: str) -> None:
        with self.at.step(1):
            try:
                upkeep.expunge(CLI, self.at.environment, dataset, parts=[key] if key else (), whole=not key)
            except Rejected as error:
                expect(error, "holds no dataset", "is not a")


def run(folder: Path, histories: int) -> None:
    Laws.folder = folder
    run_state_machine_as_test(
        Laws,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.normal,
            print_blob=True,
        ),
    )


def seed(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let the histories follow from a number."""
    patch.setattr(Laws, "_hypothesis_internal_use_seed", number, raising=False)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_laws_hold(committed: Started, tmp_path: Path, shard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same histories every time; others are for the long form."""
    seed(monkeypatch, shard)
    run(tmp_path, 7)


@pytest.mark.soak
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_laws_hold_for_thousands_of_histories(
    committed: Started, tmp_path: Path, shard: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches that each have a seed of their own: ``SEED`` runs the batch of that seed first."""
    passed, number = 0, int(os.environ.get("SEED", "0")) or random.getrandbits(32)
    while passed < HISTORIES // SHARDS:
        seed(monkeypatch, number)
        try:
            run(tmp_path, BATCH)
        except BaseException as error:
            error.add_note(f"SEED={number}, after {passed} histories that passed")
            raise
        passed += BATCH
        with capfd.disabled():
            sys.stderr.write(f"shard {shard}: {passed} histories passed, the last {BATCH} with SEED={number}\n")
        number = random.getrandbits(32)


def test_the_laws_hold_with_the_lake_in_a_store(
    committed: Started, variables: pytest.MonkeyPatch, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.use(variables)
    seed(variables, 0)
    run(tmp_path, 3)
    assert bucket.names() == []


@pytest.mark.soak
def test_the_laws_hold_for_hundreds_of_histories_with_the_lake_in_a_store(
    committed: Started, variables: pytest.MonkeyPatch, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.use(variables)
    run(tmp_path, IN_STORE)
    assert bucket.names() == []
