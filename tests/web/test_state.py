"""How it is going: the installation, and an environment."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import People, delivered, new_environment
from sluis.control import health, queries
from sluis.control.actions.configurations import add_configuration, archive
from sluis.control.actions.schedules import refresh_now, set_schedule
from sluis.control.actor import CLI
from sluis.control.errors import NotFound
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    DeliveryState,
    Environment,
    Refresh,
    Schedule,
    SftpKey,
)
from sluis.errors import PermissionDenied
from sluis.web.views import state
from web.visiting import Visit

OF_ENVIRONMENT, OF_INSTALLATION = "environment_state", "installation_state"


def alive(ago: dt.timedelta = dt.timedelta()) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [timezone.now() - ago])


def refreshed(environment: Environment, state: str = "succeeded", ago: dt.timedelta = dt.timedelta()) -> Refresh:
    made = Refresh.objects.create(environment=environment, state=state, actor="worker")
    Refresh.objects.filter(pk=made.pk).update(started_at=timezone.now() - ago)
    return made


def test_workers_and_jobs_are_counted(people: People, environment: Environment) -> None:
    alive()
    alive(dt.timedelta(minutes=5))
    refresh_now(CLI, environment)
    found = health.installation(people.olga)
    assert (found.alive, len(found.queue.workers)) == (1, 2)
    assert (found.queue.waiting, found.queue.doing, found.queue.later, found.queue.failed) == (1, 0, 0, 0)
    assert found.queue.oldest is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
    later = health.installation(people.olga).queue
    assert (later.waiting, later.later, later.oldest) == (0, 1, None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert ProcrastinateJob.objects.get().status == "failed"
    assert health.installation(people.olga).queue.failed == 1


def test_an_environment_is_shown_in_numbers(
    people: People, environment: Environment, account: ConnectionAccount, configuration: Configuration
) -> None:
    refreshed(environment, "failed", dt.timedelta(hours=2))
    refreshed(environment)
    delivered(configuration)
    delivered(configuration, DeliveryState.FAILED, sequence=None)
    gone = add_configuration(CLI, account, "Weg", version="2", streams=["basis"], pseudonymous=True)
    delivered(gone, DeliveryState.FAILED, sequence=None)
    archive(CLI, gone)
    busy = add_configuration(CLI, account, "Bezig", version="2", streams=["basis"], pseudonymous=True)
    delivered(busy, DeliveryState.RUNNING, sequence=None)
    rows = {one.environment.name: one for one in health.installation(people.olga).environments}
    noord = rows["Noord"]
    assert noord.last is not None
    assert (noord.last.state, noord.late, noord.running, noord.trouble) == ("succeeded", False, 1, 1)
    assert not noord.well
    assert rows["Zuid"].well


@pytest.mark.parametrize(
    ("state", "ago", "late"), [(None, 0, True), ("failed", 1, True), ("succeeded", 1, False), ("succeeded", 90, True)]
)
def test_a_refresh_that_did_not_come_is_late(
    people: People, environment: Environment, state: str | None, ago: int, late: bool
) -> None:
    set_schedule(CLI, environment, time=dt.time(2, 30), weekday=1)
    Schedule.objects.update(last_run_at=timezone.now() - dt.timedelta(hours=80))
    if state:
        refreshed(environment, state, dt.timedelta(hours=ago))
    assert health.environment(people.sam, queries.environment_by_id(people.sam, environment.pk), 1).late is late
    Schedule.objects.update(paused=True, next_run_at=None)
    assert health.environment(people.sam, queries.environment_by_id(people.sam, environment.pk), 1).late is False


def test_what_asks_attention_comes_first_and_leads_to_it(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount, configuration: Configuration
) -> None:
    well = add_configuration(CLI, account, "Alles goed", version="2", streams=["basis"], pseudonymous=True)
    delivered(well)
    held = delivered(configuration, DeliveryState.HELD, sequence=None)
    page = visit(people.sam).get(reverse(OF_ENVIRONMENT, kwargs={"environment": environment.pk})).content.decode()
    assert page.index("DWH/Productie") < page.index("DWH/Alles goed")
    assert reverse("delivery_detail", kwargs={"environment": environment.pk, "delivery": held.pk}) in page
    assert "1 configuratie vraagt aandacht" in page
    assert "Geen enkele worker geeft een teken van leven" in page
    alive()
    address = reverse(OF_ENVIRONMENT, kwargs={"environment": environment.pk})
    other = visit(people.rita, second_factor=False).get(address)
    assert "Geen enkele worker" not in other.content.decode()


def test_of_many_configurations_those_that_need_it_are_shown(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "SHOWN", 2)
    now = timezone.now()
    for name, kind, days in (
        ("Nieuw", "delivered", 1),
        ("Oud", "delivered", 9),
        ("Mis", "failed", 0),
        ("Ouder", "delivered", 20),
    ):
        made = add_configuration(CLI, account, name, version="2", streams=["basis"], pseudonymous=True)
        more = {"published_at": now - dt.timedelta(days=days)} if kind == "delivered" else {"sequence": None}
        delivered(made, kind, **more)
    page = visit(people.sam).get(reverse(OF_ENVIRONMENT, kwargs={"environment": environment.pk})).content.decode()
    assert "DWH/Mis" in page
    assert page.index("DWH/Mis") < page.index("DWH/Ouder")
    assert "DWH/Oud<" not in page
    assert "nog 2" in page.lower()


def test_keys_and_versions_about_to_end_are_shown(
    people: People, environment: Environment, account: ConnectionAccount, medical_account: ConnectionAccount
) -> None:
    today = environment.today()
    for name, owner, days in (("near", account, 3), ("far", account, 99), ("marked", medical_account, 3)):
        SftpKey.objects.create(
            account=owner,
            name=name,
            public_key=f"k {name}",
            fingerprint=name,
            valid_until=today + dt.timedelta(days=days),
        )
    assert [one.name for one in health.environment(people.sam, environment, 1).keys] == ["near"]
    assert {one.name for one in health.environment(people.mia, environment, 1).keys} == {"near", "marked"}


def test_who_may_see_which(visit: Visit, people: People, environment: Environment) -> None:
    with pytest.raises(PermissionDenied):
        health.installation(people.sam)
    with pytest.raises(NotFound):
        health.environment(people.xander, environment, 1)
    inside = reverse(OF_ENVIRONMENT, kwargs={"environment": environment.pk})
    expected = {people.olga: (200, 403), people.sam: (403, 200), people.rita: (403, 200), people.xander: (403, 404)}
    for who, statuses in expected.items():
        client = visit(who)
        assert (client.get(reverse(OF_INSTALLATION)).status_code, client.get(inside).status_code) == statuses


def test_queries_do_not_grow_with_environments_and_configurations(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    operator, sam = visit(people.olga), visit(people.sam)
    inside = reverse(OF_ENVIRONMENT, kwargs={"environment": environment.pk})
    counts = []
    for turn in range(3):
        with CaptureQueriesContext(connection) as asked:
            assert operator.get(reverse(OF_INSTALLATION)).status_code == 200
            assert sam.get(inside).status_code == 200
        counts.append(len(asked))
        for number in range(3):
            refreshed(new_environment(f"Meer {turn} {number}"))
            name = f"Configuratie {turn} {number}"
            made = add_configuration(CLI, account, name, version="2", streams=["basis"], pseudonymous=True)
            delivered(made)
    # Before the first there is nothing to ask after.
    assert counts[1] == counts[2]
    assert counts[2] <= 60
