"""Environments on screen: a new one, and the settings of one."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import lending
from control.fixtures import CATALOG, People
from sluis.control.actions.configurations import add_configuration
from sluis.control.actions.environments import edit_environment
from sluis.control.actions.schedules import set_schedule
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, ConnectionAccount, Environment, Schedule, Suspension
from web.visiting import Visit

NOWHERE = "postgresql://reader:geheim@127.0.0.1:1/app"


def at(name: str, environment: Environment) -> str:
    return reverse(name, kwargs={"environment": environment.pk})


@pytest.fixture
def source(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database that can be read, ``lending.db`` in the folder of the test."""
    made = lending.make(tmp_path / "lending.db")
    yield made
    made.close()


# List and new


def test_the_list_leads_inside_and_to_the_settings(visit: Visit, people: People, environment: Environment) -> None:
    page = visit(people.olga).get(reverse("environment_list")).content.decode()
    assert at("environment_settings", environment) in page
    assert reverse("environment_new") in page
    page = visit(people.rita).get(reverse("environment_list")).content.decode()
    assert at("environment_home", environment) in page
    assert at("environment_settings", environment) not in page
    assert reverse("environment_new") not in page


@pytest.mark.parametrize(
    ("who", "page"), [("olga", "environment_settings"), ("sam", "account_list"), ("rita", "account_list")]
)
def test_an_environment_opens_where_one_may_be(
    visit: Visit, people: People, environment: Environment, who: str, page: str
) -> None:
    answer = visit(getattr(people, who)).get(at("environment_home", environment))
    assert answer.headers["location"] == at(page, environment)
    Environment.objects.update(datastreams_enabled=False)
    visit_again = answer.client.get(at("environment_home", environment))
    expected = page if who == "olga" else "environment_list"
    there = at(expected, environment) if who == "olga" else reverse("environment_list")
    assert visit_again.headers["location"] == there


def test_an_environment_is_made_over_a_source_that_answers(
    visit: Visit, people: People, source: sqlite3.Connection, tmp_path: Path
) -> None:
    client = visit(people.olga)
    given = {
        "name": "Oost",
        "source": NOWHERE,
        "password": "",
        "catalog": str(lending.CATALOG),
        "time_zone": "Europe/Brussels",
    }
    refused = client.post(reverse("environment_new"), given)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "De bron kan niet worden geopend" in text
    assert "Ga na of zij draait" in text
    assert not Environment.objects.filter(name="Oost").exists()
    made = client.post(reverse("environment_new"), {**given, "source": f"sqlite:///{tmp_path / 'lending.db'}"})
    oost = Environment.objects.get(name="Oost")
    assert made.headers["location"] == at("environment_settings", oost)
    assert (oost.time_zone, oost.catalog) == ("Europe/Brussels", str(lending.CATALOG))
    assert "Er is geen schema" in client.get(made.headers["location"]).content.decode()


def test_what_is_missing_is_told_at_the_field(visit: Visit, people: People) -> None:
    answer = visit(people.olga).post(reverse("environment_new"), {"time_zone": "Mars"})
    assert answer.status_code == 422
    assert answer.content.decode().count("invalid-feedback") == 4


# The page of settings


def test_the_operator_sees_all_and_a_superbeheerder_no_source(
    visit: Visit, people: People, environment: Environment
) -> None:
    Environment.objects.update(source_password="geheim")
    pages = ("settings_edit", "settings_source", "settings_catalog")
    text = visit(people.olga).get(at("environment_settings", environment)).content.decode()
    assert "postgresql://reader@db/app" in text
    assert "geheim" not in text
    assert all(at(page, environment) in text for page in (*pages, "settings_schedule"))
    text = visit(people.sam).get(at("environment_settings", environment)).content.decode()
    assert "postgresql://" not in text
    assert not any(at(page, environment) in text for page in pages)
    assert at("settings_schedule", environment) in text


def test_queries_of_the_settings_are_few(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.olga)
    with CaptureQueriesContext(connection) as asked:
        client.get(at("environment_settings", environment))
    assert len(asked) <= 14


def test_settings_are_saved_and_refused_with_the_reason(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.olga)
    given = {
        "datastreams": "on",
        "daily_allowed": "on",
        "time_zone": "Europe/Amsterdam",
        "keep_days": "900",
        "reason": "",
        "brake_percent": "30",
        "brake_floor": "0",
    }
    refused = client.post(at("settings_edit", environment), given)
    assert refused.status_code == 422
    assert "Een historie van meer dan 400 dagen vraagt een reden" in refused.content.decode()
    assert client.post(at("settings_edit", environment), {**given, "reason": "Archiefwet"}).status_code == 302
    environment.refresh_from_db()
    assert (environment.keep_days, environment.keep_reason, environment.daily_allowed) == (900, "Archiefwet", True)
    assert (environment.brake_percent, environment.brake_floor) == (30, 0)
    wrong = client.post(at("settings_edit", environment), {**given, "brake_percent": "0", "keep_days": "x"})
    assert wrong.content.decode().count("invalid-feedback") == 2


