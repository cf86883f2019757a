"""Verbs for the recipients of an account's log reports."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction

from sluis.control import audit
from sluis.control.actor import Actor
from sluis.control.models import ConnectionAccount, Recipient, ReportKind
from sluis.control.names import save_named
from sluis.control.permissions import require
from sluis.errors import Rejected

_LONGEST = 254
_is_address = EmailValidator()


@transaction.atomic
def add_recipient(actor: Actor, account: ConnectionAccount, address: str, *, report: str) -> Recipient:
    """Send the log reports of an account to an address too. ``report``: which levels, a value of ``ReportKind``."""
    require(actor, "account.edit", account)
    recipient = Recipient(account=account, address=_address(address), report=_kind(report))
    taken = f"{address} is a recipient of {account.name} already"
    save_named(recipient, "recipient_address_unique", taken)
    details = {"address": recipient.address, "report": recipient.report}
    audit.record(actor, "recipient.add", f"account {account.name}", account.environment, details)
    return recipient


@transaction.atomic
def edit_recipient(actor: Actor, recipient: Recipient, *, report: str) -> Recipient:
    """Give a recipient other levels."""
    recipient = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    require(actor, "account.edit", recipient.account)
    before, recipient.report = recipient.report, _kind(report)
    if recipient.report == before:
        return recipient
    recipient.save(update_fields=["report"])
    details = {"address": recipient.address, "report": [before, recipient.report]}
    _record(actor, "recipient.edit", recipient, details)
    return recipient


@transaction.atomic
def remove_recipient(actor: Actor, recipient: Recipient) -> None:
    """Send an address no more log reports of its account; what still waits for it is thrown away."""
    account = recipient.account
    require(actor, "account.edit", account)
    account.mails.filter(to=recipient.address, state="waiting").delete()
    _record(actor, "recipient.remove", recipient, {"address": recipient.address})
    recipient.delete()


def _record(actor: Actor, action: str, recipient: Recipient, details: Mapping[str, object]) -> None:
    account = recipient.account
    audit.record(actor, action, f"account {account.name}", account.environment, details)


def _address(text: str) -> str:
    try:
        _is_address(text)
    except ValidationError:
        raise _not_an_address(text) from None
    # Other letters ask an extension that not every mail server has.
    if len(text) > _LONGEST or not text.isascii():
        raise _not_an_address(text)
    return text


def _not_an_address(text: str) -> Rejected:
    return Rejected(f"{text!r} is not a mail address", remedy="write it as name@example.org, without accents")


def _kind(value: str) -> ReportKind:
    if value not in ReportKind.values:
        raise Rejected(f"there is no log report {value!r}", remedy=f"use one of: {', '.join(ReportKind.values)}")
    return ReportKind(value)
