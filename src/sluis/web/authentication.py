"""How people log in: what Sluis asks of allauth, and the audit rows of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as mfa_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount import signals as social_signals
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import signals as auth_signals
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sluis.control import crypto
from sluis.control.actions.users import record_failed_log_in, record_log_in
from sluis.control.models import User
from sluis.control.permissions import needs_second_factor
from sluis.web import oidc_settings
from sluis.web.providers import is_second_factor_of_provider

_EVENTS = {
    auth_signals.user_logged_in: "log_in",
    auth_signals.user_logged_out: "log_out",
    account_signals.password_changed: "change_password",
    mfa_signals.authenticator_added: "add_second_factor",
    mfa_signals.authenticator_removed: "remove_second_factor",
    mfa_signals.authenticator_reset: "renew_recovery_codes",
    social_signals.social_account_added: "link_provider",
}
_WAYS = {"socialaccount": "oidc"}
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor. Recovery codes stand in for one of these."""


def lacks_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this user must set up a second factor before anything else."""
    if not needs_second_factor(user) or is_mfa_enabled(user, FACTORS):
        return False
    return not is_second_factor_of_provider(request, user)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Asked at every request too: who may no longer log in has no session either."""

    def authenticate(self, request: HttpRequest, **credentials: object) -> User | None:
        """As if the password were wrong: whether there is such a user is nobody's business."""
        user: User | None = super().authenticate(request, **credentials)
        # Whose password is right but who may not log in, allauth keeps aside, and then goes on with.
        self.unstash_authenticated_user()
        return user

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        return isinstance(user, User) and user.is_current


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # as above
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Users are made by an operator."""
        del request
        return False

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": "sluis.web.providers.SecondFactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        """Who has nothing else logs in with the provider once more."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        name = oidc_settings.name()
        if methods or not name:
            return methods
        again = reverse("openid_connect_login", kwargs={"provider_id": oidc_settings.provider_id()})
        return [{"id": "provider", "description": name, "url": again}]

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Not of who logged in a moment ago: a new user sets up a second factor right after the password."""
        del app
        request = context.request
        records = get_authentication_records(request, request.user)
        return not records or time.time() - records[-1]["at"] > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **named: Any) -> HttpResponse | None:
        """Who comes by another way than a password is refused as well where he may no longer log in."""
        if isinstance(user, User) and not user.is_current:
            messages.error(request, _("You can no longer log in. Ask the operator of this installation."))
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **named)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        del request
        return reverse("home")


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Who needs a second factor may be without this one while there is another."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not needs_second_factor(authenticator.user)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey") if number == 1 else f"{_('Passkey')} {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Sluis"}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """By the name that people log in with, which the device shows; allauth would take the mail address."""
        name = user.get_username()
        return {**super().get_public_key_credential_user_entity(user), "display_name": name, "name": name}


def listen() -> None:
    """Write an audit row for what people do about their log-in."""
    for signal, event in _EVENTS.items():
        signal.connect(_receiver(event), weak=False, dispatch_uid=f"sluis {event}")
    auth_signals.user_login_failed.connect(_password_failed, dispatch_uid="sluis password failed")
    mfa_signals.authentication_failed.connect(_second_factor_failed, dispatch_uid="sluis second factor failed")


def _password_failed(*, credentials: Mapping[str, Any], **_: object) -> None:
    record_failed_log_in(str(credentials.get("username") or ""), "password")


def _second_factor_failed(*, user: User, authenticator: Authenticator, **_: object) -> None:
    record_failed_log_in(user.get_username(), str(authenticator.type))


def _receiver(event: str) -> Any:
    def receive(*, user: object = None, sociallogin: Any = None, **more: Any) -> None:
        who = user or getattr(sociallogin, "user", None)
        if isinstance(who, User):
            record_log_in(who, event, _details(who, event, **more))

    return receive


def _details(
    user: User,
    event: str,
    *,
    request: HttpRequest | None = None,
    authenticator: Authenticator | None = None,
    **_: object,
) -> dict[str, Any]:
    """By which ways somebody logged in; which kind of second factor came or went."""
    if authenticator is not None:
        return {"kind": str(authenticator.type)}
    if event != "log_in" or request is None:
        return {}
    ways = [one.get("type") or one["method"] for one in get_authentication_records(request, user)]
    return {"by": [_WAYS.get(way, way) for way in ways]}
