"""Mails and notices, in a thread of their own: a mail server that hangs holds up no job, and no stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from sluis.control.actions.mails import send_due_mails
from sluis.control.actions.notices import make_notices
from sluis.control.actor import WORKER
from sluis.control.errors import explain
from sluis.errors import SluisError

TICK = 5.0
"""Seconds between looks at the outbox."""
_LOOK = 3600.0
"""Seconds between looks at what there is to notice."""
_BUDGET, _TIMEOUT = 20, 5
"""Seconds after which no other mail is begun in one look, and to wait for each answer of the mail server."""
_LEAVE = 3.0
"""Seconds that a mail on its way has when the worker stops; after that it is sent again by another."""
_log = logging.getLogger(__name__)


class Telling:
    """Makes the notices and sends what is in the outbox, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        # Not waited for when the process ends.
        self._thread = threading.Thread(target=self._run, name="telling", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._asked.set()
        self._thread.join(_LEAVE)

    def _run(self) -> None:
        look_at = time.monotonic()
        while not self._asked.is_set():
            if time.monotonic() >= look_at:
                look_at += _LOOK
                _safely(_notice, "making notices")
            _safely(_send, "sending mails")
            self._asked.wait(TICK)


def _safely(work: Callable[[], None], what: str) -> None:
    try:
        work()
    except (DatabaseError, InterfaceError, SluisError) as error:
        _log.warning("%s did not go: %s", what, explain(error))
    except Exception as error:  # noqa: BLE001 - the thread must live on: nobody starts it again
        _log.error("%s did not go: %s", what, explain(error))
    finally:
        connection.close()


def _notice() -> None:
    made = make_notices(WORKER)
    if made:
        _log.info("%d notice(s) made", made)


def _send() -> None:
    done = send_due_mails(WORKER, budget=_BUDGET, timeout=_TIMEOUT)
    if done.sent:
        _log.info("%d mail(s) sent", done.sent)
    if done.waiting or done.given_up:
        _log.warning("%d mail(s) wait for another try, %d given up", done.waiting, done.given_up)
