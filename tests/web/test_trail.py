"""The audit trail on screen, and as a file."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from control import test_every_action
from control.fixtures import People
from sluis.control import audit
from sluis.control.actions.accounts import edit_account
from sluis.control.actions.configurations import choose_columns
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Configuration, ConnectionAccount, Environment, Scope
from sluis.web import auditing
from sluis.web.authentication import _EVENTS
from web.visiting import Visit


def the_list(environment: Environment, query: str = "") -> str:
    return reverse("audit_list", kwargs={"environment": environment.pk}) + query


def cells(text: str) -> str:
    """The words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_who_did_what_to_what_and_what_it_changed(
    visit: Visit, people: People, environment: Environment, configuration: Configuration
) -> None:
    edit_account(people.sam, configuration.account, language="en")
    choose_columns(people.sam, configuration, "Dim_Werknemer", off=["Geslacht"])
    client = visit(people.sam)
    page = cells(client.get(the_list(environment)).content.decode())
    assert "sam Account gewijzigd account DWH Taal: nl → en" in page
    assert "Configuratie gewijzigd configuratie DWH/Productie Kolommen van Dim_Werknemer verwijderd: Geslacht" in page
    assert page.index("Configuratie gewijzigd configuratie") < page.index("Account gewijzigd account DWH")
    client = visit(people.sam, language="en", second_factor=False)
    page = cells(client.get(the_list(environment)).content.decode())
    assert "Account changed account DWH Language: nl → en" in page
    assert "Audit trail opened environment Noord" in page


def test_the_filter_and_pages(visit: Visit, people: People, environment: Environment) -> None:
    for number in range(60):
        audit.record(CLI, "environment.edit", f"event {number}", environment)
    audit.record(people.mia, "environment.release", "refresh 7 of Noord", environment, {"released": {"branch": 2}})
    client = visit(people.sam)
    page = client.get(the_list(environment, "?person=cli&page=2")).content.decode()
    assert "pagina 2 van 2" in page
    assert "person=cli" in page
    assert "event 9<" in page
    assert "event 10<" not in page
    page = cells(client.get(the_list(environment, "?text=branch")).content.decode())
    assert "Verversing vrijgegeven verversing 7 van Noord Doorgelaten: branch: 2" in page
    assert "event 3" not in page
    assert "Geen gebeurtenis past" in client.get(the_list(environment, "?text=nowhere")).content.decode()
    for wrong in ("?first=2026-99-99", "?page=x", "?page=-3", "?page=99999999999", "?text=%00"):
        assert client.get(the_list(environment, wrong)).status_code == 200, wrong


def test_what_is_strange_is_harmless(visit: Visit, people: People, environment: Environment) -> None:
    audit.record(CLI, "x.y", "<script>alert(1)</script>", environment, {"<b>": ["\u202e", {"a": None}], "n": 1})
    text = visit(people.sam).get(the_list(environment)).content.decode()
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "x.y" in text, "an action without words is shown as it is"


def exported(answer: Any, delimiter: str = ";") -> list[list[str]]:
    text = answer.getvalue().decode()
    assert text.startswith("\ufeff"), "without the mark a spreadsheet takes it for another encoding"
    return list(csv.reader(io.StringIO(text[1:]), delimiter=delimiter))


def test_the_export_has_all_and_nothing_that_runs(visit: Visit, people: People, environment: Environment) -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "plain"):
        audit.record(CLI, "environment.edit", text, environment, {"brake_floor": [1, 2]})
    client = visit(people.sam)
    answer = client.get(reverse("audit_export", kwargs={"environment": environment.pk}) + "?person=cli")
    assert answer.streaming
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    head, *rows = exported(answer)
    assert head == ["Wanneer", "Wie", "Soort", "Wat", "Code", "Omgeving", "Waarover", "Verschil"]
    assert [row[6] for row in rows] == ["plain", "''=1", "'\t=1", "'@SUM(A1)", "'-1", "'+1", "'=1+1"]
    assert rows[0][1:6] == ["cli", "machine", "Omgeving gewijzigd", "environment.edit", "Noord"]
    assert rows[0][7] == "Rem: rijen: 1 → 2"
    assert AuditEvent.objects.filter(action="audit.export", details={"person": "cli"}).count() == 1
    english = visit(people.olga, language="en").get(reverse("trail_export"))
    assert exported(english, ",")[1][3:5] == ["Audit trail exported", "audit.export"]


