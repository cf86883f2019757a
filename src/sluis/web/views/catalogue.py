"""The documentation of the catalogue: what can be delivered, per version."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from sluis.catalog.loader import Catalog
from sluis.catalog.site.changes import changes, lines
from sluis.catalog.site.views import FileView, StreamView, VersionView
from sluis.catalog.site.words import texts
from sluis.control import queries
from sluis.control.models import Environment
from sluis.web import words
from sluis.web.screens import Request, in_environment, show


@in_environment
def catalogue(request: Request, environment: Environment) -> HttpResponse:
    """To the newest version."""
    found = queries.catalogue(request.actor, environment)
    return redirect("catalogue_version", environment=environment.pk, version=found.newest.version)


@in_environment
def catalogue_version(request: Request, environment: Environment, version: str) -> HttpResponse:
    """The streams and files of a version; ``q`` of the address looks for streams, files and columns."""
    found = _catalog(request, environment, version)
    view = VersionView(found, version, words.page_language())
    q = request.GET.get("q", "").strip().lower()
    context = {
        **_common(found, view),
        "before": (since := changes(found, version)) and since.before,
        "q": request.GET.get("q", ""),
        "streams": [one for one in view.streams if _has(q, one.name, one.title, one.description)],
        "files": [one for one in view.files if _has(q, one.name, one.title, one.grain)],
        "columns": _columns(view, q) if q else [],
    }
    return show(request, "web/catalogue/version.html", context)


def _has(q: str, *where: str) -> bool:
    return any(q in one.lower() for one in where)


_MOST = 50


def _columns(view: VersionView, q: str) -> list[tuple[FileView, Any]]:
    found = ((file, row) for file in view.files for row in file.rows if _has(q, row.name, row.meaning))
    return [one for _, one in zip(range(_MOST), found, strict=False)]


@in_environment
def catalogue_stream(request: Request, environment: Environment, version: str, stream: str) -> HttpResponse:
    """A stream with its files."""
    found = _catalog(request, environment, version)
    view = VersionView(found, version, words.page_language())
    if stream not in found.version(version).streams:
        raise Http404
    context = {**_common(found, view), "stream": StreamView(found, version, stream, view.language)}
    return show(request, "web/catalogue/stream.html", context)


@in_environment
def catalogue_file(request: Request, environment: Environment, version: str, file: str) -> HttpResponse:
    """A file with its columns."""
    found = _catalog(request, environment, version)
    view = VersionView(found, version, words.page_language())
    files = found.files(version)
    if file not in files:
        raise Http404
    shown = FileView(found, version, files[file], view.language)
    streams = [one for one in view.streams if one.name in shown.streams]
    return show(request, "web/catalogue/file.html", {**_common(found, view), "file": shown, "in_streams": streams})


@in_environment
def catalogue_changes(request: Request, environment: Environment, version: str) -> HttpResponse:
    """What changed since the version before, and what a receiver does about it."""
    found = _catalog(request, environment, version)
    view = VersionView(found, version, words.page_language())
    since = changes(found, version)
    if since is None:
        raise Http404
    groups = lines(since, view.language)
    context = {**_common(found, view), "since": since, "groups": groups, "present": set(found.files(version))}
    return show(request, "web/catalogue/changes.html", context)


def _catalog(request: Request, environment: Environment, version: str) -> Catalog:
    found = queries.catalogue(request.actor, environment)
    if version not in found.versions:
        raise Http404
    return found


def _common(catalog: Catalog, view: VersionView) -> dict[str, Any]:
    versions = [VersionView(catalog, name, view.language) for name in reversed(catalog.versions)]
    return {"version": view, "versions": versions, "t": texts(view.language)}


urlpatterns = [
    path("", catalogue, name="catalogue"),
    path("<str:version>/", catalogue_version, name="catalogue_version"),
    path("<str:version>/changes/", catalogue_changes, name="catalogue_changes"),
    path("<str:version>/streams/<str:stream>/", catalogue_stream, name="catalogue_stream"),
    path("<str:version>/files/<str:file>/", catalogue_file, name="catalogue_file"),
]
