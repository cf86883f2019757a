"""Log reports: the end of a run is told to the recipients of its account, by mails that are put in the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from sluis import settings
from sluis.control import jobs
from sluis.control.jobs import Attempt
from sluis.control.models import (
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    LogLevel,
    LogLine,
    Mail,
    Recipient,
    Refresh,
)
from sluis.control.reports.compose import Composed, Ended, compose
from sluis.errors import SluisError

_TECHNICAL = (DeliveryState.FAILED, DeliveryState.PUBLISHING, DeliveryState.UNKNOWN)
"""States in which a run ended that went wrong; one that is still being published stays open, and is settled later."""
_DIED = ("delivery-dropped", "interrupted")
"""Codes of lines about a run whose process died, so that nobody knows how long it took."""
_SAY_AGAIN = dt.timedelta(hours=20)
"""How long the same trouble with the same delivery is told once."""


def report(delivery: Delivery, attempt: Attempt | None = None) -> None:
    """Tell how a run ended, in the transaction that ends it: one mail per recipient that it concerns.

    No line is told twice: the report of a delivery that was held and is then released holds what came since.
    ``attempt``: of a job. One that fails is told when it fails first, when the cause is another one, and when it is
    given up or goes well after all; the attempts between are not. Whatever goes wrong here but the loss of the database
    leaves the run as it is.
    """
    with _harmless(LogLine(delivery=delivery)):
        now = Delivery.objects.select_related("configuration__account__environment").get(pk=delivery.pk)
        died = now.log.filter(code__in=_DIED).exists()
        seconds = None if died else _duration(LogLine(delivery=now), now.started_at)
        if _is_between(now, attempt, died=died):
            return
        recovered = now.state == DeliveryState.DELIVERED and _was_told_to_fail(now)
        _put(
            Ended(
                account=now.configuration.account,
                outcome="delivered-after-all" if recovered else _failed_outcome(now.state, attempt),
                technical=now.state in _TECHNICAL,
                recovered=recovered,
                again_at=attempt.again_at if attempt else None,
                lines=list(now.log.filter(reported=False)),
                seconds=seconds,
                link=_link(f"deliveries/{now.pk}"),
                delivery=now,
                files=list(now.files.order_by("id")),
            )
        )
        now.log.update(reported=True)


def report_refresh(refresh: Refresh, within: Delivery | None, attempt: Attempt | None = None) -> None:
    """Tell the accounts that are delivered to automatically that a refresh failed, in the transaction that says so.

    ``within``: the delivery that asked for it; its own report tells its account. ``attempt``: as of ``report``.
    """
    with _harmless(LogLine(refresh=refresh)):
        seconds = _duration(LogLine(refresh=refresh), refresh.started_at)
        if attempt and attempt.again_at and _told_of(refresh).filter(text=refresh.failure).exists():
            return
        outcome = "refresh-given-up" if attempt and attempt.number > 1 and not attempt.again_at else "refresh"
        for account in _waiting_for(refresh.environment, within):
            _put(
                Ended(
                    account=account,
                    outcome=outcome,
                    technical=True,
                    again_at=attempt.again_at if attempt else None,
                    lines=list(refresh.log.filter(reported=False)),
                    seconds=seconds,
                    link=_link(f"refreshes/{refresh.pk}"),
                )
            )
        refresh.log.update(reported=True)


def tell_recovered(refresh: Refresh) -> None:
    """Tell who was told that a refresh failed that it went well after all, in the transaction that says so."""
    with _harmless(LogLine(refresh=refresh)):
        if not _told_of(refresh).exists():
            return
        for account in _waiting_for(refresh.environment, None):
            _put(
                Ended(
                    account=account,
                    outcome="refreshed-after-all",
                    technical=False,
                    recovered=True,
                    lines=list(refresh.log.filter(reported=False)),
                    seconds=_duration(LogLine(refresh=refresh), refresh.started_at),
                    link=_link(f"refreshes/{refresh.pk}"),
                )
            )


def _is_between(delivery: Delivery, attempt: Attempt | None, *, died: bool) -> bool:
    """Whether a failed attempt is one that recipients need not hear of: there is another, and they know the cause."""
    if delivery.state != DeliveryState.FAILED or delivery.planned_at is None:
        return False
    if died:
        # Whoever took its job over ends it, and goes on.
        return jobs.is_being_done(jobs.delivery_lock(delivery.configuration))
    if attempt is None or attempt.again_at is None:
        return False
    return _told_attempts(delivery).filter(text=delivery.failure).exists()


def _told_attempts(delivery: Delivery) -> QuerySet[LogLine]:
    """What was told of other attempts that failed at what a delivery was planned for."""
    rows = LogLine.objects.filter(level=LogLevel.FAILURE, reported=True, delivery__state=DeliveryState.FAILED)
    rows = rows.filter(delivery__configuration=delivery.configuration, delivery__planned_at=delivery.planned_at)
    return rows.exclude(delivery=delivery) if delivery.planned_at else rows.none()


def _was_told_to_fail(delivery: Delivery) -> bool:
    stuck = delivery.log.filter(code="not-settled", reported=True)
    return stuck.exists() or _told_attempts(delivery).exists()


def _told_of(refresh: Refresh) -> QuerySet[LogLine]:
    """What was told of other attempts that failed at what a refresh was planned for."""
    rows = LogLine.objects.filter(code="refresh-failed", reported=True, refresh__environment=refresh.environment)
    rows = rows.filter(refresh__planned_at=refresh.planned_at)
    return rows.exclude(refresh=refresh) if refresh.planned_at else rows.none()


def _failed_outcome(state: str, attempt: Attempt | None) -> str:
    given_up = attempt is not None and attempt.number > 1 and attempt.again_at is None
    return "given-up" if given_up and state == DeliveryState.FAILED else state


def tell_datasets(refresh: Refresh) -> None:
    """Write the lines of level 1 of a refresh that succeeded: how long it took, and the counts per dataset."""
    LogLine.objects.bulk_create(
        LogLine(
            refresh=refresh,
            level=LogLevel.METADATA,
            code="dataset",
            text=f"{name}: {one['rows']} rows, {one['inserted']} I, {one['updated']} U, {one['deleted']} D",
            details={"dataset": name, **one},
        )
        for name, one in refresh.counts.items()
    )
    _duration(LogLine(refresh=refresh), refresh.started_at)


@contextmanager
def telling_stuck(delivery: Delivery) -> Iterator[None]:
    """Where a delivery that was being published cannot be settled, tell that too: it stands in the way of the next."""
    if not delivery.log.filter(code__in=("duration", "interrupted")).exists():
        text = "its process ended while it was being published"
        LogLine.objects.create(delivery=delivery, level=LogLevel.METADATA, code="interrupted", text=text)
    try:
        yield
    except (SluisError, OSError) as error:
        text = str(error) if isinstance(error, SluisError) else f"unexpected error: {type(error).__name__}"
        said = delivery.log.filter(text=text, moment__gt=timezone.now() - _SAY_AGAIN)
        if not said.exists():
            with transaction.atomic():
                LogLine.objects.create(delivery=delivery, level=LogLevel.FAILURE, code="not-settled", text=text)
                report(delivery)
        raise


@contextmanager
def _harmless(line: LogLine) -> Iterator[None]:
    """Undo what was done inside and write it in the log, where something goes wrong."""
    try:
        with transaction.atomic():
            yield
    except OperationalError:
        # The database is gone, and with it the transaction that this is part of.
        raise
    except Exception as error:  # noqa: BLE001 - a report that cannot be made must not undo the run that it tells of
        line.level, line.code = LogLevel.WARNING, "not-reported"
        line.text = f"no log report could be made: {type(error).__name__}"
        line.save()


def _duration(line: LogLine, began: dt.datetime | None) -> int | None:
    """How many seconds a run took, written down at its first end: a delivery that waits for a person takes no time."""
    known = LogLine.objects.filter(delivery=line.delivery, refresh=line.refresh, code="duration").first()
    if known:
        return int(known.details["seconds"])
    if began is None:
        return None
    seconds = max(0, round((timezone.now() - began).total_seconds()))
    line.level, line.code = LogLevel.METADATA, "duration"
    line.text, line.details = f"took {seconds} s", {"seconds": seconds}
    line.save()
    return seconds


def _waiting_for(environment: Environment, within: Delivery | None) -> list[ConnectionAccount]:
    """The accounts with deliveries that follow a refresh by themselves."""
    rows = ConnectionAccount.objects.filter(
        environment=environment, configurations__automatic=True, configurations__archived_at=None
    )
    if within:
        rows = rows.exclude(pk=within.configuration.account.pk)
    return list(rows.select_related("environment").order_by("pk").distinct())


def _put(ended: Ended) -> None:
    """Put the mails about a run in the outbox."""
    made: dict[str, Composed] = {}
    for recipient in Recipient.objects.filter(account=ended.account).order_by("pk"):
        if not ended.concerns(recipient.report):
            continue
        if recipient.report not in made:
            made[recipient.report] = compose(ended, recipient.report)
        mail = made[recipient.report]
        Mail.objects.create(
            account=ended.account,
            delivery=ended.delivery,
            to=recipient.address,
            language=ended.account.language,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            next_try_at=timezone.now(),
        )


def _link(path: str) -> str:
    base = settings.current().base_url
    return f"{base}/{path}" if base else ""
