"""The menu, and what else the layout shows on every page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from sluis.control import attention, queries
from sluis.control.actor import Actor
from sluis.control.models import Environment
from sluis.control.permissions import allowed
from sluis.web import oidc_settings

THEME_COOKIE = "sluis_theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Entry:
    """A line of the menu. ``permission`` is asked of the environment, or of the installation outside one."""

    label: str | Promise
    icon: str
    url: str
    permission: str | None
    """None: everybody."""


@dataclass(frozen=True)
class Group:
    """Lines under one heading; without any it is not shown."""

    label: str | Promise
    entries: tuple[Entry, ...]


INSTALLATION_MENU = (
    Group(
        _("Installation"),
        (
            Entry(_("Environments"), "database", "environment_list", None),
            Entry(_("Users"), "users", "user_list", "user.list"),
            Entry(_("State"), "activity", "installation_state", "installation.view"),
            Entry(_("Audit trail"), "history", "trail_list", "audit.view"),
        ),
    ),
)
"""The menu outside any environment."""
ENVIRONMENT_MENU = (
    Group(_("Connections"), (Entry(_("Connection accounts"), "plug-connected", "account_list", "account.list"),)),
    Group(
        _("Datastreams"),
        (
            Entry(_("Deliveries"), "truck-delivery", "delivery_list", "account.list"),
            Entry(_("Refreshes"), "refresh", "refresh_list", "refresh.view"),
            Entry(_("Figures"), "chart-line", "figures", "refresh.view"),
            Entry(_("Overview of datastreams"), "list-details", "catalogue", "account.list"),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry(_("State"), "activity", "environment_state", "account.list"),
            Entry(_("Mails"), "mail", "mail_list", "account.list"),
            Entry(_("Settings"), "settings", "environment_settings", "environment.schedule"),
            Entry(_("Rights"), "shield-check", "rights", "user.members"),
            Entry(_("Audit trail"), "history", "audit_list", "audit.view"),
        ),
    ),
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
    context: dict[str, Any] = {
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "provider": oidc_settings.name(),
    }
    actor = getattr(request, "actor", None)
    if actor is None:
        return context
    environment = getattr(request, "environment", None)
    seen = cache(lambda: queries.environments(actor))
    return context | {
        "environment": environment,
        "menu": SimpleLazyObject(lambda: menu(actor, environment, request.path)),
        "environments": SimpleLazyObject(seen),
        "unread": SimpleLazyObject(lambda: attention.unread(actor, seen())),
    }


def menu(actor: Actor, environment: Environment | None, path: str) -> list[tuple[str | Promise, list[Line]]]:
    """The groups of the menu with the lines that this actor may open."""
    inside = ((group, environment) for group in ENVIRONMENT_MENU if environment is not None)
    outside = ((group, None) for group in INSTALLATION_MENU)
    shown = (
        (group.label, [_line(entry, about, path, environment) for entry in group.entries if _may(actor, entry, about)])
        for group, about in (*inside, *outside)
    )
    return [(label, lines) for label, lines in shown if lines]


def _may(actor: Actor, entry: Entry, about: Environment | None) -> bool:
    return entry.permission is None or allowed(actor, entry.permission, about)


def _line(entry: Entry, about: Environment | None, path: str, here: Environment | None) -> Line:
    address = reverse(entry.url, kwargs={"environment": about.pk} if about else None)
    # An environment's pages lie below the list of environments.
    return Line(entry.label, entry.icon, address, about == here and path.startswith(address))
