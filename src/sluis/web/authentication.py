"""How people log in: what Sluis asks of allauth, and the audit rows of it."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as mfa_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import signals as auth_signals
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from sluis.control import crypto
from sluis.control.actions.users import record_log_in
from sluis.control.models import User
from sluis.control.permissions import needs_second_factor

_EVENTS = {
    auth_signals.user_logged_in: "log_in",
    auth_signals.user_logged_out: "log_out",
    account_signals.password_changed: "change_password",
    mfa_signals.authenticator_added: "add_second_factor",
    mfa_signals.authenticator_removed: "remove_second_factor",
    mfa_signals.authenticator_reset: "renew_recovery_codes",
}


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

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Not of who logged in a moment ago: a new user sets up a second factor right after the password."""
        del app
        request = context.request
        records = get_authentication_records(request, request.user)
        return not records or time.time() - records[-1]["at"] > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

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
        """Who needs a second factor replaces it by having it reset, never by being without."""
        return not needs_second_factor(authenticator.user)


def listen() -> None:
    """Write an audit row for what people do about their log-in."""
    for signal, event in _EVENTS.items():
        signal.connect(_receiver(event), weak=False, dispatch_uid=f"sluis {event}")


def _receiver(event: str) -> Any:
    def receive(*, user: object = None, **_: object) -> None:
        if isinstance(user, User):
            record_log_in(user, event)

    return receive
