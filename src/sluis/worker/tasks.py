"""The tasks that jobs name. What a job may do is decided by the action that it calls."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.db import InterfaceError, OperationalError, connection
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from sluis.control import jobs
from sluis.control.actions import automatic
from sluis.control.actor import WORKER
from sluis.control.models import Trigger
from sluis.errors import Retryable, SluisError

PAUSES = (60, 5 * 60, 15 * 60, 3600, 3 * 3600, 6 * 3600)
"""Seconds between one attempt at a job and the next."""
_log = logging.getLogger(__name__)


class GrowingPauses(BaseRetryStrategy):
    """Try again what may go well another time, after ever longer pauses; not what somebody must mend first."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, (Retryable, OperationalError, InterfaceError)):
            return None
        if job.attempts >= min(len(PAUSES), jobs.MOST_ATTEMPTS - 1):
            return None
        return RetryDecision(retry_in={"seconds": PAUSES[job.attempts]})


def refresh(environment: int, moment: str, trigger: str) -> None:
    _run(lambda: automatic.run_refresh(WORKER, environment, dt.datetime.fromisoformat(moment), Trigger(trigger)))


def deliver(configuration: int, moment: str, trigger: str) -> None:
    _run(lambda: automatic.run_delivery(WORKER, configuration, dt.datetime.fromisoformat(moment), Trigger(trigger)))


def maintain(environment: int) -> None:
    _run(lambda: automatic.run_maintenance(WORKER, environment))


def clean(account: int) -> None:
    _run(lambda: automatic.run_clean(WORKER, account))


def add_to(app: App) -> None:
    """Make the tasks known to an application of the worker."""
    for task in (refresh, deliver, maintain, clean):
        app.task(name=task.__name__, retry=GrowingPauses())(task)


def _run(work: Callable[[], None]) -> None:
    try:
        work()
    except SluisError as error:
        _log.warning("%s%s", error, f"; what to do: {error.remedy}" if error.remedy else "")
        raise
    except ObjectDoesNotExist:
        _log.info("what the job is about is no longer there")
    finally:
        connection.close()
