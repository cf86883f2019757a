"""Log reports: the end of a run is told to the recipients of its account, by mails that are put in the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from django.utils import timezone

from sluis import settings
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


def report(delivery: Delivery) -> None:
    """Tell how a run ended, in the transaction that ends it: one mail per recipient that it concerns.

    No line is told twice: the report of a delivery that was held and is then released holds what came since. Whatever
    goes wrong here but the loss of the database leaves the run as it is.
    """
    with _harmless(LogLine(delivery=delivery)):
        now = Delivery.objects.select_related("configuration__account__environment").get(pk=delivery.pk)
        died = now.log.filter(code__in=_DIED).exists()
        seconds = None if died else _duration(LogLine(delivery=now), now.started_at)
        _put(
            Ended(
                account=now.configuration.account,
                outcome=now.state,
                technical=now.state in _TECHNICAL,
                lines=list(now.log.filter(reported=False)),
                seconds=seconds,
                link=_link(f"deliveries/{now.pk}"),
                delivery=now,
                files=list(now.files.order_by("id")),
            )
        )
        now.log.update(reported=True)


def report_refresh(refresh: Refresh, within: Delivery | None) -> None:
    """Tell the accounts that are delivered to automatically that a refresh failed, in the transaction that says so.

    ``within``: the delivery that asked for it; its own report tells its account.
    """
    with _harmless(LogLine(refresh=refresh)):
        seconds = _duration(LogLine(refresh=refresh), refresh.started_at)
        lines = list(refresh.log.filter(reported=False))
        for account in _waiting_for(refresh.environment, within):
            _put(
                Ended(
                    account=account,
                    outcome="refresh",
                    technical=True,
                    lines=lines,
                    seconds=seconds,
                    link=_link(f"refreshes/{refresh.pk}"),
                )
            )
        refresh.log.update(reported=True)


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
