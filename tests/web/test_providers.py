"""Log-in by OpenID Connect with a real provider: who gets in, as whom, and with which roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import requests
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from control.fixtures import People, new_environment, person
from sluis import settings
from sluis.control.actions.users import (
    ask_medical,
    edit_user,
    end_sessions,
    give_role,
    grant_medical,
    renew_password,
    take_role,
)
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, Environment, Membership, User
from sluis.control.permissions import has_medical_rights
from sluis.web import oidc_settings
from web.browser.visiting import code
from web.passkeys import Passkey
from web.providing import Provider, running
from web.test_passkeys import PASSWORD, add, by_password
from web.test_passkeys import log_in as log_in_with
from web.visiting import Visit

LIST = "environment_list"


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, people: People, variables: pytest.MonkeyPatch) -> Provider:
    """An installation that uses it, with people who log in by password."""
    for name, value in server.variables.items():
        variables.setenv(name, value)
    settings.current.cache_clear()
    cache.clear()
    variables.setattr(django_settings, "SOCIALACCOUNT_PROVIDERS", oidc_settings.of_installation(), raising=False)
    policy = oidc_settings.policy(django_settings.CONTENT_SECURITY_POLICY)
    variables.setattr(django_settings, "CONTENT_SECURITY_POLICY", policy)
    return server


def configure(variables: pytest.MonkeyPatch, **given: str) -> None:
    for name, value in given.items():
        variables.setenv(name, value)
    settings.current.cache_clear()


def inside(client: Client) -> bool:
    return client.get(reverse(LIST)).status_code == 200


def roles(name: str) -> dict[str, tuple[str, bool]]:
    rows = Membership.objects.filter(user__username=name).select_related("environment")
    return {row.environment.name: (row.role, row.provided) for row in rows}


def told(name: str) -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(subject=f"user {name}").order_by("pk")
    return [(row.actor, row.action, row.environment_name) for row in rows]


def test_the_first_log_in_makes_the_user_with_the_roles_of_its_groups(provider: Provider) -> None:
    provider.put("1", "nina", "noord-lezers", "zuid-lezers", "voetbal", name="Nina Jansen")
    client, answer = provider.log_in("1")
    assert answer.headers["location"] == "/"
    assert inside(client)
    nina = User.objects.get(username="nina")
    assert (nina.email, nina.has_usable_password(), nina.is_operator, nina.first_name) == (
        "nina@example.org",
        False,
        False,
        "",
    )
    assert roles("nina") == {"Noord": ("reader", True), "Zuid": ("reader", True)}
    assert told("nina") == [
        ("oidc", "user.add", ""),
        ("oidc", "user.give_role", "Noord"),
        ("oidc", "user.give_role", "Zuid"),
        ("nina", "user.log_in", ""),
    ]
    assert AuditEvent.objects.get(action="user.log_in", actor="nina").details == {"by": ["oidc"]}
    assert SocialAccount.objects.get(user=nina).extra_data == {}
    again, _ = provider.log_in("1")
    assert inside(again)
    assert User.objects.filter(username="nina").count() == 1


@pytest.mark.parametrize("groups", [(), ("voetbal",), ("west",), ("NOORD-BEHEER",), ("noord",), ("operator",)])
def test_who_has_no_group_does_not_get_in(provider: Provider, groups: tuple[str, ...]) -> None:
    provider.put("2", "niels", *groups)
    client, answer = provider.log_in("2")
    assert answer.status_code == 403
    assert "geen van uw groepen" in answer.content.decode().lower()
    assert not inside(client)
    assert not User.objects.filter(username="niels").exists()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    ("claimed", "groups"),
    [("noord-beheer", 1), (["noord-beheer", 7, None, {"a": 1}], 1), ({"noord-beheer": True}, 0), (None, 0), (7, 0)],
)
def test_a_claim_of_another_form_gives_no_more_than_it_says(provider: Provider, claimed: object, groups: int) -> None:
    provider.put("3", "noor", groups=claimed)
    provider.log_in("3")
    assert len(roles("noor")) == groups


def test_the_strongest_group_counts_and_the_claim_can_have_another_name(
    provider: Provider, variables: pytest.MonkeyPatch
) -> None:
    configure(variables, SLUIS_OIDC_CLAIM="roles")
    provider.put("4", "nick", groups=["sluis-operators"], roles=["noord-beheer", "noord-lezers"])
    provider.log_in("4")
    assert roles("nick") == {"Noord": ("superbeheerder", True)}
    assert not User.objects.get(username="nick").is_operator


def test_roles_follow_the_groups_at_each_log_in(provider: Provider) -> None:
    provider.put("5", "nora", "noord-beheer", "sluis-operators")
    provider.log_in("5")
    nora = User.objects.get(username="nora")
    assert (nora.is_operator, roles("nora")) == (True, {"Noord": ("superbeheerder", True)})
    provider.put("5", "nora", "noord-lezers", "zuid-lezers")
    provider.log_in("5")
    nora.refresh_from_db()
    assert nora.is_operator is False
    assert roles("nora") == {"Noord": ("reader", True), "Zuid": ("reader", True)}
    count = AuditEvent.objects.exclude(action="user.log_in").count()
    provider.log_in("5")
    assert AuditEvent.objects.exclude(action="user.log_in").count() == count
    provider.put("5", "nora")
    client, answer = provider.log_in("5")
    assert (answer.status_code, roles("nora")) == (403, {})
    assert not inside(client)


def test_what_was_given_by_hand_stays(provider: Provider, environment: Environment) -> None:
    provider.put("6", "nelly", "noord-lezers", "sluis-operators")
    provider.log_in("6")
    nelly = User.objects.get(username="nelly")
    zuid = Environment.objects.get(name="Zuid")
    give_role(CLI, nelly, zuid, "superbeheerder")
    edit_user(CLI, nelly, operator=False)
    edit_user(CLI, nelly, operator=True)
    provider.put("6", "nelly", "zuid-lezers")
    provider.log_in("6")
    nelly.refresh_from_db()
    assert roles("nelly") == {"Zuid": ("superbeheerder", False)}
    assert (nelly.is_operator, nelly.operator_provided) == (True, False)
    # A role of a group that somebody saves is one by hand from then on; one taken away by hand comes back.
    provider.put("6", "nelly", "noord-lezers")
    provider.log_in("6")
    take_role(CLI, nelly, environment)
    provider.log_in("6")
    assert roles("nelly")["Noord"] == ("reader", True)
    give_role(CLI, nelly, environment, "reader", valid_until=dt.date(2999, 1, 1))
    provider.put("6", "nelly", "noord-beheer")
    provider.log_in("6")
    provider.put("6", "nelly")
    provider.log_in("6")
    assert roles("nelly") == {"Zuid": ("superbeheerder", False), "Noord": ("reader", False)}


def test_the_medical_right_comes_of_no_group_and_goes_with_the_role(
    provider: Provider, environment: Environment, people: People
) -> None:
    provider.put("7", "noa", "noord-beheer", "medical", "medisch", medical=True)
    provider.log_in("7")
    noa = User.objects.get(username="noa")
    assert not has_medical_rights(Actor(user=noa), environment)
    ask_medical(CLI, noa, environment)
    grant_medical(people.olga, noa, environment)
    provider.log_in("7")
    assert has_medical_rights(Actor(user=noa), environment)
    provider.put("7", "noa", "zuid-lezers")
    provider.log_in("7")
    provider.put("7", "noa", "noord-beheer")
    provider.log_in("7")
    assert not has_medical_rights(Actor(user=noa), environment)


@pytest.mark.parametrize("name", ["sam", "SAM"])
def test_a_claimed_name_or_mail_address_takes_over_nobody(provider: Provider, people: People, name: str) -> None:
    sam = people.sam.user
    assert sam
    sam.email = "sam@example.org"
    sam.save()
    provider.put("8", name, "sluis-operators", email="sam@example.org", email_verified=True)
    client, answer = provider.log_in("8")
    assert answer.status_code == 409
    assert "er is al een gebruiker" in answer.content.decode().lower()
    assert not inside(client)
    # Not by the mail address either, under a name that is free.
    provider.put("8", "another-sam", "noord-lezers", email="sam@example.org", email_verified=True)
    client, _ = provider.log_in("8")
    assert inside(client)
    assert client.get(reverse(LIST)).context["user"].username == "another-sam"
    sam.refresh_from_db()
    assert not sam.is_operator
    assert roles("sam") == {"Noord": ("superbeheerder", False)}
    assert not SocialAccount.objects.filter(user=sam).exists()


def test_a_name_that_changes_at_the_provider_stays_the_same_user(provider: Provider) -> None:
    provider.put("9", "naomi", "noord-lezers")
    provider.log_in("9")
    provider.put("9", "olga", "noord-lezers", email="olga@example.org")
    client, _ = provider.log_in("9")
    assert client.get(reverse(LIST)).context["user"].username == "naomi"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "Nina Jansen / HR"}, "Nina-Jansen---HR"),
        ({"preferred_username": ""}, "x@example.org"),
        ({"preferred_username": None, "email": None}, "10"),
        ({"preferred_username": "<script>"}, "-script-"),
        ({"preferred_username": "x" * 500}, "x" * 150),
    ],
)
def test_a_name_is_made_fit(provider: Provider, claims: dict[str, object], name: str) -> None:
    provider.put("10", "x", "noord-lezers", **claims)
    client, _ = provider.log_in("10")
    assert inside(client)
    assert User.objects.filter(username=name).exists()


@pytest.mark.parametrize("change", [{"active": False}, {"valid_until": dt.date(2020, 1, 1)}])
def test_who_may_no_longer_log_in_does_not(provider: Provider, change: dict[str, object]) -> None:
    provider.put("11", "nils", "noord-lezers")
    first, _ = provider.log_in("11")
    nils = User.objects.get(username="nils")
    edit_user(CLI, nils, **change)  # type: ignore[arg-type]  # of different types
    assert not inside(first)
    provider.put("11", "nils", "sluis-operators")
    client, answer = provider.log_in("11")
    assert answer.headers["location"] == reverse("account_login")
    assert "niet meer inloggen" in client.get(reverse("account_login")).content.decode()
    assert not inside(client)
    nils.refresh_from_db()
    assert not nils.is_operator


def test_sessions_of_the_provider_end_too(provider: Provider) -> None:
    provider.put("12", "nuria", "noord-lezers")
    client, _ = provider.log_in("12")
    end_sessions(CLI, User.objects.get(username="nuria"))
    assert not inside(client)


def test_sluis_asks_its_own_second_factor(provider: Provider) -> None:
    provider.put("13", "nadia", "noord-beheer")
    client, _ = provider.log_in("13")
    assert client.get(reverse(LIST)).headers["location"] == reverse("mfa_activate_totp")
    secret = generate_totp_secret()
    TOTP.activate(User.objects.get(username="nadia"), secret)
    client, answer = provider.log_in("13")
    assert answer.headers["location"] == reverse("mfa_authenticate")
    assert not inside(client)
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert inside(client)


def test_the_second_factor_can_be_left_to_the_provider(provider: Provider, variables: pytest.MonkeyPatch) -> None:
    configure(variables, SLUIS_OIDC_SECOND_FACTOR="1")
    provider.put("14", "nikita", "noord-beheer")
    client, _ = provider.log_in("14")
    assert inside(client)
    nikita = User.objects.get(username="nikita")
    TOTP.activate(nikita, generate_totp_secret())
    client, answer = provider.log_in("14")
    assert answer.headers["location"] == "/"
    assert inside(client)


def test_who_logs_in_by_password_is_asked_for_a_second_factor_all_the_same(
    provider: Provider, people: People, variables: pytest.MonkeyPatch
) -> None:
    configure(variables, SLUIS_OIDC_SECOND_FACTOR="1")
    assert people.sam.user
    people.sam.user.set_password(PASSWORD)
    people.sam.user.save()
    client, _ = by_password(people.sam.user)
    assert client.get(reverse(LIST)).headers["location"] == reverse("mfa_activate_totp")


def test_a_passkey_does_not_get_around_the_provider(provider: Provider) -> None:
    provider.put("15", "nova", "noord-beheer")
    client, _ = provider.log_in("15")
    device = Passkey()
    add(client, device)
    assert inside(client)
    other, sent = log_in_with(device)
    assert sent == reverse("account_login")
    assert not inside(other)
    client, _ = provider.log_in("15")
    page = client.get(reverse("mfa_authenticate"))
    client.post(reverse("mfa_authenticate"), {"credential": device.used(page.context["js_data"]["request_options"])})
    assert inside(client)


def test_who_has_nothing_else_says_it_is_him_at_the_provider(provider: Provider) -> None:
    provider.put("22", "nel", "noord-lezers")
    client, _ = provider.log_in("22")
    page = reverse("mfa_add_webauthn")
    assert client.get(page).status_code == 200
    with time_machine.travel(dt.timedelta(minutes=20), tick=True):
        again = reverse("openid_connect_login", kwargs={"provider_id": "oidc"})
        assert client.get(page).headers["location"].startswith(f"{again}?next=")
        client, _ = provider.log_in("22", client)
        assert client.get(page).status_code == 200


def test_who_has_no_password_has_none_to_change(provider: Provider) -> None:
    provider.put("16", "nena", "noord-lezers")
    client, _ = provider.log_in("16")
    assert reverse("account_change_password") not in client.get(reverse(LIST)).content.decode()
    answer = client.get(reverse("account_change_password"), follow=True)
    assert "geen wachtwoord" in answer.content.decode()


def test_a_user_of_before_links_the_two_after_logging_in(provider: Provider, people: People) -> None:
    rita = people.rita.user
    assert rita
    rita.set_password(PASSWORD)
    rita.save()
    client, _ = by_password(rita)
    assert "Niet gekoppeld" in client.get(reverse("mfa_index")).content.decode()
    provider.put("17", "rita", "noord-beheer")
    client, answer = provider.log_in("17", client, process="connect")
    assert answer.headers["location"] == reverse("mfa_index")
    assert "U kunt inloggen met Waterschap" in client.get(reverse("mfa_index")).content.decode()
    assert told("rita")[-1] == ("rita", "user.link_provider", "")
    assert SocialAccount.objects.get(user=rita).extra_data == {}
    client, _ = provider.log_in("17")
    assert inside(client)
    assert roles("rita") == {"Noord": ("reader", False)}
    # One log-in belongs to one user.
    other = person("romy").user
    assert other
    other.set_password(PASSWORD)
    other.save()
    client, _ = by_password(other)
    client, _ = provider.log_in("17", client, process="connect")
    assert "hoort bij een andere gebruiker" in client.get(reverse("mfa_index")).content.decode()
    assert not SocialAccount.objects.filter(user=other).exists()


def test_an_operator_takes_the_link_away(provider: Provider, visit: Visit, people: People) -> None:
    provider.put("21", "nienke", "noord-lezers")
    client, _ = provider.log_in("21")
    nienke = User.objects.get(username="nienke")
    page = reverse("user_unlink", kwargs={"user": nienke.pk})
    assert [visit(one).post(page).status_code for one in (people.sam, people.rita)] == [403, 403]
    olga = visit(people.olga)
    assert page in olga.get(reverse("user_detail", kwargs={"user": nienke.pk})).content.decode()
    assert olga.get(page).status_code == 200
    assert olga.post(page).headers["location"] == reverse("user_detail", kwargs={"user": nienke.pk})
    assert page not in olga.get(reverse("user_detail", kwargs={"user": nienke.pk})).content.decode()
    assert not inside(client)
    assert told("nienke")[-1] == ("olga", "user.unlink_provider", "")
    assert provider.log_in("21")[1].status_code == 409
    assert olga.post(page).status_code == 409


def test_nothing_is_linked_with_a_password_that_somebody_else_knows(provider: Provider, people: People) -> None:
    rita = people.rita.user
    assert rita
    first = renew_password(CLI, rita)
    client = Client()
    client.post(reverse("account_login"), {"login": "rita", "password": first})
    answer = client.post(reverse("openid_connect_login", kwargs={"provider_id": "oidc"}), {"process": "connect"})
    assert answer.headers["location"] == reverse("account_change_password")


def test_another_issuer_has_other_users(provider: Provider, variables: pytest.MonkeyPatch) -> None:
    provider.put("18", "nanda", "noord-lezers")
    provider.log_in("18")
    configure(variables, SLUIS_OIDC_ISSUER=provider.address.replace("localhost", "127.0.0.1"))
    variables.setattr(django_settings, "SOCIALACCOUNT_PROVIDERS", oidc_settings.of_installation())
    _, answer = provider.log_in("18")
    assert answer.status_code == 409
    nanda = User.objects.get(username="nanda")
    nanda.set_password(PASSWORD)
    nanda.save()
    client, _ = by_password(nanda)
    assert "Niet gekoppeld" in client.get(reverse("mfa_index")).content.decode()
    client, _ = provider.log_in("18", client, process="connect")
    client, answer = provider.log_in("18")
    assert answer.headers["location"] == "/"


def test_who_cancels_is_back_at_the_log_in(provider: Provider) -> None:
    client = Client()
    sent = client.post(reverse("openid_connect_login", kwargs={"provider_id": "oidc"}))
    state = sent.headers["location"].split("state=")[1].split("&")[0]
    back = reverse("openid_connect_callback", kwargs={"provider_id": "oidc"})
    answer = client.get(back, {"error": "access_denied", "state": state}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("account_login")
    assert "niet ingelogd" in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=x", "?error=x", "?state=x"])
def test_an_answer_that_nobody_asked_for_is_refused(provider: Provider, query: str) -> None:
    client = Client()
    answer = client.get(reverse("openid_connect_callback", kwargs={"provider_id": "oidc"}) + query)
    assert answer.status_code == 401
    assert "niet gelukt" in answer.content.decode()
    assert not inside(client)


def test_an_answer_of_another_browser_is_refused(provider: Provider) -> None:
    """Else somebody could make another work in his own account."""
    provider.put("19", "nanne", "noord-lezers")
    client = Client()
    sent = client.post(reverse("openid_connect_login", kwargs={"provider_id": "oidc"})).headers["location"]
    back = requests.post(sent, data={"sub": "19"}, allow_redirects=False, timeout=30).headers["location"]
    other = Client()
    assert other.get(back.removeprefix("http://testserver")).status_code == 401
    assert not inside(other)


def test_a_provider_that_is_silent_is_told(provider: Provider, variables: pytest.MonkeyPatch) -> None:
    configure(variables, SLUIS_OIDC_ISSUER="http://localhost:9")
    variables.setattr(django_settings, "SOCIALACCOUNT_PROVIDERS", oidc_settings.of_installation())
    answer = Client().post(reverse("openid_connect_login", kwargs={"provider_id": "oidc"}))
    assert answer.status_code == 503
    assert "geen bruikbaar antwoord" in answer.content.decode()


def test_a_look_at_the_address_starts_nothing(provider: Provider) -> None:
    page = Client().get(reverse("openid_connect_login", kwargs={"provider_id": "oidc"}))
    assert page.status_code == 200
    assert "Inloggen met Waterschap" in page.content.decode()


def test_the_log_in_page_may_lead_there(provider: Provider) -> None:
    page = Client().get(reverse("account_login"))
    assert "Inloggen met Waterschap" in page.content.decode()
    assert f"form-action 'self' {provider.address};" in page.headers["content-security-policy"] + ";"
    assert "geheim van sluis" not in page.content.decode()


def test_an_environment_that_comes_later_is_followed(provider: Provider) -> None:
    provider.put("20", "nour", "west", "zuid-lezers")
    provider.log_in("20")
    assert set(roles("nour")) == {"Zuid"}
    new_environment("West")
    provider.log_in("20")
    assert set(roles("nour")) == {"Zuid", "West"}


def test_without_it_nothing_is_to_be_seen(people: People) -> None:
    cache.clear()
    client = Client()
    page = client.get(reverse("account_login"))
    assert "oidc" not in page.content.decode().lower()
    assert "openid" not in page.content.decode().lower()
    assert "form-action 'self';" in page.headers["content-security-policy"] + ";"
    for name in ("openid_connect_login", "openid_connect_callback"):
        for method in (client.get, client.post):
            assert method(reverse(name, kwargs={"provider_id": "oidc"})).status_code == 404