def test_the_module_is_switched_off_and_on_again(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.olga)
    given = {"time_zone": "Europe/Amsterdam", "keep_days": "400", "brake_percent": "20", "brake_floor": "100"}
    client.post(at("settings_edit", environment), given)
    environment.refresh_from_db()
    assert not environment.datastreams_enabled
    text = client.get(at("environment_settings", environment)).content.decode()
    assert "De module Datastreams staat uit" in text
    assert "Nu verversen" not in text
    assert visit(people.sam).get(at("environment_settings", environment)).status_code == 403
    client.post(at("settings_edit", environment), {**given, "datastreams": "on"})
    environment.refresh_from_db()
    assert environment.datastreams_enabled


# Source


def test_a_source_is_tried_and_then_saved(
    visit: Visit, people: People, environment: Environment, source: sqlite3.Connection, tmp_path: Path
) -> None:
    Environment.objects.update(catalog=str(lending.CATALOG))
    client = visit(people.olga)
    url = f"sqlite:///{tmp_path / 'lending.db'}"
    form = client.get(at("settings_source", environment)).content.decode()
    assert 'value="postgresql://reader@db/app"' in form
    checked = client.post(at("source_check", environment), {"source": url}).content.decode()
    assert "6 van 6 datasets kunnen ervan worden gemaakt" in checked
    source.executescript("DROP TABLE loan")
    part = client.post(at("source_check", environment), {"source": url}, headers={"hx-request": "true"})
    assert "<html" not in part.content.decode()
    assert "leest source.loan, die de bron niet (meer) heeft" in part.content.decode()
    environment.refresh_from_db()
    assert environment.source_url == "postgresql://reader@db/app"
    assert client.post(at("settings_source", environment), {"source": url}).status_code == 302
    environment.refresh_from_db()
    assert environment.source_url == url
    unchanged = client.post(at("settings_source", environment), {"source": url})
    assert "Er valt niets te wijzigen" in unchanged.content.decode()


def test_a_source_that_does_not_answer_is_refused_without_its_password(
    visit: Visit, people: People, environment: Environment
) -> None:
    client = visit(people.olga, language="en")
    given = {"source": NOWHERE.replace(":geheim", ""), "password": "geheim"}
    for page in ("settings_source", "source_check"):
        answer = client.post(at(page, environment), given)
        assert answer.status_code == 422
        assert "The source cannot be opened" in answer.content.decode()
        assert "geheim" not in answer.content.decode()
    assert "geheim" not in "".join(str(one.details) for one in AuditEvent.objects.all())
    environment.refresh_from_db()
    assert environment.source_password == ""


# Catalogue


def test_what_a_catalogue_does_is_seen_before_it_is_done(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount, tmp_path: Path
) -> None:
    add_configuration(CLI, account, "Productie", version="2", streams=["basis"], pseudonymous=False, reason="x")
    grown = Path(shutil.copytree(CATALOG, tmp_path / "grown"))
    query = grown / "datasets" / "werkgever.sql"
    text = query.read_text("utf-8")
    query.write_text(re.sub(r"\bFROM\b", ", 1 AS extra FROM", text, count=1), "utf-8")
    assert query.read_text("utf-8") != text
    client = visit(people.olga)
    seen = client.post(at("settings_catalog", environment), {"catalog": str(grown), "step": "summary"})
    assert seen.status_code == 200
    assert "haar query is een andere" in seen.content.decode()
    environment.refresh_from_db()
    assert environment.catalog == CATALOG
    same = client.post(at("settings_catalog", environment), {"catalog": CATALOG}).content.decode()
    assert "Het is dezelfde catalogus" in same
    done = client.post(at("settings_catalog", environment), {"catalog": str(grown), "step": "save"})
    assert done.status_code == 302
    environment.refresh_from_db()
    assert environment.catalog == str(grown)


def test_a_catalogue_that_is_not_there_is_refused(visit: Visit, people: People, environment: Environment) -> None:
    answer = visit(people.olga).post(at("settings_catalog", environment), {"catalog": "/nowhere"})
    assert answer.status_code == 422
    assert "Er is geen catalogus" in answer.content.decode()


# Schedule


