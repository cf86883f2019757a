"""Audit events in words: what was done, to what, and what it changed. What is not known here is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sluis.web import words

_Text = str | Promise
WHAT: dict[str, _Text] = {
    "account.add": gettext_lazy("Account made"),
    "account.clean": gettext_lazy("Leftovers removed from the server"),
    "account.edit": gettext_lazy("Account changed"),
    "account.remove_deliveries": gettext_lazy("Delivery with medical data removed"),
    "account.rotate_secret": gettext_lazy("Secret of the pseudonyms changed"),
    "account.test": gettext_lazy("Connection tested"),
    "audit.export": gettext_lazy("Audit trail exported"),
    "audit.view": gettext_lazy("Audit trail opened"),
    "configuration.add": gettext_lazy("Configuration made"),
    "configuration.archive": gettext_lazy("Configuration archived"),
    "configuration.ask": gettext_lazy("Run asked for"),
    "configuration.copy": gettext_lazy("Configuration copied"),
    "configuration.edit": gettext_lazy("Configuration changed"),
    "configuration.preview": gettext_lazy("Dry run"),
    "configuration.restore": gettext_lazy("Configuration restored"),
    "configuration.run": gettext_lazy("Run"),
    "delivery.ask": gettext_lazy("Decision about a delivery asked for"),
    "delivery.cancel": gettext_lazy("Delivery cancelled"),
    "delivery.download": gettext_lazy("Downloaded"),
    "delivery.look": gettext_lazy("Folder looked into"),
    "delivery.open": gettext_lazy("File opened"),
    "delivery.refuse": gettext_lazy("Delivery refused"),
    "delivery.release": gettext_lazy("Delivery released"),
    "delivery.remove": gettext_lazy("Old delivery removed"),
    "environment.add": gettext_lazy("Environment made"),
    "environment.ask": gettext_lazy("Refresh asked for"),
    "environment.ask_release": gettext_lazy("Release of a refresh asked for"),
    "environment.cancel": gettext_lazy("Refresh taken back"),
    "environment.change_catalog": gettext_lazy("Catalogue changed"),
    "environment.change_source": gettext_lazy("Source changed"),
    "environment.check_source": gettext_lazy("Source tested"),
    "environment.edit": gettext_lazy("Environment changed"),
    "environment.expunge": gettext_lazy("Removed from the history for good"),
    "environment.maintain": gettext_lazy("History kept in order"),
    "environment.rebuild": gettext_lazy("History thrown away"),
    "environment.refresh": gettext_lazy("Refresh"),
    "environment.release": gettext_lazy("Refresh released"),
    "environment.resume": gettext_lazy("Dataset resumed"),
    "environment.schedule": gettext_lazy("Schedule changed"),
    "environment.suspend": gettext_lazy("Dataset suspended"),
    "installation.forget_secrets": gettext_lazy("Secrets of a lost key given up"),
    "installation.restored": gettext_lazy("Put back from a backup"),
    "installation.rewrite_secrets": gettext_lazy("Secrets encrypted with another key"),
    "key.add": gettext_lazy("Key added"),
    "key.make": gettext_lazy("Key made"),
    "key.remove": gettext_lazy("Key removed"),
    "notice.make": gettext_lazy("Notice sent"),
    "receiver.remove": gettext_lazy("Removed by the receiver"),
    "recipient.add": gettext_lazy("Recipient added"),
    "recipient.edit": gettext_lazy("Recipient changed"),
    "recipient.remove": gettext_lazy("Recipient removed"),
    "user.add": gettext_lazy("User made"),
    "user.add_second_factor": gettext_lazy("Second factor set up"),
    "user.ask_medical": gettext_lazy("Medical right proposed"),
    "user.change_password": gettext_lazy("Own password changed"),
    "user.edit": gettext_lazy("User changed"),
    "user.end_sessions": gettext_lazy("Sessions ended"),
    "user.fail_log_in": gettext_lazy("Log-in failed"),
    "user.give_role": gettext_lazy("Role given"),
    "user.grant_medical": gettext_lazy("Medical right given"),
    "user.link_provider": gettext_lazy("Log-in by the provider linked"),
    "user.log_in": gettext_lazy("Logged in"),
    "user.log_out": gettext_lazy("Logged out"),
    "user.remove_second_factor": gettext_lazy("Second factor removed"),
    "user.renew_password": gettext_lazy("First password given anew"),
    "user.renew_recovery_codes": gettext_lazy("Recovery codes made anew"),
    "user.reset_second_factor": gettext_lazy("Second factor reset"),
    "user.take_role": gettext_lazy("Role taken"),
    "user.unlink_provider": gettext_lazy("Log-in by the provider taken away"),
    "user.withdraw_medical": gettext_lazy("Medical right withdrawn"),
}
"""Code of an action → what was done."""

_NAMES: dict[str, _Text] = {
    "accepted": gettext_lazy("Host key accepted"),
    "account": gettext_lazy("Account"),
    "action": gettext_lazy("What"),
    "address": gettext_lazy("Address"),
    "addresses": gettext_lazy("Allowed addresses"),
    "asked_by": gettext_lazy("Proposed by"),
    "automatic": gettext_lazy("Automatic"),
    "bits": gettext_lazy("Bits"),
    "brake_floor": gettext_lazy("Brake: rows"),
    "brake_percent": gettext_lazy("Brake: percentage"),
    "by": gettext_lazy("Log-in with"),
    "cancelled": gettext_lazy("Taken back"),
    "catalog": gettext_lazy("Catalogue"),
    "daily_allowed": gettext_lazy("Daily delivery allowed"),
    "dataset": gettext_lazy("Dataset"),
    "datasets": gettext_lazy("Datasets"),
    "datastreams_enabled": gettext_lazy("Module Datastreams"),
    "delivery": gettext_lazy("Delivery"),
    "email": gettext_lazy("Mail address"),
    "every": gettext_lazy("Day"),
    "failed": gettext_lazy("Failed"),
    "failing": gettext_lazy("Datasets that it cannot make"),
    "fetched": gettext_lazy("Fetched"),
    "files": gettext_lazy("Files"),
    "files_shown": gettext_lazy("Files of which rows were shown"),
    "fingerprint": gettext_lazy("Fingerprint"),
    "first": gettext_lazy("From"),
    "folder": gettext_lazy("Folder"),
    "from": gettext_lazy("Copied from"),
    "full": gettext_lazy("Comes in full"),
    "gone": gettext_lazy("Rows that would go"),
    "held": gettext_lazy("Held"),
    "host": gettext_lazy("Server"),
    "host_key": gettext_lazy("Host key"),
    "host_keys": gettext_lazy("Pinned host keys"),
    "incremental": gettext_lazy("Incremental"),
    "is_active": gettext_lazy("Active"),
    "is_operator": gettext_lazy("Operator"),
    "journal_rows": gettext_lazy("Rows of the history"),
    "keep_days": gettext_lazy("Days of history"),
    "keep_reason": gettext_lazy("Reason"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "last": gettext_lazy("Up to and including"),
    "like": gettext_lazy("Shared with"),
    "log_in": gettext_lazy("Log-in with"),
    "login": gettext_lazy("Login name"),
    "may_delete": gettext_lazy("Receiver may delete"),
    "medical": gettext_lazy("Access to medical data"),
    "mode": gettext_lazy("Kind"),
    "name": gettext_lazy("Name"),
    "not_before": gettext_lazy("Not before"),
    "notices_off": gettext_lazy("Notices that are off"),
    "operator": gettext_lazy("Operator"),
    "password": gettext_lazy("Password"),
    "path": gettext_lazy("Path"),
    "paused": gettext_lazy("Paused"),
    "person": gettext_lazy("Who"),
    "plain_reason": gettext_lazy("Reason for plain delivery"),
    "port": gettext_lazy("Port"),
    "provided": gettext_lazy("By a group"),
    "pseudonymous": gettext_lazy("Pseudonymous"),
    "public_key": gettext_lazy("Public key"),
    "released": gettext_lazy("Let go"),
    "report": gettext_lazy("Log report"),
    "retention_count": gettext_lazy("Deliveries to keep"),
    "retention_days": gettext_lazy("Days to keep deliveries"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Rows"),
    "sequence": gettext_lazy("Number"),
    "server": gettext_lazy("Server"),
    "since": gettext_lazy("Asked"),
    "snapshot": gettext_lazy("Snapshot"),
    "source": gettext_lazy("Source"),
    "steps": gettext_lazy("Steps"),
    "streams": gettext_lazy("Datastreams"),
    "text": gettext_lazy("Text"),
    "time": gettext_lazy("Time"),
    "time_zone": gettext_lazy("Time zone"),
    "type": gettext_lazy("Type"),
    "unknown": gettext_lazy("Fate unknown"),
    "user": gettext_lazy("User"),
    "valid_from": gettext_lazy("First day"),
    "valid_until": gettext_lazy("Last day"),
    "verb": gettext_lazy("What"),
    "version": gettext_lazy("Version"),
    "waiting": gettext_lazy("Waiting jobs taken back"),
    "whole": gettext_lazy("Whole dataset"),
}
"""Name in the details → how it is called."""

_VALUES: dict[str, _Text] = {
    "all": gettext_lazy("everything"),
    "changed": gettext_lazy("changed"),
    "changes": gettext_lazy("changes"),
    "day": gettext_lazy("every day"),
    "external": gettext_lazy("external SFTP"),
    "failures": gettext_lazy("Failures only"),
    "full": gettext_lazy("everything"),
    "given": gettext_lazy("given"),
    "hosted": gettext_lazy("hosted SFTP"),
    "key": gettext_lazy("key"),
    "kept": gettext_lazy("the same"),
    "last": gettext_lazy("since the last delivery"),
    "messages": gettext_lazy("Also messages"),
    "metadata": gettext_lazy("Everything, with counts per file"),
    "oidc": gettext_lazy("the provider"),
    "password": gettext_lazy("password"),
    "reader": gettext_lazy("reader"),
    "recovery_codes": gettext_lazy("recovery code"),
    "refresh": gettext_lazy("refresh"),
    "release": gettext_lazy("release"),
    "removed": gettext_lazy("removed"),
    "retry": gettext_lazy("try again"),
    "superbeheerder": gettext_lazy("superbeheerder"),
    "totp": gettext_lazy("authenticator app"),
    "warnings": gettext_lazy("Failures and warnings"),
    "webauthn": gettext_lazy("passkey"),
}
"""Values that are codes, in the details that ``_CODED`` names."""
_CODED = frozenset({"by", "every", "kind", "log_in", "mode", "password", "report", "role", "since", "type", "verb"})

_SUBJECTS: tuple[tuple[str, _Text], ...] = (
    (r"account (?P<name>.*)", gettext_lazy("account %(name)s")),
    (r"configuration (?P<name>.*)", gettext_lazy("configuration %(name)s")),
    (r"environment (?P<name>.*)", gettext_lazy("environment %(name)s")),
    (r"key (?P<name>.*) of account (?P<account>.*)", gettext_lazy("key %(name)s of account %(account)s")),
    (r"user (?P<name>.*)", gettext_lazy("user %(name)s")),
    (r"delivery (?P<name>\S+) of (?P<of>.*)", gettext_lazy("delivery %(name)s of %(of)s")),
    (r"refresh (?P<name>\d+) of (?P<of>.*)", gettext_lazy("refresh %(name)s of %(of)s")),
    (r"installation", gettext_lazy("the installation")),
    (r"unknown user", gettext_lazy("unknown user")),
)
"""As actions name what they are about."""

_DIFFERENCES = re.compile(
    r".*\.(edit|schedule|rotate_secret|change_catalog|change_source|give_role|take_role|maintain)"
)
"""Actions whose details hold [before, after]; in those of others two values are a list."""
_LISTS = frozenset({"full"})


def what(action: str) -> str:
    """What was done."""
    return str(WHAT.get(action, action))


def subject(text: str) -> str:
    """What it was done to."""
    for pattern, said in _SUBJECTS:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return str(said) % found.groupdict()
    return text


def difference(action: str, details: Mapping[str, Any]) -> list[str]:
    """What it changed, and what else is known of it, a line each."""
    return [line for name, value in details.items() for line in _lines(action, name, value)]


def _lines(action: str, name: str, value: Any) -> Iterator[str]:
    if action == "configuration.edit" and name == "files" and isinstance(value, dict):
        yield from _choice(value)
        return
    if _is_empty(value):
        return
    label = _NAMES.get(name, name)
    pair = isinstance(value, list) and len(value) == 2 and name not in _LISTS  # noqa: PLR2004 - before and after
    if pair and _DIFFERENCES.fullmatch(action):
        yield f"{label}: {_said(name, value[0])} → {_said(name, value[1])}"
    else:
        yield f"{label}: {_said(name, value)}"


def _choice(changed: Mapping[str, Any]) -> Iterator[str]:
    """The difference between two choices of files and columns."""
    for file, columns in changed.get("added", {}).items():
        yield _("File %(file)s added: %(columns)s") % {"file": file, "columns": ", ".join(columns)}
    for file in changed.get("removed", []):
        yield _("File %(file)s removed") % {"file": file}
    for file, each in changed.get("changed", {}).items():
        if each.get("on"):
            yield _("Columns of %(file)s added: %(columns)s") % {"file": file, "columns": ", ".join(each["on"])}
        if each.get("off"):
            yield _("Columns of %(file)s removed: %(columns)s") % {"file": file, "columns": ", ".join(each["off"])}


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _said(name: str, value: Any) -> str:
    if _is_empty(value):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_said(name, one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{one}: {_said(name, each)}" for one, each in value.items())
    if name == "failed":
        return words.in_language(str(value), get_language() or "en")
    return str(_VALUES.get(value, value)) if name in _CODED else str(value)


_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With what a cell begins that a spreadsheet would run."""


def harmless(cell: str) -> str:
    """The cell so that a spreadsheet shows it and does not run it; ``'`` in front is doubled, so it can be undone."""
    return f"'{cell}" if cell.startswith((*_RUN, "'")) else cell
