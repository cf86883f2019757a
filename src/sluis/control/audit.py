"""Writes the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from sluis.control.actor import Actor
from sluis.control.models import AuditEvent, Environment, Refresh, Scope
from sluis.control.permissions import Subject, environment_of, has_medical_mark


def record(
    actor: Actor,
    action: str,
    subject: str,
    about: Subject,
    details: Mapping[str, Any] | None = None,
    *,
    medical: bool = False,
) -> AuditEvent:
    """Write what was done, inside the transaction that does it. ``details`` holds no secret and no row's content.

    ``about``: what it was done to, as narrow as it can be: who may read the event follows from it. None for the
    installation. ``medical``: only who has medical rights may read it, though ``about`` bears no mark.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action}: an audit event is written in the transaction of what it tells")
    environment = environment_of(about)
    return AuditEvent.objects.create(
        actor=actor.name,
        actor_kind=actor.kind,
        action=action,
        subject=subject,
        environment_name=environment.name if environment else "",
        scope=Scope.MEDICAL if medical else _scope(about),
        details=dict(details or {}),
    )


def _scope(about: Subject) -> Scope:
    if about is None:
        return Scope.INSTALLATION
    if isinstance(about, Environment | Refresh):
        return Scope.ENVIRONMENT
    return Scope.MEDICAL if has_medical_mark(about) else Scope.ACCOUNT


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs, as name → [before, after]."""
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}
