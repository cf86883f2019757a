"""Users: list, page, forms; what an operator keeps outside any environment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from sluis.control import people, queries
from sluis.control.actions import users as actions
from sluis.control.actions.providing import unlink_provider
from sluis.control.models import Environment, Membership, User
from sluis.control.people import UserState
from sluis.control.permissions import allowed, is_own, may_grant_medical, refuse_own, require
from sluis.web.forms.users import ROLES, EditUserForm, NewRoleForm, NewUserForm, RoleForm
from sluis.web.screens import Request, refusals_in, show

STATES = {
    UserState.NEW: ("azure", gettext_lazy("Never logged in"), "clock"),
    UserState.WELL: ("green", gettext_lazy("Can log in"), "circle-check"),
    UserState.PAST: ("orange", gettext_lazy("Past the last day"), "history"),
    UserState.INACTIVE: ("grey", gettext_lazy("Not active"), "x"),
}
"""Colour, words and sign of a state."""
KINDS = [
    ("operator", gettext_lazy("Operators")),
    ("superbeheerder", gettext_lazy("Superbeheerders")),
    ("reader", gettext_lazy("Readers")),
    ("medical", gettext_lazy("With the medical right")),
    ("proposed", gettext_lazy("Medical right proposed")),
    ("none", gettext_lazy("Without a role")),
]
FACTORS = {"totp": gettext_lazy("Authenticator app"), "webauthn": gettext_lazy("Passkey")}


def on_user(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Resolve ``user`` of the address: a view gets the row."""

    @functools.wraps(view)
    def resolved(request: Request, user: int, **rest: Any) -> HttpResponse:
        return view(request, people.user_by_id(request.actor, user), **rest)

    return resolved


