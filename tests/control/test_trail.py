"""The audit trail, read: who may read what, what a filter finds, and that reading it is told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from control.fixtures import People, new_environment
from sluis.control import audit
from sluis.control.actions.accounts import edit_account
from sluis.control.actions.trail import NEWEST, Wanted, export_trail, read_trail
from sluis.control.actions.users import add_user, give_role
from sluis.control.actor import CLI, Actor
from sluis.control.errors import NotFound
from sluis.control.models import AuditEvent, ConnectionAccount, Environment, Scope
from sluis.errors import PermissionDenied

ALL = Wanted()


@pytest.fixture
def filled(
    people: People, environment: Environment, account: ConnectionAccount, medical_account: ConnectionAccount
) -> None:
    """Events of every kind, named after what they are about."""
    elsewhere = Environment.objects.get(name="Zuid")
    audit.record(CLI, "user.add", "installation", None)
    audit.record(CLI, "environment.edit", "environment", environment)
    audit.record(people.sam, "account.edit", "plain", account, {"language": ["nl", "en"]})
    audit.record(people.mia, "account.edit", "medical", medical_account)
    audit.record(CLI, "environment.edit", "elsewhere", elsewhere)
    # As they were before it was kept what they are about.
    for name in ("", environment.name):
        AuditEvent.objects.create(
            actor="cli", actor_kind="machine", action="x.y", environment_name=name, subject=f"old {name}".strip()
        )


INSIDE = {"environment", "plain"}


@pytest.mark.usefixtures("filled")
def test_who_reads_what_of_an_environment(people: People, environment: Environment) -> None:
    def of(actor: Actor) -> set[str]:
        return {row.subject for row in read_trail(actor, environment, ALL).rows if not row.action.startswith("audit.")}

    assert of(people.sam) == INSIDE
    assert of(people.mia) == of(CLI) == {*INSIDE, "medical", "old Noord"}
    assert of(people.olga) == {"environment"}
    with pytest.raises(PermissionDenied):
        of(people.rita)
    with pytest.raises(NotFound):
        of(people.xander)


@pytest.mark.usefixtures("filled")
def test_who_reads_what_of_the_installation(people: People) -> None:
    def of(actor: Actor) -> set[str]:
        return {row.subject for row in read_trail(actor, None, ALL).rows if not row.action.startswith("audit.")}

    assert of(people.olga) == {"installation", "environment", "elsewhere", "old"}
    assert of(CLI) == {"installation", "environment", "elsewhere", "old", "old Noord", *INSIDE, "medical"}
    for actor in (people.sam, people.mia):
        with pytest.raises(PermissionDenied) as caught:
            of(actor)
        assert caught.value.remedy == "ask an operator"


def test_what_is_exported_is_what_is_read(people: People, environment: Environment, filled: object) -> None:
    for actor in (people.sam, people.mia, people.olga):
        exported = {row.subject for row in export_trail(actor, environment, Wanted(action="account.edit"))}
        assert exported == {row.subject for row in read_trail(actor, environment, Wanted(action="account.edit")).rows}


def test_an_account_that_loses_the_mark_takes_nothing_into_the_open(
    people: People, environment: Environment, medical_account: ConnectionAccount
) -> None:
    edit_account(people.mia, medical_account, medical=False)
    edit_account(people.mia, medical_account, language="en")
    found = read_trail(people.sam, environment, ALL).rows
    assert [row.details for row in found] == [{"language": ["nl", "en"]}]


def test_the_role_that_somebody_got_is_for_who_answers_for_the_environment(
    people: People, environment: Environment
) -> None:
    otto, _ = add_user(people.olga, "otto")
    give_role(people.olga, otto, environment, "reader")
    assert [row.action for row in read_trail(people.sam, environment, ALL).rows] == ["user.give_role"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(person="SA"), {"plain"}),
        (Wanted(action="environment.edit"), {"environment"}),
        (Wanted(text="LANG"), {"plain"}),
        (Wanted(text="plai"), {"plain"}),
        (Wanted(text="100%"), set()),
        (Wanted(text="\0"), INSIDE),
        (Wanted(person="nobody"), set()),
    ],
)
def test_the_filter(people: People, environment: Environment, wanted: Wanted, found: set[str]) -> None:
    assert {row.subject for row in read_trail(people.sam, environment, wanted).rows} == found


@pytest.mark.usefixtures("filled")
def test_days_are_those_of_the_environment(people: People, environment: Environment) -> None:
    today = environment.today()
    day = dt.timedelta(days=1)
    assert read_trail(people.sam, environment, Wanted(first=today - day, last=today)).total == 2
    assert read_trail(people.sam, environment, Wanted(first=today + day)).total == 0
    assert read_trail(people.sam, environment, Wanted(last=today - day)).total == 0


def test_reading_and_exporting_are_told_with_the_filter(people: People, environment: Environment) -> None:
    read_trail(people.sam, environment, Wanted(person="mia", last=dt.date(2026, 11, 23)))
    list(export_trail(people.olga, None, ALL))
    rows = AuditEvent.objects.order_by("pk").values_list("actor", "action", "environment_name", "scope", "details")
    assert list(rows) == [
        ("sam", "audit.view", "Noord", Scope.ENVIRONMENT, {"person": "mia", "last": "2026-11-23"}),
        ("olga", "audit.export", "", Scope.INSTALLATION, {}),
    ]


def test_what_somebody_with_medical_rights_looked_for_is_not_for_others(
    people: People, environment: Environment, medical_account: ConnectionAccount
) -> None:
    read_trail(people.mia, environment, Wanted(text=medical_account.name))
    read_trail(people.sam, environment, Wanted(text="DWH"))
    assert [row.details for row in read_trail(people.sam, environment, ALL).rows] == [{"text": "DWH"}]
    assert {"text": "Zorg"} in [row.details for row in read_trail(people.mia, environment, ALL).rows]


def test_an_export_that_is_refused_is_refused_at_once(people: People, environment: Environment) -> None:
    with pytest.raises(PermissionDenied):
        export_trail(people.rita, environment, ALL)
    assert not AuditEvent.objects.exists()


def test_pages_and_where_they_end(people: People, environment: Environment) -> None:
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor="cli",
            actor_kind="machine",
            action="environment.edit",
            environment_name=environment.name,
            scope=Scope.ENVIRONMENT,
            subject=f"event {number}",
        )
        for number in range(NEWEST + 10)
    )
    assert AuditEvent.objects.filter(moment__gte=now).count() == NEWEST + 10
    first = read_trail(people.sam, environment, ALL)
    assert (first.number, first.pages, first.total, first.cut) == (1, 20, NEWEST, True)
    assert first.rows[0].subject == f"event {NEWEST + 9}"
    last = read_trail(people.sam, environment, Wanted(action="environment.edit"), 99)
    assert (last.number, len(last.rows), last.rows[-1].subject) == (20, 50, "event 10")


def test_another_environment_is_not_in_it(people: People, environment: Environment) -> None:
    west = new_environment("West")
    audit.record(CLI, "environment.edit", "environment West", west)
    assert not read_trail(people.sam, environment, ALL).rows
