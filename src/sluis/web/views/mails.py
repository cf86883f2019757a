"""Mails of an environment: what was sent, waits or was given up, as people got it."""

from __future__ import annotations

import uuid

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from sluis.control import queries
from sluis.control.models import Environment, MailState
from sluis.web.screens import Request, in_environment, show

STATES = {
    MailState.WAITING: ("blue", gettext_lazy("Waits"), "clock"),
    MailState.SENT: ("green", gettext_lazy("Sent"), "circle-check"),
    MailState.GIVEN_UP: ("red", gettext_lazy("Given up"), "alert-triangle"),
}
"""Colour, words and sign of a state."""
_ALONE = {
    # A mail has its colours and sizes in itself, as mail programs want it; the frame around it can do nothing else.
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "sandbox": True,
    **{name: [NONE] for name in ("script-src", "img-src", "font-src", "connect-src", "form-action")},
}


@in_environment
def mail_list(request: Request, environment: Environment) -> HttpResponse:
    """The newest mails, newest first."""
    rows = [{"mail": one, "state": STATES[MailState(one.state)]} for one in queries.mails(request.actor, environment)]
    return show(request, "web/mails/list.html", {"rows": rows})


@in_environment
def mail_detail(request: Request, environment: Environment, mail: uuid.UUID) -> HttpResponse:
    """One mail: to whom, how it went, and as HTML and as text."""
    found = queries.mail_by_id(request.actor, environment, mail)
    return show(request, "web/mails/detail.html", {"mail": found, "state": STATES[MailState(found.state)]})


@xframe_options_sameorigin
@csp_replace(_ALONE)
@in_environment
def mail_html(request: Request, environment: Environment, mail: uuid.UUID) -> HttpResponse:
    """The HTML of a mail and nothing around it, for the frame on its page."""
    return HttpResponse(queries.mail_by_id(request.actor, environment, mail).html)


urlpatterns = [
    path("", mail_list, name="mail_list"),
    path("<uuid:mail>/", mail_detail, name="mail_detail"),
    path("<uuid:mail>/html/", mail_html, name="mail_html"),
]
