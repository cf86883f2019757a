"""The bell: what concerns who is logged in, read and unread."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.control import attention
from sluis.control.attention import Item
from sluis.control.models import Notice, User
from sluis.control.reports.noticing import said
from sluis.control.reports.words import QUOTED
from sluis.web.delivering import LEVELS, speaker
from sluis.web.screens import Request, show


def attention_list(request: Request) -> HttpResponse:
    """The newest of all environments; what is unread is marked."""
    found = attention.items(request.actor)
    rows = [_row(one) for one in found]
    newest = found[0].moment.isoformat() if any(one.unread for one in found) else ""
    return show(request, "web/attention/list.html", {"rows": rows, "newest": newest})


def _row(item: Item) -> dict[str, Any]:
    say = speaker(item.environment)
    row: dict[str, Any] = {"item": item}
    if isinstance(item.source, Notice):
        subject, text, to_do = said(item.source, say)
        account = item.source.account
        address = reverse("account_detail", kwargs={"environment": item.environment.pk, "account": account.pk})
        about = item.source.configuration or account
        return row | {"subject": subject, "text": f"{text} {to_do}".strip(), "about": about, "address": address}
    line = item.source
    row |= {"subject": say.line(line.code, line.text, line.details), "badge": LEVELS[line.level]}
    row["quoted"] = line.text if line.code in QUOTED else ""
    if line.delivery:
        place = {"environment": item.environment.pk, "delivery": line.delivery.pk}
        return row | {"about": line.delivery.configuration, "address": reverse("delivery_detail", kwargs=place)}
    place = {"environment": item.environment.pk, "refresh": line.refresh_id}
    return row | {"about": _("Refresh"), "address": reverse("refresh_detail", kwargs=place)}


@require_POST
def attention_read(request: Request) -> HttpResponse:
    """All up to ``until`` is read: what came while the page was open stays unread."""
    until = parse_datetime(request.POST.get("until", ""))
    if until is not None and until.tzinfo is not None and isinstance(request.user, User):
        attention.mark_read(request.user, until)
    return redirect("attention_list")


urlpatterns = [
    path("", attention_list, name="attention_list"),
    path("read/", attention_read, name="attention_read"),
]
