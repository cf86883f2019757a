"""Passkeys: made, named, used, removed; and what a passkey that is not right gets."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from control.fixtures import People
from sluis.control.actions.users import edit_user, end_sessions, give_role
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Environment, User
from web.passkeys import Passkey
from web.visiting import Visit

PASSWORD = "een lang wachtwoord 42"
LIST = "environment_list"


@pytest.fixture(autouse=True)
def _no_limits_of_others() -> None:
    cache.clear()


@pytest.fixture
def sam(people: People, environment: Environment) -> User:
    """A superbeheerder: works with a second factor."""
    return _with_password(people.sam.user)


@pytest.fixture
def rita(people: People, environment: Environment) -> User:
    """A reader: needs none."""
    return _with_password(people.rita.user)


def _with_password(user: User | None) -> User:
    assert user
    user.set_password(PASSWORD)
    user.save()
    return user


def by_password(user: User, client: Client | None = None) -> tuple[Client, str]:
    """A client that gave name and password, and where it was sent."""
    client = client or Client()
    answer = client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
    return client, answer.headers.get("location", "")


def add(client: Client, device: Passkey, name: str = "Telefoon", *, alone: bool = True) -> Any:
    page = client.get(reverse("mfa_add_webauthn"))
    assert page.status_code == 200, page.headers.get("location")
    given = {"name": name, "credential": device.made(page.context["js_data"]["creation_options"])}
    return client.post(reverse("mfa_add_webauthn"), given | ({"passwordless": "on"} if alone else {}))


def ask(client: Client) -> dict[str, Any]:
    answer = client.get(reverse("mfa_login_webauthn"), headers={"x-requested-with": "XMLHttpRequest"})
    asked: dict[str, Any] = json.loads(answer.content)["request_options"]
    return asked


def log_in(device: Passkey, client: Client | None = None, handle: str | None = None) -> tuple[Client, str]:
    client = client or Client()
    given = {"credential": device.used(ask(client), handle)}
    return client, client.post(reverse("mfa_login_webauthn"), given).headers.get("location", "")


def inside(client: Client) -> bool:
    return client.get(reverse(LIST)).status_code == 200


def told(user: User) -> list[tuple[str, Any]]:
    rows = AuditEvent.objects.filter(subject=f"user {user.username}", actor=user.username).order_by("pk")
    return [(row.action, row.details) for row in rows]


def test_a_passkey_is_the_second_factor_and_logs_in_alone(sam: User) -> None:
    client, _ = by_password(sam)
    assert client.get(reverse(LIST)).headers["location"] == reverse("mfa_activate_totp")
    device = Passkey()
    answer = add(client, device)
    assert answer.headers["location"] == reverse("mfa_view_recovery_codes")
    assert inside(client)
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Telefoon" in page
    assert "Logt alleen in" in page

    other, sent = log_in(device)
    assert sent == "/"
    assert inside(other)
    assert told(sam) == [
        ("user.log_in", {"by": ["password"]}),
        ("user.add_second_factor", {"kind": "webauthn"}),
        ("user.log_in", {"by": ["webauthn"]}),
    ]


def test_a_password_alone_no_longer_suffices(sam: User) -> None:
    client, _ = by_password(sam)
    device = Passkey(verifies=False)
    add(client, device, alone=False)
    client, sent = by_password(sam)
    assert sent == reverse("mfa_authenticate")
    assert not inside(client)
    page = client.get(reverse("mfa_authenticate"))
    given = {"credential": device.used(page.context["js_data"]["request_options"])}
    assert client.post(reverse("mfa_authenticate"), given).headers["location"] == "/"
    assert inside(client)
    assert told(sam)[-1] == ("user.log_in", {"by": ["password", "webauthn"]})


def test_a_key_that_asks_no_fingerprint_does_not_log_in_alone(sam: User) -> None:
    client, _ = by_password(sam)
    device = Passkey(verifies=False)
    assert add(client, device).status_code == 200
    assert not Authenticator.objects.filter(user=sam).exists()
    add(client, device, alone=False)
    other, sent = log_in(device)
    assert sent == reverse("account_login")
    assert not inside(other)


@pytest.mark.parametrize("fault", ["another key", "another site", "another user", "an old question", "nothing asked"])
def test_what_is_not_the_passkey_is_refused(sam: User, rita: User, fault: str) -> None:
    client, _ = by_password(sam)
    device = Passkey()
    add(client, device)
    handle = None
    other = Client()
    answer = device.used(ask(other))
    if fault == "another key":
        answer = Passkey(identity=device.identity, handle=device.handle).used(ask(other))
    if fault == "another site":
        answer = Passkey(
            origin="https://testserver.example", key=device.key, identity=device.identity, handle=device.handle
        ).used(ask(other))
    if fault == "another user":
        by_rita, _ = by_password(rita)
        theirs = Passkey()
        add(by_rita, theirs)
        handle = device.handle
        answer = theirs.used(ask(other), handle)
    if fault == "an old question":
        ask(other)
    if fault == "nothing asked":
        other = Client()
    sent = other.post(reverse("mfa_login_webauthn"), {"credential": answer})
    assert sent.headers["location"] == reverse("account_login")
    assert not inside(other)
    assert "niet bekend" in other.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize(
    "given",
    [
        "",
        "null",
        "1",
        "[]",
        "{}",
        "x",
        '{"response": null}',
        '{"response": {}}',
        '{"response": {"userHandle": "AA"}}',
        '{"id": 1, "rawId": [], "type": {}, "response": []}',
    ],
)
def test_what_is_no_answer_at_all_is_refused(people: People, given: str) -> None:
    client = Client()
    ask(client)
    assert client.post(reverse("mfa_login_webauthn"), {"credential": given}).status_code == 302
    assert not inside(client)


@pytest.mark.parametrize("change", [{"active": False}, {"valid_until": "past"}])
def test_who_may_no_longer_log_in_does_not_by_passkey(sam: User, change: dict[str, Any]) -> None:
    client, _ = by_password(sam)
    device = Passkey()
    add(client, device)
    edit_user(CLI, sam, **({"valid_until": dt.date(2020, 1, 1)} if "valid_until" in change else change))
    other, sent = log_in(device)
    assert sent == reverse("account_login")
    assert not inside(other)
    assert [action for action, _ in told(sam)].count("user.log_in") == 1
    assert "niet meer inloggen" in other.get(reverse("account_login")).content.decode()


def test_sessions_of_a_passkey_end_too(sam: User) -> None:
    client, _ = by_password(sam)
    device = Passkey()
    add(client, device)
    other, _ = log_in(device)
    end_sessions(CLI, sam)
    assert not inside(other)
    assert not inside(client)


def test_a_passkey_is_renamed_and_its_name_is_harmless(sam: User) -> None:
    client, _ = by_password(sam)
    add(client, Passkey())
    row = Authenticator.objects.get(user=sam, type="webauthn")
    page = reverse("mfa_edit_webauthn", kwargs={"pk": row.pk})
    assert client.post(page, {"name": "x" * 101}).status_code == 200
    assert client.post(page, {"name": "a\0b"}).status_code == 200
    assert client.post(page, {"name": "<script>alert(1)</script>"}).status_code == 302
    assert "<script>alert" not in client.get(reverse("mfa_index")).content.decode()
    assert told(sam)[-1] == ("user.rename_second_factor", {"kind": "webauthn"})


def test_who_needs_a_second_factor_keeps_one(sam: User, rita: User) -> None:
    client, _ = by_password(sam)
    add(client, Passkey(), "een")
    row = Authenticator.objects.get(user=sam, type="webauthn")
    page = reverse("mfa_remove_webauthn", kwargs={"pk": row.pk})
    assert "eerst een andere" in client.post(page, follow=True).content.decode()
    assert Authenticator.objects.filter(pk=row.pk).exists()
    add(client, Passkey(), "twee")
    assert client.post(page, follow=True).status_code == 200
    assert not Authenticator.objects.filter(pk=row.pk).exists()
    assert told(sam)[-1] == ("user.remove_second_factor", {"kind": "webauthn"})
    TOTP.activate(sam, generate_totp_secret())
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.filter(user=sam, type="totp").exists()

    client, _ = by_password(rita)
    add(client, Passkey())
    row = Authenticator.objects.get(user=rita, type="webauthn")
    client.post(reverse("mfa_remove_webauthn", kwargs={"pk": row.pk}))
    assert not Authenticator.objects.filter(user=rita).exists()


def test_passkeys_of_others_are_not_there(sam: User, visit: Visit, people: People) -> None:
    client, _ = by_password(sam)
    add(client, Passkey())
    row = Authenticator.objects.get(user=sam, type="webauthn")
    other = visit(people.mia)
    by_password(_with_password(people.mia.user), other)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        page = reverse(name, kwargs={"pk": row.pk})
        assert other.post(page, {"name": "mine"}).status_code in {302, 404}
    row.refresh_from_db()
    assert row.data["name"] == "Telefoon"


def test_who_gets_a_role_is_asked_for_a_second_factor(rita: User, environment: Environment) -> None:
    client, _ = by_password(rita)
    assert inside(client)
    give_role(CLI, rita, environment, "superbeheerder")
    assert client.get(reverse(LIST)).headers["location"] == reverse("mfa_activate_totp")
