"""Settings of an environment: its schedule, its source, its catalogue, and what else an operator keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.catalog.loader import load
from sluis.control import queries, refreshing
from sluis.control.actions import schedules, suspensions
from sluis.control.actions.environments import change_catalog, edit_environment
from sluis.control.actions.sources import change_source, check_source
from sluis.control.catalog_change import CatalogChange
from sluis.control.models import Environment
from sluis.control.permissions import allowed, require
from sluis.web import delivering
from sluis.web.forms.base import Form
from sluis.web.forms.environments import (
    DAYS,
    CatalogForm,
    PostponeForm,
    ScheduleForm,
    SettingsForm,
    SourceForm,
    SuspensionForm,
)
from sluis.web.refreshing import shown
from sluis.web.screens import Request, in_environment, refusals_in, show


@in_environment
def environment_settings(request: Request, environment: Environment) -> HttpResponse:
    """Everything that is set, with what this actor may change of it."""
    return _overview(request, environment, PostponeForm())


def _overview(request: Request, environment: Environment, form: Form) -> HttpResponse:
    actor = request.actor
    require(actor, "environment.schedule", environment)
    last = refreshing.newest(actor, environment)
    found = refreshing.under_way(actor, environment)
    schedule = queries.schedule(actor, environment)
    return show(
        request,
        "web/settings/overview.html",
        {
            "form": form,
            "schedule": schedule,
            "day": dict(DAYS).get(schedule.weekday or 0) if schedule else "",
            "last": shown(last, environment) if last else None,
            "steps": delivering.steps(found),
            "waits": any(one.state == "waiting" for one in found),
            "may_refresh": environment.datastreams_enabled and allowed(actor, "environment.refresh", environment),
            "suspensions": queries.suspensions(actor, environment),
            "may_suspend": allowed(actor, "environment.suspend", environment),
            "may_edit": allowed(actor, "environment.edit", environment),
            "may_change_catalog": allowed(actor, "environment.add", None),
        },
    )


@in_environment
def settings_edit(request: Request, environment: Environment) -> HttpResponse:
    """Module, entitlement, time zone, history and brake."""
    require(request.actor, "environment.edit", environment)
    form = SettingsForm(request.POST or None, initial=SettingsForm.initial_of(environment))
    if form.is_valid():
        with refusals_in(form):
            edit_environment(request.actor, environment, **form.cleaned_data)
            messages.success(request, _("The settings are saved."))
            return _to(environment)
    return show(request, "web/settings/edit.html", {"form": form})


@in_environment
def settings_source(request: Request, environment: Environment) -> HttpResponse:
    """Another source, or another password; saved only where it can be read."""
    require(request.actor, "environment.edit", environment)
    form = SourceForm(request.POST or None, initial={"source": environment.source_url})
    if form.is_valid():
        with refusals_in(form):
            change_source(request.actor, environment, **form.values(environment))
            messages.success(request, _("The source answers, and is saved. It is read with the next refresh."))
            return _to(environment)
    return show(request, "web/settings/source.html", {"form": form})


@require_POST
@in_environment
def source_check(request: Request, environment: Environment) -> HttpResponse:
    """Try what the form holds, and save nothing. Without htmx it is a page of its own."""
    require(request.actor, "environment.edit", environment)
    form = SourceForm(request.POST)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        with refusals_in(form):
            plan = check_source(request.actor, environment, **form.values(environment))
            context |= {"plan": plan, "well": len(plan.datasets) - len(plan.failing)}
    part = request.headers.get("HX-Request") == "true"
    return show(request, "web/settings/_checked.html" if part else "web/settings/checked.html", context)


@in_environment
def settings_catalog(request: Request, environment: Environment) -> HttpResponse:
    """Another catalogue: first what it does, and with ``step`` ``save`` it is done."""
    actor = request.actor
    require(actor, "environment.add", None)
    form = CatalogForm(request.POST or None, initial={"catalog": environment.catalog})
    if form.is_valid():
        with refusals_in(form):
            save = request.POST.get("step") == "save"
            change = change_catalog(actor, environment, form.cleaned_data["catalog"], dry_run=not save)
            if save:
                messages.success(request, _("The environment has another catalogue from the next refresh on."))
                return _to(environment)
            return _summary(request, environment, form.cleaned_data["catalog"], change)
    return show(request, "web/settings/catalog.html", {"form": form})


def _summary(request: Request, environment: Environment, catalog: str, change: CatalogChange) -> HttpResponse:
    effects = {
        "query": _("its query is another one: rows that differ come as ordinary changes"),
        "filled": _("it gets columns, which the next refresh fills in"),
        "rebuilt": _("it is made anew, with its history: its files come in full"),
    }
    say = delivering.speaker(environment)
    old, new = load(environment.catalog), load(catalog)
    return show(
        request,
        "web/settings/catalog_summary.html",
        {
            "catalog": catalog,
            "same": old.digest == new.digest,
            "versions": [one for one in new.versions if one not in old.versions],
            "datasets": [{"row": one, "effect": effects[one.effect]} for one in change.datasets],
            "unseen": change.unseen,
            "full": [
                (configuration, [(file, say.reason(reason)) for file, reason in files.items()])
                for configuration, files in change.full.items()
            ],
        },
    )


@in_environment
def settings_suspend(request: Request, environment: Environment) -> HttpResponse:
    """A dataset is set aside. ``dataset`` in the address is chosen already."""
    actor = request.actor
    require(actor, "environment.suspend", environment)
    aside = {one.dataset for one in queries.suspensions(actor, environment)}
    names = [name for name in sorted(load(environment.catalog).datasets) if name not in aside]
    form = SuspensionForm(names, request.POST or None, initial={"dataset": request.GET.get("dataset", "")})
    if form.is_valid():
        with refusals_in(form):
            suspensions.suspend(actor, environment, **form.cleaned_data)
            messages.success(request, _("The dataset is suspended: what comes next goes on without it."))
            return _to(environment)
    return show(request, "web/settings/suspend.html", {"form": form})


@require_POST
@in_environment
def dataset_resume(request: Request, environment: Environment, dataset: str) -> HttpResponse:
    """A dataset is taken up again."""
    suspensions.resume(request.actor, environment, dataset)
    messages.success(request, _("The dataset is resumed: the next refresh reads it."))
    return _to(environment)


@in_environment
def settings_schedule(request: Request, environment: Environment) -> HttpResponse:
    """The day and the time."""
    actor = request.actor
    require(actor, "environment.schedule", environment)
    form = ScheduleForm(request.POST or None, initial=ScheduleForm.initial_of(queries.schedule(actor, environment)))
    if form.is_valid():
        with refusals_in(form):
            schedules.set_schedule(actor, environment, **form.values())
            messages.success(request, _("The schedule is saved."))
            return _to(environment)
    return show(request, "web/settings/schedule.html", {"form": form})


@require_POST
@in_environment
def schedule_postpone(request: Request, environment: Environment) -> HttpResponse:
    """Nothing by itself before a moment."""
    form = PostponeForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            schedules.not_before(request.actor, environment, form.moment(environment))
            messages.success(request, _("It is postponed."))
            return _to(environment)
    return _overview(request, environment, form)


def _verb(act: Callable[[Request, Environment], object], told: Callable[[], str]) -> Callable[..., HttpResponseBase]:
    """A button on the page of settings."""

    @require_POST
    @in_environment
    def view(request: Request, environment: Environment) -> HttpResponse:
        act(request, environment)
        messages.success(request, told())
        return _to(environment)

    return view


def _to(environment: Environment) -> HttpResponse:
    return redirect("environment_settings", environment=environment.pk)


urlpatterns = [
    path("", environment_settings, name="environment_settings"),
    path("edit/", settings_edit, name="settings_edit"),
    path("source/", settings_source, name="settings_source"),
    path("source/check/", source_check, name="source_check"),
    path("catalogue/", settings_catalog, name="settings_catalog"),
    path("suspend/", settings_suspend, name="settings_suspend"),
    path("suspended/<str:dataset>/resume/", dataset_resume, name="dataset_resume"),
    path("schedule/", settings_schedule, name="settings_schedule"),
    path("schedule/postpone/", schedule_postpone, name="schedule_postpone"),
    path(
        "schedule/resume/",
        _verb(lambda r, e: schedules.resume(r.actor, e), lambda: _("The schedule goes on.")),
        name="schedule_resume",
    ),
    path(
        "schedule/pause/",
        _verb(lambda r, e: schedules.pause(r.actor, e), lambda: _("Nothing runs by itself until you resume it.")),
        name="schedule_pause",
    ),
    path(
        "schedule/as-planned/",
        _verb(lambda r, e: schedules.not_before(r.actor, e, None), lambda: _("It is no longer postponed.")),
        name="schedule_as_planned",
    ),
]
