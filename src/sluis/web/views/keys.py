"""Keys of hosted accounts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from sluis.control import queries
from sluis.control.actions.keys import add_key, make_key, remove_key
from sluis.control.connecting import connection
from sluis.control.models import ConnectionAccount
from sluis.control.permissions import require
from sluis.web.forms.accounts import KeyForm, NewPairForm
from sluis.web.screens import Request, on_account, refusals_in, show


@on_account
def key_new(request: Request, account: ConnectionAccount) -> HttpResponse:
    """Add a public key of the receiver."""
    require(request.actor, "account.keys", account)
    form = KeyForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        with refusals_in(form):
            add_key(request.actor, account, given["key_name"], given["public_key"], valid_until=given["valid_until"])
            messages.success(request, _("The key is added: the receiver can log in."))
            return redirect("account_detail", environment=account.environment.pk, account=account.pk)
    return show(request, "web/accounts/key_new.html", {"form": form, "account": account})


@on_account
def key_make(request: Request, account: ConnectionAccount) -> HttpResponse:
    """Make a pair. The private key is in this one answer, and nowhere else."""
    require(request.actor, "account.keys", account)
    form = NewPairForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        with refusals_in(form):
            key, pair = make_key(
                request.actor, account, given["key_name"], kind=given["kind"], valid_until=given["valid_until"]
            )
            details = {
                "account": key.account,
                "key": key,
                "pair": pair,
                "connection": connection(request.actor, key.account),
            }
            return show(request, "web/accounts/key_made.html", details)
    return show(request, "web/accounts/key_make.html", {"form": form, "account": account})


@on_account
def key_remove(request: Request, account: ConnectionAccount, key: int) -> HttpResponse:
    """Ask, and then take a key away."""
    require(request.actor, "account.keys", account)
    row = next((one for one in queries.keys(request.actor, account) if one.pk == key), None)
    if row is None:
        raise Http404
    if request.method == "POST":
        remove_key(request.actor, account, row.name)
        messages.success(request, _("The key is removed: it can no longer log in."))
        return redirect("account_detail", environment=account.environment.pk, account=account.pk)
    return show(request, "web/accounts/key_remove.html", {"account": account, "key": row})


urlpatterns = [
    path("new/", key_new, name="key_new"),
    path("make/", key_make, name="key_make"),
    path("<int:key>/remove/", key_remove, name="key_remove"),
]
