"""Verbs for users whom a provider of OpenID Connect vouches for: their roles follow their groups.

What was given by hand stays by hand: groups neither change nor take it. The medical right comes of no group.
"""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models.functions import Lower

from sluis.control import audit
from sluis.control.actions.users import save_new
from sluis.control.actor import Actor
from sluis.control.models import Environment, Membership, User
from sluis.control.permissions import require
from sluis.errors import PermissionDenied, Rejected
from sluis.oidc import Given


@transaction.atomic
def provide_user(actor: Actor, name: str, given: Given, *, email: str = "") -> User:
    """Make a user with what the groups give, who has no password; ``PermissionDenied`` where they give nothing."""
    require(actor, "user.provide", None)
    if not given.operator and not _environments(given):
        raise no_role()
    if User.objects.filter(username__iexact=name).exists():
        # Whoever it is that claims the name: it is somebody's already.
        raise Rejected(
            f"there is a user {name!r} already, who does not log in this way",
            remedy="if that is you, log in as before and link the two on the page of your second factor",
        )
    user = User(username=name, email=email, is_operator=given.operator, operator_provided=given.operator)
    user.set_unusable_password()
    save_new(user)
    details = {"operator": given.operator, "provided": True}
    audit.record(actor, "user.add", f"user {user.username}", None, details)
    follow_groups(actor, user, given)
    return user


@transaction.atomic
def follow_groups(actor: Actor, user: User, given: Given) -> None:
    """Bring what the provider gave before in step with what it gives now; each change has its row."""
    require(actor, "user.provide", None)
    user = User.objects.select_for_update().get(pk=user.pk)
    _follow_operator(actor, user, wanted=given.operator)
    wanted = _environments(given)
    rows = {row.environment_id: row for row in user.memberships.select_related("environment").order_by("-pk")}
    for environment, role in wanted:
        _follow_role(actor, user, environment, rows.get(environment.pk), role)
    kept = {environment.pk for environment, _role in wanted}
    for row in rows.values():
        if row.provided and row.environment_id not in kept:
            row.delete()
            details = {"role": [row.role, None], "provided": True}
            audit.record(actor, "user.take_role", f"user {user.username}", row.environment, details)


@transaction.atomic
def unlink_provider(actor: Actor, user: User) -> None:
    """Take the log-in by a provider from a user, and end the sessions; what groups gave stays."""
    require(actor, "user.edit", None)
    user = User.objects.select_for_update().get(pk=user.pk)
    count, _kinds = SocialAccount.objects.filter(user=user).delete()
    if not count:
        raise Rejected(f"{user.username} does not log in with a provider", remedy="")
    user.end_sessions()
    user.save(update_fields=["session_round"])
    audit.record(actor, "user.unlink_provider", f"user {user.username}", None)


def no_role() -> PermissionDenied:
    """Nobody gets in who would see nothing."""
    return PermissionDenied("none of your groups may use Sluis", remedy="ask the operator which group that would be")


def _environments(given: Given) -> list[tuple[Environment, str]]:
    """The environments that there are of those that a role is given in."""
    rows = Environment.objects.annotate(small=Lower("name")).filter(small__in=given.roles)
    return [(row, given.roles[row.name.lower()]) for row in rows.order_by("pk")]


def _follow_operator(actor: Actor, user: User, *, wanted: bool) -> None:
    if user.is_operator == wanted or (user.is_operator and not user.operator_provided):
        return
    user.is_operator = user.operator_provided = wanted
    user.save(update_fields=["is_operator", "operator_provided"])
    details = {"is_operator": [not wanted, wanted], "provided": True}
    audit.record(actor, "user.edit", f"user {user.username}", None, details)


def _follow_role(actor: Actor, user: User, environment: Environment, row: Membership | None, role: str) -> None:
    if row is not None and (not row.provided or row.role == role):
        return
    before = row.role if row else None
    row = row or Membership(user=user, environment=environment, valid_from=environment.today(), provided=True)
    row.role = role
    row.save()
    details = {"role": [before, role], "provided": True}
    audit.record(actor, "user.give_role", f"user {user.username}", environment, details)