def test_a_schedule_is_set_paused_postponed_and_resumed(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    overview = at("environment_settings", environment)
    assert "Schema instellen" in client.get(overview).content.decode()
    client.post(at("settings_schedule", environment), {"every": "week", "weekday": "3", "time": "02:30"})
    schedule = Schedule.objects.get()
    assert (schedule.weekday, schedule.time) == (3, dt.time(2, 30))
    assert "Elke woensdag om 02:30" in client.get(overview).content.decode()
    client.post(at("schedule_pause", environment))
    assert "Staat stil" in client.get(overview).content.decode()
    assert client.post(at("schedule_pause", environment)).status_code == 409
    client.post(at("schedule_resume", environment))
    client.post(at("schedule_postpone", environment), {"until": "2999-01-01T12:00"})
    schedule.refresh_from_db()
    assert schedule.not_before == dt.datetime(2999, 1, 1, 11, tzinfo=dt.UTC), "in the environment's time zone"
    assert "Uitgesteld tot" in client.get(overview).content.decode()
    client.post(at("schedule_as_planned", environment))
    again = Schedule.objects.get()
    assert again.not_before is None
    assert again.next_run_at
    assert again.next_run_at < timezone.now() + dt.timedelta(days=8)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"every": "day", "weekday": "3", "time": "02:30"}, "mag niet dagelijks aanleveren"),
        ({"every": "week", "weekday": "9", "time": "02:30"}, "invalid-feedback"),
        ({"every": "week", "weekday": "3", "time": "25:00"}, "invalid-feedback"),
        ({"until": "2000-01-01T12:00"}, "Dat moment is voorbij"),
        ({"until": "straks"}, "invalid-feedback"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(
    visit: Visit, people: People, environment: Environment, given: dict[str, str], told: str
) -> None:
    set_schedule(CLI, environment, time=dt.time(4), weekday=1)
    page = "schedule_postpone" if "until" in given else "settings_schedule"
    answer = visit(people.sam).post(at(page, environment), given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    schedule = Schedule.objects.get()
    assert (schedule.weekday, schedule.not_before) == (1, None)


def test_every_day_where_that_is_allowed(visit: Visit, people: People, environment: Environment) -> None:
    edit_environment(CLI, environment, daily_allowed=True)
    client = visit(people.sam)
    client.post(at("settings_schedule", environment), {"every": "day", "weekday": "7", "time": "02:30"})
    assert Schedule.objects.get().weekday is None
    assert "Elke dag om 02:30" in client.get(at("environment_settings", environment)).content.decode()


# Suspended datasets


def test_a_dataset_is_suspended_and_resumed(visit: Visit, people: People, environment: Environment) -> None:
    client, page = visit(people.olga), at("settings_suspend", environment)
    assert '<option value="werknemer" selected>' in client.get(page, {"dataset": "werknemer"}).content.decode()
    refused = client.post(page, {"dataset": "werknemer", "reason": " "})
    assert refused.status_code == 422
    assert not Suspension.objects.exists()
    assert client.post(page, {"dataset": "elders", "reason": "x"}).status_code == 422
    given = {"dataset": "werknemer", "reason": "Kolom <b>weg</b>, tot 1 december"}
    assert client.post(page, given).headers["location"] == at("environment_settings", environment)
    assert "werknemer" not in client.get(page).content.decode()
    overview, state = at("environment_settings", environment), at("environment_state", environment)
    sam = visit(people.sam)
    for reader, where in ((client, overview), (sam, overview), (visit(people.rita), state)):
        seen = reader.get(where).content.decode()
        assert "Kolom &lt;b&gt;weg&lt;/b&gt;, tot 1 december" in seen
        assert ("Hervatten" in seen) is (reader is client), "by an operator only"
    resume = reverse("dataset_resume", kwargs={"environment": environment.pk, "dataset": "werknemer"})
    assert sam.post(resume).status_code == 403
    assert client.post(resume).status_code == 302
    assert client.post(resume).status_code == 409
    assert not Suspension.objects.exists()
    assert "tot 1 december" not in client.get(overview).content.decode()


# Who


SEEN = ("environment_settings", "settings_schedule")
KEPT = ("settings_edit", "settings_source", "settings_catalog", "settings_suspend")
POSTED = ("schedule_postpone", "schedule_pause", "schedule_resume", "schedule_as_planned", "source_check")


def test_who_may_open_what(visit: Visit, people: People, environment: Environment) -> None:
    set_schedule(CLI, environment, time=dt.time(4), weekday=1)
    clients = {name: visit(getattr(people, name)) for name in ("olga", "sam", "rita", "xander")}
    for page in SEEN + KEPT:
        found = {name: client.get(at(page, environment)).status_code for name, client in clients.items()}
        assert found == {"olga": 200, "sam": 200 if page in SEEN else 403, "rita": 403, "xander": 404}, page
    for page in SEEN[1:] + KEPT + POSTED:
        assert clients["rita"].post(at(page, environment), {"source": NOWHERE}).status_code == 403, page
        assert clients["xander"].post(at(page, environment), {"source": NOWHERE}).status_code == 404, page
        if page in POSTED:
            assert clients["olga"].get(at(page, environment)).status_code == 405
    assert clients["sam"].post(at("source_check", environment), {"source": NOWHERE}).status_code == 403
    for name in ("sam", "rita", "xander"):
        assert clients[name].get(reverse("environment_new")).status_code == 403
        assert clients[name].post(reverse("environment_new")).status_code == 403
