"""Who has which rights in an environment, and the second person of a medical right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sluis.control import people
from sluis.control.actions.users import grant_medical
from sluis.control.models import Environment, Membership
from sluis.control.permissions import allowed, is_own, may_grant_medical
from sluis.web.forms.users import ROLES
from sluis.web.screens import Request, in_environment, show
from sluis.web.views.users import STATES


@in_environment
def rights(request: Request, environment: Environment) -> HttpResponse:
    """The members, with what waits for a second person."""
    rows = [_told(request, one) for one in people.members(request.actor, environment)]
    may_grant = allowed(request.actor, "user.grant_medical", environment)
    return show(request, "web/users/rights.html", {"rows": rows, "may_grant": may_grant})


def _told(request: Request, row: Membership) -> dict[str, Any]:
    today = row.environment.today()
    return {
        "row": row,
        "role": dict(ROLES)[row.role],
        "state": STATES[people.state_of(row.user)],
        "ended": row.valid_until is not None and row.valid_until < today,
        "to_come": row.valid_from > today,
        "may_grant": may_grant_medical(request.actor, row),
        "own": is_own(request.actor, row.user),
        "proposed_by_self": row.medical_asked_by == request.actor.name,
    }


@require_POST
@in_environment
def rights_grant(request: Request, environment: Environment, member: int) -> HttpResponse:
    """Give the medical right that somebody else proposed."""
    row = people.member_by_id(request.actor, environment, member)
    grant_medical(request.actor, row.user, environment)
    messages.success(request, _("The medical right is given."))
    return redirect("rights", environment=environment.pk)


urlpatterns = [
    path("", rights, name="rights"),
    path("<int:member>/medical/", rights_grant, name="rights_grant"),
]
