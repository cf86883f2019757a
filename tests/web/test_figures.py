"""Figures of an environment: what is added up per day, and who sees of what."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from control.fixtures import People, delivered
from sluis.control import figures
from sluis.control.actor import CLI
from sluis.control.errors import NotFound
from sluis.control.models import (
    Configuration,
    Delivery,
    Environment,
    Membership,
    Refresh,
    RefreshState,
)
from web.test_refreshes import refreshed
from web.visiting import Visit

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LATE = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
"""The 22nd in Amsterdam."""


@pytest.fixture
def page(environment: Environment, people: People) -> str:
    Membership.objects.update(valid_from=dt.date(2026, 1, 1))
    return reverse("figures", kwargs={"environment": environment.pk})


def ran(environment: Environment, moment: dt.datetime, seconds: int, state: str = RefreshState.SUCCEEDED) -> None:
    row = refreshed(environment, state)
    Refresh.objects.filter(pk=row.pk).update(started_at=moment, finished_at=moment + dt.timedelta(seconds=seconds))


def published(configuration: Configuration, moment: dt.datetime, number: int, *, medical: bool = False) -> None:
    began = moment - dt.timedelta(seconds=7 * number)
    values: dict[str, Any] = {
        "published_at": moment,
        "started_at": began,
        "medical": medical,
        "rows": 20,
        "bytes": 1200,
    }
    delivery = delivered(configuration, sequence=number, **values)
    Delivery.objects.filter(pk=delivery.pk).update(created_at=began)


@time_machine.travel(NOW, tick=False)
def test_refreshes_are_added_up_per_day_of_the_environment(environment: Environment) -> None:
    for moment, seconds in ((LATE, 10), (LATE + dt.timedelta(hours=5), 20), (NOW - dt.timedelta(days=59), 1)):
        ran(environment, moment, seconds)
    ran(environment, NOW, 5, RefreshState.FAILED)
    ran(environment, NOW, 5, RefreshState.RUNNING)
    first, second = figures.refresh_days(CLI, environment, 30)
    assert (first.day, first.succeeded, first.failed, first.seconds) == (dt.date(2026, 11, 22), 2, 0, 15)
    assert (first.rows, first.inserted, first.updated, first.deleted) == (1248, 100, 2014, 32)
    assert (second.day, second.succeeded, second.failed, second.rows) == (dt.date(2026, 11, 23), 0, 1, 0)
    assert len(figures.refresh_days(CLI, environment, 90)) == 3


@time_machine.travel(NOW, tick=False)
def test_a_long_time_is_told_per_week(environment: Environment, configuration: Configuration) -> None:
    for days in (0, 1, 6, 7):
        ran(environment, LATE - dt.timedelta(days=days), 10)
        published(configuration, LATE - dt.timedelta(days=days), days + 1)
    for found in (figures.refresh_days(CLI, environment, 365), figures.delivery_days(CLI, environment, 365)):
        assert [one.day for one in found] == [dt.date(2026, 11, 9), dt.date(2026, 11, 16)], "Mondays"
    [first, second] = figures.delivery_days(CLI, environment, 365)
    assert (first.deliveries, second.deliveries, second.rows, second.seconds) == (1, 3, 60, 14)


@time_machine.travel(NOW, tick=False)
def test_deliveries_are_added_up_without_what_one_may_not_see(
    environment: Environment, configuration: Configuration, people: People, page: str
) -> None:
    published(configuration, LATE, 1)
    published(configuration, LATE + dt.timedelta(hours=5), 3)
    published(configuration, LATE, 9, medical=True)
    Delivery.objects.filter(sequence=3).update(state="failed")
    assert [vars(one) for one in figures.delivery_days(people.sam, environment, 30)] == [
        {"day": dt.date(2026, 11, 22), "deliveries": 1, "rows": 20, "bytes": 1200, "seconds": 7}
    ]
    [seen] = figures.delivery_days(people.mia, environment, 30)
    assert (seen.deliveries, seen.rows, seen.seconds) == (2, 40, 35)
    with pytest.raises(NotFound):
        figures.delivery_days(people.xander, environment, 30)


@time_machine.travel(NOW, tick=False)
def test_a_plot_is_a_table_too(
    visit: Visit, people: People, environment: Environment, configuration: Configuration, page: str
) -> None:
    ran(environment, LATE, 65)
    ran(environment, NOW, 10)
    published(configuration, LATE, 1)
    text = visit(people.rita).get(page).content.decode()
    assert len(re.findall(r'<section class="card', text)) == 8
    assert text.count('role="img"') == 8
    assert 'data-day="2026-11-22"' in text
    assert 'data-value="1007"' in text
    assert "Mediaan: hoogstens 1 min 05 s, op 22 nov 2026; laatst 10 s, op 23 nov 2026" in text
    assert " style=" not in text
    english = visit(people.sam, language="en").get(page, {"days": "365"}).content.decode()
    assert "Rows changed by refreshes" in english
    assert 'aria-current="page">365 days' in english
    assert "Week of" in english
    assert 'data-day="2026-11-16"' in english


@time_machine.travel(NOW, tick=False)
def test_who_sees_which_figures(
    visit: Visit, people: People, environment: Environment, configuration: Configuration, page: str
) -> None:
    assert "In deze periode is niets gedaan" in visit(people.sam).get(page, {"days": "x"}).content.decode()
    ran(environment, NOW, 10)
    published(configuration, NOW, 1)
    olga = visit(people.olga).get(page).content.decode()
    assert "Duur van verversingen" in olga
    assert "Duur van aanleveringen" not in olga
    assert visit(people.xander).get(page).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_queries_do_not_grow(
    visit: Visit,
    people: People,
    environment: Environment,
    configuration: Configuration,
    page: str,
) -> None:
    client = visit(people.mia)
    counts = []
    for turn in range(2):
        for number in range(1 + 5 * turn):
            ran(environment, NOW - dt.timedelta(days=number), 10)
            published(configuration, NOW - dt.timedelta(days=number), 10 * turn + number + 1)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 14
