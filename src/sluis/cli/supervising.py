"""Runs commands as child processes: starts again what falls over, stops all together, logs as one."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping

from sluis.embedded import EmbeddedPostgres
from sluis.errors import Fatal

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_STEADY = 60.0
"""Seconds after which a part that falls over counts as one that had been well."""
_LOOK = 2.0
"""Seconds between looks at whether the embedded database runs."""
_LONGEST_LINE = 1 << 20
_PR_SET_PDEATHSIG = 1


def supervise(
    parts: Mapping[str, tuple[str, ...]],
    ready: Callable[[], None],
    *,
    patience: float,
    database: EmbeddedPostgres | None = None,
) -> None:
    """Run ``sluis`` commands, by name, until SIGTERM or Ctrl-C; ``patience``: seconds that each has to stop.

    ``database``: the server that they share and none of them watches; it is started again where it ended.
    """
    asyncio.run(_supervise(parts, ready, patience, database))


async def _supervise(
    parts: Mapping[str, tuple[str, ...]],
    ready: Callable[[], None],
    patience: float,
    database: EmbeddedPostgres | None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    kept = [asyncio.create_task(_keep(name, command, stop, patience)) for name, command in parts.items()]
    if database:
        kept.append(asyncio.create_task(_watch_over(database, stop)))
    ready()
    await asyncio.gather(*kept)


async def _keep(name: str, command: tuple[str, ...], stop: asyncio.Event, patience: float) -> None:
    pause = _FIRST_PAUSE
    while not stop.is_set():
        began = time.monotonic()
        # In a session of its own: Ctrl-C comes to this process, which asks each to stop, once.
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sluis",
            *command,
            stdout=PIPE,
            stderr=STDOUT,
            limit=_LONGEST_LINE,
            start_new_session=True,
            preexec_fn=functools.partial(_end_with, os.getpid()),
        )
        _tell(name, f"started as process {child.pid}")
        code = await _watch(name, child, stop, patience)
        if stop.is_set():
            _tell(name, "stopped" if code == 0 else f"ended with {code}")
            return
        pause = _FIRST_PAUSE if time.monotonic() - began > _STEADY else pause
        _tell(name, f"fell over with {code}; started again in {pause:g} s")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _watch_over(database: EmbeddedPostgres, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            if await asyncio.to_thread(database.ensure_running):
                _tell("postgresql", "had ended; started again")
        except Fatal as error:
            _tell("postgresql", f"{error}; {error.remedy}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)


def _end_with(parent: int) -> None:
    """In a child, before it begins: be asked to stop when the parent dies, even by SIGKILL. Only Linux can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


async def _watch(name: str, child: Process, stop: asyncio.Event, patience: float) -> int:
    """Show what a child writes until it ends, and ask it to stop when all do; its exit code."""
    ended = asyncio.create_task(child.wait())
    asked = asyncio.create_task(stop.wait())
    shown = asyncio.create_task(_show(name, child))
    await asyncio.wait((ended, asked), return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not ended.done():
        child.terminate()
        await asyncio.wait((ended,), timeout=patience)
    if not ended.done():
        _tell(name, "does not stop: killed")
        child.kill()
    await asyncio.wait((shown,), timeout=1)
    shown.cancel()
    return await ended


async def _show(name: str, child: Process) -> None:
    if child.stdout is None:
        return
    while line := await child.stdout.readline():
        _tell(name, line.decode("utf-8", "replace").rstrip())


def _tell(name: str, text: str) -> None:
    sys.stderr.write(f"{name}: {text}\n")
    sys.stderr.flush()
