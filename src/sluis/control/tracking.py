"""How far a run is, for any door to show. The run itself only remembers it: a thread beside it writes it down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from sluis.control.models import Delivery, Refresh, RunProgress, Stage

EVERY = 1.0
"""Seconds between two times that it is written down; a run that takes less is never."""
_LEAVE = 5.0
"""Seconds that the last writing has at the end of a run."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _State:
    stage: Stage
    file: str = ""
    number: int = 0
    total: int = 0
    rows: int = 0
    bytes: int = 0


class Tracker:
    """What a run tells of itself; costs it nothing, and cannot fail."""

    def __init__(self, stage: Stage) -> None:
        self.state = _State(stage)
        self._sent: dict[str, int] = {}

    def at(self, stage: Stage, *, total: int = 0) -> None:
        """Another stage begins."""
        self.state = _State(stage, total=total)

    def building(self, file: str, number: int, total: int) -> None:
        """A file is begun, by its number from 1."""
        rows, size = (self.state.rows, self.state.bytes) if self.state.stage == Stage.BUILDING else (0, 0)
        self.state = _State(Stage.BUILDING, file, number, total, rows, size)

    def built(self, rows: int, size: int) -> None:
        """A file is written."""
        self.state = replace(self.state, rows=self.state.rows + rows, bytes=self.state.bytes + size)

    def sent(self, file: str, size: int) -> None:
        """The server has so many bytes of a file."""
        self._sent[file] = size
        self.state = replace(self.state, file=file, number=len(self._sent), bytes=sum(self._sent.values()))


@contextmanager
def tracked(run: Delivery | Refresh, stage: Stage) -> Iterator[Tracker]:
    """Write down now and then what the run tells, until it ends; whatever goes wrong with that, the run goes on."""
    tracker, ended = Tracker(stage), threading.Event()
    thread = threading.Thread(target=_follow, args=(run, tracker, ended), name="tracking", daemon=True)
    thread.start()
    try:
        yield tracker
    finally:
        ended.set()
        thread.join(_LEAVE)


def _follow(run: Delivery | Refresh, tracker: Tracker, ended: threading.Event) -> None:
    known: _State | None = None
    try:
        while not ended.wait(EVERY):
            state = tracker.state
            if state != known:
                RunProgress.objects.update_or_create(
                    **_owner(run), defaults={**asdict(state), "moment": timezone.now()}
                )
                known = state
        if known:
            RunProgress.objects.filter(**_owner(run)).delete()
    except (DatabaseError, InterfaceError) as error:
        _log.info("how far a run is could not be written down: %s", type(error).__name__)
    finally:
        connection.close()


def _owner(run: Delivery | Refresh) -> dict[str, Any]:
    return {"delivery" if isinstance(run, Delivery) else "refresh": run}
