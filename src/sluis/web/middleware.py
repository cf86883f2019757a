"""What happens around every page: the log, who acts, what must be done first, and errors."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from sluis.control.actor import Actor
from sluis.control.models import User
from sluis.control.permissions import remembering
from sluis.errors import SluisError
from sluis.web.authentication import lacks_second_factor
from sluis.web.views import errors, health

Next = Callable[[HttpRequest], HttpResponseBase]
_log = logging.getLogger("sluis.web")

FIRST_OF_ALL = frozenset({"account_login", "account_logout", "set_language", "set_theme"})
"""Pages that are there whatever a user must still do."""
_OF_PASSWORD = FIRST_OF_ALL | {"account_change_password", "account_reauthenticate"}
_OF_SECOND_FACTOR = _OF_PASSWORD | {
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


class Watching:
    """Outermost: a log line per request, without who or what; and the answer to whether this process is well."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == health.PATH:
            return health.health(request)
        began = time.monotonic()
        response = self._get_response(request)
        if not request.path.startswith(str(settings.STATIC_URL)):
            add_never_cache_headers(response)
            took = (time.monotonic() - began) * 1000
            # The path has numbers, and names of configurations and files; what was typed is in the query.
            _log.info("%s %s %d %.0f ms", request.method, _plain(request.path), response.status_code, took)
        return response


def _plain(path: str) -> str:
    longest = 200
    return path[:longest].encode("ascii", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")


class Acting:
    """Gives a request its actor, sends people to what they must do first, and makes pages of our errors."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with remembering():
            return self._get_response(request)

    def process_view(self, request: HttpRequest, view: object, *_arguments: object) -> HttpResponseBase | None:
        del view
        user = request.user
        if not isinstance(user, User):
            return None
        request.actor = Actor(user=user)  # type: ignore[attr-defined]  # see sluis.web.screens.Request
        name = request.resolver_match.url_name if request.resolver_match else None
        if user.must_change_password:
            if name in _OF_PASSWORD:
                return None
            messages.info(request, _("Choose a password of your own first."))
            return redirect("account_change_password")
        if name not in _OF_SECOND_FACTOR and lacks_second_factor(request, user):
            messages.info(request, _("You work with a second factor. Set it up first."))
            return redirect("mfa_activate_totp")
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.of(request, error) if isinstance(error, SluisError) else None
