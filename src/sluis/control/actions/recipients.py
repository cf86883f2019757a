"""Verbs for the recipients of an account's log reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction

from sluis.control import audit, choices
from sluis.control.actor import Actor
from sluis.control.models import ConnectionAccount, NoticeKind, Recipient, ReportKind
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
    audit.record(actor, "recipient.add", f"account {account.name}", account, details)
    return recipient


@transaction.atomic
def edit_recipient(
    actor: Actor,
    recipient: Recipient,
    *,
    report: str | None = None,
    notices_on: Iterable[str] = (),
    notices_off: Iterable[str] = (),
) -> Recipient:
    """Give a recipient other levels, and switch kinds of notices (``NoticeKind``) on and off."""
    recipient = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    require(actor, "account.edit", recipient.account)
    before = _state(recipient)
    if report is not None:
        recipient.report = _kind(report)
    recipient.notices_off = _switched(recipient.notices_off, list(notices_on), list(notices_off))
    changed = audit.difference(before, _state(recipient))
    if not changed:
        return recipient
    recipient.save(update_fields=["report", "notices_off"])
    _record(actor, "recipient.edit", recipient, {"address": recipient.address, **changed})
    return recipient


@transaction.atomic
def remove_recipient(actor: Actor, recipient: Recipient) -> None:
    """Send an address no more log reports of its account; what still waits for it is thrown away."""
    account = recipient.account
    require(actor, "account.edit", account)
    account.mails.filter(to=recipient.address, state="waiting").delete()
    _record(actor, "recipient.remove", recipient, {"address": recipient.address})
    recipient.delete()


def _state(recipient: Recipient) -> dict[str, object]:
    return {"report": str(recipient.report), "notices_off": list(recipient.notices_off)}


def _switched(off: list[str], make_on: list[str], make_off: list[str]) -> list[str]:
    """The kinds that are off after that, in the order of ``NoticeKind``."""
    choices.refuse_unknown("kind of notice", [*make_on, *make_off], NoticeKind.values, "the notices")
    choices.refuse_both("notice", make_on, make_off)
    return [kind for kind in NoticeKind.values if kind in {*off, *make_off} - {*make_on}]


def _record(actor: Actor, action: str, recipient: Recipient, details: Mapping[str, object]) -> None:
    account = recipient.account
    audit.record(actor, action, f"account {account.name}", account, details)


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
