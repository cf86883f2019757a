"""Log-in, what must be done before anything else, and what keeps the site safe."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from control.fixtures import People
from sluis import settings
from sluis.control import setup
from sluis.control.actions.users import add_user, edit_user, give_role, renew_password
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, Environment, User
from web.browser.visiting import code
from web.visiting import Visit

PASSWORD = "een lang wachtwoord 42"


@pytest.fixture(autouse=True)
def _no_limits_of_others() -> None:
    cache.clear()


def log_in(client: Client, name: str, password: str = PASSWORD) -> object:
    return client.post(reverse("account_login"), {"login": name, "password": password}).headers.get("location")


@pytest.fixture
def reader(control: setup.Started, environment: Environment) -> User:
    user, _ = add_user(CLI, "lena", password=PASSWORD)
    give_role(CLI, user, environment, "reader")
    user.must_change_password = False
    user.save()
    return user


def test_nothing_is_open_without_log_in(control: setup.Started) -> None:
    open_ones = {"account_login", "mfa_authenticate", "set_language", "set_theme", "account_logout"}
    client = Client()
    names: Any = get_resolver().reverse_dict
    open_ones |= {"openid_connect_login", "openid_connect_callback", "socialaccount_login_cancelled"}
    known = {"kind": "hosted", "delivery": str(uuid.uuid4()), "mail": str(uuid.uuid4())}
    seen = 0
    for name, found in names.items():
        if not isinstance(name, str) or name in open_ones:
            continue
        arguments = {parameter: known.get(parameter, "1") for parameter in found[0][0][1]}
        for method in (client.get, client.post):
            answer = method(reverse(name, kwargs=arguments))
            assert (answer.status_code, "/login/" in answer.headers.get("location", "")) == (302, True), name
        seen += 1
    assert seen >= 20


def test_a_password_is_enough_for_a_reader_and_is_audited(reader: User) -> None:
    client = Client()
    assert log_in(client, "lena", "wrong one") is None
    assert log_in(client, "LENA") == "/"
    assert AuditEvent.objects.filter(action="user.log_in", actor="lena").count() == 1
    client.post(reverse("account_logout"))
    assert AuditEvent.objects.filter(action="user.log_out", actor="lena").count() == 1
    assert client.get("/").status_code == 302


def failures() -> list[tuple[str, str, dict[str, Any]]]:
    kept = AuditEvent.objects.filter(action="user.fail_log_in").order_by("pk")
    return [(one.actor, one.subject, one.details) for one in kept]


def test_a_log_in_that_failed_is_audited_but_not_what_was_typed(reader: User) -> None:
    client = Client()
    log_in(client, "Lena", "wrong one")
    log_in(client, "my-secret-in-the-wrong-field", "lena")
    log_in(client, "", "lena")
    wrong = {"by": ["password"]}
    assert failures() == [("web", "user lena", wrong), ("web", "unknown user", wrong)]
    secret = generate_totp_secret()
    TOTP.activate(reader, secret)
    log_in(client, "lena")
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert failures()[2:] == [("web", "user lena", {"by": ["totp"]})]


def test_guessing_is_slowed(reader: User) -> None:
    client = Client()
    for _ in range(10):
        log_in(client, "lena", "a guess")
    assert log_in(client, "lena") is None


@pytest.mark.parametrize("change", [{"active": False}, {"valid_until": dt.date(2020, 1, 1)}])
def test_who_may_no_longer_log_in_is_out_at_once(reader: User, change: dict[str, object]) -> None:
    client = Client()
    log_in(client, "lena")
    assert client.get(reverse("environment_list")).status_code == 200
    edit_user(CLI, reader, **change)  # type: ignore[arg-type]  # of different types
    assert client.get(reverse("environment_list")).status_code == 302
    assert log_in(Client(), "lena") is None


def test_a_first_password_is_changed_before_anything_else(reader: User) -> None:
    first = renew_password(CLI, reader)
    client = Client()
    log_in(client, "lena", first)
    change = reverse("account_change_password")
    assert client.get(reverse("environment_list")).headers["location"] == change
    own = {"oldpassword": first, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(change, {**own, "password1": "kort", "password2": "kort"}).status_code == 200
    assert client.post(change, own).status_code == 302
    assert client.get(reverse("environment_list")).status_code == 200
    assert AuditEvent.objects.filter(action="user.change_password", actor="lena").count() == 1


@pytest.mark.parametrize(("who", "asked"), [("olga", True), ("sam", True), ("mia", True), ("rita", False)])
def test_a_second_factor_is_asked_of_who_can_do_much(visit: Visit, people: People, who: str, asked: bool) -> None:
    client = visit(getattr(people, who), second_factor=False)
    answer = client.get(reverse("environment_list"))
    assert (answer.headers.get("location") == reverse("mfa_activate_totp")) is asked


def test_a_demo_asks_none(visit: Visit, people: People, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_SECOND_FACTOR", "0")
    settings.current.cache_clear()
    client = visit(people.olga, second_factor=False)
    assert client.get(reverse("environment_list")).status_code == 200


def test_with_a_second_factor_the_password_alone_is_not_enough(reader: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(reader, secret)
    assert secret not in str(Authenticator.objects.get(user=reader, type="totp").data)
    client = Client()
    assert log_in(client, "lena") == reverse("mfa_authenticate")
    assert client.get(reverse("environment_list")).status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 302
    assert client.get(reverse("environment_list")).status_code == 200


def test_who_needs_a_second_factor_cannot_remove_it(people: People, environment: Environment) -> None:
    assert people.sam.user
    people.sam.user.set_password(PASSWORD)
    people.sam.user.save()
    secret = generate_totp_secret()
    TOTP.activate(people.sam.user, secret)
    client = Client()
    log_in(client, "sam")
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    client.post(reverse("mfa_deactivate_totp"), {})
    assert Authenticator.objects.filter(user=people.sam.user, type="totp").exists()


def test_pages_carry_what_keeps_them_safe(visit: Visit, people: People) -> None:
    page = visit(people.olga).get(reverse("environment_list"))
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["x-frame-options"] == "DENY"
    assert not re.search(
        r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|https?://(?!www\.w3\.org)", page.content.decode()
    )


def test_a_form_without_its_token_is_refused(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("account_login"), {"login": "sam", "password": PASSWORD})
    assert answer.status_code == 403
    assert "verlopen" in answer.content.decode()


def test_language_and_theme_are_kept(visit: Visit, people: People) -> None:
    client = visit(people.olga, language="de")
    page = reverse("environment_list")
    assert '<html lang="nl"' in client.get(page).content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": page})
    client.post(reverse("set_theme"), {"theme": "dark", "next": page})
    text = client.get(page).content.decode()
    assert '<html lang="en" data-theme="dark" data-bs-theme="dark"' in text
    assert (
        client.post(reverse("set_theme"), {"theme": "dark", "next": "https://evil.example/"}).headers["location"] == "/"
    )


@pytest.mark.parametrize(("language", "text"), [("nl", "bestaat niet"), ("en", "does not exist")])
def test_what_is_not_there_has_a_page(visit: Visit, people: People, language: str, text: str) -> None:
    page = visit(people.olga, language=language).get("/nothing/here/")
    assert page.status_code == 404
    assert text in page.content.decode()


def test_what_breaks_has_a_page_that_tells_nothing(
    visit: Visit, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(actor: Actor) -> None:
        raise RuntimeError("a value of Jansen")

    client = visit(people.olga)
    client.raise_request_exception = False
    monkeypatch.setattr("sluis.web.views.environments.queries.environments", fall)
    page = client.get(reverse("environment_list"))
    assert page.status_code == 500
    assert "Er ging bij ons iets mis" in page.content.decode()
    assert "Jansen" not in page.content.decode()


def test_health_says_whether_pages_can_be_served(control: setup.Started) -> None:
    answer = Client(headers={"host": "10.1.2.3"}).get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
