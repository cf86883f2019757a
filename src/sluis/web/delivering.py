"""Deliveries in words, colours and signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sluis.control.models import Delivery, DeliveryState, Environment, LogLevel, LogLine, Mode, Stage, Trigger
from sluis.control.queries import UnderWay
from sluis.control.reports import words
from sluis.control.reports.words import Speaker
from sluis.web.words import page_language

Badge = tuple[str, str | Promise, str]
STATES: dict[str, Badge] = {
    DeliveryState.QUEUED: ("blue", gettext_lazy("Waits"), "clock"),
    DeliveryState.RUNNING: ("blue", gettext_lazy("Running"), "refresh"),
    DeliveryState.PUBLISHING: ("blue", gettext_lazy("Being published"), "upload"),
    DeliveryState.DELIVERED: ("green", gettext_lazy("Delivered"), "circle-check"),
    DeliveryState.FAILED: ("red", gettext_lazy("Failed"), "alert-triangle"),
    DeliveryState.CANCELLED: ("grey", gettext_lazy("Cancelled"), "x"),
    DeliveryState.HELD: ("orange", gettext_lazy("Held"), "player-pause"),
    DeliveryState.REFUSED: ("grey", gettext_lazy("Refused"), "x"),
    DeliveryState.SUPERSEDED: ("grey", gettext_lazy("Superseded"), "history"),
    DeliveryState.UNKNOWN: ("red", gettext_lazy("Fate unknown"), "help-circle"),
}
"""Colour, words and sign of a state."""
TRIGGERS = {Trigger.MANUAL: gettext_lazy("By hand"), Trigger.SCHEDULE: gettext_lazy("By the schedule")}
MODES = {Mode.FULL: gettext_lazy("Everything"), Mode.CHANGES: gettext_lazy("Changes")}
LEVELS: dict[int, Badge] = {
    LogLevel.METADATA: ("grey", gettext_lazy("Metadata"), "info-circle"),
    LogLevel.MESSAGE: ("azure", gettext_lazy("Message"), "info-circle"),
    LogLevel.WARNING: ("orange", gettext_lazy("Warning"), "alert-triangle"),
    LogLevel.FAILURE: ("red", gettext_lazy("Failure"), "alert-circle"),
}
STAGES = {
    Stage.READING: gettext_lazy("Reading the source"),
    Stage.PREPARING: gettext_lazy("Preparing"),
    Stage.BUILDING: gettext_lazy("Making the files"),
    Stage.SENDING: gettext_lazy("Sending"),
    Stage.PUBLISHING: gettext_lazy("Publishing"),
}


def speaker(environment: Environment) -> Speaker:
    """Says what log reports say, in the language of the page."""
    return Speaker(page_language(), environment.time_zone)


def since_in_words(since: str) -> str:
    """What a run was asked for."""
    known = {"last": _("Since the last successful delivery"), "all": _("Everything")}
    return known.get(since) or _("Since %(date)s") % {"date": since}


def shown_rows(found: Iterable[Delivery]) -> list[dict[str, Any]]:
    """For the table of deliveries."""
    return [
        {
            "delivery": one,
            "state": STATES[one.state],
            "mode": MODES.get(Mode(one.mode)) if one.mode else "",
            "trigger": TRIGGERS[Trigger(one.trigger)],
        }
        for one in found
    ]


@dataclass(frozen=True)
class Step:
    """What is under way, for people. ``done`` of ``total`` files; both 0 where it is not known."""

    state: Badge
    stage: str | Promise
    file: str
    done: int
    total: int
    rows: int
    bytes: int
    under_way: UnderWay


def steps(found: Iterable[UnderWay]) -> list[Step]:
    """What runs and what waits, in words."""
    return [_step(one) for one in found]


def _step(one: UnderWay) -> Step:
    progress = one.progress
    return Step(
        state=STATES.get(one.state, STATES[DeliveryState.QUEUED]),
        stage=STAGES[Stage(progress.stage)] if progress else "",
        file=progress.file if progress else "",
        done=progress.number if progress else 0,
        total=progress.total if progress else 0,
        rows=progress.rows if progress else 0,
        bytes=progress.bytes if progress else 0,
        under_way=one,
    )


def log_lines(lines: Iterable[LogLine], delivery: Delivery) -> list[dict[str, Any]]:
    """The log in the language of the page; what went wrong inside is quoted as it was said."""
    say = speaker(delivery.configuration.environment)
    moment = say.moment(delivery.snapshot_time) if delivery.snapshot_time else ""
    known = {"sequence": str(delivery.sequence), "snapshot_time": moment, "since": since_in_words(delivery.since)}
    return [
        {
            "line": line,
            "level": LEVELS[line.level],
            "text": say.line(line.code, line.text, {**known, **line.details}),
            "quoted": line.text if line.code in words.QUOTED else "",
        }
        for line in lines
    ]
