"""At most so many deliveries at once to one server of a receiver, whoever runs them and wherever."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from django.db import DatabaseError, InterfaceError

from sluis import settings
from sluis.control import jobs, locks
from sluis.control.models import AccountType, ConnectionAccount, ExternalServer
from sluis.errors import Retryable

PATIENCE = 60.0
"""Seconds that a run by hand waits for a place."""
_LOOK = 0.5


class ServerBusy(Retryable):
    """As many deliveries go to the server as may at once. ``server``: its name and port."""

    code = "server-busy"

    def __init__(self, server: str) -> None:
        super().__init__(
            f"{settings.current().deliveries_per_server} deliveries are going to {server}",
            remedy=f"wait until one has ended, or raise {settings.variable('deliveries_per_server')}",
        )
        self.server = server


@contextmanager
def slot(account: ConnectionAccount, patience: float) -> Iterator[None]:
    """Have a place at the server of an account; ``ServerBusy`` where there is none within ``patience`` seconds.

    Then a job that waits for a place there is begun, the most urgent one.
    """
    if account.type == AccountType.HOSTED:
        yield
        return
    server = name_of(account)
    with ExitStack() as place:
        until = time.monotonic() + patience
        while not place.enter_context(locks.one_of(locks.Kind.SERVER, numbers(server))):
            if time.monotonic() >= until:
                raise ServerBusy(server)
            time.sleep(_LOOK)
        try:
            yield
        finally:
            place.close()
            # A connection that broke wakes nobody: who waits looks by itself now and then.
            with suppress(DatabaseError, InterfaceError):
                jobs.wake(server)


def name_of(account: ConnectionAccount) -> str:
    """What accounts on the same server have in common."""
    row = ExternalServer.objects.get(account=account)
    return f"{row.host.lower()}:{row.port}"


def numbers(server: str) -> list[int]:
    """The numbers of the locks that are the places at a server."""
    places = range(settings.current().deliveries_per_server)
    # As PostgreSQL has them: four bytes with a sign.
    return [zlib.crc32(f"{server}/{place}".encode()) - (1 << 31) for place in places]
