"""How it is going: the installation for its operator, an environment for who answers for its deliveries."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from sluis.control import health
from sluis.control.health import ConfigurationRow, EnvironmentRow
from sluis.control.models import Environment, Refresh, RefreshState
from sluis.control.permissions import allowed
from sluis.web import delivering
from sluis.web.refreshing import STATES
from sluis.web.screens import Request, in_environment, show

SHOWN = 30
"""Configurations on a page: those that somebody must look at are among the first."""


def of_installation(request: Request) -> HttpResponse:
    """Workers, what waits for them, and every environment in numbers."""
    found = health.installation(request.actor)
    rows = [_environment_row(request, one) for one in found.environments]
    return show(request, "web/state/installation.html", {"found": found, "queue": found.queue, "rows": rows})


def _environment_row(request: Request, row: EnvironmentRow) -> dict[str, Any]:
    return {
        "row": row,
        "refresh": _refresh(row.last),
        "inside": allowed(request.actor, "account.list", row.environment),
    }


@in_environment
def of_environment(request: Request, environment: Environment) -> HttpResponse:
    """What runs and waits, what asks attention, and how old everything is."""
    found = health.environment(request.actor, environment, SHOWN)
    return show(
        request,
        "web/state/environment.html",
        {
            "found": found,
            "refresh": _refresh(found.last),
            "steps": delivering.steps(found.under_way),
            "rows": [_configuration_row(one) for one in found.configurations],
            "more": found.total - len(found.configurations),
        },
    )


def _refresh(last: Refresh | None) -> tuple[str, Any, str] | None:
    return STATES[RefreshState(last.state)] if last else None


def _configuration_row(row: ConfigurationRow) -> dict[str, Any]:
    return {"row": row, "state": delivering.STATES[row.state] if row.state else None}
