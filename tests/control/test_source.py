"""The source of an environment: changed only where it can be read, and tried without being kept."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import psycopg
import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import CATALOG, People
from control.test_deliveries import House, house
from sluis.control.actions import automatic, environments, refreshes, schedules, sources
from sluis.control.actor import CLI, WORKER
from sluis.control.errors import NotFound
from sluis.control.models import AuditEvent, Environment, Membership, Refresh, Trigger
from sluis.embedded import EmbeddedPostgres
from sluis.errors import PermissionDenied, Rejected, Retryable

__all__ = ["house"]

NOWHERE = "postgresql://reader:geheim@127.0.0.1:1/app"


def told() -> str:
    """All that the trail holds."""
    return " ".join(f"{one.subject} {one.details}" for one in AuditEvent.objects.all())


# Change


def test_another_source_is_read_from_the_next_refresh_on(house: House, tmp_path: Path) -> None:
    refreshes.refresh(CLI, house.environment)
    shutil.copy(house.file, tmp_path / "other.db")
    house.change("DROP TABLE loan")
    url = f"sqlite:///{tmp_path / 'other.db'}"
    changed = sources.change_source(CLI, house.environment, url=url)
    assert changed.source_url == url
    assert refreshes.refresh(CLI, Environment.objects.get()).state == "succeeded"
    event = AuditEvent.objects.get(action="environment.change_source")
    assert event.details == {"source": [f"sqlite:///{house.file}", url], "password": "kept"}


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        (NOWHERE, Retryable, "the source cannot be opened"),
        ("sqlite:////nowhere/app.db", Rejected, "there is no file"),
        ("oracle://u:geheim@h/d", Rejected, "oracle"),
    ],
)
def test_a_source_that_cannot_be_read_is_not_kept(
    environment: Environment, url: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        sources.change_source(CLI, environment, url=url)
    assert "geheim" not in f"{caught.value} {vars(caught.value)}"
    assert getattr(caught.value, "remedy", "")
    environment.refresh_from_db()
    assert environment.source_url == "postgresql://reader@db/app"
    assert not AuditEvent.objects.exists()


def test_an_empty_database_is_no_source(environment: Environment, postgres: EmbeddedPostgres) -> None:
    with pytest.raises(Rejected, match="no table"):
        sources.change_source(CLI, environment, url=postgres.ensure_database("empty_source"))


def test_nothing_is_no_change(environment: Environment) -> None:
    with pytest.raises(Rejected, match="nothing to change"):
        sources.change_source(CLI, environment)


@pytest.fixture
def databases(postgres: EmbeddedPostgres) -> tuple[str, str]:
    """Two that can be read with any password."""
    urls = postgres.ensure_database("first_source"), postgres.ensure_database("second_source")
    for url in urls:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE TABLE IF NOT EXISTS branch (code text)")
    first, second = (url.replace(":@", "@") for url in urls)
    return first, second


def test_a_password_goes_to_no_other_place(environment: Environment, databases: tuple[str, str]) -> None:
    first, second = databases
    Environment.objects.filter(pk=environment.pk).update(source_url=first, source_password="geheim")

    def changed(**given: str) -> tuple[str, str]:
        found = sources.change_source(CLI, Environment.objects.get(pk=environment.pk), **given)
        return found.source_url, found.source_password

    assert changed(url=first) == (first, "geheim"), "of the same place it stays"
    assert changed(url=second) == (second, "")
    assert changed(password="nieuwgeheim") == (second, "nieuwgeheim")
    assert changed(url=first.replace("@", ":laatste%40geheim@", 1)) == (first, "laatste@geheim")
    events = AuditEvent.objects.filter(action="environment.change_source").order_by("pk")
    assert [one.details["password"] for one in events] == ["kept", "removed", "changed", "changed"]
    assert "geheim" not in told()


def test_who_comes_second_is_told(house: House, tmp_path: Path) -> None:
    shutil.copy(house.file, tmp_path / "other.db")
    Environment.objects.update(source_url="postgresql://reader@db/app")
    with pytest.raises(Rejected, match="changed meanwhile"):
        sources.change_source(CLI, house.environment, url=f"sqlite:///{tmp_path / 'other.db'}")
    assert Environment.objects.get().source_url == "postgresql://reader@db/app"


def test_a_new_environment_can_be_asked_to_be_reachable(environment: Environment) -> None:
    with pytest.raises(Retryable, match="cannot be opened"):
        environments.add_environment(CLI, "Oost", source_url=NOWHERE, catalog=CATALOG, reachable=True)
    assert not Environment.objects.filter(name="Oost").exists()


# Check


def test_a_source_is_checked_per_dataset_without_keeping_anything(house: House) -> None:
    plan = sources.check_source(CLI, house.environment)
    assert (plan.tables, len(plan.datasets), plan.findings) == (6, 6, ())
    house.change("DROP TABLE loan; ALTER TABLE branch RENAME COLUMN town TO place")
    plan = sources.check_source(CLI, house.environment)
    assert plan.failing == {"loan", "branch"}
    assert {one.kind for one in plan.findings} == {"missing-table", "missing-column"}
    assert not Refresh.objects.exists()
    assert [one.details["failing"] for one in AuditEvent.objects.filter(action="environment.check_source")] == [
        [],
        ["branch", "loan"],
    ]


def test_a_check_that_fails_is_in_the_trail(environment: Environment) -> None:
    with pytest.raises(Retryable):
        sources.check_source(CLI, environment, url=NOWHERE)
    assert "cannot be opened" in AuditEvent.objects.get().details["failed"]
    assert "geheim" not in told()


def test_a_table_that_may_not_be_read_is_told(house: House, postgres: EmbeddedPostgres) -> None:
    url = postgres.ensure_database("granted_source")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE TABLE branch (code text, town text)")
        server.execute("CREATE ROLE narrow_reader LOGIN")
        plan = sources.check_source(CLI, house.environment, url=url.replace("://postgres:@", "://narrow_reader@"))
        server.execute("DROP OWNED BY narrow_reader; DROP ROLE narrow_reader")
    branch = [one.message for one in plan.findings if one.dataset == "branch"]
    assert branch == ["column code of table branch may not be read"]


# Who


@pytest.mark.parametrize(
    ("who", "error"), [("sam", PermissionDenied), ("rita", PermissionDenied), ("xander", NotFound)]
)
def test_only_operators_change_and_check(people: People, environment: Environment, who: str, error: type) -> None:
    for verb in (sources.change_source, sources.check_source):
        with pytest.raises(error):
            verb(getattr(people, who), environment, url=NOWHERE)
    assert not AuditEvent.objects.exists()


# The module


NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def test_the_module_is_switched_off_and_on_again(people: People, environment: Environment) -> None:
    Membership.objects.update(valid_from=dt.date(2026, 1, 1))
    with time_machine.travel(NOON, tick=False):
        schedules.set_schedule(people.sam, environment, time=dt.time(2, 30), weekday=3)
        environments.edit_environment(people.olga, environment, datastreams=False)
        environment = Environment.objects.get(pk=environment.pk)
        assert environment.next_run_at() is None
        with pytest.raises(PermissionDenied, match="module Datastreams is off"):
            schedules.pause(people.sam, environment)
    with time_machine.travel(NOON + dt.timedelta(days=2), tick=False):
        assert automatic.enqueue_due(WORKER) == 0
        for actor in (people.olga, CLI):
            with pytest.raises(PermissionDenied, match="module Datastreams is off"):
                schedules.refresh_now(actor, environment)
        environments.edit_environment(people.olga, environment, datastreams=True)
        assert automatic.enqueue_due(WORKER) == 0, "what was missed meanwhile is left out"
        environment = Environment.objects.get(pk=environment.pk)
        assert environment.next_run_at() == dt.datetime(2026, 12, 2, 1, 30, tzinfo=dt.UTC)
    assert not ProcrastinateJob.objects.exists()
    changed = [one.details for one in AuditEvent.objects.filter(action="environment.edit").order_by("pk")]
    assert changed == [{"datastreams_enabled": [True, False]}, {"datastreams_enabled": [False, True]}]


def test_a_job_of_an_environment_whose_module_is_off_does_nothing(environment: Environment) -> None:
    environments.edit_environment(CLI, environment, datastreams=False)
    with pytest.raises(PermissionDenied, match="module Datastreams is off"):
        automatic.run_refresh(WORKER, environment.pk, NOON, Trigger.SCHEDULE)
    assert not Refresh.objects.exists()


def test_a_superbeheerder_does_not_switch_it(people: People, environment: Environment) -> None:
    with pytest.raises(PermissionDenied):
        environments.edit_environment(people.sam, environment, datastreams=False)
