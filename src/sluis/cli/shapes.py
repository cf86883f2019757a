"""The shapes of things in JSON: plain values under the names that the documentation uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluis.catalog.model import Column
    from sluis.control.actions.decisions import Ended
    from sluis.control.actions.previews import Preview
    from sluis.control.health import EnvironmentRow
    from sluis.control.models import (
        AuditEvent,
        Configuration,
        ConnectionAccount,
        Delivery,
        DownloadReceipt,
        Environment,
        Mail,
        Membership,
        Notice,
        Recipient,
        Refresh,
        RunProgress,
        Schedule,
        SftpKey,
        Suspension,
        User,
    )
    from sluis.control.queries import UnderWay


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def environment(row: Environment) -> dict[str, Any]:
    return {
        "name": row.name,
        "catalog": row.catalog,
        "source": row.source_url,
        "time_zone": row.time_zone,
        "datastreams_enabled": row.datastreams_enabled,
        "daily_allowed": row.daily_allowed,
        "brake_percent": row.brake_percent,
        "brake_floor": row.brake_floor,
        "keep_days": row.keep_days,
        "snapshot": row.lake_sequence,
        "snapshot_time": row.snapshot_time,
        "next_run_at": row.next_run_at(),
    }


def environment_state(row: EnvironmentRow) -> dict[str, Any]:
    """``id``: as the log names it; ``refresh``: the state of the newest one."""
    return {
        "environment": row.environment.name,
        "id": row.environment.pk,
        "well": row.well,
        "refresh": row.last.state if row.last else None,
        "refreshed_at": row.last.finished_at if row.last else None,
        "late": row.late,
        "running": row.running,
        "trouble": row.trouble,
        "failure": (row.last.failure or None) if row.last else None,
    }


def suspension(row: Suspension) -> dict[str, Any]:
    return {
        "environment": row.environment.name,
        "dataset": row.dataset,
        "reason": row.reason,
        "by": row.actor,
        "since": row.created_at,
    }


def audit_event(row: AuditEvent) -> dict[str, Any]:
    """``environment`` is null for what is about none."""
    return {
        "moment": row.moment,
        "actor": row.actor,
        "kind": row.actor_kind,
        "action": row.action,
        "environment": row.environment_name or None,
        "subject": row.subject,
        "details": row.details,
    }


def schedule(row: Schedule) -> dict[str, Any]:
    """``day`` is a day of the week or ``daily``; moments are in UTC, ``time`` in the environment's time zone."""
    return {
        "environment": row.environment.name,
        "day": DAYS[row.weekday - 1] if row.weekday else "daily",
        "time": f"{row.time:%H:%M}",
        "time_zone": row.environment.time_zone,
        "paused": row.paused,
        "not_before": row.not_before,
        "next_run_at": row.next_run_at,
        "last_run_at": row.last_run_at,
    }


def refresh(row: Refresh) -> dict[str, Any]:
    return {
        "id": row.pk,
        "environment": row.environment.name,
        "state": row.state,
        "trigger": row.trigger,
        "snapshot": row.sequence,
        "snapshot_time": row.snapshot_time,
        "counts": row.counts,
        "gone": row.gone,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "failure": row.failure or None,
    }


def account(row: ConnectionAccount) -> dict[str, Any]:
    """With what its type has: how receivers log in, or the server that is delivered to, without its secrets."""
    from sluis.delivery import pseudonyms

    value: dict[str, Any] = {
        "environment": row.environment.name,
        "name": row.name,
        "type": row.type,
        "language": row.language,
        "medical": row.medical,
        "authorisation": row.authorisation,
        "secret_fingerprint": pseudonyms.fingerprint(row.secret),
    }
    if row.type == "hosted":
        return value | {
            "login": row.login,
            "may_delete": row.may_delete,
            "addresses": list(row.addresses),
            "retention_days": row.retention_days,
            "retention_count": row.retention_count,
        }
    server = row.server
    return value | {
        "server": str(server),
        "log_in": "key" if server.private_key else "password",
        "public_key": server.public_key or None,
        "host_keys": list(server.host_keys),
        "legacy": server.legacy,
        "renames_folders": server.renames_folders,
    }


def sftp_key(row: SftpKey) -> dict[str, Any]:
    return {
        "name": row.name,
        "fingerprint": row.fingerprint,
        "public_key": row.public_key,
        "valid_until": row.valid_until,
        "last_used_at": row.last_used_at,
        "created_at": row.created_at,
    }


def recipient(row: Recipient) -> dict[str, Any]:
    notices_off = list(row.notices_off)
    return {"account": row.account.name, "address": row.address, "report": row.report, "notices_off": notices_off}


def notice(row: Notice) -> dict[str, Any]:
    """With what was told, in English."""
    from sluis.control.reports.noticing import said
    from sluis.control.reports.words import Speaker

    subject, text, to_do = said(row, Speaker("en", row.account.environment.time_zone))
    return {
        "account": row.account.name,
        "configuration": str(row.configuration) if row.configuration else None,
        "kind": row.kind,
        "subject": subject,
        "text": text,
        "to_do": to_do,
        "details": row.details,
        "made_at": row.made_at,
    }


