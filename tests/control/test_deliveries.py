"""Runs of a configuration: what is published, numbered and remembered, and what is left after something breaks."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frictionless
import psycopg
import pytest
import time_machine
from django.db.models import Sum

from control.fixtures import join, person
from lending import CATALOG, Copy, Sees, differences, expected, make
from sluis.control import places, setup
from sluis.control.actions import accounts, configurations, deliveries, environments, refreshes, upkeep
from sluis.control.actor import CLI
from sluis.control.errors import NotFound
from sluis.control.locks import Kind
from sluis.control.models import (
    AuditEvent,
    Bookmark,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    LogLine,
    Refresh,
    RefreshState,
    Role,
)
from sluis.errors import PermissionDenied, Rejected, Retryable
from sluis.receive.load import load
from sluis.receive.verify import verify


def check_sums() -> None:
    """What deliveries know of all their files together is what the files know."""
    names = ("rows", "inserted", "updated", "deleted", "bytes")
    known = Delivery.objects.values("pk", *names)
    added = {row["pk"]: row for row in known.annotate(**{f"all_{name}": Sum(f"files__{name}") for name in names})}
    assert added
    for row in added.values():
        assert [row[name] for name in names] == [row[f"all_{name}"] or 0 for name in names]


@dataclass
class House:
    """An environment over the lending source, with a hosted account and a configuration of everything."""

    source: sqlite3.Connection
    file: Path
    environment: Environment
    account: ConnectionAccount
    configuration: Configuration

    def change(self, statement: str) -> None:
        self.source.executescript(statement)
        self.source.commit()

    @property
    def folder(self) -> Path:
        """What the receiver sees of the configuration."""
        return places.hosted(self.account).root / self.configuration.name

    def listing(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []

    def sees(self) -> Sees:
        self.account.refresh_from_db()
        return Sees(self.account.medical, self.configuration.pseudonymous, self.account.secret)


@pytest.fixture
def house(committed: setup.Started, tmp_path: Path) -> Iterator[House]:
    file = tmp_path / "lending.db"
    connection = make(file)
    environment = environments.add_environment(CLI, "Noord", source_url=f"sqlite:///{file}", catalog=str(CATALOG))
    account = accounts.add_account(CLI, environment, "DWH", account_type="hosted", medical=True)
    made = configurations.add_configuration(CLI, account, "Productie", version="2", streams="all", pseudonymous=True)
    yield House(connection, file, environment, account, made)
    connection.close()


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return found


def apply(copy: Copy, folder: Path) -> None:
    for resource in manifest(folder)["resources"]:
        copy.apply(resource["name"], resource["sluis"]["mode"], folder / resource["path"])


def test_full_and_changes_arrive_and_the_bookmarks_follow(house: House) -> None:
    first = deliveries.deliver(CLI, house.configuration)
    house.change("UPDATE member SET condition = 'x' WHERE id = 1; DELETE FROM loan WHERE id = 11")
    second = deliveries.deliver(CLI, house.configuration, refresh=True)
    assert (first.sequence, first.mode, second.sequence, second.mode) == (1, "full", 2, "changes")
    assert house.listing() == [first.folder, second.folder]
    copy = Copy()
    for name in house.listing():
        apply(copy, house.folder / name)
    assert differences(copy.files, expected(house.source, house.sees(), {})) == []
    told = manifest(house.folder / second.folder)["sluis"]
    assert (told["sequence"], told["previous"], told["snapshot"], told["baseline"]) == (2, 1, 2, 1)
    assert (told["medical"], told["pseudonymous"], told["trigger"], told["ended"]) == (True, True, "manual", [])
    assert set(Bookmark.objects.values_list("sequence", flat=True)) == {2}
    assert AuditEvent.objects.filter(action="configuration.run").count() == 2


def test_a_delivery_knows_the_sums_of_its_files(house: House) -> None:
    first = deliveries.deliver(CLI, house.configuration)
    check_sums()
    house.change("UPDATE member SET condition = 'x' WHERE id = 1; DELETE FROM loan WHERE id = 11")
    second = deliveries.deliver(CLI, house.configuration, refresh=True)
    check_sums()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.rows == first.inserted > second.rows
    assert (second.updated, second.deleted) > (0, 0)
    told = [one["sluis"] | {"bytes": one["bytes"]} for one in manifest(house.folder / second.folder)["resources"]]
    for name in ("rows", "inserted", "updated", "deleted", "bytes"):
        assert getattr(second, name) == sum(one[name] for one in told)


def test_every_delivery_is_verified_loaded_and_valid_to_others(house: House, tmp_path: Path) -> None:
    deliveries.deliver(CLI, house.configuration)
    house.change("UPDATE branch SET town = 'x' WHERE code = 'A'; DELETE FROM edition WHERE title_id = 2")
    deliveries.deliver(CLI, house.configuration, refresh=True)
    report = verify(house.folder)
    assert report.ok, report
    loaded = load(house.folder, f"duckdb:///{tmp_path / 'copy.duckdb'}")
    assert [one.sequence for one in loaded.loaded] == [1, 2]
    for name in house.listing():
        found = frictionless.validate(str(house.folder / name / "datapackage.json"))
        assert found.valid, found.flatten(["fieldName", "rowNumber", "message"])


def test_a_key_that_is_an_empty_text_is_valid_to_others(house: House) -> None:
    house.change("INSERT INTO branch VALUES ('', 'Urk')")
    delivery = deliveries.deliver(CLI, house.configuration)
    found = frictionless.validate(str(house.folder / delivery.folder / "datapackage.json"))
    assert found.valid, found.flatten(["fieldName", "rowNumber", "message"])
    resources = {one["name"]: one for one in manifest(house.folder / delivery.folder)["resources"]}
    fields = {one["name"]: one for one in resources["Dim_Branch"]["schema"]["fields"]}
    assert "constraints" not in fields["Code"]
    assert fields["PrimaryKey"]["constraints"] == {"required": True}


def test_the_manifest_says_of_each_file_what_stands_there(house: House) -> None:
    delivery = deliveries.deliver(CLI, house.configuration)
    folder = house.folder / delivery.folder
    resources = {one["name"]: one for one in manifest(folder)["resources"]}
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*(f"{n}.csv" for n in resources), "datapackage.json"]
    )
    loan = resources["Fact_Loan"]
    assert loan["schema"]["primaryKey"] == ["PrimaryKey"]
    assert {key["reference"]["resource"] for key in loan["schema"]["foreignKeys"]} == {"Dim_Member", "Dim_Edition"}
    assert loan["sluis"]["references"][0] == {"field": "Dim_MemberID", "resource": "Dim_Member"}
    note = resources["Fact_Note"]["sluis"]["references"]
    assert note == [{"field": "AboutKey", "by": "About", "resources": {"member": "Dim_Member", "loan": "Fact_Loan"}}]
    header = (folder / "Dim_Member.csv").read_text("utf-8").split("\n")[0].split(",")
    assert [field["name"] for field in resources["Dim_Member"]["schema"]["fields"]] == header
    assert header[:4] == ["PrimaryKey", "RecordKey", "Mutatie", "Dim_MemberID"]


def test_an_empty_delivery_is_published_with_header_only(house: House) -> None:
    deliveries.deliver(CLI, house.configuration)
    delivery = deliveries.deliver(CLI, house.configuration, refresh=True)
    assert delivery.sequence == 2
    for one in delivery.files.all():
        assert (house.folder / delivery.folder / f"{one.name}.csv").read_text("utf-8").count("\n") == 1


def test_a_delivery_that_could_not_be_moved_goes_first_with_the_same_bytes_and_number(house: House) -> None:
    house.folder.parent.mkdir(parents=True)
    house.folder.write_text("in the way")
    with pytest.raises(Retryable, match="cannot be moved"):
        deliveries.deliver(CLI, house.configuration)
    stuck = Delivery.objects.get()
    assert (stuck.state, stuck.sequence, Bookmark.objects.count()) == (DeliveryState.PUBLISHING, 1, 0)
    built = {path.name: path.read_bytes() for path in places.building(stuck).iterdir()}
    house.folder.unlink()
    house.change("DELETE FROM note")
    second = deliveries.deliver(CLI, house.configuration, refresh=True)
    stuck.refresh_from_db()
    assert (stuck.state, second.sequence, second.previous) == (DeliveryState.DELIVERED, 2, 1)
    assert {path.name: path.read_bytes() for path in (house.folder / stuck.folder).iterdir()} == built
    assert second.files.get(name="Fact_Note").deleted == 2


def test_one_that_was_not_moved_is_dropped_when_the_configuration_has_changed(house: House) -> None:
    house.folder.parent.mkdir(parents=True)
    house.folder.write_text("in the way")
    with pytest.raises(Retryable):
        deliveries.deliver(CLI, house.configuration)
    stuck = Delivery.objects.get()
    house.folder.unlink()
    accounts.edit_account(CLI, house.account, medical=False)
    delivery = deliveries.deliver(CLI, house.configuration)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.sequence) == (DeliveryState.FAILED, None)
    assert not places.building(stuck).exists()
    assert (delivery.sequence, delivery.medical, house.listing()) == (1, False, [delivery.folder])


def test_a_lost_confirmation_is_settled_as_itself_even_when_the_receiver_moved_it_away(house: House) -> None:
    first = deliveries.deliver(CLI, house.configuration)
    Bookmark.objects.all().delete()
    Delivery.objects.update(state=DeliveryState.PUBLISHING, published_at=None)
    (house.folder / first.folder).rename(house.file.parent / "fetched")
    second = deliveries.deliver(CLI, house.configuration)
    first.refresh_from_db()
    assert (first.state, first.sequence) == (DeliveryState.DELIVERED, 1)
    assert (second.mode, second.sequence, sum(one.rows for one in second.files.all())) == ("changes", 2, 0)


def test_a_run_that_died_before_publishing_leaves_nothing(house: House) -> None:
    dead = Delivery.objects.create(
        configuration=house.configuration,
        state=DeliveryState.RUNNING,
        actor="cli",
        pseudonymous=True,
        medical=True,
        version="2",
    )
    places.building(dead).mkdir()
    (places.building(dead) / "Dim_Member.csv").write_text("half")
    delivery = deliveries.deliver(CLI, house.configuration)
    dead.refresh_from_db()
    assert (dead.state, delivery.sequence) == (DeliveryState.FAILED, 1)
    assert "interrupted" in dead.failure
    assert not places.building(dead).exists()


def test_the_mark_that_is_taken_away_during_a_run_takes_effect_in_that_run(house: House) -> None:
    taken: list[str] = []

    def take_away(name: str, number: int, many: int) -> None:
        if not taken and number == many:
            taken.append(name)
            accounts.edit_account(CLI, house.account, medical=False)

    delivery = deliveries.deliver(CLI, house.configuration, progress=take_away)
    assert taken
    assert not delivery.medical
    assert "Condition" not in (house.folder / delivery.folder / "Dim_Member.csv").read_text("utf-8")
    assert "braille" not in "".join(path.read_text("utf-8") for path in (house.folder / delivery.folder).iterdir())


def test_a_configuration_that_is_archived_during_a_run_is_not_published(house: House) -> None:
    def archive(name: str, number: int, many: int) -> None:
        if number == 1:
            configurations.archive(CLI, Configuration.objects.get())

    with pytest.raises(Rejected, match="archived"):
        deliveries.deliver(CLI, house.configuration, progress=archive)
    assert house.listing() == []
    assert Delivery.objects.get().state == DeliveryState.FAILED


def test_a_file_that_leaves_is_named_once(house: House) -> None:
    deliveries.deliver(CLI, house.configuration)
    configurations.edit_configuration(CLI, house.configuration, drop_files=["Fact_Note"])
    second = deliveries.deliver(CLI, house.configuration)
    third = deliveries.deliver(CLI, house.configuration)
    assert (second.ended, third.ended) == (["Fact_Note"], [])
    configurations.edit_configuration(CLI, house.configuration, add_files=["Fact_Note"])
    fourth = deliveries.deliver(CLI, house.configuration)
    assert fourth.files.get(name="Fact_Note").reason in {"first", "rebuilt"}


def test_a_failed_refresh_names_what_is_gone_and_leaves_everything_as_it_was(house: House) -> None:
    deliveries.deliver(CLI, house.configuration)
    house.change("ALTER TABLE loan RENAME COLUMN remark TO opmerking")
    with pytest.raises(Rejected, match="dataset loan: table loan has no column remark"):
        deliveries.deliver(CLI, house.configuration, refresh=True)
    house.change("ALTER TABLE loan RENAME COLUMN opmerking TO remark; ALTER TABLE note RENAME TO notes")
    with pytest.raises(Rejected, match=r"dataset note reads source\.note, which the source does not have"):
        refreshes.refresh(CLI, house.environment)
    assert list(Refresh.objects.order_by("pk").values_list("state", flat=True)) == [
        RefreshState.SUCCEEDED, RefreshState.FAILED, RefreshState.FAILED,
    ]  # fmt: skip
    delivery = deliveries.deliver(CLI, house.configuration)
    assert (delivery.snapshot, sum(one.rows for one in delivery.files.all())) == (1, 0)
    assert LogLine.objects.filter(level=4).count() == 3


def test_only_what_is_used_is_read(house: House) -> None:
    refresh = refreshes.refresh(CLI, house.environment)
    assert set(refresh.counts) == {"branch", "edition", "loan", "member", "note", "placement"}
    configurations.edit_configuration(CLI, house.configuration, drop_streams=["shelves"])
    assert set(refreshes.refresh(CLI, house.environment).counts) == {"branch", "edition", "loan", "member"}
    configurations.archive(CLI, house.configuration)
    assert refreshes.refresh(CLI, house.environment).counts == {}


def test_a_second_who_writes_a_lake_is_told_what_is_known(house: House, committed: setup.Started) -> None:
    with psycopg.connect(committed.database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(Kind.REFRESH), house.environment.pk])
        for write in (refreshes.refresh, upkeep.maintain, upkeep.rebuild_lake):
            with pytest.raises(Retryable, match="a refresh or the upkeep of") as caught:
                write(CLI, house.environment)
            assert "result" not in caught.value.remedy
        other.execute("SELECT pg_advisory_unlock_all()")


def test_a_second_run_of_the_same_configuration_is_refused(house: House, committed: setup.Started) -> None:
    with psycopg.connect(committed.database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(Kind.DELIVERY), house.configuration.pk])
        with pytest.raises(Retryable, match="is running"):
            deliveries.deliver(CLI, house.configuration)
        # A server lets go of a closed connection's locks in its own time.
        other.execute("SELECT pg_advisory_unlock_all()")
    assert deliveries.deliver(CLI, house.configuration).sequence == 1


def test_since_a_date_is_meant_in_the_time_zone_of_the_environment(house: House) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 1, 22, 30, tzinfo=dt.UTC), tick=True):
        deliveries.deliver(CLI, house.configuration)
    house.change("UPDATE branch SET town = 'two' WHERE code = 'A'")
    with time_machine.travel(dt.datetime(2026, 11, 2, 23, 30, tzinfo=dt.UTC), tick=True):
        deliveries.deliver(CLI, house.configuration, refresh=True)
        again = deliveries.deliver(CLI, house.configuration, since="2026-11-02")
        assert again.files.get(name="Dim_Branch").updated == 1, "23:30 of the first is before the second"
        none = deliveries.deliver(CLI, house.configuration, since="2026-11-03")
        assert none.files.get(name="Dim_Branch").rows == 1, "the second snapshot is of 00:30 on the third"
        before = deliveries.deliver(CLI, house.configuration, since="2026-11-01")
        assert {one.reason for one in before.files.all()} == {"history"}
        assert LogLine.objects.filter(code="no-history").count() == 1


@pytest.mark.parametrize("since", ["", "yesterday", "2026-13-01", "01-02-2026"])
def test_what_is_no_moment_is_refused(house: House, since: str) -> None:
    with pytest.raises(Rejected, match="not a moment"):
        deliveries.deliver(CLI, house.configuration, since=since)
    assert not Delivery.objects.exists()


def test_a_date_that_is_still_to_come_is_refused(house: House) -> None:
    tomorrow = house.environment.today() + dt.timedelta(days=1)
    with pytest.raises(Rejected, match="still to come"):
        deliveries.deliver(CLI, house.configuration, since=tomorrow.isoformat())
    assert not Delivery.objects.exists()


def test_a_version_that_has_ended_does_not_run(house: House) -> None:
    old = configurations.add_configuration(CLI, house.account, "Oud", version="1", streams="all", pseudonymous=True)
    assert deliveries.deliver(CLI, old).sequence == 1
    with time_machine.travel(dt.datetime(2030, 12, 30, 12, tzinfo=dt.UTC)):
        deliveries.deliver(CLI, old)
    with (
        time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC)),
        pytest.raises(Rejected, match="ended on 2030-12-31"),
    ):
        deliveries.deliver(CLI, old)


def test_who_may_run(house: House) -> None:
    sam, mia, rita, olga = person("sam"), person("mia"), person("rita"), person("olga", operator=True)
    join(sam, house.environment, Role.SUPERBEHEERDER)
    join(mia, house.environment, Role.SUPERBEHEERDER, medical=True)
    join(rita, house.environment, Role.READER, medical=True)
    for actor, error in ((sam, NotFound), (rita, PermissionDenied), (olga, NotFound)):
        with pytest.raises(error):
            deliveries.deliver(actor, house.configuration)
    assert house.listing() == []
    assert deliveries.deliver(mia, house.configuration).actor == "mia"


def test_full_when_not_incremental_or_asked_names_what_was_deleted_too(house: House) -> None:
    deliveries.deliver(CLI, house.configuration)
    house.change("DELETE FROM branch WHERE code = 'a'; DELETE FROM placement WHERE branch_code = 'a'")
    delivery = deliveries.deliver(CLI, house.configuration, refresh=True, since="all")
    branch = delivery.files.get(name="Dim_Branch")
    assert (delivery.mode, branch.reason, branch.inserted, branch.deleted, branch.rows) == ("full", "asked", 2, 1, 3)
    configurations.edit_configuration(CLI, house.configuration, incremental=False)
    assert deliveries.deliver(CLI, house.configuration).mode == "full"


def test_a_lake_put_back_from_an_older_copy_makes_no_wrong_changes(house: House) -> None:
    deliveries.deliver(CLI, house.configuration)
    house.change("UPDATE branch SET town = 'lost' WHERE code = 'A'")
    deliveries.deliver(CLI, house.configuration, refresh=True)
    # The control database remembers a snapshot that the lake does not have.
    Environment.objects.update(lake_sequence=9)
    house.environment.refresh_from_db()
    refreshes.refresh(CLI, house.environment)
    delivery = deliveries.deliver(CLI, house.configuration)
    assert {one.reason for one in delivery.files.all()} == {"rebuilt"}


def test_an_account_that_is_renamed_during_a_run_gets_it_under_its_new_name(house: House) -> None:
    def rename(name: str, number: int, many: int) -> None:
        if ConnectionAccount.objects.get().name == "DWH":
            accounts.edit_account(CLI, house.account, name="Nieuw")

    delivery = deliveries.deliver(CLI, house.configuration, progress=rename)
    house.account.refresh_from_db()
    assert house.account.name == "Nieuw"
    assert house.listing() == [delivery.folder]
    assert not house.folder.parent.with_name("DWH").exists()


def test_the_lines_of_a_pseudonymous_file_are_not_in_the_order_of_the_source(house: House) -> None:
    delivery = deliveries.deliver(CLI, house.configuration)
    lines = (house.folder / delivery.folder / "Fact_Placement.csv").read_text("utf-8").splitlines()[1:]
    assert len(lines) > 1
    assert lines == sorted(lines)


def test_a_configuration_of_which_nothing_may_be_delivered_is_refused(house: House) -> None:
    configurations.edit_configuration(CLI, house.configuration, drop_streams=["shelves"])
    for file in ("Dim_Member", "Dim_Branch", "Dim_Edition", "Fact_Loan"):
        house.configuration.files.filter(file=file).delete()
    with pytest.raises(Rejected, match="has no files"):
        deliveries.deliver(CLI, house.configuration)
