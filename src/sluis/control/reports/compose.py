"""Makes the mails of a log report: text and HTML."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import jinja2

from sluis.control.models import (
    ConnectionAccount,
    Delivery,
    DeliveryFile,
    LogLevel,
    LogLine,
    ReportKind,
    Schedule,
)
from sluis.control.reports import words
from sluis.control.reports.words import Speaker

LOWEST: dict[str, LogLevel] = {
    ReportKind.FAILURES: LogLevel.FAILURE,
    ReportKind.WARNINGS: LogLevel.WARNING,
    ReportKind.MESSAGES: LogLevel.MESSAGE,
    ReportKind.METADATA: LogLevel.METADATA,
}
"""The lowest level that a kind of report holds."""


@dataclass(frozen=True)
class Ended:
    """A run that ended, as far as a report tells of it. ``outcome``: a name in ``words.OUTCOMES``.

    ``technical``: it failed, so that every recipient hears of it. ``recovered``: it went well after they heard so.
    ``again_at``: when it is tried again. ``lines``: those not reported yet. ``seconds``: how long it took, None where
    it never ran. ``link``: where the web application shows it, empty for nowhere.
    """

    account: ConnectionAccount
    outcome: str
    technical: bool
    lines: Sequence[LogLine]
    seconds: int | None
    link: str
    delivery: Delivery | None = None
    files: Sequence[DeliveryFile] = field(default=())
    recovered: bool = False
    again_at: dt.datetime | None = None

    def lines_for(self, kind: str) -> list[LogLine]:
        """The lines of the levels that a kind holds."""
        return [line for line in self.lines if line.level >= LOWEST[kind]]

    def concerns(self, kind: str) -> bool:
        """Whether a recipient of this kind gets a mail of it."""
        return self.technical or self.recovered or kind == ReportKind.METADATA or bool(self.lines_for(kind))


@dataclass(frozen=True)
class Composed:
    """A mail without its recipient."""

    subject: str
    text: str
    html: str


def compose(ended: Ended, kind: str) -> Composed:
    """The mail about a run for recipients of a kind, in the language of the account."""
    speaker = Speaker(ended.account.language, ended.account.environment.time_zone)
    values = _values(ended, kind, speaker)
    return Composed(
        subject=f"{values['where']}: {values['outcome']}{values['numbered']}",
        text=templates(html=False).get_template("report.txt").render(values).strip() + "\n",
        html=templates(html=True).get_template("report.html").render(values),
    )


def _values(ended: Ended, kind: str, speaker: Speaker) -> dict[str, object]:
    delivery, account = ended.delivery, ended.account
    number = delivery.sequence if delivery else None
    where = f"{account.environment.name} {delivery.configuration if delivery else account.name}"
    return {
        "language": speaker.language,
        "ui": {name: speaker.say(pair) for name, pair in words.UI.items()},
        "where": where,
        "outcome": speaker.say(words.OUTCOMES[ended.outcome]),
        "numbered": f" ({speaker.say(words.UI['number'], number=str(number))})" if number else "",
        "tone": _tone(ended),
        "facts": _facts(ended, speaker),
        "lines": [_line(line, ended, speaker) for line in ended.lines_for(kind) if line.code not in _IN_TABLES],
        "files": _files(ended, speaker) if kind == ReportKind.METADATA else [],
        "next": _next(ended, speaker),
        "link": ended.link,
        "why": speaker.say(words.UI["why"], account=account.name, kind=speaker.say(words.KINDS[kind])),
    }


_IN_TABLES = ("file", "duration")
"""Codes of lines that the mail shows as a table or a fact."""


_WELL = ("delivered", "delivered-after-all", "refreshed-after-all")


def _tone(ended: Ended) -> str:
    """How the mail looks: ``bad``, ``doubtful`` or ``good``."""
    worst = max((line.level for line in ended.lines), default=LogLevel.MESSAGE)
    if ended.technical:
        return "bad"
    return "good" if ended.outcome in _WELL and worst < LogLevel.WARNING else "doubtful"


def _facts(ended: Ended, speaker: Speaker) -> list[tuple[str, str]]:
    delivery, account = ended.delivery, ended.account
    facts = [("environment", account.environment.name), ("account", account.name)]
    if delivery:
        facts.append(("configuration", delivery.configuration.name))
        told = [str(delivery.sequence or ""), speaker.say(words.MODES[delivery.mode]) if delivery.mode else ""]
        facts.append(("delivery", ", ".join(part for part in told if part)))
        facts.append(("snapshot", speaker.moment(delivery.snapshot_time) if delivery.snapshot_time else ""))
    if ended.files:
        sums = {name: sum(getattr(one, name) for one in ended.files) for name in ("inserted", "updated", "deleted")}
        facts.append(("total", speaker.say(words.UI["counts"], files=len(ended.files), **sums)))
    if ended.seconds is not None:
        facts.append(("duration", speaker.duration(ended.seconds)))
    return [(speaker.say(words.UI[name]), value) for name, value in facts if value]


def _line(line: LogLine, ended: Ended, speaker: Speaker) -> dict[str, str]:
    delivery = ended.delivery
    details = dict(line.details)
    if delivery:
        moment = speaker.moment(delivery.snapshot_time) if delivery.snapshot_time else ""
        details = {"sequence": str(delivery.sequence), "snapshot_time": moment, "since": delivery.since, **details}
    return {
        "level": speaker.say(words.LEVELS[line.level]),
        "tone": {LogLevel.FAILURE: "bad", LogLevel.WARNING: "doubtful"}.get(LogLevel(line.level), "calm"),
        "text": speaker.line(line.code, line.text, details),
        "quoted": " ".join(line.text.split()) if line.code in words.QUOTED else "",
    }


def _files(ended: Ended, speaker: Speaker) -> list[dict[str, str]]:
    return [
        {
            "name": one.name,
            "mode": speaker.say(words.MODES[one.mode]),
            **{name: speaker.number(getattr(one, name)) for name in ("inserted", "updated", "deleted")},
        }
        for one in ended.files
    ]


def _next(ended: Ended, speaker: Speaker) -> str:
    delivery = ended.delivery
    name = words.ALIKE.get(ended.outcome, ended.outcome)
    configuration = delivery.configuration if delivery else None
    if name == "delivered" and configuration and not configuration.incremental:
        name = "delivered-all"
    told = [speaker.say(words.NEXT[name])]
    if configuration and name in {"delivered", "delivered-all", "failed", "unknown"} and not ended.again_at:
        told.append(speaker.say(words.AUTOMATIC if configuration.automatic else words.BY_HAND))
    if ended.again_at:
        told.append(speaker.say(words.AGAIN, moment=speaker.moment(ended.again_at)))
    elif configuration is None or configuration.automatic:
        told += _planned(ended.account, speaker)
    return " ".join(told)


def _planned(account: ConnectionAccount, speaker: Speaker) -> list[str]:
    """When the environment is next refreshed by itself; nothing where it has no schedule."""
    schedule = Schedule.objects.filter(environment=account.environment).first()
    if schedule is None:
        return []
    moment = schedule.next_run_at
    return [speaker.say(words.PLANNED, moment=speaker.moment(moment)) if moment else speaker.say(words.PAUSED)]


@functools.cache
def templates(*, html: bool) -> jinja2.Environment:
    """Where the texts of mails are kept."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("sluis.control.reports"),
        autoescape=html,  # noqa: S701 - what is not HTML must not be escaped as if it were
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
