"""Mails on screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from control.fixtures import People, delivered
from sluis.control.models import Configuration, ConnectionAccount, Environment, Mail
from web.visiting import Visit

HTML = "<p style='color: red'>Goed <script>alert(1)</script></p>"


def mail(account: ConnectionAccount, **more: Any) -> Mail:
    values = {
        "account": account,
        "to": "beheer@example.org",
        "language": "nl",
        "subject": "Aangeleverd <b>",
        "text": "de tekst",
        "html": HTML,
        "next_try_at": timezone.now(),
        **more,
    }
    return Mail.objects.create(**values)


def address(view: str, environment: Environment, **more: Any) -> str:
    return reverse(view, kwargs={"environment": environment.pk, **more})


def test_a_mail_is_found_and_read(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    waiting = mail(account, error="connection refused")
    mail(account, state="sent", sent_at=timezone.now(), subject="Verzonden mail")
    client = visit(people.sam)
    listed = client.get(address("mail_list", environment)).content.decode()
    assert "Aangeleverd &lt;b&gt;" in listed
    assert "Verzonden mail" in listed
    page = client.get(address("mail_detail", environment, mail=waiting.pk)).content.decode()
    assert "de tekst" in page
    assert "connection refused" in page
    assert "Volgende poging" in page
    assert "<script>alert" not in page
    assert " sandbox " in page


def test_its_html_comes_in_a_frame_that_can_do_nothing(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    response = visit(people.sam).get(address("mail_html", environment, mail=mail(account).pk))
    assert response.content.decode() == HTML
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" in policy.split("; ")
    assert "script-src 'none'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("view", ["mail_detail", "mail_html"])
def test_mails_of_others_are_not_there(
    visit: Visit, people: People, medical_account: ConnectionAccount, configuration: Configuration, view: str
) -> None:
    account, environment = configuration.account, configuration.environment
    plain, marked = mail(account), mail(medical_account)
    once_marked = mail(account, delivery=delivered(configuration, medical=True))
    for who, found in (
        (people.sam, [plain]),
        (people.rita, [plain]),
        (people.mia, [plain, marked, once_marked]),
        (people.olga, []),
        (people.xander, []),
    ):
        client = visit(who)
        answers = {
            one.pk: client.get(address(view, environment, mail=one.pk)).status_code
            for one in (plain, marked, once_marked)
        }
        assert {key for key, status in answers.items() if status == 200} == {one.pk for one in found}
        assert set(answers.values()) <= {200, 404}
