"""Configurations of an account: new, look, edit, copy, archive."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.catalog.loader import Catalog
from sluis.catalog.site.views import FileView, Row
from sluis.catalog.site.words import Language
from sluis.control import composing, history, queries
from sluis.control.actions import configurations as actions
from sluis.control.composing import ColumnOffer, Composition, FileOffer
from sluis.control.models import Configuration, ConnectionAccount
from sluis.control.permissions import allowed, require
from sluis.web import delivering, words
from sluis.web.forms.configurations import CopyForm, NewForm, Picked, SettingsForm
from sluis.web.screens import Request, on_account, on_configuration, refusals_in, show


@on_account
def configuration_new(request: Request, account: ConnectionAccount) -> HttpResponse:
    """The form for a new configuration; ``version`` in the address shows the streams of another one."""
    require(request.actor, "configuration.add", account)
    versions = composing.versions(request.actor, account)
    current = [one.version for one in versions if not one.ended]
    form = NewForm(request.POST or None, versions=versions, initial={"incremental": True})
    wanted = request.POST.get("version") or request.GET.get("version")
    version = wanted if wanted in current else next(iter(current), versions[0].version)
    picked = Picked.of(request.POST)
    if form.is_valid():
        with refusals_in(form):
            made = actions.add_configuration(request.actor, account, streams=picked.streams, **form.values())
            messages.success(request, _("Configuration %(name)s is made.") % {"name": made.name})
            return _to(made)
    streams = composing.streams(request.actor, account, version)
    context = {"form": form, "account": account, "versions": versions, "version": version, "streams": streams}
    return show(request, "web/configurations/new.html", {**context, "picked": picked.streams})


@on_configuration
def configuration_detail(request: Request, configuration: Configuration) -> HttpResponse:
    """A configuration with what it delivers and how that went lately."""
    actor, account = request.actor, configuration.account
    composition = composing.composition(actor, configuration)
    versions = {one.version: one for one in composing.versions(actor, account)}
    return show(
        request,
        "web/configurations/detail.html",
        {
            **_common(configuration),
            "composition": composition,
            "chosen": [one for one in composition.files if one.on],
            "news": composition.has_news,
            "version": versions.get(configuration.version),
            "newest_version": next((one for one in versions.values() if one.newest), None),
            "rows": delivering.shown_rows(history.newest(actor, configuration, 5)),
            "steps": delivering.steps(queries.under_way(actor, configuration.environment, configuration)),
            "may_edit": allowed(actor, "configuration.edit", configuration),
            "may_open": allowed(actor, "delivery.open", configuration),
            "may_run": allowed(actor, "configuration.run", configuration),
            "may_add": allowed(actor, "configuration.add", account),
        },
    )


@on_configuration
def configuration_edit(request: Request, configuration: Configuration) -> HttpResponse:
    """Streams, files and columns. ``step``: ``files`` for those of other streams, ``summary``, or ``save``."""
    actor = request.actor
    require(actor, "configuration.edit", configuration)
    form = SettingsForm(request.POST or None, initial=SettingsForm.initial_of(configuration))
    if request.method != "POST":
        return _editor(request, configuration, form, composing.composition(actor, configuration))
    picked, step = Picked.of(request.POST), request.POST.get("step", "summary")
    if step == "save" and form.is_valid():
        with refusals_in(form):
            actions.save_choice(actor, configuration, streams=picked.streams, files=picked.files, **form.cleaned_data)
            messages.success(request, _("The changes are saved."))
            return _to(configuration)
    composition = composing.recomposed(
        actor, configuration, before=picked.before, streams=picked.streams, files=picked.files
    )
    if step == "files":
        # Another look at the same form, so not one that was refused.
        return _editor(request, configuration, SettingsForm(initial=_given(request)), composition)
    if step == "summary" and form.is_valid():
        with refusals_in(form):
            return _summary(request, configuration, form, composition, picked)
    return _editor(request, configuration, form, composition)


def _given(request: Request) -> dict[str, Any]:
    names = ("automatic", "incremental")
    return {"name": request.POST.get("name", ""), **{name: name in request.POST for name in names}}


def _editor(
    request: Request, configuration: Configuration, form: SettingsForm, composition: Composition
) -> HttpResponse:
    context = {**_common(configuration), "form": form, "composition": composition, "files": _shown(composition)}
    return show(request, "web/configurations/edit.html", context)


def _summary(
    request: Request, configuration: Configuration, form: SettingsForm, composition: Composition, picked: Picked
) -> HttpResponse:
    foresight = composing.foresee(request.actor, configuration, picked.streams, composition.choice)
    say = delivering.speaker(configuration.environment)
    titles = {one.code: one for one in composition.streams}
    every = {one.file.file: one.file for one in composition.files}
    return show(
        request,
        "web/configurations/summary.html",
        {
            **_common(configuration),
            "given": form.cleaned_data,
            "choice": composition.choice,
            "streams": picked.streams,
            "foresight": foresight,
            "full": [(one, say.reason(one.reason)) for one in foresight.full],
            "comes": [every[name] for name in foresight.comes],
            "stream_titles": titles,
            "settings": _changed_settings(configuration, form.cleaned_data),
        },
    )


def _changed_settings(configuration: Configuration, given: dict[str, Any]) -> list[str]:
    texts = {
        ("automatic", True): _("It is delivered by itself from now on."),
        ("automatic", False): _("It is delivered by hand only from now on."),
        ("incremental", True): _("From now on only what changed is delivered."),
        ("incremental", False): _("From now on everything is delivered, every time."),
    }
    told = [
        texts[name, given[name]] for name in ("automatic", "incremental") if given[name] != getattr(configuration, name)
    ]
    renamed = given["name"] != configuration.name
    return [*([_("Its name becomes %(name)s.") % {"name": given["name"]}] if renamed else []), *told]


@dataclass(frozen=True)
class ShownFile:
    """A file with its columns as the page shows them."""

    offer: FileOffer
    view: FileView
    columns: list[tuple[ColumnOffer, Row]]


def _shown(composition: Composition) -> list[ShownFile]:
    catalog, version, language = composition.catalog, composition.version, words.page_language()
    views = [(offer, _view(catalog, version, offer.file.file, language)) for offer in composition.files]
    return [ShownFile(offer, view, list(zip(offer.columns, view.rows, strict=True))) for offer, view in views]


@functools.lru_cache(maxsize=1024)
def _view(catalog: Catalog, version: str, file: str, language: Language) -> FileView:
    """Kept with its rows: a page shows many hundreds of them, and a catalogue that was loaded never changes."""
    return FileView(catalog, version, catalog.files(version)[file], language)


@on_configuration
def configuration_copy(request: Request, configuration: Configuration) -> HttpResponse:
    """Another configuration like this one, in the newest version unless another is chosen."""
    require(request.actor, "configuration.add", configuration.account)
    versions = composing.versions(request.actor, configuration.account)
    current = [one.version for one in versions if not one.ended]
    initial = {"name": configuration.name, "version": next(iter(current), "")}
    form = CopyForm(request.POST or None, versions=versions, initial=initial)
    if form.is_valid():
        with refusals_in(form):
            made = actions.copy_configuration(request.actor, configuration, **form.cleaned_data)
            messages.success(request, _("Configuration %(name)s is made.") % {"name": made.name})
            return _to(made)
    return show(request, "web/configurations/copy.html", {**_common(configuration), "form": form})


@require_POST
@on_configuration
def configuration_archive(request: Request, configuration: Configuration) -> HttpResponse:
    """Take out of use."""
    actions.archive(request.actor, configuration)
    messages.success(request, _("The configuration is archived. It can be restored."))
    return _to(configuration)


@require_POST
@on_configuration
def configuration_restore(request: Request, configuration: Configuration) -> HttpResponse:
    """Take into use again."""
    actions.restore(request.actor, configuration)
    messages.success(request, _("The configuration is in use again."))
    return _to(configuration)


def _common(configuration: Configuration) -> dict[str, Any]:
    return {"configuration": configuration, "account": configuration.account}


def _to(configuration: Configuration) -> HttpResponse:
    account = configuration.account
    return redirect(
        "configuration_detail",
        environment=account.environment.pk,
        account=account.pk,
        configuration=configuration.pk,
    )


urlpatterns = [
    path("new/", configuration_new, name="configuration_new"),
    path("<int:configuration>/", configuration_detail, name="configuration_detail"),
    path("<int:configuration>/edit/", configuration_edit, name="configuration_edit"),
    path("<int:configuration>/copy/", configuration_copy, name="configuration_copy"),
    path("<int:configuration>/archive/", configuration_archive, name="configuration_archive"),
    path("<int:configuration>/restore/", configuration_restore, name="configuration_restore"),
]
