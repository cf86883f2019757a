"""Verbs for users, what they are in an environment, and how they log in."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction

from sluis.control import audit
from sluis.control.actor import WEB, Actor
from sluis.control.models import Environment, Membership, Role, User
from sluis.control.names import save_named
from sluis.control.permissions import is_second_person, refuse_own, require
from sluis.errors import Rejected

_LONGEST_NAME = 150
_NAME = re.compile(r"[\w.@+-]+")
_is_address = EmailValidator()


@transaction.atomic
def add_user(
    actor: Actor,
    name: str,
    *,
    email: str = "",
    operator: bool = False,
    valid_until: dt.date | None = None,
    password: str | None = None,
) -> tuple[User, str]:
    """Make a user; also the password to log in with once, after which the user chooses another."""
    require(actor, "user.add", None)
    user = User(username=_name(name), email=_email(email), is_operator=operator, valid_until=valid_until)
    first = _set_password(user, password)
    save_new(user)
    details = {"operator": operator, "valid_until": _day(valid_until)}
    audit.record(actor, "user.add", f"user {user.username}", None, details)
    return user, first


def save_new(user: User) -> None:
    """Save a new user; ``Rejected`` where the name is in use."""
    # Django has a constraint of its own, which comes first where the capitals are the same too.
    taken = f"there is a user {user.username!r} already"
    save_named(user, "user_name_unique", taken, also="control_user_username_key")


@transaction.atomic
def edit_user(
    actor: Actor,
    user: User,
    *,
    email: str | None = None,
    operator: bool | None = None,
    active: bool | None = None,
    valid_until: dt.date | None = None,
    for_ever: bool = False,
) -> User:
    """Change what is given; what is None stays. ``for_ever`` takes the last day away."""
    require(actor, "user.edit", None)
    user = User.objects.select_for_update().get(pk=user.pk)
    given: dict[str, Any] = {
        "email": None if email is None else _email(email),
        "is_operator": operator,
        "is_active": active,
        "valid_until": valid_until,
    }
    after = {field: value for field, value in given.items() if value is not None}
    if for_ever:
        after["valid_until"] = None
    if not after:
        raise Rejected("there is nothing to change", remedy="give what is to change")
    changed = audit.difference({field: getattr(user, field) for field in after}, after)
    if changed.keys() - {"email"}:
        refuse_own(actor, user)
    for field, value in after.items():
        setattr(user, field, value)
    if "is_operator" in changed:
        user.operator_provided = False
    if after.get("is_active") is False:
        # Else they would go on where the user is made active again.
        user.end_sessions()
    if changed:
        user.save(update_fields=[*after, "operator_provided", "session_round"])
        told = {name: [_day(value) for value in pair] for name, pair in changed.items()}
        audit.record(actor, "user.edit", f"user {user.username}", None, told)
    return user


@transaction.atomic
def renew_password(actor: Actor, user: User, password: str | None = None) -> str:
    """Give a user a password to log in with once; it ends the sessions that the user has."""
    require(actor, "user.edit", None)
    user = User.objects.select_for_update().get(pk=user.pk)
    first = _set_password(user, password)
    user.save(update_fields=["password", "must_change_password"])
    audit.record(actor, "user.renew_password", f"user {user.username}", None)
    return first


@transaction.atomic
def end_sessions(actor: Actor, user: User) -> None:
    """Log a user out everywhere: each session ends with its next page."""
    require(actor, "user.edit", None)
    _end_sessions(user)
    audit.record(actor, "user.end_sessions", f"user {user.username}", None)


@transaction.atomic
def reset_second_factor(actor: Actor, user: User) -> None:
    """Forget the second factor of a user who lost it, and end the sessions; who needs one makes another at log-in."""
    require(actor, "user.edit", None)
    refuse_own(actor, user)
    Authenticator.objects.filter(user=user).delete()
    # Who has a session of a device that is lost could make the next second factor with it.
    _end_sessions(user)
    audit.record(actor, "user.reset_second_factor", f"user {user.username}", None)


@transaction.atomic
def give_role(
    actor: Actor,
    user: User,
    environment: Environment,
    role: str,
    *,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> Membership:
    """Make a user superbeheerder or reader of an environment, from today if no day is given; or change what it is.

    A role whose last day has passed begins anew: its medical right ended with it, and is proposed and given again.
    """
    require(actor, "user.give_role", environment)
    refuse_own(actor, user)
    if role not in Role.values:
        raise Rejected(f"there is no role {role!r}", remedy=f"use one of: {', '.join(Role.values)}")
    # Two at once would each find no role, and make one: there would be one that nobody sees or ends.
    user = User.objects.select_for_update().get(pk=user.pk)
    row = Membership.objects.select_for_update().filter(user=user, environment=environment).order_by("pk").first()
    before = _told(row) if row else {}
    if row is not None and row.valid_until is not None and row.valid_until < environment.today():
        row.medical, row.medical_asked_by = False, ""
    row = row or Membership(user=user, environment=environment, valid_from=environment.today())
    row.role, row.valid_from, row.valid_until = role, valid_from or row.valid_from, valid_until
    row.provided = False
    if row.valid_until is not None and row.valid_until < row.valid_from:
        raise Rejected("the role ends before it begins", remedy="give a last day that is not before the first")
    row.save()
    details = _told(row) if not before else audit.difference(before, _told(row))
    audit.record(actor, "user.give_role", f"user {user.username}", environment, details)
    return row


@transaction.atomic
def take_role(actor: Actor, user: User, environment: Environment) -> None:
    """Take a user out of an environment, with the medical right."""
    require(actor, "user.give_role", environment)
    rows = Membership.objects.filter(user=user, environment=environment)
    if not rows:
        raise _no_role(user, environment)
    details = {"role": [rows[0].role, None]}
    rows.delete()
    audit.record(actor, "user.take_role", f"user {user.username}", environment, details)


@transaction.atomic
def ask_medical(actor: Actor, user: User, environment: Environment) -> Membership:
    """Propose the medical right for a user of an environment; another person gives it."""
    require(actor, "user.ask_medical", environment)
    refuse_own(actor, user)
    row = _membership(user, environment)
    if row.medical:
        raise Rejected(f"{user.username} has the medical right in {environment.name} already", remedy="")
    row.medical_asked_by = actor.name
    row.save(update_fields=["medical_asked_by"])
    audit.record(actor, "user.ask_medical", f"user {user.username}", environment)
    return row


@transaction.atomic
def grant_medical(actor: Actor, user: User, environment: Environment) -> Membership:
    """Give the medical right that somebody else proposed."""
    require(actor, "user.grant_medical", environment)
    refuse_own(actor, user)
    row = _membership(user, environment)
    if not row.medical_asked_by:
        raise Rejected(
            f"nobody proposed the medical right for {user.username} in {environment.name}",
            remedy="propose it first; another person then gives it",
        )
    if not is_second_person(actor, row):
        raise Rejected("the medical right needs a second person", remedy="ask somebody else to give it")
    details = {"asked_by": row.medical_asked_by}
    row.medical, row.medical_asked_by = True, ""
    row.save(update_fields=["medical", "medical_asked_by"])
    audit.record(actor, "user.grant_medical", f"user {user.username}", environment, details)
    return row


@transaction.atomic
def withdraw_medical(actor: Actor, user: User, environment: Environment) -> Membership:
    """Take the medical right away, or the proposal of it."""
    require(actor, "user.ask_medical", environment)
    row = _membership(user, environment)
    row.medical, row.medical_asked_by = False, ""
    row.save(update_fields=["medical", "medical_asked_by"])
    audit.record(actor, "user.withdraw_medical", f"user {user.username}", environment)
    return row


@transaction.atomic
def record_log_in(user: User, event: str, details: Mapping[str, Any] | None = None) -> None:
    """Keep that a user logged in or out, or changed how he does. ``event``: a verb, as ``log_in``."""
    if event == "change_password" and user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
    audit.record(Actor(user=user), f"user.{event}", f"user {user.username}", None, details)


@transaction.atomic
def record_failed_log_in(name: str, way: str) -> None:
    """Keep that somebody tried to log in as ``name`` and could not; ``way``: ``password``, or a second factor's kind.

    A name that nobody has is not kept, for it may be a password that was typed in the wrong field; that it was tried
    is, so that it takes the same time.
    """
    user = User.objects.filter(username__iexact=name).first()
    subject = f"user {user.username}" if user else "unknown user"
    audit.record(WEB, "user.fail_log_in", subject, None, {"by": [way]})


def _end_sessions(user: User) -> None:
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.end_sessions()
    locked.save(update_fields=["session_round"])


def _membership(user: User, environment: Environment) -> Membership:
    rows = Membership.objects.select_for_update().filter(user=user, environment=environment)
    row = rows.order_by("pk").first()
    if row is None:
        raise _no_role(user, environment)
    return row


def _no_role(user: User, environment: Environment) -> Rejected:
    return Rejected(f"{user.username} has no role in {environment.name}", remedy="give a role first")


def _told(row: Membership) -> dict[str, Any]:
    days = {"valid_from": _day(row.valid_from), "valid_until": _day(row.valid_until)}
    return {"role": row.role, "medical": row.medical, **days}


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _set_password(user: User, password: str | None) -> str:
    """Set the given password, or one that is made."""
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Rejected(
                f"the password cannot be used: {' '.join(error.messages)}", remedy="choose another"
            ) from None
    first = password or secrets.token_urlsafe(12)
    user.set_password(first)
    user.must_change_password = True
    return first


def _name(text: str) -> str:
    if not text or len(text) > _LONGEST_NAME or not _NAME.fullmatch(text):
        raise Rejected(
            f"the name of a user {text!r} cannot be used", remedy="use letters, digits and @ . + - _, at most 150"
        )
    return text


def _email(text: str) -> str:
    if text:
        try:
            _is_address(text)
        except ValidationError:
            raise Rejected(f"{text!r} is not a mail address", remedy="write it as name@example.org") from None
    return text
