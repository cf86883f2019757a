"""Workers as real processes, started again when they end, as ``sluis up`` does; and what kills them.

They live faster than real ones: signs of life and pauses are shorter, so that hundreds of deaths fit in a test.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from laws.forks import fork
from laws.victim import take_on

_ATTEMPTS = 50


@dataclass
class Crew:
    """So many workers with these settings. ``hasty``: they live faster. ``log``: what they tell."""

    variables: dict[str, str]
    log: Path
    many: int = 4
    hasty: bool = True
    killed: int = 0
    started: int = 0
    members: list[BaseProcess] = field(default_factory=list)

    def keep(self) -> None:
        """Start again who ended."""
        self.members = [one for one in self.members if one.is_alive()]
        while len(self.members) < self.many:
            self.members.append(fork(_work, self.variables, str(self.log), self.hasty))
            self.started += 1

    def kill_one(self, chance: random.Random) -> None:
        victim = chance.choice(self.members)
        victim.kill()
        victim.join(60)
        self.killed += 1

    def kill_all(self) -> None:
        for one in self.members:
            one.kill()
        for one in self.members:
            one.join(60)
        self.members = []

    def told(self) -> str:
        """The end of what they told."""
        return self.log.read_text()[-4000:] if self.log.exists() else ""


def _work(variables: dict[str, str], log: str, hasty: bool) -> None:
    take_on(variables)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 2)
    from sluis.control.setup import start

    start()
    from sluis.control import jobs, logs
    from sluis.worker import running

    if hasty:
        running.HEARTBEAT, running.SILENCE, running.TICK = 0.5, 4.0, 0.5
        jobs.PAUSES = (1,) * _ATTEMPTS  # type: ignore[assignment]  # as many as are allowed here
        # They die far more often than what a job is given up for.
        jobs.MOST_ATTEMPTS = _ATTEMPTS + 1
    logs.log_to_stderr()
    try:
        running.work(lambda: None)
    finally:
        # Its server process must not run what tests leave for the end.
        os._exit(1)