def on_role(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Resolve ``environment`` too, to what the user is in it."""

    @functools.wraps(view)
    @on_user
    def resolved(request: Request, user: User, environment: int, **rest: Any) -> HttpResponse:
        row = next((one for one in user.memberships.all() if one.environment_id == environment), None)
        if row is None:
            raise Http404
        return view(request, row, **rest)

    return resolved


def user_list(request: Request) -> HttpResponse:
    """Every user; ``q``, ``kind`` and ``state`` filter."""
    every = people.users(request.actor)
    wanted = {name: request.GET.get(name, "") for name in ("q", "kind", "state")}
    return show(
        request,
        "web/users/list.html",
        {
            "rows": [_told(user) for user in every if _wanted(user, wanted)],
            "total": len(every),
            "filter": wanted,
            "kinds": KINDS,
            "states": [(value.value, label) for value, (_colour, label, _sign) in STATES.items()],
            "may_add": allowed(request.actor, "user.add", None),
        },
    )


def _told(user: User) -> dict[str, Any]:
    roles = [(one, dict(ROLES)[one.role]) for one in user.memberships.all()]
    return {"one": user, "state": STATES[people.state_of(user)], "roles": roles}


def _wanted(user: User, wanted: dict[str, str]) -> bool:
    return (
        wanted["q"].strip().lower() in f"{user.username} {user.email}".lower()
        and wanted["kind"] in {"", *_kinds(user)}
        and wanted["state"] in {"", people.state_of(user)}
    )


def _kinds(user: User) -> set[str]:
    roles = list(user.memberships.all())
    found = {str(one.role) for one in roles} | ({"operator"} if user.is_operator else set())
    found |= {"medical"} if any(one.medical for one in roles) else set()
    found |= {"proposed"} if any(one.medical_asked_by for one in roles) else set()
    return found or {"none"}


def user_new(request: Request) -> HttpResponse:
    """Make a user. The first password is in this one answer, and nowhere else."""
    require(request.actor, "user.add", None)
    form = NewUserForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        with refusals_in(form):
            user, first = actions.add_user(request.actor, **given)
            return _first_password(request, user, first)
    return show(request, "web/users/new.html", {"form": form})


def _first_password(request: Request, user: User, password: str) -> HttpResponse:
    return show(request, "web/users/password_made.html", {"one": user, "password": password})


@on_user
def user_detail(request: Request, user: User) -> HttpResponse:
    """A user with the roles, and what can be done about the log-in."""
    actor = request.actor
    return show(
        request,
        "web/users/detail.html",
        {
            **_told(user),
            "roles": [_role_told(request, one) for one in user.memberships.all()],
            "own": is_own(actor, user),
            "linked": people.is_linked(actor, user),
            "factors": [FACTORS[one] for one in people.second_factors(actor, user)],
            "elsewhere": _without_role(request, user),
        },
    )


def _role_told(request: Request, row: Membership) -> dict[str, Any]:
    actor, environment = request.actor, row.environment
    other = not is_own(actor, row.user)
    return {
        "row": row,
        "role": dict(ROLES)[row.role],
        "may_change": other and allowed(actor, "user.give_role", environment),
        "may_ask": other and not row.medical_asked_by and allowed(actor, "user.ask_medical", environment),
        "may_withdraw": allowed(actor, "user.ask_medical", environment),
        "may_grant": may_grant_medical(actor, row),
        "proposed_by_self": row.medical_asked_by == actor.name,
    }


def _without_role(request: Request, user: User) -> list[Environment]:
    has = {one.environment_id for one in user.memberships.all()}
    return [one for one in queries.environments(request.actor) if one.pk not in has]


@on_user
def user_edit(request: Request, user: User) -> HttpResponse:
    """Mail, operator, active and last day; of oneself only the mail."""
    require(request.actor, "user.edit", None)
    own = is_own(request.actor, user)
    form = EditUserForm(request.POST or None, initial=EditUserForm.initial_of(user), own=own)
    if form.is_valid():
        with refusals_in(form):
            actions.edit_user(request.actor, user, **form.values())
            messages.success(request, _("The changes are saved."))
            return _to(user)
    return show(request, "web/users/edit.html", {"form": form, "one": user, "own": own})


def _to(user: User) -> HttpResponse:
    return redirect("user_detail", user=user.pk)


@on_user
def role_new(request: Request, user: User) -> HttpResponse:
    """A role in an environment where the user has none."""
    refuse_own(request.actor, user)
    form = NewRoleForm(request.POST or None, environments=_without_role(request, user))
    if form.is_valid():
        given = dict(form.cleaned_data)
        environment = queries.environment_by_id(request.actor, given.pop("environment"))
        with refusals_in(form):
            actions.give_role(request.actor, user, environment, **given)
            messages.success(request, _("The role is given."))
            return _to(user)
    return show(request, "web/users/role.html", {"form": form, "one": user})


@on_role
def role_edit(request: Request, row: Membership) -> HttpResponse:
    """Another role, first or last day; or, with ``remove``, no role, and no medical right, any more."""
    refuse_own(request.actor, row.user)
    form = RoleForm(request.POST or None, initial=RoleForm.initial_of(row))
    if "remove" in request.POST:
        actions.take_role(request.actor, row.user, row.environment)
        messages.success(request, _("The role is taken away."))
        return _to(row.user)
    if form.is_valid():
        with refusals_in(form):
            actions.give_role(request.actor, row.user, row.environment, **form.cleaned_data)
            messages.success(request, _("The changes are saved."))
            return _to(row.user)
    return show(request, "web/users/role.html", {"form": form, "one": row.user, "row": row})


MEDICAL = {
    "ask": (actions.ask_medical, gettext_lazy("The medical right is proposed. Another person gives it.")),
    "grant": (actions.grant_medical, gettext_lazy("The medical right is given.")),
    "withdraw": (actions.withdraw_medical, gettext_lazy("The medical right is withdrawn.")),
}
"""What is done with the medical right, and what is said when it is done."""


@require_POST
@on_role
def medical(request: Request, row: Membership, step: str) -> HttpResponse:
    """Propose the medical right, give it, or take it away."""
    if step not in MEDICAL:
        raise Http404
    do, said = MEDICAL[step]
    do(request.actor, row.user, row.environment)
    messages.success(request, str(said))
    return _to(row.user)


@on_user
def user_password(request: Request, user: User) -> HttpResponse:
    """Ask, and then give a new first password, which is in this one answer."""
    require(request.actor, "user.edit", None)
    if request.method == "POST":
        return _first_password(request, user, actions.renew_password(request.actor, user))
    return show(request, "web/users/password.html", {"one": user})


@on_user
def user_second_factor(request: Request, user: User) -> HttpResponse:
    """Ask, and then forget the second factor."""
    refuse_own(request.actor, user)
    if request.method == "POST":
        actions.reset_second_factor(request.actor, user)
        messages.success(request, _("The second factor is reset."))
        return _to(user)
    return show(request, "web/users/second_factor.html", {"one": user})


@on_user
def user_sessions(request: Request, user: User) -> HttpResponse:
    """Ask, and then end the sessions; of oneself this one too."""
    require(request.actor, "user.edit", None)
    if request.method == "POST":
        actions.end_sessions(request.actor, user)
        messages.success(request, _("The sessions end with their next page."))
        return _to(user)
    return show(request, "web/users/sessions.html", {"one": user})


@on_user
def user_unlink(request: Request, user: User) -> HttpResponse:
    """Ask, and then take the log-in by the provider away."""
    require(request.actor, "user.edit", None)
    if request.method == "POST":
        unlink_provider(request.actor, user)
        messages.success(request, _("The link is taken away."))
        return _to(user)
    return show(request, "web/users/unlink.html", {"one": user})


urlpatterns = [
    path("", user_list, name="user_list"),
    path("new/", user_new, name="user_new"),
    path("<int:user>/", user_detail, name="user_detail"),
    path("<int:user>/edit/", user_edit, name="user_edit"),
    path("<int:user>/password/", user_password, name="user_password"),
    path("<int:user>/second-factor/", user_second_factor, name="user_second_factor"),
    path("<int:user>/sessions/", user_sessions, name="user_sessions"),
    path("<int:user>/unlink/", user_unlink, name="user_unlink"),
    path("<int:user>/roles/new/", role_new, name="role_new"),
    path("<int:user>/roles/<int:environment>/", role_edit, name="role_edit"),
    path("<int:user>/roles/<int:environment>/medical/<slug:step>/", medical, name="medical"),
]
