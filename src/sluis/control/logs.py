"""Logs of the doors, without data."""

from __future__ import annotations

import logging
import sys

from sluis import settings
from sluis.control.errors import explain


class NoData(logging.Filter):
    """Tracebacks and texts of unknown errors may hold a row's content: their kind is told, and no more."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not settings.current().debug:
            record.msg, record.args = "%s (%s)", (record.getMessage().partition("\n")[0], explain(error))
            record.exc_info = record.exc_text = None
        return True


def log_to_stderr() -> None:
    """Show what goes on, a line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NoData())
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(message)s")
