"""Environments: those that one may see, and a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from sluis import settings
from sluis.control import queries
from sluis.control.actions.environments import add_environment
from sluis.control.models import Environment
from sluis.control.permissions import allowed, require
from sluis.web.forms.environments import NewEnvironmentForm
from sluis.web.screens import Request, in_environment, refusals_in, show


def environment_list(request: Request) -> HttpResponse:
    """The environments that one may see; an operator sees them all, and not what is inside."""
    rows = [
        {
            "environment": one,
            "open": allowed(request.actor, "refresh.view", one),
            "settings": allowed(request.actor, "environment.edit", one),
        }
        for one in queries.environments(request.actor)
    ]
    context = {
        "rows": rows,
        "may_add": allowed(request.actor, "environment.add", None),
    }
    return show(request, "web/environments/list.html", context)


def environment_new(request: Request) -> HttpResponse:
    """The form for a new environment, whose source is tried before it is saved."""
    require(request.actor, "environment.add", None)
    form = NewEnvironmentForm(request.POST or None, initial={"time_zone": settings.current().time_zone})
    if form.is_valid():
        with refusals_in(form):
            made = add_environment(request.actor, form.cleaned_data["name"], reachable=True, **form.values())
            messages.success(request, _("Environment %(name)s is made. Give it a schedule.") % {"name": made.name})
            return redirect("environment_settings", environment=made.pk)
    return show(request, "web/environments/new.html", {"form": form})


@in_environment
def environment_home(request: Request, environment: Environment) -> HttpResponse:
    """To what one may open first inside an environment."""
    for permission, page in (("account.list", "account_list"), ("environment.schedule", "environment_settings")):
        if allowed(request.actor, permission, environment):
            return redirect(page, environment=environment.pk)
    return redirect("environment_list")


urlpatterns = [
    path("", environment_list, name="environment_list"),
    path("new/", environment_new, name="environment_new"),
    path("<int:environment>/", environment_home, name="environment_home"),
]