def test_the_number_of_queries_is_fixed(
    visit: Visit, people: People, environment: Environment, configuration: Configuration
) -> None:
    client = visit(people.mia)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(the_list(environment)).status_code == 200
        counts.append(len(caught))
        AuditEvent.objects.bulk_create(
            AuditEvent(
                actor=f"user {number}",
                actor_kind="user",
                action="account.edit",
                environment_name=environment.name,
                scope=Scope.MEDICAL,
                subject=f"account {number}",
            )
            for number in range(200)
        )
    assert counts[0] == counts[1] <= 14


def test_every_action_has_words_in_both_languages() -> None:
    known = {row for does in test_every_action.ACTIONS.values() for row in does.rows}
    known |= {f"user.{event}" for event in _EVENTS.values()}
    known |= {"account.clean", "account.remove_deliveries", "delivery.remove", "environment.release"}
    known |= {"notice.make", "receiver.remove"}
    missing = sorted(known - set(auditing.WHAT))
    assert not missing, f"give these words in WHAT of sluis/web/auditing.py: {missing}"
    for code, text in auditing.WHAT.items():
        with override("nl"):
            dutch = str(text)
        with override("en"):
            assert dutch != str(text) or code == "configuration.run", code


@pytest.mark.parametrize(
    ("action", "details", "told"),
    [
        ("configuration.add", {"streams": ["a", "b"]}, ["Datastreams: a, b"]),
        ("configuration.edit", {"streams": [["a"], ["a", "b"]]}, ["Datastreams: a → a, b"]),
        ("configuration.edit", {"plain_reason": ["", "DPIA 7"]}, ["Reason for plain delivery: – → DPIA 7"]),
        (
            "configuration.edit",
            {"files": {"added": {"F": ["a"]}, "removed": ["G"]}},
            ["File F added: a", "File G removed"],
        ),
        ("account.edit", {"medical": [False, True]}, ["Access to medical data: no → yes"]),
        ("environment.schedule", {"every": [1, "day"]}, ["Day: 1 → every day"]),
        ("environment.change_catalog", {"full": ["a", "b"]}, ["Comes in full: a, b"]),
        ("user.give_role", {"role": "reader", "valid_until": None}, ["Role: reader"]),
        ("user.give_role", {"role": ["reader", None], "provided": True}, ["Role: reader → –", "By a group: yes"]),
        ("user.log_in", {"by": ["password", "totp"]}, ["Log-in with: password, authenticator app"]),
        ("user.add_second_factor", {"kind": "webauthn"}, ["Kind: passkey"]),
        (
            "environment.change_source",
            {"source": ["sqlite:///a", "sqlite:///b"], "password": "removed"},
            ["Source: sqlite:///a → sqlite:///b", "Password: removed"],
        ),
        ("environment.check_source", {"failing": ["loan", "branch"]}, ["Datasets that it cannot make: loan, branch"]),
        ("environment.ask_release", {"gone": {"loan": 12}}, ["Rows that would go: loan: 12"]),
        ("x.y", {"never heard of": {"a": [1, 2]}}, ["never heard of: a: 1, 2"]),
    ],
)
def test_details_in_words(action: str, details: dict[str, Any], told: list[str]) -> None:
    with override("en"):
        assert auditing.difference(action, details) == told


def test_the_menu_shows_it_to_who_may(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    where = reverse("account_list", kwargs={"environment": environment.pk})
    assert the_list(environment) in visit(people.sam).get(where).content.decode()
    assert the_list(environment) not in visit(people.rita).get(where).content.decode()
    everywhere = visit(people.olga).get(reverse("environment_list")).content.decode()
    assert reverse("trail_list") in everywhere
    assert reverse("trail_list") not in visit(people.mia).get(reverse("environment_list")).content.decode()
