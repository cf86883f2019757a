"""Pages for what does not go."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from sluis.control.errors import NotFound
from sluis.errors import Fatal, PermissionDenied, Rejected, Retryable, SluisError
from sluis.web import words

_STATUS: tuple[tuple[type[SluisError], int], ...] = (
    (NotFound, 404),
    (PermissionDenied, 403),
    (Rejected, 409),
    (Retryable, 503),
    (Fatal, 500),
)


def of(request: HttpRequest, error: SluisError) -> HttpResponse:
    """The page of an error that no form shows. What is not there, and what may not be seen, are the same page."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if status == HTTPStatus.NOT_FOUND:
        return not_found(request)
    return page(request, status, words.message(error), words.remedy(error))


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    return page(
        request,
        404,
        _("This page does not exist, or you have no access to it."),
        _("Check the address, or go back to the start page."),
    )


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    return page(request, 403, _("You have no right to see this page."), _("Ask an operator or superbeheerder."))


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    del reason
    return page(
        request,
        403,
        _("This form has expired, or it does not come from this site."),
        _("Go back, load the page again, and fill in the form once more."),
    )


@login_not_required
def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    return page(request, 429, _("Too many attempts."), _("Wait a few minutes and try again."))


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    # What broke may be what the menu and the bell ask.
    request.actor = None  # type: ignore[attr-defined]  # see sluis.web.screens.Request
    return page(
        request,
        500,
        _("Something went wrong on our side. Nothing was changed."),
        _("Try again; if it stays, tell the operator when it happened."),
    )


def page(request: HttpRequest, status: int, message: str, remedy: str) -> HttpResponse:
    titles = {
        403: _("No access"),
        404: _("Not found"),
        409: _("This cannot be done"),
        429: _("Too many attempts"),
        503: _("Not possible now"),
    }
    context = {"status": status, "title": titles.get(status, _("Error")), "message": message, "remedy": remedy}
    return render(request, "web/error.html", context, status=status)
