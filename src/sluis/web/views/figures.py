"""Figures of an environment: volume, duration and changes over time, as plots that are tables too."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from sluis.control import figures
from sluis.control.actor import Actor
from sluis.control.models import Environment
from sluis.control.permissions import allowed
from sluis.control.reports.words import Speaker
from sluis.web import delivering
from sluis.web.plotting import Plot, plot, size
from sluis.web.screens import Request, in_environment, show

PERIODS = (30, 90, 365)


@in_environment
def figures_page(request: Request, environment: Environment) -> HttpResponse:
    """Of a period; ``days`` of the address is its length."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else PERIODS[0]
    say = delivering.speaker(environment)
    plots = _of_refreshes(request.actor, environment, days, say)
    if allowed(request.actor, "account.list", environment):
        plots += _of_deliveries(request.actor, environment, days, say)
    context = {
        "plots": [one for one in plots if one.rows],
        "days": days,
        "periods": PERIODS,
        "weekly": days > figures.BY_DAY,
    }
    return show(request, "web/figures/page.html", context)


def _of_refreshes(actor: Actor, environment: Environment, days: int, say: Speaker) -> list[Plot]:
    every = figures.refresh_days(actor, environment, days)
    found = [one for one in every if one.succeeded]
    changes = ((one.day, (one.inserted, one.updated, one.deleted)) for one in found)
    return [
        plot(
            "changes",
            _("Rows changed by refreshes"),
            ("line", "number", say.number),
            (_("New rows"), _("Changed rows"), _("Deleted rows")),
            changes,
        ),
        plot(
            "rows",
            _("Rows in the snapshot"),
            ("line", "number", say.number),
            (_("Rows"),),
            ((one.day, (one.rows,)) for one in found),
        ),
        plot(
            "refresh-duration",
            _("Duration of refreshes"),
            ("bars", "seconds", say.duration),
            (_("Median"),),
            ((one.day, (one.seconds,)) for one in found),
        ),
        plot(
            "refreshes",
            _("Refreshes"),
            ("bars", "number", say.number),
            (_("Succeeded"), _("Failed")),
            ((one.day, (one.succeeded, one.failed)) for one in every),
        ),
    ]


def _of_deliveries(actor: Actor, environment: Environment, days: int, say: Speaker) -> list[Plot]:
    found = figures.delivery_days(actor, environment, days)
    return [
        plot(
            "delivered-rows",
            _("Rows delivered"),
            ("bars", "number", say.number),
            (_("Rows"),),
            ((one.day, (one.rows,)) for one in found),
        ),
        plot(
            "delivered-bytes",
            _("Size of deliveries"),
            ("bars", "bytes", size),
            (_("Size"),),
            ((one.day, (one.bytes,)) for one in found),
        ),
        plot(
            "delivery-duration",
            _("Duration of deliveries"),
            ("bars", "seconds", say.duration),
            (_("Median"),),
            ((one.day, (one.seconds,)) for one in found),
        ),
        plot(
            "deliveries",
            _("Deliveries"),
            ("bars", "number", say.number),
            (_("Delivered"),),
            ((one.day, (one.deliveries,)) for one in found),
        ),
    ]


urlpatterns = [path("", figures_page, name="figures")]
