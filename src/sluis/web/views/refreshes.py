"""Refreshes: list, detail, log, and letting go what the brake stopped."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.control import refreshing
from sluis.control.actions.asking import ask_refresh_release
from sluis.control.actions.schedules import cancel_waiting, refresh_now
from sluis.control.models import Environment, Refresh, RefreshState
from sluis.control.permissions import allowed
from sluis.web import delivering
from sluis.web.refreshing import STATES, log_lines, shown
from sluis.web.screens import Request, day, in_environment, show


def on_refresh(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Resolve ``environment`` and ``refresh`` of the address; a refresh of another environment is 404."""

    @functools.wraps(view)
    @in_environment
    def resolved(request: Request, environment: Environment, refresh: int, **rest: Any) -> HttpResponse:
        found = refreshing.refresh_by_id(request.actor, refresh)
        if found.environment.pk != environment.pk:
            raise Http404
        return view(request, found, **rest)

    return resolved


@in_environment
def refresh_list(request: Request, environment: Environment) -> HttpResponse:
    """The newest first; ``state``, ``first``, ``last`` and ``page`` of the address filter."""
    given = {name: request.GET.get(name, "") for name in ("state", "first", "last")}
    wanted = refreshing.Wanted(
        states=(given["state"],) if given["state"] in RefreshState.values else (),
        first=day(given["first"]),
        last=day(given["last"]),
    )
    number = request.GET.get("page", "1")
    found = refreshing.page(request.actor, environment, wanted, int(number) if number.isdecimal() else 1)
    return show(
        request,
        "web/refreshes/list.html",
        {
            **_under_way(request, environment),
            "page": found,
            "newer": found.number - 1,
            "older": found.number + 1,
            "rows": [shown(row, environment) for row in found.rows],
            "filter": given,
            "filtered": any(given.values()),
            "states": [(value, label) for value, (_colour, label, _sign) in STATES.items()],
        },
    )


def _under_way(request: Request, environment: Environment) -> dict[str, Any]:
    found = refreshing.under_way(request.actor, environment)
    return {
        "steps": delivering.steps(found),
        "waits": any(one.state == "waiting" for one in found),
        "may_refresh": environment.datastreams_enabled and allowed(request.actor, "environment.refresh", environment),
    }


@in_environment
def refreshes_progress(request: Request, environment: Environment) -> HttpResponse:
    """What is under way, as a part of the page; when nothing is any more, the page is to be loaded anew."""
    context = _under_way(request, environment)
    response = show(request, "web/refreshes/_under_way.html", context)
    if not context["steps"]:
        response.headers["HX-Refresh"] = "true"
    return response


@on_refresh
def refresh_detail(request: Request, refresh: Refresh) -> HttpResponse:
    """A refresh with its datasets and log; ``level`` of the address, as often as wanted, filters the log."""
    levels = [int(one) for one in request.GET.getlist("level") if one.isdecimal() and int(one) in delivering.LEVELS]
    actor, environment = request.actor, refresh.environment
    found = refreshing.detail(actor, refresh, levels)
    may_release = allowed(actor, "environment.release", environment) and allowed(
        actor, "environment.refresh", environment
    )
    return show(
        request,
        "web/refreshes/detail.html",
        {
            **shown(found.row, environment),
            "lines": log_lines(found.lines, environment),
            "levels": [(level, badge[1], level in levels) for level, badge in delivering.LEVELS.items()],
            "may_test": allowed(actor, "environment.edit", environment),
            "may_suspend": allowed(actor, "environment.suspend", environment),
            "running": refresh.state == RefreshState.RUNNING,
            "steps": _own_steps(request, refresh),
            "may_release": bool(refresh.gone) and found.newest and environment.datastreams_enabled and may_release,
        },
    )


def _own_steps(request: Request, refresh: Refresh) -> list[delivering.Step]:
    if refresh.state != RefreshState.RUNNING:
        return []
    found = refreshing.under_way(request.actor, refresh.environment)
    return delivering.steps(one for one in found if one.state == RefreshState.RUNNING)


@on_refresh
def refresh_progress(request: Request, refresh: Refresh) -> HttpResponse:
    """How far it is, as a part of the page; when it has ended, the page is to be loaded anew."""
    steps = _own_steps(request, refresh)
    response = show(request, "web/refreshes/_progress.html", {"refresh": refresh, "steps": steps})
    if refresh.state != RefreshState.RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


@on_refresh
def refresh_log(request: Request, refresh: Refresh) -> HttpResponse:
    """The log as a text to keep."""
    found = refreshing.detail(request.actor, refresh)
    lines = log_lines(found.lines, refresh.environment)
    text = "".join(f"{one['line'].moment.isoformat()}\t{one['level'][1]}\t{one['text']}\n" for one in lines)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="refresh-{refresh.pk}.txt"'
    return response


@require_POST
@on_refresh
def refresh_release(request: Request, refresh: Refresh) -> HttpResponse:
    """Refresh once more, and let go what the brake stopped this one for."""
    ask_refresh_release(request.actor, refresh)
    messages.success(request, _("A worker refreshes once more in a moment, and lets these rows go."))
    return redirect("refresh_list", environment=refresh.environment.pk)


@require_POST
@in_environment
def refreshes_now(request: Request, environment: Environment) -> HttpResponse:
    """Refresh, and deliver what is automatic, before what runs by itself."""
    refresh_now(request.actor, environment)
    messages.success(request, _("A worker refreshes in a moment, and then delivers what is automatic."))
    return redirect("refresh_list", environment=environment.pk)


@require_POST
@in_environment
def refreshes_cancel(request: Request, environment: Environment) -> HttpResponse:
    """Take back what waits for a worker."""
    cancel_waiting(request.actor, environment)
    messages.success(request, _("What waited is taken back. The next planned moment stays."))
    return redirect("refresh_list", environment=environment.pk)


def refresh_of_mail(request: Request, refresh: int) -> HttpResponse:
    """From the link in a mail to the page."""
    found = refreshing.refresh_by_id(request.actor, refresh)
    return redirect("refresh_detail", environment=found.environment.pk, refresh=found.pk)


urlpatterns = [
    path("", refresh_list, name="refresh_list"),
    path("progress/", refreshes_progress, name="refreshes_progress"),
    path("now/", refreshes_now, name="refreshes_now"),
    path("cancel/", refreshes_cancel, name="refreshes_cancel"),
    path("<int:refresh>/", refresh_detail, name="refresh_detail"),
    path("<int:refresh>/progress/", refresh_progress, name="refresh_progress"),
    path("<int:refresh>/log/", refresh_log, name="refresh_log"),
    path("<int:refresh>/release/", refresh_release, name="refresh_release"),
]
