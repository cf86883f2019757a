"""The tasks that jobs name. What a job may do is decided by the action that it calls."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from sluis.control import jobs
from sluis.control.actions import asking, automatic
from sluis.control.actor import WORKER
from sluis.control.models import Trigger
from sluis.control.slots import ServerBusy
from sluis.errors import SluisError

_FOR_A_PLACE = 30
_log = logging.getLogger(__name__)


class GrowingPauses(BaseRetryStrategy):
    """Try again what may go well another time, after ever longer pauses; not what somebody must mend first."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, ServerBusy):
            # Woken when a place comes free; this is for when who had it died.
            return RetryDecision(retry_in={"seconds": _FOR_A_PLACE}, queue=jobs.queue_of(exception.server))
        pause = jobs.pause_after(exception, job.attempts)
        return None if pause is None else RetryDecision(retry_in={"seconds": pause}, queue="default")


def refresh(environment: int, moment: str, trigger: str, by: int | None = None, release: bool = False) -> None:  # noqa: FBT001, FBT002 - the arguments of a job have names
    planned = dt.datetime.fromisoformat(moment)
    if by is not None or release:
        _run(lambda: asking.refresh_asked(environment, planned, by, release=release))
    else:
        _run(lambda: automatic.run_refresh(WORKER, environment, planned, Trigger(trigger)))


def deliver(configuration: int, moment: str, trigger: str) -> None:
    _run(lambda: automatic.run_delivery(WORKER, configuration, dt.datetime.fromisoformat(moment), Trigger(trigger)))


def run(configuration: int, moment: str, since: str, by: int | None) -> None:
    _run(lambda: asking.run_asked(configuration, dt.datetime.fromisoformat(moment), since, by))


def release(delivery: str, moment: str, by: int | None) -> None:
    del moment
    _run(lambda: asking.decide_asked(delivery, "release", by))


def retry(delivery: str, moment: str, by: int | None) -> None:
    del moment
    _run(lambda: asking.decide_asked(delivery, "retry", by))


def maintain(environment: int) -> None:
    _run(lambda: automatic.run_maintenance(WORKER, environment))


def clean(account: int) -> None:
    _run(lambda: automatic.run_clean(WORKER, account))


def add_to(app: App) -> None:
    """Make the tasks known to an application of the worker."""
    for task in (refresh, deliver, run, release, retry, maintain, clean):
        app.task(name=task.__name__, retry=GrowingPauses())(task)


def _run(work: Callable[[], None]) -> None:
    try:
        work()
    except ServerBusy as error:
        _log.info("%s: it waits for a place", error)
        raise
    except SluisError as error:
        _log.warning("%s%s", error, f"; what to do: {error.remedy}" if error.remedy else "")
        raise
    except ObjectDoesNotExist:
        _log.info("what the job is about is no longer there")
    finally:
        connection.close()
