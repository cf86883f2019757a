"""Every address as every persona, without and with the medical mark: what comes of it stands in one table.

A view that is added fails here until it has a line in ``VIEWS``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from control.fixtures import People, delivered, join, person
from sluis.control import places
from sluis.control.actions.keys import add_key
from sluis.control.actions.recipients import add_recipient
from sluis.control.actor import CLI
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    DeliveryState,
    Environment,
    Role,
)
from sluis.sftp.keys import make_pair
from web.test_mails import mail
from web.test_refreshes import refreshed
from web.visiting import client_of

PERSONAS = ("nobody", "olga", "sam", "mia", "rita", "rosa", "xander", "off")
"""Nobody logged in, operator, superbeheerder, the same with the medical right, reader, the same with the medical right,
superbeheerder of another environment, and a superbeheerder where the module is off."""

Refused = Mapping[str, int]
LOGIN = 302
_OUT: Refused = {"nobody": LOGIN}
"""Who is not logged in is asked to."""


@dataclass(frozen=True)
class May:
    """Who is refused, with which status, on things without and with the medical mark; whoever is left out may."""

    plain: Refused
    medical: Refused


def _both(refused: Refused) -> May:
    return May(refused, refused)


AUDITORS = _both({**_OUT, "rita": 403, "rosa": 403, "xander": 404, "off": 403})
"""Operators too."""
LOOKERS = _both({**_OUT, "xander": 404, "off": 403})
"""Operators, and who has a role in the environment."""
SEES_REFRESH = _both({**LOOKERS.plain, "off": 404})
RELEASES_REFRESH = _both({**SEES_REFRESH.plain, "rita": 403, "rosa": 403})
GRANTERS = _both({**_OUT, **dict.fromkeys(("sam", "rita", "rosa", "off"), 403), "xander": 404})
"""Operators, and superbeheerders with the medical right."""
VISITORS = _both({**_OUT, "xander": 404})
"""The same, whatever the module."""
FOUNDERS = _both({**_OUT, **dict.fromkeys(("sam", "mia", "rita", "rosa", "off"), 403), "xander": 404})
"""Operators only, of an environment."""
OPERATORS = _both({**_OUT, **dict.fromkeys(PERSONAS[2:], 403)})
"""Of the installation."""
ALL = _both({})
"""Who is not logged in too."""
USERS = _both(_OUT)
"""Everybody who is logged in."""
MEMBERS = _both({**_OUT, "olga": 403, "xander": 404, "off": 403})
"""Who has a role in the environment; about nothing with a medical mark."""
KEEPERS = _both({**MEMBERS.plain, "rita": 403, "rosa": 403})
"""Superbeheerders of the environment; about nothing with a medical mark."""
SEES = May(MEMBERS.plain, {**MEMBERS.plain, "sam": 404, "rita": 404})
"""Who may see an account or a configuration."""
KEEPS = May(KEEPERS.plain, {**SEES.medical, "rosa": 403})
"""Who may change an account or a configuration."""
SEES_DELIVERY = May({**SEES.plain, "olga": 404, "off": 404}, {**SEES.medical, "olga": 404, "off": 404})
"""Who may see a delivery."""
KEEPS_DELIVERY = May({**SEES_DELIVERY.plain, "rita": 403, "rosa": 403}, {**SEES_DELIVERY.medical, "rosa": 403})
"""Who may decide about a delivery."""


@dataclass(frozen=True)
class View:
    """Who may, and what who may gets for a GET, and for a POST with nothing of use in it; None: as for a GET."""

    may: May
    get: int = 200
    post: int | None = None


def reads(may: May, status: int = 200) -> View:
    """A page without a form: it does not look at the method."""
    return View(may, status)


def form(may: May, *, empty: int = 422) -> View:
    """A page with a form; what one that says nothing is answered with."""
    return View(may, 200, empty)


def does(may: May, status: int = 302) -> View:
    """A button: it can be posted only."""
    return View(may, 405, status)


VIEWS: dict[str, View] = {
    "home": reads(USERS, 302),
    "set_language": does(ALL),
    "set_theme": does(ALL),
    "environment_list": reads(USERS),
    "environment_new": form(OPERATORS),
    # To what one may open first.
    "environment_home": reads(VISITORS, 302),
    "environment_settings": reads(AUDITORS),
    "settings_edit": form(FOUNDERS),
    "settings_source": form(FOUNDERS),
    "source_check": does(FOUNDERS, 422),
    "settings_catalog": form(FOUNDERS),
    "settings_suspend": form(FOUNDERS),
    "dataset_resume": does(FOUNDERS, 409),
    "settings_schedule": form(AUDITORS),
    # There is no schedule.
    "schedule_postpone": does(AUDITORS, 422),
    "schedule_as_planned": does(AUDITORS, 409),
    "schedule_pause": does(AUDITORS, 409),
    "schedule_resume": does(AUDITORS, 409),
    "environment_state": reads(MEMBERS),
    "installation_state": reads(OPERATORS),
    "figures": reads(LOOKERS),
    "refresh_list": reads(LOOKERS),
    "refreshes_progress": reads(LOOKERS),
    "refreshes_now": does(AUDITORS),
    # None waits.
    "refreshes_cancel": does(AUDITORS, 409),
    "refresh_detail": reads(SEES_REFRESH),
    "refresh_progress": reads(SEES_REFRESH),
    "refresh_log": reads(SEES_REFRESH),
    # The brake did not stop it.
    "refresh_release": does(RELEASES_REFRESH, 409),
    "refresh_of_mail": reads(SEES_REFRESH, 302),
    "mail_list": reads(MEMBERS),
    "mail_detail": reads(SEES_DELIVERY),
    "mail_html": reads(SEES_DELIVERY),
    "attention_list": reads(USERS),
    "attention_read": does(USERS),
    "rights": reads(AUDITORS),
    # Nobody proposed it.
    "rights_grant": does(GRANTERS, 409),
    "user_list": reads(OPERATORS),
    "user_new": form(OPERATORS),
    "user_detail": reads(OPERATORS),
    "user_edit": form(OPERATORS, empty=302),
    "user_password": form(OPERATORS, empty=200),
    "user_second_factor": form(OPERATORS, empty=302),
    "user_sessions": form(OPERATORS, empty=302),
    # There is no link.
    "user_unlink": form(OPERATORS, empty=409),
    "role_new": form(OPERATORS),
    "role_edit": form(OPERATORS),
    "medical": does(OPERATORS),
    "account_list": reads(MEMBERS),
    "account_new": form(KEEPERS),
    "account_detail": reads(SEES),
    "account_edit": form(KEEPS),
    "recipient_new": form(KEEPS),
    "recipient_edit": form(KEEPS),
    "key_new": form(KEEPS),
    "key_make": form(KEEPS),
    "key_remove": form(KEEPS, empty=302),
    # The account is hosted: there is no server.
    "server_test": does(KEEPS, 409),
    "server_pin": does(KEEPS, 409),
    "folder": reads(KEEPS),
    "folder_configuration": reads(KEEPS),
    "folder_delivery": reads(KEEPS),
    "folder_file": reads(KEEPS),
    "folder_download": reads(KEEPS),
    "folder_zip": reads(KEEPS),
    "configuration_new": form(KEEPS),
    "configuration_detail": reads(SEES),
    "configuration_edit": form(KEEPS),
    "configuration_copy": form(KEEPS),
    "configuration_archive": does(KEEPS),
    # It is not archived.
    "configuration_restore": does(KEEPS, 409),
    "configuration_run": form(KEEPS),
    "run_progress": reads(SEES),
    "run_preview": does(KEEPS, 422),
    "run_cancel": does(KEEPS),
    "delivery_list": reads(MEMBERS),
    "delivery_detail": reads(SEES_DELIVERY),
    "delivery_progress": reads(SEES_DELIVERY),
    "delivery_log": reads(SEES_DELIVERY),
    "delivery_release": does(KEEPS_DELIVERY),
    "delivery_refuse": does(KEEPS_DELIVERY),
    "delivery_cancel": does(KEEPS_DELIVERY),
    # It is held.
    "delivery_retry": does(KEEPS_DELIVERY, 409),
    "delivery_of_mail": reads(SEES_DELIVERY, 302),
    "catalogue": reads(MEMBERS, 302),
    "catalogue_version": reads(MEMBERS),
    "catalogue_changes": reads(MEMBERS),
    "catalogue_stream": reads(MEMBERS),
    "catalogue_file": reads(MEMBERS),
    "audit_list": reads(AUDITORS),
    "audit_export": reads(AUDITORS),
    "trail_list": reads(OPERATORS),
    "trail_export": reads(OPERATORS),
    # Of one's own log-in. Who is logged in goes on from the first ones; nobody here has recovery codes, and everybody
    # logged in a moment ago.
    "account_login": View(ALL, 302, 302),
    "account_logout": form(USERS, empty=302),
    "account_reauthenticate": form(USERS, empty=200),
    "account_change_password": form(USERS, empty=200),
    "mfa_index": View(USERS, 200, 405),
    "mfa_authenticate": View(ALL, 302, 302),
    "mfa_reauthenticate": form(USERS, empty=200),
    "mfa_activate_totp": View(USERS, 302, 302),
    "mfa_deactivate_totp": View(USERS, 302, 302),
    "mfa_view_recovery_codes": View(USERS, 404, 405),
    "mfa_generate_recovery_codes": View(USERS, 302, 302),
    "mfa_download_recovery_codes": View(USERS, 404, 404),
    "mfa_list_webauthn": reads(USERS, 302),
    "mfa_add_webauthn": View(USERS, 302, 302),
    "mfa_reauthenticate_webauthn": View(USERS, 302, 302),
    "mfa_login_webauthn": View(ALL, 302, 302),
    "mfa_edit_webauthn": View(USERS, 302, 302),
    "mfa_remove_webauthn": View(USERS, 302, 302),
    "account_set_password": reads(USERS, 302),
    # No provider is configured.
    "openid_connect_login": reads(ALL, 404),
    "openid_connect_callback": reads(ALL, 404),
    "socialaccount_login_cancelled": reads(ALL, 302),
}
"""Name of an address → who may, and what it answers."""


def addresses(resolver: URLResolver | None = None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and arguments of every address there is."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            assert one.name, f"{one.pattern}: give it a name"
            yield one.name, tuple(one.pattern.converters)
        else:
            for name, arguments in addresses(one):
                yield name, (*one.pattern.converters, *arguments)


ADDRESSES = list(addresses())


@dataclass(frozen=True)
class Side:
    """The things that addresses are about: of an account without, or with the medical mark."""

    medical: bool
    arguments: dict[str, Any]

    def path(self, name: str, arguments: tuple[str, ...]) -> str:
        given = dict(self.arguments)
        if name.startswith("folder"):
            given |= {"configuration": "Productie", "delivery": FOLDER, "file": "Dim_Werkgever.csv"}
        missing = sorted(set(arguments) - set(given))
        assert not missing, f"{name}: give {missing} a value in side() of {__file__}"
        return reverse(name, kwargs={one: given[one] for one in arguments})


FOLDER = "000001_20261123T020000Z_full"


def side(account: ConnectionAccount) -> Side:
    configuration = Configuration.objects.create(
        account=account, name="Productie", version="2", pseudonymous=True, streams=["basis"]
    )
    delivered(configuration, folder=FOLDER)
    held = delivered(configuration, DeliveryState.HELD, sequence=None)
    folder = places.hosted(account).place("Productie", FOLDER)
    folder.mkdir(parents=True)
    (folder / "Dim_Werkgever.csv").write_text("PrimaryKey\n1\n", "utf-8")
    # Not made by us: to protect it with a passphrase takes a third of a second.
    key = add_key(CLI, account, "sleutel", make_pair(protected=False).public.line)
    recipient = add_recipient(CLI, account, "beheer@example.org", report="warnings")
    member = person(f"lid van {account.name}")
    role = join(member, account.environment, Role.READER)
    assert member.user
    return Side(
        account.medical,
        {
            "environment": account.environment.pk,
            "account": account.pk,
            "configuration": configuration.pk,
            "delivery": held.pk,
            "key": key.pk,
            "recipient": recipient.pk,
            "refresh": refreshed(account.environment).pk,
            "mail": mail(account).pk,
            "user": member.user.pk,
            "member": role.pk,
            "step": "ask",
            "pk": 1,
            "provider_id": "oidc",
            "kind": "external",
            "version": "2",
            "stream": "basis",
            "file": "Dim_Werkgever",
            "dataset": "werkgever",
        },
    )


def client(persona: str, people: People, environment: Environment) -> Client:
    """The persona at the door; ``off`` finds the module switched off."""
    if persona == "nobody":
        return Client(headers={"accept-language": "nl"})
    if persona == "off":
        environment.datastreams_enabled = False
        environment.save()
        return client_of(people.sam)
    if persona == "rosa":
        rosa = person("rosa")
        join(rosa, environment, Role.READER, medical=True)
        return client_of(rosa)
    return client_of(getattr(people, persona))


def test_every_address_has_a_line() -> None:
    missing = sorted({name for name, _ in ADDRESSES} - set(VIEWS))
    assert not missing, f"say in VIEWS of {__file__} who may, as `{missing[0]!r}: form(KEEPS),`; of: {missing}"
    gone = sorted(set(VIEWS) - {name for name, _ in ADDRESSES})
    assert not gone, f"no address has these names any more: {gone}"


POSTING = ("nobody", "rita", "xander")
"""Who tries to post where a page only reads, too: the least of those who see it, and who does not."""


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_view(
    persona: str,
    people: People,
    environment: Environment,
    account: ConnectionAccount,
    medical_account: ConnectionAccount,
) -> None:
    # What has no mark is for her as for a reader without the medical right.
    medical_only = persona == "rosa"
    sides = [side(one) for one in ([medical_account] if medical_only else [account, medical_account])]
    visitor = client(persona, people, environment)
    wrong = [
        f"{persona} {method} {name}{' (medical)' if one.medical else ''}: {found}, not {wanted}"
        for name, arguments in ADDRESSES
        for one in (sides if VIEWS[name].may.plain != VIEWS[name].may.medical else sides[:1])
        for method in ("get", "post")
        if method == "get" or VIEWS[name].post is not None or persona in POSTING
        if (found := _status(visitor, method, one.path(name, arguments)))
        != (wanted := expected(VIEWS[name], method, persona, medical=one.medical))
    ]
    assert not wrong, "\n".join(wrong)


def expected(view: View, method: str, persona: str, *, medical: bool) -> int:
    refused = view.may.medical if medical else view.may.plain
    status = view.get if method == "get" or view.post is None else view.post
    if persona == "nobody":
        # The log-in page itself is for who is not logged in.
        return LOGIN if refused else 200 if view is VIEWS["account_login"] else status
    # Which method an address takes is said before who may.
    if status == 405 or persona not in refused:
        return status
    return refused[persona]


def _status(visitor: Client, method: str, path: str) -> int:
    """The answer to one request, of which nothing stays."""
    cookies = SimpleCookie({name: morsel.value for name, morsel in visitor.cookies.items()})
    with transaction.atomic():
        answer = getattr(visitor, method)(path, *([{"nothing": "1"}] if method == "post" else []))
        if answer.streaming:
            answer.getvalue()
        transaction.set_rollback(True)
    visitor.cookies = cookies
    return int(answer.status_code)
