"""Refreshes in words, colours and signs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from sluis.control.models import Environment, LogLine, RefreshState, Trigger
from sluis.control.refreshing import RefreshRow
from sluis.control.reports import words
from sluis.web.delivering import LEVELS, TRIGGERS, Badge, speaker

STATES: dict[str, Badge] = {
    RefreshState.RUNNING: ("blue", gettext_lazy("Running"), "refresh"),
    RefreshState.SUCCEEDED: ("green", gettext_lazy("Succeeded"), "circle-check"),
    RefreshState.FAILED: ("red", gettext_lazy("Failed"), "alert-triangle"),
}
"""Colour, words and sign of a state."""
STOPPED: Badge = ("orange", gettext_lazy("Stopped by the brake"), "player-pause")
_NAMED = 3


def state(row: RefreshRow) -> Badge:
    """How it is with a refresh."""
    return STOPPED if row.refresh.gone else STATES[row.refresh.state]


def shown(row: RefreshRow, environment: Environment) -> dict[str, Any]:
    """For a line of the table of refreshes, and for the page of one."""
    touched, say = row.touched, speaker(environment)
    more = max(0, len(touched) - _NAMED)
    return {
        "row": row,
        "refresh": row.refresh,
        "state": state(row),
        "trigger": TRIGGERS[Trigger(row.refresh.trigger)],
        "duration": "" if row.seconds is None else say.duration(row.seconds),
        "named": [(one, say.number(one.gone or one.changed)) for one in touched[:_NAMED]],
        "changes": [say.number(many) for many in (row.inserted, row.updated, row.deleted)],
        "more": ngettext("and %(n)s dataset more", "and %(n)s datasets more", more) % {"n": more} if more else "",
    }


def log_lines(lines: Iterable[LogLine], environment: Environment) -> list[dict[str, Any]]:
    """The log in the language of the page; what went wrong inside is quoted as it was said."""
    say = speaker(environment)
    return [
        {
            "line": line,
            "level": LEVELS[line.level],
            "text": say.line(line.code, line.text, line.details),
            "quoted": line.text if line.code in words.QUOTED else "",
        }
        for line in lines
    ]
