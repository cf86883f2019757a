"""Deliveries: list, detail, log, and what a person decides."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.control import history, queries
from sluis.control.actions.asking import ask_release, ask_retry
from sluis.control.actions.decisions import cancel, refuse
from sluis.control.models import OPEN_STATES, Delivery, DeliveryState, Environment, Mode, Trigger
from sluis.control.permissions import allowed
from sluis.web import delivering
from sluis.web.screens import Request, day, in_environment, show

RETRIED = (
    DeliveryState.FAILED,
    DeliveryState.CANCELLED,
    DeliveryState.REFUSED,
    DeliveryState.SUPERSEDED,
    DeliveryState.UNKNOWN,
    DeliveryState.PUBLISHING,
)
"""States at which a page offers to try again; whether it goes, the action says."""


def on_delivery(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Resolve ``environment`` and ``delivery`` of the address; a delivery of another environment is 404."""

    @functools.wraps(view)
    @in_environment
    def resolved(request: Request, environment: Environment, delivery: uuid.UUID, **rest: Any) -> HttpResponseBase:
        found = history.delivery_by_id(request.actor, delivery)
        if found.configuration.environment.pk != environment.pk:
            raise Http404
        return view(request, found, **rest)

    return resolved


@in_environment
def delivery_list(request: Request, environment: Environment) -> HttpResponse:
    """The newest first; ``configuration``, ``state``, ``first``, ``last`` and ``page`` of the address filter."""
    names = queries.configuration_names(request.actor, environment)
    given = {name: request.GET.get(name, "") for name in ("configuration", "state", "first", "last")}
    asked = given["configuration"]
    wanted = history.Wanted(
        configuration=int(asked) if asked.isdecimal() and int(asked) in names else None,
        states=(given["state"],) if given["state"] in DeliveryState.values else (),
        first=day(given["first"]),
        last=day(given["last"]),
    )
    number = request.GET.get("page", "1")
    found = history.page(request.actor, environment, wanted, int(number) if number.isdecimal() else 1)
    return show(
        request,
        "web/deliveries/list.html",
        {
            "page": found,
            "newer": found.number - 1,
            "older": found.number + 1,
            "rows": delivering.shown_rows(found.rows),
            "configurations": names.items(),
            "filter": given,
            "filtered": any(given.values()),
            "states": [(value, label) for value, (_colour, label, _sign) in delivering.STATES.items()],
            "steps": delivering.steps(queries.under_way(request.actor, environment)),
        },
    )


@on_delivery
def delivery_detail(request: Request, delivery: Delivery) -> HttpResponse:
    """A delivery with its files and log; ``level`` of the address, as often as wanted, filters the log."""
    levels = [int(one) for one in request.GET.getlist("level") if one.isdecimal() and int(one) in delivering.LEVELS]
    found = history.detail(request.actor, delivery, levels)
    say = delivering.speaker(delivery.configuration.environment)
    actor = request.actor
    return show(
        request,
        "web/deliveries/detail.html",
        {
            "delivery": delivery,
            "configuration": delivery.configuration,
            "account": delivery.configuration.account,
            "detail": found,
            "state": delivering.STATES[delivery.state],
            "mode": delivering.MODES.get(Mode(delivery.mode)) if delivery.mode else "",
            "trigger": delivering.TRIGGERS[Trigger(delivery.trigger)],
            "since": delivering.since_in_words(delivery.since),
            "files": [
                {
                    "row": one,
                    "mode": delivering.MODES[Mode(one.file.mode)],
                    "reason": say.reason(one.file.reason) if one.file.reason else "",
                }
                for one in found.files
            ],
            "lines": delivering.log_lines(found.lines, delivery),
            "levels": [(level, badge[1], level in levels) for level, badge in delivering.LEVELS.items()],
            "open": delivery.state in OPEN_STATES,
            "may_open": bool(delivery.folder) and allowed(actor, "delivery.open", delivery),
            "may_release": delivery.state == DeliveryState.HELD and allowed(actor, "delivery.release", delivery),
            "may_cancel": delivery.state in {DeliveryState.QUEUED, DeliveryState.RUNNING}
            and allowed(actor, "delivery.cancel", delivery),
            "may_retry": delivery.state in RETRIED and allowed(actor, "configuration.run", delivery.configuration),
        },
    )


@on_delivery
def delivery_progress(request: Request, delivery: Delivery) -> HttpResponse:
    """How far it is, as a part of the page; when it has ended, the page is to be loaded anew."""
    configuration = delivery.configuration
    found = queries.under_way(request.actor, configuration.environment, configuration)
    own = [one for one in found if one.delivery is not None and one.delivery.pk == delivery.pk]
    response = show(request, "web/deliveries/_progress.html", {"delivery": delivery, "steps": delivering.steps(own)})
    if delivery.state not in OPEN_STATES or delivery.state == DeliveryState.HELD:
        response.headers["HX-Refresh"] = "true"
    return response


@on_delivery
def delivery_log(request: Request, delivery: Delivery) -> HttpResponse:
    """The log report as a text to keep."""
    found = history.detail(request.actor, delivery)
    lines = delivering.log_lines(found.lines, delivery)
    text = "".join(f"{one['line'].moment.isoformat()}\t{one['level'][1]}\t{one['text']}\n" for one in lines)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"log-{delivery.sequence or delivery.pk}.txt"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@on_delivery
def delivery_release(request: Request, delivery: Delivery) -> HttpResponse:
    """Let go what the brake holds."""
    ask_release(request.actor, delivery)
    messages.success(request, _("The delivery is released. A worker publishes it in a moment."))
    return _to(delivery)


@require_POST
@on_delivery
def delivery_refuse(request: Request, delivery: Delivery) -> HttpResponse:
    """Throw away what the brake holds."""
    refuse(request.actor, delivery)
    messages.success(request, _("The delivery is refused. The receiver keeps what it has."))
    return _to(delivery)


@require_POST
@on_delivery
def delivery_cancel(request: Request, delivery: Delivery) -> HttpResponse:
    """End it before anything is published."""
    cancel(request.actor, delivery)
    messages.success(request, _("The delivery is cancelled. One that runs ends at its next file."))
    return _to(delivery)


@require_POST
@on_delivery
def delivery_retry(request: Request, delivery: Delivery) -> HttpResponse:
    """Do it once more."""
    ask_retry(request.actor, delivery)
    messages.success(request, _("A worker tries it once more."))
    configuration = delivery.configuration
    return redirect(
        "configuration_run",
        environment=configuration.environment.pk,
        account=configuration.account.pk,
        configuration=configuration.pk,
    )


def delivery_of_mail(request: Request, delivery: uuid.UUID) -> HttpResponse:
    """From the link in a mail to the page."""
    return _to(history.delivery_by_id(request.actor, delivery))


def _to(delivery: Delivery) -> HttpResponse:
    return redirect("delivery_detail", environment=delivery.configuration.environment.pk, delivery=delivery.pk)


urlpatterns = [
    path("", delivery_list, name="delivery_list"),
    path("<uuid:delivery>/", delivery_detail, name="delivery_detail"),
    path("<uuid:delivery>/progress/", delivery_progress, name="delivery_progress"),
    path("<uuid:delivery>/log/", delivery_log, name="delivery_log"),
    path("<uuid:delivery>/release/", delivery_release, name="delivery_release"),
    path("<uuid:delivery>/refuse/", delivery_refuse, name="delivery_refuse"),
    path("<uuid:delivery>/cancel/", delivery_cancel, name="delivery_cancel"),
    path("<uuid:delivery>/retry/", delivery_retry, name="delivery_retry"),
]
