"""The audit trail: of an environment, and of the installation."""

from __future__ import annotations

import csv
import io
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from sluis import settings
from sluis.control.actions.trail import Wanted, export_trail, read_trail
from sluis.control.models import AuditEvent, Environment
from sluis.web import auditing
from sluis.web.screens import Request, day, in_environment, show

_FILTER = ("person", "action", "first", "last", "text")


@in_environment
def audit_list(request: Request, environment: Environment) -> HttpResponse:
    """Of an environment, the newest first; what ``_FILTER`` names filters, ``page`` turns."""
    return _page(request, environment)


@in_environment
def audit_export(request: Request, environment: Environment) -> HttpResponseBase:
    """The same as a file, all of it."""
    return _file(request, environment)


def trail_list(request: Request) -> HttpResponse:
    """Of the installation."""
    return _page(request, None)


def trail_export(request: Request) -> HttpResponseBase:
    """The same as a file, all of it."""
    return _file(request, None)


def _page(request: Request, environment: Environment | None) -> HttpResponse:
    given = {name: request.GET.get(name, "") for name in _FILTER}
    number = request.GET.get("page", "1")
    found = read_trail(request.actor, environment, _wanted(given), int(number) if number.isdecimal() else 1)
    query = request.GET.copy()
    query.pop("page", None)
    address = reverse("audit_export", args=[environment.pk]) if environment else reverse("trail_export")
    context: dict[str, Any] = {
        "page": found,
        "newer": found.number - 1,
        "older": found.number + 1,
        "rows": [
            {
                "event": one,
                "what": auditing.what(one.action),
                "subject": auditing.subject(one.subject),
                "difference": auditing.difference(one.action, one.details),
            }
            for one in found.rows
        ],
        "filter": given,
        "filtered": any(given.values()),
        "actions": sorted(((code, str(text)) for code, text in auditing.WHAT.items()), key=lambda one: one[1].lower()),
        "export": f"{address}?{query.urlencode()}",
    }
    return show(request, "web/trail/list.html", context)


def _wanted(given: dict[str, str]) -> Wanted:
    return Wanted(given["person"], given["action"], day(given["first"]), day(given["last"]), given["text"])


def _file(request: Request, environment: Environment | None) -> StreamingHttpResponse:
    given = {name: request.GET.get(name, "") for name in _FILTER}
    events = export_trail(request.actor, environment, _wanted(given))
    zone = zoneinfo.ZoneInfo(environment.time_zone if environment else settings.current().time_zone)
    content = _lines(events, zone, get_language() or "en")
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _lines(events: Iterable[AuditEvent], zone: zoneinfo.ZoneInfo, language: str) -> Iterator[str]:
    """Separated as a spreadsheet in the language expects it, with the mark by which it knows UTF-8."""
    delimiter = ";" if language == "nl" else ","
    # The language of a request is no longer that of the thread when this is sent.
    with override(language):
        head = [_("When"), _("Who"), _("Kind"), _("What"), _("Code"), _("Environment"), _("About"), _("Difference")]
    yield "\ufeff" + _line(head, delimiter)
    for one in events:
        with override(language):
            line = _line(_cells(one, zone), delimiter)
        yield line


def _line(cells: list[str], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerow([auditing.harmless(cell) for cell in cells])
    return buffer.getvalue()


def _cells(event: AuditEvent, zone: zoneinfo.ZoneInfo) -> list[str]:
    return [
        event.moment.astimezone(zone).isoformat(sep=" ", timespec="seconds"),
        event.actor,
        {"user": _("person"), "machine": _("machine")}.get(event.actor_kind, event.actor_kind),
        auditing.what(event.action),
        event.action,
        event.environment_name,
        auditing.subject(event.subject),
        "\n".join(auditing.difference(event.action, event.details)),
    ]


urlpatterns = [
    path("", audit_list, name="audit_list"),
    path("export/", audit_export, name="audit_export"),
]
of_installation = [
    path("", trail_list, name="trail_list"),
    path("export/", trail_export, name="trail_export"),
]
