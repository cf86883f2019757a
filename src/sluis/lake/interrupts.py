"""Ctrl-C in the middle of a statement ends it, and is never lost in it.

For some statements the engine imports Python packages, and takes an interrupt then for a package that is not there.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import duckdb


def execute(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: object = None
) -> duckdb.DuckDBPyConnection:
    """Run a statement; ``KeyboardInterrupt`` where a person stopped it, however the engine tells so."""
    with _noticed():
        try:
            return connection.execute(statement, parameters)
        except RuntimeError as error:
            # How the engine tells that it was interrupted.
            if "interrupted" in str(error).lower() and not isinstance(error, duckdb.Error):
                raise KeyboardInterrupt from None
            raise


@contextmanager
def _noticed() -> Iterator[None]:
    # Only the main thread hears of signals; who handles them otherwise, as a server does, goes on to do so.
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    noticed = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal noticed
        noticed = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if noticed:
        raise KeyboardInterrupt
