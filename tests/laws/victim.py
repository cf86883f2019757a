"""A process that does one thing and dies in the middle of it.

It kills itself at an entry into, or return from, a function of the product: every border between two stages is such a
moment. ``die_at`` is the number of the border; ``die_in`` its name, as ``call publish`` or ``return _number``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from laws.forks import fork

_LONGEST = 300


def start(
    what: str, number: int, *, die_at: int | None = None, die_in: str = "", variables: dict[str, str]
) -> BaseProcess:
    """Start a process that runs an action on an environment, a configuration or an account."""
    return fork(_run, what, number, (die_at, die_in), variables)


def variables() -> dict[str, str]:
    """The settings of this process, for a victim."""
    return {name: value for name, value in os.environ.items() if name.startswith("SLUIS_")}


def dies(what: str, number: int, die_in: str, **more: str) -> bool:
    """Run an action in a process that kills itself in a named place; whether it came there. ``more``: its settings."""
    victim = start(what, number, die_in=die_in, variables={**variables(), **more})
    victim.join(_LONGEST)
    return victim.exitcode == -signal.SIGKILL


def take_on(variables: dict[str, str]) -> None:
    """Have these settings and no others: what the server of the processes was started with is another test's."""
    for name in [name for name in os.environ if name.startswith("SLUIS_")]:
        del os.environ[name]
    os.environ.update(variables)


def _run(what: str, number: int, die: tuple[int | None, str], variables: dict[str, str]) -> None:
    take_on(variables)
    die_at, die_in = die
    from sluis.control.setup import start as start_control

    start_control()
    from sluis.control.actions import deliveries, medical, refreshes, upkeep
    from sluis.control.actor import CLI
    from sluis.control.models import Configuration, ConnectionAccount, Environment

    actions: dict[str, Callable[[], Any]] = {
        "refresh": lambda: refreshes.refresh(CLI, Environment.objects.get(pk=number)),
        "deliver": lambda: deliveries.deliver(CLI, Configuration.objects.get(pk=number), refresh=True),
        "remove medical": lambda: medical.remove_medical(CLI, ConnectionAccount.objects.get(pk=number)),
        "maintain": lambda: upkeep.maintain(CLI, Environment.objects.get(pk=number)),
    }
    passed = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal passed
        if event in {"call", "return"} and f"{os.sep}sluis{os.sep}" in frame.f_code.co_filename:
            passed += 1
            if passed == die_at or f"{event} {frame.f_code.co_name}" == die_in:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    actions[what]()
    sys.setprofile(None)
    sys.stdout.flush()
    # Its server process must not run what tests leave for the end.
    os._exit(0 if die_at is None else 3)
