"""What concerns a user, as the bell shows it: what went wrong, and the notices, of all environments that he looks into.

They are the facts that mails tell. What is newer than ``User.notices_read_until`` is unread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from sluis.control import queries
from sluis.control.actor import Actor
from sluis.control.models import Environment, LogLevel, LogLine, Notice, User
from sluis.control.permissions import allowed, environment_of, has_medical_rights

SHOWN = 100
"""How many of the newest a user sees; counting ends there too."""


@dataclass(frozen=True)
class Item:
    """A line of the log of a run that failed or is held, or a notice."""

    moment: dt.datetime
    environment: Environment
    unread: bool
    source: LogLine | Notice


def items(actor: Actor) -> list[Item]:
    """The newest that concern the actor, newest first."""
    inside = _inside(actor)
    if actor.user is None or not inside:
        return []
    until = _read_until(actor.user)
    found = [*_of_lines(_lines(actor, inside), until), *_of_notices(_notices(actor, inside), until)]
    return sorted(found, key=lambda one: one.moment, reverse=True)[:SHOWN]


def _of_lines(lines: QuerySet[LogLine], until: dt.datetime) -> Iterator[Item]:
    runs = ("delivery__configuration__account__environment", "refresh__environment")
    for line in lines.select_related(*runs).order_by("-moment")[:SHOWN]:
        environment = environment_of(line.delivery or line.refresh)
        if environment is not None:
            yield Item(line.moment, environment, line.moment > until, line)


def _of_notices(notices: QuerySet[Notice], until: dt.datetime) -> Iterator[Item]:
    rows = notices.select_related("account__environment", "configuration__account__environment")
    for notice in rows.order_by("-made_at")[:SHOWN]:
        yield Item(notice.made_at, notice.account.environment, notice.made_at > until, notice)


def unread(actor: Actor, seen: Iterable[Environment] | None = None) -> int:
    """How many are unread, counted up to ``SHOWN``. ``seen``: the environments of the actor, where they are known."""
    inside = _inside(actor, seen)
    if actor.user is None or not inside:
        return 0
    until = _read_until(actor.user)
    # Of anybody first: every page asks, and mostly there is nothing new at all.
    found = 0
    if LogLine.objects.filter(level=LogLevel.FAILURE, moment__gt=until).exists():
        found += _lines(actor, inside).filter(moment__gt=until).order_by()[:SHOWN].count()
    if Notice.objects.filter(made_at__gt=until).exists():
        found += _notices(actor, inside).filter(made_at__gt=until).order_by()[:SHOWN].count()
    return min(found, SHOWN)


def mark_read(user: User, until: dt.datetime) -> None:
    """Remember that the user has read all up to a moment. It is about nobody else: the audit trail does not hold it."""
    if until > _read_until(user):
        user.notices_read_until = until
        user.save(update_fields=["notices_read_until"])


def _read_until(user: User) -> dt.datetime:
    return user.notices_read_until or user.date_joined


def _inside(actor: Actor, seen: Iterable[Environment] | None = None) -> list[Environment]:
    every = queries.environments(actor) if seen is None else seen
    return [one for one in every if allowed(actor, "account.list", one)]


def _lines(actor: Actor, inside: list[Environment]) -> QuerySet[LogLine]:
    medical = [one.pk for one in inside if has_medical_rights(actor, one)]
    plain = Q(delivery__medical=False, delivery__configuration__account__medical=False)
    of_delivery = Q(delivery__configuration__account__environment__in=inside)
    seen = of_delivery & (plain | Q(delivery__configuration__account__environment__in=medical))
    return LogLine.objects.filter(seen | Q(refresh__environment__in=inside), level=LogLevel.FAILURE)


def _notices(actor: Actor, inside: list[Environment]) -> QuerySet[Notice]:
    medical = [one.pk for one in inside if has_medical_rights(actor, one)]
    return Notice.objects.filter(
        Q(account__medical=False) | Q(account__environment__in=medical), account__environment__in=inside
    )
