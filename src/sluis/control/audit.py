"""Writes the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from sluis.control.actor import Actor
from sluis.control.models import AuditEvent, Environment


def record(
    actor: Actor, action: str, subject: str, environment: Environment | None, details: Mapping[str, Any] | None = None
) -> AuditEvent:
    """Write what was done, inside the transaction that does it. ``details`` holds no secret and no row's content."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action}: an audit event is written in the transaction of what it tells")
    return AuditEvent.objects.create(
        actor=actor.name,
        actor_kind=actor.kind,
        action=action,
        subject=subject,
        environment_name=environment.name if environment else "",
        details=dict(details or {}),
    )


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs, as name → [before, after]."""
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}
