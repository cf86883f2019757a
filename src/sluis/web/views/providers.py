"""Log-in by OpenID Connect: allauth's views, and pages for what does not go."""

from __future__ import annotations

from collections.abc import Callable

import requests
from allauth.socialaccount.providers.openid_connect import views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, register_converter
from django.utils.translation import gettext as _

from sluis.errors import Retryable
from sluis.web.providers import ProviderConverter

register_converter(ProviderConverter, "provider")


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the provider."""
    return _told_when_silent(views.login, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider."""
    return _told_when_silent(views.callback, request, provider_id)


def _told_when_silent(
    view: Callable[[HttpRequest, str], HttpResponse], request: HttpRequest, provider_id: str
) -> HttpResponse:
    try:
        return view(request, provider_id)
    except (requests.RequestException, KeyError, ValueError) as error:
        # Its answer may hold anything: the log of the provider says more.
        raise Retryable(
            "the provider of the log-in gives no answer that can be used",
            remedy="try again later; if it stays, tell the operator",
        ) from error


@login_not_required
def cancelled(request: HttpRequest) -> HttpResponse:
    """Somebody chose not to log in after all."""
    messages.info(request, _("You did not log in."))
    return redirect("account_login")


def no_password(request: HttpRequest) -> HttpResponse:
    """For who has none to change."""
    messages.info(request, _("You have no password here: you log in elsewhere, and come back."))
    return redirect("home")


urlpatterns = [
    path("login/<provider:provider_id>/", login, name="openid_connect_login"),
    path("login/<provider:provider_id>/callback/", callback, name="openid_connect_callback"),
    path("login/cancelled/", cancelled, name="socialaccount_login_cancelled"),
    path("password/none/", no_password, name="account_set_password"),
]
