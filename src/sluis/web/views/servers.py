"""Servers of external accounts: the test, and the pin."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.control.actions.accounts import edit_account
from sluis.control.actions.servers import ServerSettings, check_connection
from sluis.control.models import ConnectionAccount
from sluis.web.screens import Request, on_account, show


@require_POST
@on_account
def server_test(request: Request, account: ConnectionAccount) -> HttpResponse:
    """Try the connection, and show each step. Without htmx it is a page of its own."""
    checked = check_connection(request.actor, account)
    part = request.headers.get("HX-Request") == "true"
    template = "web/accounts/_tested.html" if part else "web/accounts/tested.html"
    return show(request, template, {"account": account, "checked": checked})


@require_POST
@on_account
def server_pin(request: Request, account: ConnectionAccount) -> HttpResponse:
    """Pin the host key that a test showed: that one, whatever the server shows by now."""
    edit_account(request.actor, account, server=ServerSettings(host_keys=(request.POST.get("host_key", ""),)))
    messages.success(request, _("The host key is pinned."))
    return redirect("account_detail", environment=account.environment.pk, account=account.pk)


urlpatterns = [
    path("test/", server_test, name="server_test"),
    path("pin/", server_pin, name="server_pin"),
]