def mail(row: Mail) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "account": row.account.name,
        "to": row.to,
        "language": row.language,
        "subject": row.subject,
        "state": row.state,
        "tries": row.tries,
        "next_try_at": row.next_try_at if row.state == "waiting" else None,
        "error": row.error or None,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
    }


def receipt(row: DownloadReceipt) -> dict[str, Any]:
    return {
        "configuration": str(row.delivery.configuration),
        "sequence": row.delivery.sequence,
        "file": row.file,
        "sent": row.sent,
        "complete": row.complete,
        "moment": row.moment,
        "address": row.address,
        "key": row.key_name or None,
    }


def configuration(row: Configuration) -> dict[str, Any]:
    return {
        "id": row.pk,
        "environment": row.account.environment.name,
        "account": row.account.name,
        "name": row.name,
        "version": row.version,
        "pseudonymous": row.pseudonymous,
        "plain_reason": row.plain_reason or None,
        "automatic": row.automatic,
        "incremental": row.incremental,
        "next_run_at": row.account.environment.next_run_at() if row.automatic and not row.archived_at else None,
        "archived_at": row.archived_at,
        "streams": list(row.streams),
        "files": {one.file: list(one.columns) for one in row.files.order_by("pk")},
    }


def column(entry: Column, *, chosen: bool) -> dict[str, Any]:
    return {
        "name": entry.name,
        "chosen": chosen,
        "mandatory": entry.mandatory,
        "default": entry.default,
        "key": bool(entry.key),
        "identifying": entry.identifying,
        "quasi": entry.quasi.rule if entry.quasi else None,
        "medical": entry.medical,
        "medical_when": entry.medical_when,
        "meaning": entry.en,
    }


def delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "configuration": str(row.configuration),
        "state": row.state,
        "trigger": row.trigger,
        "actor": row.actor,
        "sequence": row.sequence,
        "previous": row.previous,
        "mode": row.mode or None,
        "since": row.since,
        "folder": _place(row),
        "snapshot": row.snapshot,
        "snapshot_time": row.snapshot_time,
        "baseline": row.baseline,
        "baseline_time": row.baseline_time,
        "version": row.version,
        "pseudonymous": row.pseudonymous,
        "medical": row.medical,
        "ended": list(row.ended),
        "created_at": row.created_at,
        "published_at": row.published_at,
        "failure": row.failure or None,
    }


def progress(row: RunProgress | None) -> dict[str, Any]:
    """Every value None where nothing is known; ``number`` of ``total``: files; ``bytes``: built or sent so far."""
    names = ("stage", "file", "number", "total", "rows", "bytes", "moment")
    return {name: getattr(row, name) or None if row else None for name in names}


def under_way(row: UnderWay) -> dict[str, Any]:
    names = ("what", "state", "since", "planned_at", "begins_at")
    return {**{name: getattr(row, name) for name in names}, **progress(row.progress)}


def ended(of: Configuration, done: Ended) -> dict[str, Any]:
    """``waiting``: how many jobs were taken back."""
    known = delivery(done.delivery) if done.delivery else {"configuration": str(of), "state": None}
    return {**known, "waiting": done.jobs}


def shown_delivery(row: Delivery) -> dict[str, Any]:
    """With how far it is, and when its environment is next refreshed where it follows that by itself."""
    configuration, now = row.configuration, getattr(row, "progress", None)
    planned = configuration.environment.next_run_at() if configuration.automatic else None
    return {**delivery(row), "progress": progress(now) if now else None, "next_run_at": planned}


def log(row: Delivery) -> list[dict[str, Any]]:
    return [{name: getattr(line, name) for name in ("moment", "level", "code", "text")} for line in row.log.all()]


def _place(row: Delivery) -> str | None:
    """Where it was published, None for what was not."""
    from sluis.control import places

    if not row.folder:
        return None
    return places.standing(row)


def preview(found: Preview) -> dict[str, Any]:
    names = ("name", "mode", "reason", "rows", "inserted", "updated", "deleted", "bytes")
    head = found.built.head
    return {
        "mode": found.mode,
        "snapshot": head.sequence,
        "snapshot_time": head.snapshot_time,
        "held": list(found.held),
        "left_out": list(found.left_out),
        "files": [{name: getattr(file, name) for name in names} for file in found.built.written],
        "first_rows": found.first_rows,
    }


def delivery_files(row: Delivery) -> list[dict[str, Any]]:
    names = ("name", "mode", "reason", "rows", "inserted", "updated", "deleted", "bytes", "sha256")
    return [{name: getattr(file, name) for name in names} for file in row.files.order_by("pk")]


def user(row: User) -> dict[str, Any]:
    return {
        "name": row.username,
        "email": row.email,
        "operator": row.is_operator,
        "active": row.is_active,
        "valid_until": row.valid_until,
        "roles": {one.environment.name: _role(one) for one in row.memberships.all()},
        "last_login": row.last_login,
    }


def _role(row: Membership) -> str:
    medical = ", medical" if row.medical else ", medical asked" if row.medical_asked_by else ""
    until = f", until {row.valid_until}" if row.valid_until else ""
    return f"{row.role}{medical}{until}"


def membership(row: Membership) -> dict[str, Any]:
    return {
        "name": row.user.username,
        "environment": row.environment.name,
        "role": row.role,
        "medical": row.medical,
        "medical_asked_by": row.medical_asked_by or None,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
