"""Deliveries on screen: list, detail, log, decisions, run now."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import People, delivered, join, person
from control.test_deliveries import House, house
from sluis.control import history
from sluis.control.actions import environments
from sluis.control.actions.configurations import add_configuration
from sluis.control.actions.deliveries import deliver
from sluis.control.actions.refreshes import refresh
from sluis.control.actor import CLI
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryFile,
    DeliveryState,
    DownloadReceipt,
    Environment,
    LogLine,
    Role,
    RunProgress,
    Stage,
)
from web.test_configurations import of
from web.visiting import Visit

__all__ = ["house"]


def of_delivery(name: str, delivery: Delivery) -> str:
    environment = delivery.configuration.environment
    return reverse(name, kwargs={"environment": environment.pk, "delivery": delivery.pk})


def the_list(environment: Environment) -> str:
    return reverse("delivery_list", kwargs={"environment": environment.pk})


def filled(configuration: Configuration, **more: Any) -> Delivery:
    """A delivery with a file, a receipt and a log."""
    sums = {"rows": 2468, "inserted": 2400, "updated": 60, "deleted": 8, "bytes": 113578}
    values: dict[str, Any] = {"snapshot_time": dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC), "mode": "changes", **sums}
    delivery = delivered(configuration, **values | more)
    for name, mode, reason in (("Dim_Werkgever", "changes", None), ("Dim_Werknemer", "full", "columns")):
        DeliveryFile.objects.create(
            delivery=delivery,
            name=name,
            mode=mode,
            reason=reason,
            rows=1234,
            inserted=1200,
            updated=30,
            deleted=4,
            bytes=56789,
            sha256="ab" * 32,
            generation=1,
            fingerprint="x",
        )
    DownloadReceipt.objects.create(
        delivery=delivery, file="Dim_Werkgever.csv", sent=56789, complete=True, address="192.0.2.7", key_name="dwh"
    )
    for level, code in ((1, "duration"), (2, "delivered"), (3, "no-key"), (4, "delivery-failed")):
        LogLine.objects.create(delivery=delivery, level=level, code=code, text=f"line {code}", details={"seconds": 5})
    return delivery


# List


def test_the_list_shows_the_newest_first_with_counts(
    visit: Visit, people: People, environment: Environment, configuration: Configuration
) -> None:
    filled(configuration)
    delivered(configuration, DeliveryState.FAILED, sequence=None)
    text = visit(people.sam).get(the_list(environment)).content.decode()
    assert text.index("Mislukt</span>") < text.index("Aangeleverd</span>")
    assert "2.400" in text, "of both files together"
    assert "2 aanleveringen" in text


def test_the_list_is_filtered_by_configuration_state_and_days(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount, configuration: Configuration
) -> None:
    other = add_configuration(CLI, account, "Ander", version="2", streams=["basis"], pseudonymous=True)
    old = delivered(configuration)
    Delivery.objects.filter(pk=old.pk).update(created_at=dt.datetime(2025, 1, 1, 23, 30, tzinfo=dt.UTC))
    delivered(other, DeliveryState.FAILED, sequence=None)
    client = visit(people.sam)

    def found(**given: str | int) -> int:
        return client.get(the_list(environment), given).content.decode().count('class="row-link')

    assert found() == 2
    assert found(configuration=other.pk) == 1
    assert found(state="failed") == 1
    assert found(state="held") == 0
    assert found(first="2025-01-02", last="2025-01-02") == 1, "the day of the environment's time zone"
    assert found(last="2025-01-01") == 0
    assert found(first="nonsense", state="nonsense", configuration="nonsense", page="nonsense") == 2


def test_a_list_has_pages_and_ends_at_the_newest(
    visit: Visit,
    people: People,
    environment: Environment,
    configuration: Configuration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "NEWEST", 60)
    for number in range(61):
        delivered(configuration, sequence=number + 1)
    client = visit(people.sam)
    first = client.get(the_list(environment)).content.decode()
    assert first.count('class="row-link') == 50
    assert "pagina 1 van 2" in first
    assert "kies dagen om oudere te zien" in first
    assert client.get(the_list(environment), {"page": "2"}).content.decode().count('class="row-link') == 10
    assert client.get(the_list(environment), {"page": "99"}).content.decode().count('class="row-link') == 10


def test_queries_do_not_grow_with_deliveries(
    visit: Visit, people: People, environment: Environment, configuration: Configuration
) -> None:
    client = visit(people.sam)
    last = filled(configuration)
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(the_list(environment)).status_code == 200
            assert client.get(of_delivery("delivery_detail", last)).status_code == 200
        counts.append(len(asked))
        for number in range(8):
            filled(configuration, sequence=10 * turn + number + 2)
    assert counts[0] == counts[1]
    assert counts[0] <= 36


# Detail


def test_the_detail_shows_files_receipts_and_log(visit: Visit, people: People, configuration: Configuration) -> None:
    delivery = filled(configuration, baseline_time=dt.datetime(2026, 11, 15, 2, tzinfo=dt.UTC))
    text = visit(people.sam).get(of_delivery("delivery_detail", delivery)).content.decode()
    for part in ("1.200", "andere kolommen", "ab" * 32, "192.0.2.7", "dwh", "15 nov", "22 nov", "Met de hand"):
        assert part in text, part
    assert "Het koppelingsaccount heeft geen geldige sleutel" in text
    assert "line delivery-failed" in text, "what went wrong is quoted"
    assert "line no-key" not in text


def test_the_log_is_filtered_by_level_and_can_be_kept(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    delivery = filled(configuration)
    client = visit(people.sam, language="en")
    some = client.get(of_delivery("delivery_detail", delivery), {"level": ["3", "4", "9", "x"]}).content.decode()
    assert "no valid key" in some
    assert "5 seconds" not in some
    kept = client.get(of_delivery("delivery_log", delivery))
    assert kept.headers["content-disposition"] == 'attachment; filename="log-1.txt"'
    assert kept.content.decode().count("\n") == 4


def test_progress_is_shown_and_ends_with_loading_the_page(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    delivery = delivered(configuration, DeliveryState.RUNNING, sequence=None, started_at=timezone.now())
    RunProgress.objects.create(
        delivery=delivery,
        stage=Stage.BUILDING,
        file="Dim_Werkgever",
        number=1,
        total=2,
        rows=4321,
        moment=timezone.now(),
    )
    client = visit(people.sam)
    page = client.get(of_delivery("delivery_detail", delivery)).content.decode()
    assert 'hx-trigger="every 2s"' in page
    part = client.get(of_delivery("delivery_progress", delivery))
    text = part.content.decode()
    for told in (
        "Bestanden maken",
        "Dim_Werkgever",
        "1 van 2",
        "4.321 rijen",
        '<progress class="progress mt-2" max="2"',
    ):
        assert told in text
    assert "HX-Refresh" not in part.headers
    Delivery.objects.update(state=DeliveryState.FAILED)
    assert client.get(of_delivery("delivery_progress", delivery)).headers["HX-Refresh"] == "true"


def test_a_link_in_a_mail_leads_to_the_page(visit: Visit, people: People, configuration: Configuration) -> None:
    delivery = filled(configuration)
    answer = visit(people.sam).get(f"/deliveries/{delivery.pk}", follow=True)
    assert answer.redirect_chain[-1][0] == of_delivery("delivery_detail", delivery)
    assert visit(people.xander).get(f"/deliveries/{delivery.pk}/").status_code == 404


# Decisions


DECISIONS = ("delivery_release", "delivery_refuse", "delivery_cancel", "delivery_retry")
OFFERED = {
    DeliveryState.DELIVERED: set(),
    DeliveryState.HELD: {"delivery_release", "delivery_refuse"},
    DeliveryState.RUNNING: {"delivery_cancel"},
    DeliveryState.FAILED: {"delivery_retry"},
    DeliveryState.PUBLISHING: {"delivery_retry"},
}


@pytest.mark.parametrize("state", OFFERED)
def test_what_can_be_decided_is_offered_by_state(
    visit: Visit, people: People, configuration: Configuration, state: DeliveryState
) -> None:
    delivery = delivered(configuration, state)
    for actor, expected in ((people.sam, OFFERED[state]), (people.rita, set())):
        page = visit(actor).get(of_delivery("delivery_detail", delivery)).content.decode()
        assert {name for name in DECISIONS if f'action="{of_delivery(name, delivery)}"' in page} == expected


def test_a_held_delivery_is_refused_and_another_released(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    client = visit(people.sam)
    held = delivered(configuration, DeliveryState.HELD, sequence=None)
    assert client.post(of_delivery("delivery_release", held)).status_code == 302
    assert ProcrastinateJob.objects.filter(task_name="release", status="todo").count() == 1
    assert client.post(of_delivery("delivery_release", held)).status_code == 409, "it waits already"
    assert client.post(of_delivery("delivery_refuse", held)).status_code == 302
    held.refresh_from_db()
    assert held.state == DeliveryState.REFUSED
    assert client.post(of_delivery("delivery_refuse", held)).status_code == 409


def test_a_running_delivery_is_cancelled_and_a_failed_one_tried_again(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    client = visit(people.sam)
    running = delivered(configuration, DeliveryState.RUNNING, sequence=None)
    client.post(of_delivery("delivery_cancel", running))
    running.refresh_from_db()
    assert running.cancel_asked
    failed = delivered(configuration, DeliveryState.FAILED, sequence=None)
    answer = client.post(of_delivery("delivery_retry", failed))
    assert answer.headers["location"] == of("configuration_run", configuration)
    assert ProcrastinateJob.objects.filter(task_name="retry", status="todo").count() == 1


# Run now


@pytest.mark.parametrize(
    ("given", "since"),
    [({"since": "last"}, "last"), ({"since": "all"}, "all"), ({"since": "date", "date": "2026-11-01"}, "2026-11-01")],
)
def test_a_run_is_asked_of_a_worker(
    visit: Visit, people: People, configuration: Configuration, given: dict[str, str], since: str
) -> None:
    client = visit(people.sam)
    assert client.post(of("configuration_run", configuration), given).status_code == 302
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args["since"], job.args["configuration"]) == ("run", since, configuration.pk)
    assert people.sam.user
    assert job.args["by"] == people.sam.user.pk
    page = client.get(of("configuration_run", configuration)).content.decode()
    assert "wacht op een worker" in page
    again = client.post(of("configuration_run", configuration), given)
    assert again.status_code == 422
    assert "wacht al op een worker" in again.content.decode()
    client.post(of("run_cancel", configuration))
    assert "wacht op een worker" not in client.get(of("run_progress", configuration)).content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {"since": ""},
        {"since": "date"},
        {"since": "date", "date": "2999-01-01"},
        {"since": "x"},
        {"since": "2026-01-01"},
    ],
)
def test_a_run_without_a_good_choice_is_refused(
    visit: Visit, people: People, configuration: Configuration, given: dict[str, str]
) -> None:
    assert visit(people.sam).post(of("configuration_run", configuration), given).status_code == 422
    assert not ProcrastinateJob.objects.exists()


# Who


def test_deliveries_of_others_and_with_the_medical_mark_are_not_there(
    visit: Visit, people: People, environment: Environment, configuration: Configuration
) -> None:
    plain, marked = filled(configuration), filled(configuration, sequence=2, medical=True)
    sam, xander = visit(people.sam), visit(people.xander)
    assert xander.get(the_list(environment)).status_code == 404
    assert sam.get(the_list(environment)).content.decode().count('class="row-link') == 1
    for client, row in ((xander, plain), (sam, marked)):
        for name in ("delivery_detail", "delivery_progress", "delivery_log"):
            assert client.get(of_delivery(name, row)).status_code == 404, name
        for name in DECISIONS:
            assert client.post(of_delivery(name, row)).status_code == 404, name
    assert visit(people.mia).get(of_delivery("delivery_detail", marked)).status_code == 200
    elsewhere = Environment.objects.get(name="Zuid")
    place = {"environment": elsewhere.pk, "delivery": plain.pk}
    assert xander.get(reverse("delivery_detail", kwargs=place)).status_code == 404
    assert sam.get(f"/deliveries/{uuid.uuid4()}/").status_code == 404


def test_a_reader_decides_nothing(visit: Visit, people: People, configuration: Configuration) -> None:
    client = visit(people.rita)
    held = delivered(configuration, DeliveryState.HELD, sequence=None)
    for name in DECISIONS:
        assert client.post(of_delivery(name, held)).status_code == 403, name
    held.refresh_from_db()
    assert held.state == DeliveryState.HELD


def test_what_a_run_would_deliver_is_worked_out_without_delivering(house: House, visit_committed: Visit) -> None:
    sam = person("sam")
    join(sam, house.environment, Role.SUPERBEHEERDER, medical=True)
    deliver(CLI, house.configuration)
    house.change("DELETE FROM note; UPDATE branch SET town = 'Elders'")
    environments.edit_environment(CLI, house.environment, brake_percent=100)
    refresh(CLI, house.environment)
    client = visit_committed(sam)
    address = of("run_preview", house.configuration)
    part = client.post(address, {"since": "last"}, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "waarin niets is gewijzigd" in part
    whole = client.post(address, {"since": "all"}).content.decode()
    assert "<html" in whole
    assert "gevraagd" in whole
    assert "waarin niets is gewijzigd" not in whole
    refused = client.post(address, {"since": "date", "date": "2999-01-01"})
    assert refused.status_code == 422
    assert house.configuration.deliveries.count() == 1
