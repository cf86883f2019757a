"""Run a configuration now: what to deliver, what that would be, and how far it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.control import history, queries
from sluis.control.actions.asking import ask_delivery
from sluis.control.actions.decisions import cancel_all
from sluis.control.actions.previews import preview
from sluis.control.models import Configuration, Mode
from sluis.control.permissions import allowed, require
from sluis.web import delivering
from sluis.web.forms.configurations import RunForm
from sluis.web.screens import Request, on_configuration, refusals_in, show


@on_configuration
def configuration_run(request: Request, configuration: Configuration) -> HttpResponse:
    """The three choices; and what is under way, kept up to date."""
    require(request.actor, "configuration.run", configuration)
    form = RunForm(request.POST or None, initial={"since": "last" if configuration.incremental else "all"})
    if form.is_valid():
        with refusals_in(form):
            ask_delivery(request.actor, configuration, since=form.asked)
            messages.success(request, _("A worker begins with it in a moment."))
            return _to(configuration)
    return show(request, "web/configurations/run.html", {**_under_way(request, configuration), "form": form})


@on_configuration
def run_progress(request: Request, configuration: Configuration) -> HttpResponse:
    """What is under way, as a part of the page."""
    return show(request, "web/configurations/_under_way.html", _under_way(request, configuration))


def _under_way(request: Request, configuration: Configuration) -> dict[str, Any]:
    found = queries.under_way(request.actor, configuration.environment, configuration)
    return {
        "configuration": configuration,
        "account": configuration.account,
        "steps": delivering.steps(found),
        "rows": delivering.shown_rows(history.newest(request.actor, configuration, 3)),
        "may_cancel": allowed(request.actor, "delivery.cancel", configuration),
    }


@require_POST
@on_configuration
def run_preview(request: Request, configuration: Configuration) -> HttpResponse:
    """What a run would deliver of the newest snapshot, file by file. Without htmx it is a page of its own."""
    require(request.actor, "configuration.run", configuration)
    form = RunForm(request.POST)
    context: dict[str, Any] = {"configuration": configuration, "account": configuration.account, "form": form}
    if form.is_valid():
        with refusals_in(form):
            found = preview(request.actor, configuration, since=form.asked)
            say = delivering.speaker(configuration.environment)
            context |= {
                "preview": found,
                "mode": delivering.MODES[Mode(found.mode)],
                "since": delivering.since_in_words(form.asked),
                "files": [
                    {"file": one, "mode": delivering.MODES[Mode(one.mode)], "reason": say.reason(one.reason or "")}
                    for one in found.built.written
                    if one.rows or one.mode == "full"
                ],
                "unchanged": sum(not one.rows and one.mode != "full" for one in found.built.written),
            }
    part = request.headers.get("HX-Request") == "true"
    return show(
        request, "web/configurations/_preview.html" if part else "web/configurations/preview.html", context, 200
    )


@require_POST
@on_configuration
def run_cancel(request: Request, configuration: Configuration) -> HttpResponse:
    """End what waits, runs or is held."""
    cancel_all(request.actor, configuration)
    messages.success(request, _("It is cancelled. What runs ends at its next file."))
    return _to(configuration)


def _to(configuration: Configuration) -> HttpResponse:
    account = configuration.account
    return redirect(
        "configuration_run", environment=account.environment.pk, account=account.pk, configuration=configuration.pk
    )


urlpatterns = [
    path("", configuration_run, name="configuration_run"),
    path("progress/", run_progress, name="run_progress"),
    path("preview/", run_preview, name="run_preview"),
    path("cancel/", run_cancel, name="run_cancel"),
]
