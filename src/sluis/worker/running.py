"""A worker process: takes jobs until it is asked to stop, makes jobs of what is due, takes over those of the dead."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from sluis import settings
from sluis.control import jobs, places
from sluis.control.actions import automatic
from sluis.control.actor import WORKER
from sluis.control.errors import explain
from sluis.errors import Retryable, SluisError
from sluis.worker import tasks
from sluis.worker.telling import Telling

HEARTBEAT = 10.0
SILENCE = 30.0
"""Seconds between signs of life, and without one after which a worker counts as dead."""
TICK = 5.0
"""Seconds between looks at what is due, and at whose jobs are to be taken over."""
_AFTER_END = dt.timedelta(seconds=5)
_KEPT_HOURS = 30 * 24
_log = logging.getLogger(__name__)


def work(ready: Callable[[], None], *, wait: bool = True) -> None:
    """Take jobs until SIGTERM or Ctrl-C; not ``wait``: until there is none to begin now.

    Asked to stop, it finishes the job that it has, or hands it back when that takes too long. ``ready`` is called
    when it can be asked. Raises ``Retryable`` where the control database goes away.
    """
    try:
        asyncio.run(_Work(wait=wait).run(ready))
    except (ConnectorException, psycopg.Error, OperationalError, InterfaceError) as error:
        raise Retryable("the control database went away", remedy="start the worker again when it runs") from error


class _Work:
    def __init__(self, *, wait: bool) -> None:
        self._wait = wait
        self._running: set[int] = set()
        self._suspects: frozenset[int] = frozenset()
        self._worker: Worker | None = None
        self._app = App(connector=PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4))
        tasks.add_to(self._app)

    async def run(self, ready: Callable[[], None]) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with self._app.open_async():
            await self._app.job_manager.delete_old_jobs(nb_hours=_KEPT_HOURS, include_failed=True)
            await asyncio.to_thread(_tick)
            ticking = asyncio.create_task(self._ticking())
            taking = asyncio.create_task(self._take())
            asked = asyncio.create_task(stop.wait())
            telling = Telling()
            telling.start()
            ready()
            try:
                await asyncio.wait((ticking, taking, asked), return_when=asyncio.FIRST_COMPLETED)
                await self._end(taking, asked=asked.done())
            finally:
                ticking.cancel()
                asked.cancel()
                await asyncio.to_thread(telling.stop)

    async def _take(self) -> None:
        self._worker = Worker(
            self._app,
            wait=self._wait,
            install_signal_handlers=False,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=SILENCE,
            worker_middleware=[self._follow],
        )
        await self._worker.run()  # type: ignore[no-untyped-call]  # it has no types

    async def _follow(self, go_on: Callable[[], Awaitable[Any]], context: JobContext, _: Worker) -> Any:
        number = context.job.id or 0
        self._running.add(number)
        try:
            return await go_on()
        finally:
            self._running.discard(number)

    async def _ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                await asyncio.to_thread(_tick, await self._lost())
            except (DatabaseError, InterfaceError, ConnectorException, SluisError, OSError) as error:
                _log.warning("looking at what is due did not go: %s", explain(error))

    async def _lost(self) -> frozenset[int]:
        """Jobs that this worker has by the database, and does not do: it was away when one was begun or had ended.

        Only what was so at the look before too: between two steps of a job it is so for a moment.
        """
        number = self._worker.worker_id if self._worker else None
        if number is None:
            return frozenset()
        doubtful = await asyncio.to_thread(_doing, number) - self._running
        lost, self._suspects = doubtful & self._suspects, doubtful
        return lost

    async def _end(self, taking: asyncio.Task[None], *, asked: bool) -> None:
        if taking.done():
            await taking
            if self._wait and not asked:
                raise Retryable("the worker lost the control database", remedy="start it again")
            return
        # It takes no more jobs, and ends after the one that it has.
        taking.cancel()
        await asyncio.wait((taking,), timeout=settings.current().stop_seconds)
        if not taking.done():
            await self._hand_back()
        with contextlib.suppress(asyncio.CancelledError):
            await taking

    async def _hand_back(self) -> None:
        _log.info("handing back %d job(s)", len(self._running))
        with contextlib.suppress(DatabaseError, InterfaceError, ConnectorException):
            await asyncio.to_thread(jobs.hand_back, tuple(self._running), _AFTER_END)
        # A thread cannot be ended from outside, and what it leaves is settled by whoever goes on with it.
        logging.shutdown()
        os._exit(0)


def _doing(worker: int) -> frozenset[int]:
    try:
        return jobs.done_by(worker)
    finally:
        connection.close()


def _tick(lost: frozenset[int] = frozenset()) -> None:
    try:
        made = automatic.enqueue_due(WORKER)
        taken = jobs.take_over(SILENCE, lost)
        # What others ended, or lost, of that which was built here may hold somebody who was expunged since.
        places.clean()
    finally:
        connection.close()
    if made:
        _log.info("%d schedule(s) due", made)
    if taken:
        _log.info("%d job(s) taken over from workers that died, or lost them", taken)
