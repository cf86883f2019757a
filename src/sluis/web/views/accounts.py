"""Connection accounts: list, detail, form, recipients."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sluis.control import overview, queries
from sluis.control.actions.accounts import add_account, edit_account
from sluis.control.actions.recipients import add_recipient, edit_recipient, remove_recipient
from sluis.control.connecting import connection
from sluis.control.models import AccountType, ConnectionAccount, Environment
from sluis.control.overview import AccountState
from sluis.control.paging import place
from sluis.control.permissions import allowed, has_medical_rights, require
from sluis.web.forms.accounts import FORMS, RecipientForm
from sluis.web.forms.base import REPORTS
from sluis.web.screens import Request, in_environment, on_account, refusals_in, show

STATES = {
    AccountState.NEEDS_KEY: ("orange", gettext_lazy("Needs a key"), "key"),
    AccountState.NEEDS_HOST_KEY: ("orange", gettext_lazy("Host key not pinned"), "shield-lock"),
    AccountState.NEEDS_CONFIGURATION: ("azure", gettext_lazy("No configuration yet"), "settings"),
    AccountState.NOTHING_YET: ("azure", gettext_lazy("Nothing delivered yet"), "clock"),
    AccountState.BUSY: ("blue", gettext_lazy("Delivery running"), "refresh"),
    AccountState.HELD: ("orange", gettext_lazy("Delivery held"), "player-pause"),
    AccountState.FAILED: ("red", gettext_lazy("Last delivery failed"), "alert-triangle"),
    AccountState.WELL: ("green", gettext_lazy("In order"), "circle-check"),
}
"""Colour, words and sign of a state."""
TYPES = {AccountType.HOSTED: gettext_lazy("Hosted SFTP"), AccountType.EXTERNAL: gettext_lazy("External SFTP")}


@in_environment
def account_list(request: Request, environment: Environment) -> HttpResponse:
    """The accounts of an environment; ``q``, ``type`` and ``state`` filter."""
    every = overview.accounts(request.actor, environment)
    wanted = {name: request.GET.get(name, "") for name in ("q", "type", "state")}
    found = [row for row in every if _wanted(row, wanted)]
    number = request.GET.get("page", "1")
    page = place(len(found), int(number) if number.isdecimal() else 1)
    return show(
        request,
        "web/accounts/list.html",
        {
            "rows": [_shown(row) for row in found[page.rows]],
            "found": len(found),
            "page": page,
            "before": page.number - 1,
            "after": page.number + 1,
            "total": len(every),
            "unseen": queries.unseen_accounts(request.actor, environment),
            "filter": wanted,
            "types": list(TYPES.items()),
            "states": [(value.value, label) for value, (_colour, label, _sign) in STATES.items()],
            "may_add": allowed(request.actor, "account.add", environment),
        },
    )


def _shown(row: overview.AccountRow) -> dict[str, Any]:
    many = row.configurations
    return {
        "row": row,
        "state": STATES[row.state],
        "type": TYPES[AccountType(row.account.type)],
        "configurations": ngettext("%(n)s configuration", "%(n)s configurations", many) % {"n": many},
    }


def _wanted(row: overview.AccountRow, wanted: dict[str, str]) -> bool:
    return (
        wanted["q"].strip().lower() in f"{row.account.name} {row.account.login or ''}".lower()
        and wanted["type"] in {"", row.account.type}
        and wanted["state"] in {"", row.state}
    )


@in_environment
def account_new(request: Request, environment: Environment, kind: str = AccountType.HOSTED) -> HttpResponse:
    """The form for a new account of a type; a hosted one leads to its keys first, an external one to its test."""
    if kind not in FORMS:
        raise Http404
    require(request.actor, "account.add", environment)
    form = FORMS[kind](request.POST or None, medical_rights=has_medical_rights(request.actor, environment))
    given = _given_recipients(request)
    if form.is_valid():
        with refusals_in(form), transaction.atomic():
            account = add_account(request.actor, environment, account_type=kind, **form.values())
            for address, report in given:
                add_recipient(request.actor, account, address, report=report)
            return _begun(request, account)
    context = {"form": form, "kind": kind, "types": TYPES.items(), "recipients": given or [("", "warnings")]}
    help_text = RecipientForm.base_fields["report"].help_text
    return show(request, "web/accounts/new.html", {**context, "reports": REPORTS, "report_help": help_text})


def _given_recipients(request: Request) -> list[tuple[str, str]]:
    pairs = zip(request.POST.getlist("recipient"), request.POST.getlist("report"), strict=False)
    return [(address.strip(), report) for address, report in pairs if address.strip()]


def _begun(request: Request, account: ConnectionAccount) -> HttpResponse:
    messages.success(request, _("Account %(name)s is made.") % {"name": account.name})
    step = "key_new" if account.type == AccountType.HOSTED else "account_detail"
    return redirect(step, environment=account.environment.pk, account=account.pk)


@on_account
def account_detail(request: Request, account: ConnectionAccount) -> HttpResponse:
    """An account with its keys or server, its recipients and its configurations."""
    return show(request, "web/accounts/detail.html", detail(request, account))


def detail(request: Request, account: ConnectionAccount) -> dict[str, Any]:
    """What the page of an account shows."""
    actor = request.actor
    hosted = account.type == AccountType.HOSTED
    today = account.environment.today()
    keys = queries.keys(actor, account) if hosted else []
    configurations = queries.configurations_of(actor, account)
    return {
        "account": account,
        "type": TYPES[AccountType(account.type)],
        "state": STATES[overview.account(actor, account).state],
        "keys": [{"key": key, "ended": key.valid_until is not None and key.valid_until < today} for key in keys],
        "connection": connection(actor, account) if hosted else None,
        "configurations": [one for one in configurations if one.archived_at is None],
        "archived": [one for one in configurations if one.archived_at is not None],
        "may_configure": allowed(actor, "configuration.add", account),
        "recipients": [(one, dict(REPORTS)[one.report]) for one in queries.recipients(actor, account)],
        "may_open": allowed(actor, "delivery.open", account),
        "may_edit": allowed(actor, "account.edit", account),
        "may_test": allowed(actor, "account.test", account),
        "may_keys": allowed(actor, "account.keys", account),
    }


@on_account
def account_edit(request: Request, account: ConnectionAccount) -> HttpResponse:
    """The form of an account that exists; its type is fixed."""
    require(request.actor, "account.edit", account)
    kind = FORMS[account.type]
    form = kind(
        request.POST or None,
        initial=kind.initial_of(account),
        medical_rights=has_medical_rights(request.actor, account.environment),
    )
    if form.is_valid():
        with refusals_in(form):
            edit_account(request.actor, account, **form.values())
            messages.success(request, _("The changes are saved."))
            return redirect("account_detail", environment=account.environment.pk, account=account.pk)
    return show(
        request, "web/accounts/edit.html", {"form": form, "account": account, "type": TYPES[AccountType(account.type)]}
    )


@on_account
def recipient_new(request: Request, account: ConnectionAccount) -> HttpResponse:
    """Another recipient of the log reports."""
    require(request.actor, "account.edit", account)
    form = RecipientForm(request.POST or None)
    if form.is_valid():
        with refusals_in(form):
            add_recipient(request.actor, account, form.cleaned_data["address"], report=form.cleaned_data["report"])
            messages.success(request, _("The recipient is added."))
            return redirect("account_detail", environment=account.environment.pk, account=account.pk)
    return show(request, "web/accounts/recipient.html", {"form": form, "account": account})


@on_account
def recipient_edit(request: Request, account: ConnectionAccount, recipient: int) -> HttpResponse:
    """Other levels for a recipient; or, with ``remove``, no more log reports."""
    require(request.actor, "account.edit", account)
    row = next((one for one in queries.recipients(request.actor, account) if one.pk == recipient), None)
    if row is None:
        raise Http404
    form = RecipientForm(request.POST or None, initial={"address": row.address, "report": row.report})
    form.fields["address"].disabled = True
    if "remove" in request.POST:
        remove_recipient(request.actor, row)
        messages.success(request, _("The recipient is removed."))
        return redirect("account_detail", environment=account.environment.pk, account=account.pk)
    if form.is_valid():
        with refusals_in(form):
            edit_recipient(request.actor, row, report=form.cleaned_data["report"])
            messages.success(request, _("The changes are saved."))
            return redirect("account_detail", environment=account.environment.pk, account=account.pk)
    return show(request, "web/accounts/recipient.html", {"form": form, "account": account, "recipient": row})


urlpatterns = [
    path("", account_list, name="account_list"),
    path("new/", account_new, name="account_new"),
    path("new/<slug:kind>/", account_new, name="account_new"),
    path("<int:account>/", account_detail, name="account_detail"),
    path("<int:account>/edit/", account_edit, name="account_edit"),
    path("<int:account>/recipients/new/", recipient_new, name="recipient_new"),
    path("<int:account>/recipients/<int:recipient>/", recipient_edit, name="recipient_edit"),
]
