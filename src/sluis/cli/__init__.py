"""The command line: a door. It parses, calls an action and renders."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from sluis import settings
from sluis.errors import Rejected, Retryable, SluisError

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: it was done; it did not work this time; the input cannot be accepted as it is; a person stopped it."""
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit. Reasons go to stderr, and never with a secret or a row's content."""
    from sluis.cli.app import app

    try:
        app(args=None if arguments is None else list(arguments), prog_name="sluis")
    except SluisError as error:
        tell(error)
        sys.exit(REFUSED if isinstance(error, Rejected) and not error.ended_run else FAILED)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            sys.stderr.write("interrupted: nothing was lost\n")
        raise
    except Exception as error:  # noqa: BLE001 - the text of an unknown error may hold data: show its kind only
        _tell_unexpected(error)
        sys.exit(FAILED)
    sys.exit(DONE)


def tell(error: SluisError) -> None:
    """Write the reason and what to do to stderr."""
    sys.stderr.write(f"error: {error}\n")
    if error.remedy:
        sys.stderr.write(f"what to do: {error.remedy}\n")
    if error.__cause__ is not None and _debug():
        traceback.print_exception(error)


def _tell_unexpected(error: Exception) -> None:
    if isinstance(error, OSError) and error.errno in _NO_RIGHT and error.filename:
        # Of a folder or a file, never of what is in it.
        tell(Retryable(f"{error.filename} cannot be used: {error.strerror}", remedy=settings.GIVE_RIGHTS))
    else:
        sys.stderr.write(f"error: unexpected: {type(error).__name__}\n")
        if not _debug():
            sys.stderr.write("what to do: run it again with SLUIS_DEBUG=1 to see where, and report it\n")
    if _debug():
        traceback.print_exception(error)


def _debug() -> bool:
    try:
        return settings.current().debug
    except SluisError:
        return False
