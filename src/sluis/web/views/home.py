"""The start, and the switches for language and light or dark."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from sluis.control import queries
from sluis.control.permissions import allowed
from sluis.web.navigation import THEME_COOKIE, THEMES
from sluis.web.screens import Request

_YEAR = 365 * 24 * 3600


def home(request: Request) -> HttpResponse:
    """To the accounts for who has one environment, otherwise to the list of environments."""
    seen = queries.environments(request.actor)
    inside = [one for one in seen if allowed(request.actor, "account.list", one)]
    if len(seen) == 1 and inside:
        return redirect("account_list", environment=inside[0].pk)
    return redirect("environment_list")


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or as the device has it; where no page is known, back to the start."""
    back = request.POST.get("next", "")
    fine = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if fine else reverse("home"))
    theme = request.POST.get("theme")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    return response


urlpatterns = [
    path("", home, name="home"),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("theme/", set_theme, name="set_theme"),
]
