"""What an actor can see of users."""

from __future__ import annotations

from enum import StrEnum

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from sluis.control.actor import Actor
from sluis.control.models import Environment, Membership, User
from sluis.control.permissions import not_found, require


class UserState(StrEnum):
    """Whether a user can log in, and if not, why."""

    NEW = "new"
    WELL = "well"
    INACTIVE = "inactive"
    PAST = "past"


def state_of(user: User) -> UserState:
    """``NEW``: can log in, and never did."""
    if not user.is_active:
        return UserState.INACTIVE
    if user.is_past:
        return UserState.PAST
    return UserState.NEW if user.last_login is None else UserState.WELL


def users(actor: Actor) -> list[User]:
    """Every user with its roles, by name."""
    require(actor, "user.list", None)
    return list(_with_roles().order_by(Lower("username")))


def find_user(actor: Actor, name: str) -> User:
    """The user of that name, capitals or not, also one who may not log in."""
    require(actor, "user.list", None)
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        raise not_found("user", name)
    return user


def user_by_id(actor: Actor, key: int) -> User:
    """The user with that key, and its roles."""
    require(actor, "user.list", None)
    user = _with_roles().filter(pk=key).first()
    if user is None:
        raise not_found("user", str(key))
    return user


def second_factors(actor: Actor, user: User) -> list[str]:
    """The kinds of second factor that a user has: ``totp``, ``webauthn``."""
    require(actor, "user.list", None)
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return sorted(set(rows.values_list("type", flat=True)))


def is_linked(actor: Actor, user: User) -> bool:
    """Whether a user can log in with a provider of OpenID Connect."""
    require(actor, "user.list", None)
    return bool(SocialAccount.objects.filter(user=user).exists())


def members(actor: Actor, environment: Environment) -> list[Membership]:
    """Who has a role in an environment, by name, also a role that has ended or is still to begin."""
    require(actor, "user.members", environment)
    rows = Membership.objects.filter(environment=environment).select_related("user", "environment")
    return list(rows.order_by(Lower("user__username"), "pk"))


def member_by_id(actor: Actor, environment: Environment, key: int) -> Membership:
    """The role with that key in the environment."""
    row = next((one for one in members(actor, environment) if one.pk == key), None)
    if row is None:
        raise not_found("user", str(key))
    return row


def _with_roles() -> QuerySet[User]:
    roles = Membership.objects.select_related("environment").order_by(Lower("environment__name"), "pk")
    return User.objects.prefetch_related(Prefetch("memberships", roles))
