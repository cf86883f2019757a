"""Reads the audit trail. Who reads it is told in it too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from sluis import settings
from sluis.control import audit, days
from sluis.control.actor import Actor
from sluis.control.models import AuditEvent, Environment, Scope
from sluis.control.paging import PER_PAGE, Page, place
from sluis.control.permissions import allowed, has_medical_rights, require

NEWEST = 1000
"""How many events a list goes back; days of the filter reach older ones."""
_LONGEST = 200
_AT_ONCE = 2000


@dataclass(frozen=True)
class Wanted:
    """Which events; what is None or empty does not filter. Days are of the environment's time zone.

    ``person``: a part of a name; ``action``: a code, as ``account.edit``; ``text``: in what it is about or the details.
    """

    person: str = ""
    action: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    text: str = ""

    def told(self) -> dict[str, str]:
        """What of it filters, for the trail."""
        days = {name: day.isoformat() for name, day in (("first", self.first), ("last", self.last)) if day}
        texts = {name: _clean(getattr(self, name)) for name in ("person", "action", "text")}
        return {**{name: value for name, value in texts.items() if value}, **days}


@transaction.atomic
def read_trail(
    actor: Actor, environment: Environment | None, wanted: Wanted, number: int = 1, *, per_page: int = PER_PAGE
) -> Page[AuditEvent]:
    """A page of what the actor may read of an environment, or of the installation, newest first."""
    require(actor, "audit.view", environment)
    every = _filtered(actor, environment, wanted)
    # Keys first: what is searched through is then read once.
    keys = list(every.values_list("pk", flat=True)[: NEWEST + 1])
    total = min(len(keys), NEWEST)
    at = place(total, number, per_page)
    rows = tuple(_events().filter(pk__in=keys[at.rows]))
    _tell(actor, "audit.view", environment, wanted)
    return Page(rows, at.number, at.pages, total, len(keys) > NEWEST)


def export_trail(actor: Actor, environment: Environment | None, wanted: Wanted) -> Iterator[AuditEvent]:
    """All of it, the newest first, read bit by bit. What is refused is refused before the first is asked for."""
    require(actor, "audit.view", environment)
    with transaction.atomic():
        _tell(actor, "audit.export", environment, wanted)
    return _filtered(actor, environment, wanted).iterator(chunk_size=_AT_ONCE)


def _tell(actor: Actor, action: str, environment: Environment | None, wanted: Wanted) -> None:
    subject = f"environment {environment.name}" if environment else "installation"
    # Who may see medical accounts may have typed the name of one.
    medical = environment is not None and bool(_clean(wanted.text)) and has_medical_rights(actor, environment)
    audit.record(actor, action, subject, environment, wanted.told(), medical=medical)


def _events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.defer("searched").order_by("-moment", "-pk")


def _filtered(actor: Actor, environment: Environment | None, wanted: Wanted) -> QuerySet[AuditEvent]:
    rows = _events().filter(_readable(actor, environment))
    zone = environment.time_zone if environment else settings.current().time_zone
    if wanted.first:
        rows = rows.filter(moment__gte=days.beginning(wanted.first, zone))
    if wanted.last:
        rows = rows.filter(moment__lt=days.end(wanted.last, zone))
    if person := _clean(wanted.person):
        rows = rows.filter(actor__icontains=person)
    if action := _clean(wanted.action):
        rows = rows.filter(action=action)
    if text := _clean(wanted.text):
        rows = rows.filter(searched__contains=text.lower())
    return rows


def _readable(actor: Actor, environment: Environment | None) -> Q:
    """What hangs on accounts is for who may see accounts; what has the medical mark asks medical rights.

    Of events of before it was told what they are about, those of an environment may be about anything.
    """
    if environment is None:
        of_environments = Q(scope=Scope.ENVIRONMENT)
        return Q() if actor.machine else Q(environment_name="") | of_environments
    scopes = [Scope.ENVIRONMENT]
    if allowed(actor, "account.list", environment):
        scopes.append(Scope.ACCOUNT)
        if has_medical_rights(actor, environment):
            return Q(environment_name=environment.name)
    return Q(environment_name=environment.name, scope__in=scopes)


def _clean(text: str) -> str:
    """As PostgreSQL takes it."""
    return text.replace("\0", "").strip()[:_LONGEST]
