"""Users and rights: who sees which page, and what is refused."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from control.fixtures import People, join, person
from sluis.control.actions.users import add_user, ask_medical, edit_user, end_sessions, renew_password
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, Environment, Membership, Role, User
from sluis.control.permissions import has_medical_rights
from web.visiting import Visit

OTHERS = ("sam", "mia", "rita", "xander")


def addresses(user: User, environment: Environment) -> dict[str, dict[str, object]]:
    """Every page of users; name → what it takes."""
    one: dict[str, object] = {"user": user.pk}
    pages = (
        "user_detail",
        "user_edit",
        "user_password",
        "user_second_factor",
        "user_sessions",
        "user_unlink",
        "role_new",
    )
    return {
        "user_list": {},
        "user_new": {},
        **dict.fromkeys(pages, one),
        "role_edit": {**one, "environment": environment.pk},
        "medical": {**one, "environment": environment.pk, "step": "ask"},
    }


def user_of(actor: Actor) -> User:
    assert actor.user
    return actor.user


def text(client: Client, name: str, **arguments: object) -> str:
    answer = client.get(reverse(name, kwargs=arguments))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("who", OTHERS)
def test_only_an_operator_has_these_pages(visit: Visit, people: People, environment: Environment, who: str) -> None:
    client = visit(getattr(people, who))
    before = AuditEvent.objects.count()
    for name, arguments in addresses(user_of(people.rita), environment).items():
        for method in (client.get, client.post):
            answer = method(reverse(name, kwargs=arguments))
            assert answer.status_code in {403, 404, 405}, name
            assert "rita@" not in answer.content.decode()
    assert 'href="/users/"' not in client.get(reverse("environment_list")).content.decode()
    assert AuditEvent.objects.count() == before


def test_an_operator_has_them(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.olga)
    for name, arguments in addresses(user_of(people.rita), environment).items():
        expected = 405 if name == "medical" else 200
        assert client.get(reverse(name, kwargs=arguments)).status_code == expected, name
    assert 'href="/users/"' in client.get(reverse("environment_list")).content.decode()
    assert client.get(reverse("user_detail", kwargs={"user": 999999})).status_code == 404


def test_the_list_tells_and_filters(visit: Visit, people: People, environment: Environment) -> None:
    add_user(CLI, "nina", email="nina@example.org")
    edit_user(CLI, user_of(people.rita), active=False)
    edit_user(CLI, user_of(people.xander), valid_until=dt.date(2020, 1, 1))
    ask_medical(CLI, user_of(people.sam), environment)
    client = visit(people.olga, language="en")
    page = client.get(reverse("user_list")).content.decode()
    for told in (
        "Noord: Superbeheerder, medical proposed",
        "Not active",
        "Past the last day",
        "Never logged in",
        "1 Jan 2020",
    ):
        assert told in page, told

    def found(**wanted: str) -> set[str]:
        rows = client.get(reverse("user_list"), wanted).context["rows"]
        return {row["one"].username for row in rows}

    assert found() == {"olga", "nina", *OTHERS}
    assert found(q="NINA@") == {"nina"}
    assert found(kind="operator") == {"olga"}
    assert found(kind="medical") == {"mia", "xander"}
    assert found(kind="proposed") == {"sam"}
    assert found(kind="none") == {"nina"}
    assert found(state="inactive") == {"rita"}
    assert found(state="past", kind="superbeheerder") == {"xander"}
    assert "No user fits" in client.get(reverse("user_list"), {"q": "nobody"}).content.decode()


def test_the_list_asks_the_database_as_often_for_many(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.olga)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("user_list")).status_code == 200
            assert client.get(reverse("rights", kwargs={"environment": environment.pk})).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for number in range(50):
        join(person(f"user{number}"), environment, Role.READER)
    assert asked() == few


def test_the_first_password_is_shown_once_and_kept_nowhere(
    visit: Visit, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = visit(people.olga)
    answer = client.post(reverse("user_new"), {"name": "nina", "email": "nina@example.org", "operator": ""})
    password = answer.context["password"]
    nina = User.objects.get(username="nina")
    assert nina.check_password(password)
    assert nina.must_change_password
    assert password in answer.content.decode()
    assert "no-store" in answer.headers["cache-control"]
    again = client.post(reverse("user_password", kwargs={"user": nina.pk})).context["password"]
    nina.refresh_from_db()
    assert nina.check_password(again)
    kept = [
        *(
            client.get(reverse(name, kwargs=arguments)).content.decode()
            for name, arguments in (("user_detail", {"user": nina.pk}), ("user_list", {}))
        ),
        *(str(session.get_decoded()) for session in Session.objects.all()),
        *(f"{event.subject} {event.details}" for event in AuditEvent.objects.all()),
        caplog.text,
        str(dict(client.cookies)),
    ]
    assert len(kept) >= 5
    for secret in (password, again):
        assert not [one for one in kept if secret in one]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "SAM"}, "er is al een gebruiker"),
        ({"name": "a b"}, "kan niet worden gebruikt"),
        ({"name": "nina", "email": "x"}, "geen e-mailadres"),
        ({"name": "nina", "valid_until": "gisteren"}, "geldige datum"),
        ({"name": ""}, "verplicht"),
        ({"name": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_what_a_new_user_cannot_be_is_told(visit: Visit, people: People, given: dict[str, str], told: str) -> None:
    answer = visit(people.olga).post(reverse("user_new"), given)
    assert answer.status_code == 422
    assert told.lower() in answer.content.decode().lower()
    assert "<script>alert" not in answer.content.decode()


def test_an_operator_edits_a_user(visit: Visit, people: People) -> None:
    client, rita = visit(people.olga), user_of(people.rita)
    page = reverse("user_edit", kwargs={"user": rita.pk})
    answer = client.post(page, {"email": "rita@example.org", "active": "on", "valid_until": "2999-12-31"})
    assert answer.headers["location"] == reverse("user_detail", kwargs={"user": rita.pk})
    rita.refresh_from_db()
    assert (rita.email, rita.is_active, rita.valid_until) == ("rita@example.org", True, dt.date(2999, 12, 31))
    client.post(page, {"email": "rita@example.org", "valid_until": ""})
    rita.refresh_from_db()
    assert (rita.is_active, rita.valid_until) == (False, None)


def test_of_oneself_only_the_mail_address_changes(visit: Visit, people: People, environment: Environment) -> None:
    client, olga = visit(people.olga, language="en"), user_of(people.olga)
    assert "Nobody gives himself a right" in text(client, "user_detail", user=olga.pk)
    given = {"email": "olga@example.org", "operator": "", "valid_until": "2999-12-31"}
    assert client.post(reverse("user_edit", kwargs={"user": olga.pk}), given).status_code == 302
    olga.refresh_from_db()
    assert (olga.email, olga.is_operator, olga.is_active, olga.valid_until) == ("olga@example.org", True, True, None)
    given = {"environment": str(environment.pk), "role": "superbeheerder"}
    assert client.post(reverse("role_new", kwargs={"user": olga.pk}), given).status_code == 403
    Membership.objects.create(user=olga, environment=environment, role="reader", valid_from=dt.date(2020, 1, 1))
    inside = {"user": olga.pk, "environment": environment.pk}
    for name, posted in (
        ("role_edit", {"role": "superbeheerder"}),
        ("role_edit", {"remove": "1"}),
        ("user_second_factor", {}),
    ):
        arguments = inside if name == "role_edit" else {"user": olga.pk}
        assert client.post(reverse(name, kwargs=arguments), posted).status_code == 403, (name, posted)
    for step in ("ask", "grant"):
        assert client.post(reverse("medical", kwargs={**inside, "step": step})).status_code in {403, 409}
    row = olga.memberships.get()
    assert (row.role, row.medical, row.medical_asked_by) == ("reader", False, "")


def test_an_operator_gives_changes_and_takes_roles(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.olga)
    nina, _ = add_user(CLI, "nina")
    new = reverse("role_new", kwargs={"user": nina.pk})
    given = {"environment": environment.pk, "role": "reader", "valid_from": "2026-01-01", "valid_until": "2025-01-01"}
    refused = client.post(new, given)
    assert refused.status_code == 422
    assert "eindigt voordat" in refused.content.decode()
    assert client.post(new, {**given, "valid_until": ""}).status_code == 302
    row = nina.memberships.get()
    assert (row.role, row.valid_from, row.valid_until) == ("reader", dt.date(2026, 1, 1), None)
    edit = reverse("role_edit", kwargs={"user": nina.pk, "environment": environment.pk})
    client.post(edit, {"role": "superbeheerder", "valid_from": "2026-02-01", "valid_until": "2999-01-01"})
    row.refresh_from_db()
    assert (row.role, row.valid_from, row.valid_until) == ("superbeheerder", dt.date(2026, 2, 1), dt.date(2999, 1, 1))
    client.post(edit, {"remove": "1"})
    assert not nina.memberships.exists()
    assert client.get(edit).status_code == 404


def test_the_medical_right_is_proposed_by_one_and_given_by_another(
    visit: Visit, people: People, environment: Environment
) -> None:
    sam, otto = user_of(people.sam), person("otto", operator=True)
    olga = visit(people.olga, language="en")

    def step(client: Client, name: str) -> int:
        address = reverse("medical", kwargs={"user": sam.pk, "environment": environment.pk, "step": name})
        return client.post(address).status_code

    assert "Propose the medical right" in text(olga, "user_detail", user=sam.pk)
    assert step(olga, "ask") == 302
    page = text(olga, "user_detail", user=sam.pk)
    assert "Proposed by you: another person gives it." in page
    assert "Give the medical right" not in page
    answer = olga.post(reverse("medical", kwargs={"user": sam.pk, "environment": environment.pk, "step": "grant"}))
    assert answer.status_code == 409
    for told in ("The medical right needs a second person.", "Ask somebody else to give it."):
        assert told in answer.content.decode()
    other = visit(otto, language="en")
    page = text(other, "user_detail", user=sam.pk)
    assert "Proposed by olga." in page
    assert "Give the medical right" in page
    assert step(other, "grant") == 302
    assert has_medical_rights(people.sam, environment)
    assert step(olga, "withdraw") == 302
    assert not has_medical_rights(people.sam, environment)
    assert step(olga, "paint") == 404


def test_a_superbeheerder_with_medical_rights_gives_what_was_proposed(
    visit: Visit, people: People, environment: Environment
) -> None:
    ask_medical(people.olga, user_of(people.sam), environment)
    ask_medical(people.olga, user_of(people.rita), environment)
    rows = {row.user.username: row.pk for row in Membership.objects.filter(environment=environment)}

    clients = {name: visit(actor, language="en") for name, actor in vars(people).items()}

    def give(who: str, name: str) -> int:
        address = reverse("rights_grant", kwargs={"environment": environment.pk, "member": rows[name]})
        return clients[who].post(address).status_code

    page = text(clients["sam"], "rights", environment=environment.pk)
    assert "Proposed by olga." in page
    assert "Give the medical right" not in page
    assert (give("sam", "rita"), give("rita", "sam"), give("xander", "rita")) == (403, 403, 404)
    page = text(clients["mia"], "rights", environment=environment.pk)
    assert page.count('aria-label="Give the medical right: ') == 2
    assert give("mia", "rita") == 302
    assert has_medical_rights(people.rita, environment)
    assert give("mia", "rita") == 409
    assert give("olga", "sam") == 409
    assert not has_medical_rights(people.sam, environment)
    assert AuditEvent.objects.filter(action="user.grant_medical").count() == 1


@pytest.mark.parametrize(("who", "status"), [("olga", 200), ("sam", 200), ("mia", 200), ("rita", 403), ("xander", 404)])
def test_who_sees_the_rights_in_an_environment(
    visit: Visit, people: People, environment: Environment, who: str, status: int
) -> None:
    answer = visit(getattr(people, who)).get(reverse("rights", kwargs={"environment": environment.pk}))
    assert answer.status_code == status
    assert ("xander" in answer.content.decode()) is (who == "xander")


def test_a_member_of_another_environment_is_not_reached_from_this_one(
    visit: Visit, people: People, environment: Environment
) -> None:
    zuid = Membership.objects.get(user=user_of(people.xander))
    zuid.medical, zuid.medical_asked_by = False, "olga"
    zuid.save()
    address = reverse("rights_grant", kwargs={"environment": environment.pk, "member": zuid.pk})
    assert visit(people.mia).post(address).status_code == 404
    zuid.refresh_from_db()
    assert not zuid.medical


@pytest.mark.parametrize("way", ["end", "inactive", "password", "factor"])
def test_sessions_end_with_their_next_page(visit: Visit, people: People, way: str) -> None:
    rita, olga = user_of(people.rita), visit(people.olga)
    here, there, other = visit(people.rita), visit(people.rita, second_factor=False), visit(people.sam)
    page = reverse("environment_list")
    assert [client.get(page).status_code for client in (here, there, other)] == [200, 200, 200]
    name = {"password": "user_password", "factor": "user_second_factor", "end": "user_sessions"}.get(way)
    if name:
        assert olga.post(reverse(name, kwargs={"user": rita.pk})).status_code in {200, 302}
    else:
        edit_user(CLI, rita, active=False)
        edit_user(CLI, rita, active=True)
    assert [client.get(page).status_code for client in (here, there, other)] == [302, 302, 200]
    verb = {"end": "end_sessions", "inactive": "edit", "password": "renew_password", "factor": "reset_second_factor"}[
        way
    ]
    assert AuditEvent.objects.filter(action=f"user.{verb}", subject="user rita").exists()


def test_sessions_outlive_another_secret_key_but_not_their_end(
    visit: Visit, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, rita = visit(people.rita), user_of(people.rita)
    ended = visit(people.sam)
    end_sessions(CLI, user_of(people.sam))
    monkeypatch.setattr(django_settings, "SECRET_KEY_FALLBACKS", [django_settings.SECRET_KEY])
    monkeypatch.setattr(django_settings, "SECRET_KEY", "another key")
    page = reverse("environment_list")
    assert (client.get(page).status_code, ended.get(page).status_code) == (200, 302)
    renew_password(CLI, rita)
    assert client.get(page).status_code == 302
