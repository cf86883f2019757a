"""The menu, and what else the layout shows on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from sluis.control import queries
from sluis.control.actor import Actor
from sluis.control.models import Environment
from sluis.control.permissions import allowed

THEME_COOKIE = "sluis_theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Entry:
    """A line of the menu. ``permission`` is asked of the environment, or of the installation outside one."""

    label: str | Promise
    icon: str
    url: str
    permission: str


@dataclass(frozen=True)
class Group:
    """Lines under one heading; without any it is not shown."""

    label: str | Promise
    entries: tuple[Entry, ...]


ENVIRONMENT_MENU = (
    Group(_("Connections"), (Entry(_("Connection accounts"), "plug-connected", "account_list", "account.list"),)),
    Group(
        _("Datastreams"),
        (
            Entry(_("Deliveries"), "truck-delivery", "delivery_list", "account.list"),
            Entry(_("Overview of datastreams"), "list-details", "catalogue", "account.list"),
        ),
    ),
    Group(_("Administration"), (Entry(_("Audit trail"), "history", "audit_list", "audit.view"),)),
)
"""The menu inside an environment. A screen is added by a line here."""


@dataclass(frozen=True)
class Line:
    """A line of the menu as it is shown."""

    label: str | Promise
    icon: str
    address: str
    current: bool


def layout(request: HttpRequest) -> dict[str, Any]:
    """For the layout: theme, menu, and the environments to choose from. Nothing is read where no page uses it."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    context: dict[str, Any] = {"theme": theme if theme in THEMES else "auto", "themes": THEMES}
    actor = getattr(request, "actor", None)
    if actor is None:
        return context
    environment = getattr(request, "environment", None)
    return context | {
        "environment": environment,
        "menu": SimpleLazyObject(lambda: menu(actor, environment, request.path)),
        "environments": SimpleLazyObject(lambda: queries.environments(actor)),
    }


def menu(actor: Actor, environment: Environment | None, path: str) -> list[tuple[str | Promise, list[Line]]]:
    """The groups of the menu with the lines that this actor may open."""
    if environment is None:
        return []
    shown = (
        (
            group.label,
            [
                _line(entry, environment, path)
                for entry in group.entries
                if allowed(actor, entry.permission, environment)
            ],
        )
        for group in ENVIRONMENT_MENU
    )
    return [(label, lines) for label, lines in shown if lines]


def _line(entry: Entry, environment: Environment, path: str) -> Line:
    address = reverse(entry.url, kwargs={"environment": environment.pk})
    return Line(entry.label, entry.icon, address, path.startswith(address))
