"""Who may do what: the one place that says it. Every action and every query asks here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import rules
from django.db.models import Q

from sluis import settings
from sluis.control.actor import Actor
from sluis.control.errors import NotFound
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    Delivery,
    Environment,
    Membership,
    Refresh,
    Role,
    User,
)
from sluis.errors import PermissionDenied

Subject = Environment | ConnectionAccount | Configuration | Delivery | Refresh | None
"""What a permission is about; None for the installation itself."""


def environment_of(subject: Subject) -> Environment | None:
    if isinstance(subject, Environment) or subject is None:
        return subject
    if isinstance(subject, Delivery):
        return subject.configuration.account.environment
    if isinstance(subject, Configuration):
        return subject.account.environment
    return subject.environment


def has_medical_mark(subject: Subject) -> bool:
    """Whether it is, hangs on, or was delivered to an account with the medical mark."""
    if isinstance(subject, Delivery):
        return subject.medical or subject.configuration.account.medical
    if isinstance(subject, Configuration):
        return subject.account.medical
    return isinstance(subject, ConnectionAccount) and subject.medical


def _memberships(actor: Actor, environment: Environment | None) -> list[Membership]:
    if actor.user is None or not actor.user.is_current or environment is None:
        return []
    today = environment.today()
    return [
        row
        for row in _roles(actor.user, environment)
        if row.environment_id == environment.pk
        and row.valid_from <= today
        and (row.valid_until is None or row.valid_until >= today)
    ]


_remembered: ContextVar[dict[int, list[Membership]] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering(known: Mapping[int, list[Membership]] | None = None) -> Iterator[None]:
    """Read the roles of a user once while this lasts: for what is short, as the answer to one request.

    ``known``: roles by the key of the user, that are not read at all.
    """
    token = _remembered.set(dict(known or {}))
    try:
        yield
    finally:
        _remembered.reset(token)


def _roles(user: User, environment: Environment) -> list[Membership]:
    """Those in the environment, perhaps among others."""
    remembered = _remembered.get()
    if remembered is None:
        return list(Membership.objects.filter(user=user, environment=environment))
    if user.pk not in remembered:
        # In every environment at once: a page lists them.
        remembered[user.pk] = list(Membership.objects.filter(user=user))
    return remembered[user.pk]


def has_medical_rights(actor: Actor, environment: Environment | None) -> bool:
    """Whether the actor may see what has the medical mark in this environment."""
    return actor.machine in {"cli", "worker", "sftp"} or any(
        membership.medical for membership in _memberships(actor, environment)
    )


_rules: Any = rules  # none of its functions has types


def _predicate(test: Callable[[Actor, Subject], bool]) -> Any:
    # Called, not decorated: a decorator without types hides those of the function.
    return _rules.predicate(test)


def _is_operator(actor: Actor, _: Subject) -> bool:
    return actor.user is not None and actor.user.is_current and actor.user.is_operator


def _is_superbeheerder(actor: Actor, subject: Subject) -> bool:
    return any(membership.role == Role.SUPERBEHEERDER for membership in _memberships(actor, environment_of(subject)))


def _is_member(actor: Actor, subject: Subject) -> bool:
    return bool(_memberships(actor, environment_of(subject)))


def _module_is_on(_: Actor, subject: Subject) -> bool:
    environment = environment_of(subject)
    return environment is not None and environment.datastreams_enabled


def _medical_rights(actor: Actor, subject: Subject) -> bool:
    return has_medical_rights(actor, environment_of(subject))


def _medical_if_marked(actor: Actor, subject: Subject) -> bool:
    return not has_medical_mark(subject) or has_medical_rights(actor, environment_of(subject))


def _machine(name: str) -> Any:
    return _predicate(lambda actor, _: actor.machine == name)


_cli, _worker, _sftp, _oidc = _machine("cli"), _machine("worker"), _machine("sftp"), _machine("oidc")
_operator = _predicate(_is_operator)
_module = _predicate(_module_is_on)
_beheer = _predicate(_is_superbeheerder) & _module & _predicate(_medical_if_marked)
_view = _predicate(_is_member) & _module & _predicate(_medical_if_marked)

PERMISSIONS: Any = _rules.RuleSet()
for _name, _rule in {
    "environment.add": _operator | _cli,
    "environment.view": _operator | _predicate(_is_member) | _cli | _worker | _sftp,
    "environment.edit": _operator | _cli,
    "environment.refresh": _operator | _beheer | (_worker & _module) | _cli,
    "environment.schedule": _operator | _beheer | _cli,
    "environment.release": _operator | _beheer | _cli,
    "refresh.view": _operator | _view | _cli | (_worker & _module),
    "environment.maintain": _operator | (_worker & _module) | _cli,
    "environment.suspend": _operator | _cli,
    "environment.expunge": _operator | _cli,
    "environment.rebuild": _operator | _cli,
    "account.list": _view | _cli,
    "account.add": _beheer | _cli,
    "account.view": _view | _cli | (_worker & _module) | (_sftp & _module),
    "account.edit": _beheer | _cli,
    "account.rotate_secret": _beheer | _cli,
    "account.remove_deliveries": _beheer | _cli,
    "account.keys": _beheer | _cli,
    "account.test": _beheer | _cli,
    "account.clean": _beheer | _cli | (_worker & _module),
    "account.mark_medical": (_beheer & _predicate(_medical_rights)) | _cli,
    "configuration.add": _beheer | _cli,
    "configuration.view": _view | _cli | (_worker & _module),
    "configuration.edit": _beheer | _cli,
    "configuration.run": _beheer | _cli | (_worker & _module),
    "delivery.view": _view | _cli | (_worker & _module),
    "delivery.release": _beheer | _cli,
    "delivery.refuse": _beheer | _cli,
    "delivery.cancel": _beheer | _cli,
    "delivery.open": _beheer | _cli | (_sftp & _module),
    "installation.view": _operator | _cli,
    "installation.keys": _cli,
    "installation.restored": _cli,
    "notice.make": _operator | _cli | _worker,
    "mail.send": _operator | _cli | _worker,
    "audit.view": _operator | _beheer | _cli,
    "user.list": _operator | _cli,
    "user.members": _operator | _beheer | _cli,
    "user.add": _operator | _cli,
    "user.edit": _operator | _cli,
    "user.give_role": _operator | _cli,
    "user.provide": _oidc,
    "user.ask_medical": _operator | _cli,
    "user.grant_medical": _operator | (_beheer & _predicate(_medical_rights)) | _cli,
}.items():
    PERMISSIONS.add_rule(_name, _rule)


def allowed(actor: Actor, permission: str, subject: Subject) -> bool:
    """Whether the actor has the permission on the subject. An unknown permission is a ``KeyError``, not a no."""
    return bool(PERMISSIONS[permission].test(actor, subject))


def needs_second_factor(user: User) -> bool:
    """Whether this user logs in with more than a password: operators, superbeheerders, and who has medical rights."""
    if not settings.current().second_factor:
        return False
    strong = Q(role=Role.SUPERBEHEERDER) | Q(medical=True)
    return user.is_operator or Membership.objects.filter(strong, user=user).exists()


def is_own(actor: Actor, user: User) -> bool:
    """Whether it is about the rights of who asks."""
    return actor.user is not None and actor.user.pk == user.pk


def is_second_person(actor: Actor, membership: Membership) -> bool:
    """Whether somebody else proposed the medical right than who would give it now."""
    return bool(membership.medical_asked_by) and membership.medical_asked_by != actor.name


def may_grant_medical(actor: Actor, membership: Membership) -> bool:
    """Whether the actor is the one, or one of those, who may give the medical right that is proposed."""
    return (
        is_second_person(actor, membership)
        and not is_own(actor, membership.user)
        and allowed(actor, "user.grant_medical", membership.environment)
    )


def refuse_own(actor: Actor, user: User) -> None:
    """Nobody gives himself a right."""
    if is_own(actor, user):
        raise PermissionDenied("nobody gives himself a right", remedy="ask another operator")


def require(actor: Actor, permission: str, subject: Subject) -> None:
    """Raise ``NotFound`` where the actor may not know the subject, ``PermissionDenied`` where the right is missing."""
    if allowed(actor, permission, subject):
        return
    environment = environment_of(subject)
    if environment is not None and not allowed(actor, "environment.view", environment):
        raise not_found("environment", environment.name)
    if environment is not None:
        require_module(environment)
    if not _may_view(actor, subject):
        raise not_found(_kind(subject), str(subject))
    raise PermissionDenied(f"{actor.name} has no right to do this: {permission}", remedy=_remedy(permission, subject))


def require_still(actor: Actor, permission: str, subject: Subject) -> None:
    """As ``require``, with the user and his roles read anew: at the end of what took long, nothing of before counts."""
    user = User.objects.get(pk=actor.user.pk) if actor.user else None
    with remembering():
        require(Actor(user=user, machine=actor.machine), permission, subject)


def require_module(environment: Environment) -> None:
    """Raise ``PermissionDenied`` where the module is off: whoever asks, no worker would do it."""
    if not environment.datastreams_enabled:
        raise PermissionDenied(
            f"the module Datastreams is off for environment {environment.name}",
            remedy="ask the operator to switch it on",
        )


def not_found(kind: str, name: str) -> NotFound:
    """The same answer for what does not exist and for what the actor may not see."""
    marked = "" if kind in {"environment", "user"} else "; what has the medical mark asks medical rights"
    return NotFound(f"there is no {kind} {name!r}", remedy=f"check the name{marked}")


def _kind(subject: Subject) -> str:
    kinds: dict[type, str] = {
        ConnectionAccount: "account",
        Configuration: "configuration",
        Delivery: "delivery",
        Refresh: "refresh",
    }
    return kinds.get(type(subject), "environment")


def _may_view(actor: Actor, subject: Subject) -> bool:
    return subject is None or allowed(actor, f"{_kind(subject)}.view", subject)


def _remedy(permission: str, subject: Subject) -> str:
    if subject is None or permission.startswith(("environment.", "user.")):
        return "ask an operator"
    if permission == "account.mark_medical":
        return "ask a superbeheerder with medical rights"
    return "ask a superbeheerder of this environment"
