"""Environments."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from sluis.control import queries
from sluis.control.permissions import allowed
from sluis.web.screens import Request, show


def environment_list(request: Request) -> HttpResponse:
    """The environments that one may see; an operator sees them all, and not what is inside."""
    rows = [
        {"environment": one, "inside": allowed(request.actor, "account.list", one)}
        for one in queries.environments(request.actor)
    ]
    return show(
        request, "web/environments/list.html", {"rows": rows, "may_audit": allowed(request.actor, "audit.view", None)}
    )


urlpatterns = [path("", environment_list, name="environment_list")]
