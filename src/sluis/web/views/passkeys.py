"""Passkeys: allauth's pages, and that nobody is left without the second factor that he needs."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import views
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _


class Remove(views.RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Ask, and then take a passkey away; the last second factor of who needs one stays."""

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            messages.error(self.request, _("You work with a second factor: set up another before you remove this one."))
            return redirect("mfa_index")
        response: HttpResponse = super().form_valid(form)
        return response


def passkeys(request: HttpRequest) -> HttpResponse:
    """They stand among the other second factors."""
    del request
    return redirect("mfa_index")


urlpatterns = [
    path("", passkeys, name="mfa_list_webauthn"),
    path("new/", views.add_webauthn, name="mfa_add_webauthn"),
    path("again/", views.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("login/", views.login_webauthn, name="mfa_login_webauthn"),
    path("<int:pk>/name/", views.edit_webauthn, name="mfa_edit_webauthn"),
    path("<int:pk>/remove/", Remove.as_view(), name="mfa_remove_webauthn"),
]
