"""Makes the mail of a notice: text and HTML."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sluis.control.models import Notice
from sluis.control.reports import words
from sluis.control.reports.compose import Composed, templates
from sluis.control.reports.words import Speaker

_BAD = ("version-ended", "key-ended", "refresh-late")


def compose_notice(notice: Notice) -> Composed:
    """The mail about a notice, in the language of its account."""
    account = notice.account
    speaker = Speaker(account.language, account.environment.time_zone)
    where = f"{account.environment.name} {notice.configuration or account.name}"
    subject, text, to_do = said(notice, speaker)
    values = {
        "language": speaker.language,
        "ui": {name: speaker.say(pair) for name, pair in words.UI.items()},
        "where": where,
        "outcome": subject,
        "tone": "bad" if notice.form in _BAD else "doubtful",
        "facts": _facts(notice, speaker),
        "text": text,
        "to_do": to_do,
        "why": speaker.say(words.NOTICE_WHY, account=account.name, kind=speaker.say(words.NOTICE_KINDS[notice.kind])),
    }
    return Composed(
        subject=f"{where}: {subject}",
        text=templates(html=False).get_template("notice.txt").render(values).strip() + "\n",
        html=templates(html=True).get_template("notice.html").render(values),
    )


def said(notice: Notice, speaker: Speaker) -> tuple[str, str, str]:
    """Subject, text, and what to do."""
    filled = _filled(notice.details, speaker)
    subject, text, to_do = words.NOTICES[notice.form]
    return speaker.say(subject, **filled), speaker.say(text, **filled), speaker.say(to_do, **filled)


def _filled(details: dict[str, Any], speaker: Speaker) -> dict[str, Any]:
    """Days and moments as people say them."""
    filled = dict(details)
    if "first" in filled:
        # A number of a delivery is a name: it is not grouped.
        filled["first"] = str(filled["first"])
    if "ends" in filled:
        filled["ends"] = speaker.day(dt.date.fromisoformat(filled["ends"]))
    if "days" in filled:
        filled["days"] = speaker.days(filled["days"])
    for name in ("since", "planned"):
        if name in filled:
            filled[name] = speaker.moment(dt.datetime.fromisoformat(filled[name]))
    return filled


def _facts(notice: Notice, speaker: Speaker) -> list[tuple[str, str]]:
    account, details = notice.account, notice.details
    facts = [("environment", account.environment.name), ("account", account.name)]
    if notice.configuration:
        facts.append(("configuration", notice.configuration.name))
    if notice.form == "catalog-news":
        facts.append(("new_streams", ", ".join(details["streams"])))
        facts.append(("new_files", ", ".join(details["files"])))
        facts += [("new_columns", f"{file}: {', '.join(names)}") for file, names in details["columns"].items()]
    return [(speaker.say(words.UI[name]), value) for name, value in facts if value]
