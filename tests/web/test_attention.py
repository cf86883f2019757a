"""The bell: what went wrong and the notices, of what a user may see, read and unread."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from control.fixtures import People, delivered, join, new_environment, person
from sluis.control import attention
from sluis.control.actions.configurations import add_configuration
from sluis.control.actor import CLI, Actor
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    DeliveryState,
    Environment,
    LogLine,
    Notice,
    NoticeKind,
    Refresh,
    Role,
)
from sluis.control.permissions import remembering
from web.visiting import Visit


def failed(configuration: Configuration, **more: Any) -> LogLine:
    delivery = delivered(configuration, DeliveryState.FAILED, sequence=None, **more)
    LogLine.objects.create(delivery=delivery, level=3, code="no-key", text="only a warning")
    return LogLine.objects.create(delivery=delivery, level=4, code="delivery-failed", text="the disk is full")


def failed_refresh(environment: Environment) -> LogLine:
    run = Refresh.objects.create(environment=environment, state="failed", actor="worker")
    return LogLine.objects.create(refresh=run, level=4, code="refresh-failed", text="the source is away")


def notice(account: ConnectionAccount) -> Notice:
    return Notice.objects.create(
        account=account,
        kind=NoticeKind.KEY_END,
        fact="k 30",
        form="key-ends",
        details={"key": "BI", "ends": "2026-12-24", "days": 30},
    )


def seen(actor: Actor) -> set[str]:
    return {str(one.source) for one in attention.items(actor)}


def test_everyone_sees_what_he_may_see(
    people: People, environment: Environment, account: ConnectionAccount, medical_account: ConnectionAccount
) -> None:
    plain = add_configuration(CLI, account, "Een", version="2", streams=["basis"], pseudonymous=True)
    medical = add_configuration(CLI, medical_account, "Twee", version="2", streams=["zorg"], pseudonymous=True)
    other = new_environment("Elders")
    shown = {str(failed(plain)), str(failed_refresh(environment)), str(notice(account))}
    hidden = {str(failed(medical)), str(failed(plain, medical=True)), str(notice(medical_account))}
    failed_refresh(other)
    assert seen(people.sam) == seen(people.rita) == shown
    assert seen(people.mia) == shown | hidden
    assert seen(people.olga) == seen(people.xander) == set()
    assert attention.unread(people.sam) == len(attention.items(people.sam)) == 3
    assert attention.unread(people.olga) == attention.unread(CLI) == 0


def test_what_is_read_stays_and_what_comes_after_is_unread(
    visit: Visit, people: People, environment: Environment, configuration: Configuration, account: ConnectionAccount
) -> None:
    failed(configuration)
    notice(account)
    client = visit(people.sam)
    page = client.get(reverse("attention_list")).content.decode()
    assert "Meldingen, 2 ongelezen" in page
    assert page.count("log-line unread") == 2
    newest = attention.items(people.sam)[0].moment
    failed_refresh(environment)
    assert client.post(reverse("attention_read"), {"until": newest.isoformat()}).status_code == 302
    page = client.get(reverse("attention_list")).content.decode()
    assert "Meldingen, 1 ongelezen" in page
    assert page.count("log-line unread") == 1
    assert page.count('class="log-line') == 3


@pytest.mark.parametrize("until", ["", "nonsense", "2026-11-26", "2026-11-26T12:00:00"])
def test_a_moment_that_is_none_reads_nothing(
    visit: Visit, people: People, configuration: Configuration, until: str
) -> None:
    failed(configuration)
    visit(people.sam).post(reverse("attention_read"), {"until": until})
    assert attention.unread(people.sam) == 1


def test_an_older_moment_takes_nothing_back(people: People, configuration: Configuration) -> None:
    failed(configuration)
    assert people.sam.user
    attention.mark_read(people.sam.user, timezone.now())
    attention.mark_read(people.sam.user, timezone.now() - dt.timedelta(days=9))
    assert attention.unread(people.sam) == 0


def test_it_leads_to_what_it_is_about_in_both_languages(
    visit: Visit, people: People, configuration: Configuration, account: ConnectionAccount
) -> None:
    line = failed(configuration)
    notice(account)
    assert line.delivery
    dutch = visit(people.sam).get(reverse("attention_list")).content.decode()
    place = {"environment": account.environment.pk}
    assert reverse("delivery_detail", kwargs={**place, "delivery": line.delivery.pk}) in dutch
    assert reverse("account_detail", kwargs={**place, "account": account.pk}) in dutch
    assert "Sleutel BI" in dutch
    english = visit(people.rita, language="en", second_factor=False).get(reverse("attention_list")).content.decode()
    assert "Key BI" in english


def test_queries_do_not_grow(people: People, configuration: Configuration) -> None:
    counts = []
    for number in range(3):
        with remembering(), CaptureQueriesContext(connection) as asked:
            attention.items(people.sam)
            attention.unread(people.sam)
        counts.append(len(asked))
        for one in range(3):
            environment = new_environment(f"Meer {number} {one}")
            join(people.sam, environment, Role.READER)
            failed_refresh(environment)
            failed(configuration)
    nothing, some, more = counts
    assert nothing <= 7
    assert some == more <= nothing + 1, "what is new is looked at closer"


def test_somebody_without_an_environment_has_nothing(people: People) -> None:
    assert attention.items(person("niemand")) == []
