"""What an actor can see of users."""

from __future__ import annotations

from django.db.models import Prefetch
from django.db.models.functions import Lower

from sluis.control.actor import Actor
from sluis.control.models import Membership, User
from sluis.control.permissions import not_found, require


def users(actor: Actor) -> list[User]:
    """Every user with its roles, by name."""
    require(actor, "user.list", None)
    roles = Membership.objects.select_related("environment").order_by(Lower("environment__name"))
    return list(User.objects.prefetch_related(Prefetch("memberships", roles)).order_by(Lower("username")))


def find_user(actor: Actor, name: str) -> User:
    """The user of that name, capitals or not, also one who may not log in."""
    require(actor, "user.list", None)
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        raise not_found("user", name)
    return user
