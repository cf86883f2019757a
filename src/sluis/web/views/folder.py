"""Open folder: what stands on an account, a file as a table, a file or a delivery to keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.http import content_disposition_header

from sluis.catalog.site.views import FileView
from sluis.control import queries
from sluis.control.actions import opening
from sluis.control.actions.opening import Standing
from sluis.control.models import ConnectionAccount, Delivery, Mode
from sluis.control.paging import Page
from sluis.sftp.destination import Entry
from sluis.web import words
from sluis.web.delivering import MODES
from sluis.web.screens import Request, on_account, show

_CSV = ".csv"


@dataclass(frozen=True)
class Line:
    """A line of a list. ``address``: where the name leads, empty for nowhere; ``kept``: to download it."""

    name: str
    address: str = ""
    kept: str = ""
    bytes: int = 0
    modified: dt.datetime | None = None
    closed: bool = False
    delivery: Delivery | None = None
    mode: Any = ""


@on_account
def folder(request: Request, account: ConnectionAccount) -> HttpResponse:
    """The configurations' folders."""
    found = opening.look(request.actor, account)
    lines = [Line(one.entry.name, _address("folder_configuration", account, one.entry.name)) for one in found.rows]
    return _listed(request, account, (), (found, lines))


@on_account
def folder_configuration(request: Request, account: ConnectionAccount, configuration: str) -> HttpResponse:
    """The deliveries that stand there, newest first; ``page`` of the address turns pages."""
    number = request.GET.get("page", "1")
    found = opening.look(request.actor, account, (configuration,), int(number) if number.isdecimal() else 1)
    lines = [
        Line(
            name=one.entry.name,
            address="" if one.closed else _address("folder_delivery", account, configuration, one.entry.name),
            kept="" if one.closed else _address("folder_zip", account, configuration, one.entry.name),
            modified=one.entry.modified,
            closed=one.closed,
            delivery=None if one.closed else one.delivery,
            mode=MODES[Mode(one.delivery.mode)] if one.delivery and one.delivery.mode and not one.closed else "",
        )
        for one in found.rows
    ]
    return _listed(request, account, (configuration,), (found, lines))


@on_account
def folder_delivery(request: Request, account: ConnectionAccount, configuration: str, delivery: str) -> HttpResponse:
    """The files of a delivery."""
    found = opening.look(request.actor, account, (configuration, delivery))
    lines = [_file(account, (configuration, delivery), one.entry) for one in found.rows]
    return _listed(request, account, (configuration, delivery), (found, lines))


def _file(account: ConnectionAccount, above: opening.Path, entry: Entry) -> Line:
    return Line(
        name=entry.name,
        address=_address("folder_file", account, *above, entry.name) if entry.name.endswith(_CSV) else "",
        kept=_address("folder_download", account, *above, entry.name),
        bytes=entry.bytes,
        modified=entry.modified,
    )


def _listed(
    request: Request, account: ConnectionAccount, where: opening.Path, listed: tuple[Page[Standing], list[Line]]
) -> HttpResponse:
    found, lines = listed
    kind = ("configurations", "deliveries", "files")[len(where)]
    return show(
        request,
        "web/folder/list.html",
        {
            "account": account,
            "where": where,
            "heading": where[-1] if where else account.name,
            "above": _above(account, where),
            "lines": lines,
            "page": found,
            "newer": found.number - 1,
            "older": found.number + 1,
            "kind": kind,
            "zip": _address("folder_zip", account, *where) if kind == "files" and lines else "",
        },
    )


@on_account
def folder_file(
    request: Request, account: ConnectionAccount, configuration: str, delivery: str, file: str
) -> HttpResponse:
    """The first rows of a file as a table, with the marks of its columns as the catalogue has them."""
    where = (configuration, delivery, file)
    found = opening.first_rows(request.actor, account, where)
    known = _described(request, found.delivery, file)
    columns = [{"name": name, "about": known.get(name)} for name in found.names]
    return show(
        request,
        "web/folder/file.html",
        {
            "account": account,
            "where": where,
            "above": _above(account, where),
            "columns": columns,
            "rows": found.rows,
            "more": found.more,
            "delivery": found.delivery,
            "kept": _address("folder_download", account, *where),
        },
    )


def _described(request: Request, delivery: Delivery | None, file: str) -> dict[str, Any]:
    """Rows of the catalogue's documentation by column; none where it has no such file."""
    catalog = queries.catalogue(request.actor, request.environment)
    name = file.removesuffix(_CSV)
    if delivery is None or delivery.version not in catalog.versions or name not in catalog.files(delivery.version):
        return {}
    view = FileView(catalog, delivery.version, catalog.files(delivery.version)[name], words.page_language())
    return {row.name: row for row in (*view.rows, *view.system_rows)}


@on_account
def folder_download(
    request: Request, account: ConnectionAccount, configuration: str, delivery: str, file: str
) -> StreamingHttpResponse:
    """A file as it stands there."""
    content = opening.download(request.actor, account, (configuration, delivery, file))
    return _kept(content, file, "text/csv; charset=utf-8" if file.endswith(_CSV) else "application/octet-stream")


@on_account
def folder_zip(
    request: Request, account: ConnectionAccount, configuration: str, delivery: str
) -> StreamingHttpResponse:
    """All files of a delivery in one."""
    content = opening.download_all(request.actor, account, (configuration, delivery))
    return _kept(content, f"{configuration}_{delivery}.zip", "application/zip")


def _kept(content: Iterable[bytes], name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _above(account: ConnectionAccount, where: opening.Path) -> list[tuple[str, str]]:
    """Name and address of each folder above, outermost first."""
    names = ("folder_configuration", "folder_delivery")
    return [(where[n], _address(names[n], account, *where[: n + 1])) for n in range(len(where) - 1)]


_PARTS = ("configuration", "delivery", "file")


def _address(view: str, account: ConnectionAccount, *where: str) -> str:
    fixed = {"environment": account.environment.pk, "account": account.pk}
    return reverse(view, kwargs=fixed | dict(zip(_PARTS, where, strict=False)))


urlpatterns = [
    path("", folder, name="folder"),
    path("<str:configuration>/", folder_configuration, name="folder_configuration"),
    path("<str:configuration>/<str:delivery>/", folder_delivery, name="folder_delivery"),
    path("<str:configuration>/<str:delivery>/zip/", folder_zip, name="folder_zip"),
    path("<str:configuration>/<str:delivery>/files/<str:file>/", folder_file, name="folder_file"),
    path("<str:configuration>/<str:delivery>/files/<str:file>/download/", folder_download, name="folder_download"),
]
