"""Log-in by OpenID Connect, where it is set up: what allauth is told, and whose roles follow which groups."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.emailkit import valid_email_or_none
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from sluis import oidc, settings
from sluis.control.actions.providing import follow_groups, no_role, provide_user
from sluis.control.actor import OIDC
from sluis.control.models import User
from sluis.web.oidc_settings import provider_id

_METHOD = "socialaccount"
_NOT_IN_A_NAME = re.compile(r"[^\w.@+-]")
_LONGEST_NAME = 150


class ProviderConverter:
    """In addresses every issuer is ``oidc``, so that the one to register with it is known beforehand."""

    regex = "oidc"

    def to_python(self, value: str) -> str:
        del value
        return provider_id()

    def to_url(self, value: str) -> str:
        del value
        return "oidc"


def came_by_provider(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """Whether this session was begun by the provider."""
    return any(record.get("method") == _METHOD for record in get_authentication_records(request, user))


def is_second_factor_of_provider(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """Whether the second factor is the provider's business, and it did the log-in."""
    return settings.current().oidc_second_factor and came_by_provider(request, user)


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]  # allauth has no types
    """Asks the second factor, unless the provider is trusted to have done so."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if is_second_factor_of_provider(self.request, self.login.user):
            return None, True
        response: tuple[HttpResponse | None, bool] = super().handle()
        return response


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """Who comes from the provider is a user by the number that the provider gave, never by a name or mail address."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        del request
        given, claims = _given(sociallogin), _claims(sociallogin)
        _forget_claims(sociallogin)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        if not sociallogin.is_existing:
            sociallogin.claims, sociallogin.given = claims, given
            return
        user = sociallogin.user
        if user.is_current:
            follow_groups(OIDC, user, given)
            user.refresh_from_db()
            if not user.is_operator and not user.memberships.exists():
                raise no_role()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """For who is in a group; that is seen to when the user is made."""
        del request, sociallogin
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: object = None) -> User:
        del request, form
        claims = sociallogin.claims
        email = valid_email_or_none(claims.get("email")) or ""
        with transaction.atomic():
            # A user without the number that leads to it could be reached by nobody, and its name would be taken.
            user = provide_user(OIDC, _name(claims), sociallogin.given, email=email)
            sociallogin.account.user = sociallogin.user = user
            sociallogin.account.save()
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: object) -> str:
        del request, socialaccount
        return reverse("mfa_index")


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    told = sociallogin.account.extra_data
    return {**(told.get("id_token") or {}), **(told.get("userinfo") or {})}


def _given(sociallogin: SocialLogin) -> oidc.Given:
    now = settings.current()
    told = _claims(sociallogin).get(now.oidc_claim, ())
    groups = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return oidc.given_by(oidc.read(now.oidc_groups or ""), [one for one in groups if isinstance(one, str)])


def _forget_claims(sociallogin: SocialLogin) -> None:
    """Keep the number alone: what else the provider tells about somebody is not needed, and gets old."""
    sociallogin.email_addresses = []
    sociallogin.account.extra_data = {}
    if sociallogin.account.pk:
        sociallogin.account.save(update_fields=["extra_data"])


def _name(claims: dict[str, Any]) -> str:
    """What to call a new user: the name that the provider prefers, or else the mail address, or the number."""
    told = (claims.get(name) for name in ("preferred_username", "email", "sub"))
    return next(_NOT_IN_A_NAME.sub("-", one.strip())[:_LONGEST_NAME] for one in told if isinstance(one, str) and one)
