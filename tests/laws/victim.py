"""A process that does one thing and dies in the middle of it.

It starts from a server process that has the libraries loaded, so that dozens of deaths cost little. It kills itself at
the given entry into, or return from, a function of the product: every border between two stages is such a moment.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["laws.preload"])


def start(what: str, number: int, *, die_at: int | None, variables: dict[str, str]) -> BaseProcess:
    """Start a process that runs ``refresh`` or ``deliver`` for an environment or a configuration."""
    process = _FORKS.Process(target=_run, args=(what, number, die_at, variables))
    process.start()
    return process


def variables() -> dict[str, str]:
    """The settings of this process, for a victim."""
    return {name: value for name, value in os.environ.items() if name.startswith("SLUIS_")}


def _run(what: str, number: int, die_at: int | None, variables: dict[str, str]) -> None:
    os.environ.update(variables)
    from sluis.control.setup import start as start_control

    start_control()
    from sluis.control.actions import deliveries, refreshes, upkeep
    from sluis.control.actor import CLI
    from sluis.control.models import Configuration, Environment

    actions: dict[str, Callable[[], Any]] = {
        "refresh": lambda: refreshes.refresh(CLI, Environment.objects.get(pk=number)),
        "deliver": lambda: deliveries.deliver(CLI, Configuration.objects.get(pk=number), refresh=True),
        "maintain": lambda: upkeep.maintain(CLI, Environment.objects.get(pk=number)),
    }
    passed = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal passed
        if event in {"call", "return"} and f"{os.sep}sluis{os.sep}" in frame.f_code.co_filename:
            passed += 1
            if passed == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    actions[what]()
    sys.setprofile(None)
    sys.stdout.flush()
    # Its server process must not run what tests leave for the end.
    os._exit(0 if die_at is None else 3)
