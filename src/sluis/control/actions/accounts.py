"""Verbs for connection accounts."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from sluis.control import audit, places
from sluis.control.actions import bookmarks
from sluis.control.actor import Actor
from sluis.control.models import (
    SETTLED_STATES,
    AccountType,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Doubt,
    Environment,
    Language,
)
from sluis.control.models.account import new_secret
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.delivery import pseudonyms
from sluis.errors import Rejected


@transaction.atomic
def add_account(
    actor: Actor,
    environment: Environment,
    name: str,
    *,
    account_type: str,
    medical: bool = False,
    language: str = Language.DUTCH,
) -> ConnectionAccount:
    """Make an account. The medical mark can be given only by an actor with medical rights."""
    require(actor, "account.add", environment)
    if medical:
        require(actor, "account.mark_medical", environment)
    account = ConnectionAccount(
        environment=environment,
        name=check_name(name),
        type=_type(account_type),
        language=_language(language),
        medical=medical,
    )
    save_named(account, "account_name_unique", f"there is an account {name!r} in {environment.name} already")
    audit.record(
        actor,
        "account.add",
        f"account {account.name}",
        environment,
        {"type": account.type, "language": account.language, "medical": account.medical},
    )
    return account


@transaction.atomic
def edit_account(
    actor: Actor,
    account: ConnectionAccount,
    *,
    name: str | None = None,
    medical: bool | None = None,
    language: str | None = None,
) -> ConnectionAccount:
    """Change what is given; what is None stays. The name is fixed once a receiver has a delivery."""
    account = ConnectionAccount.objects.select_for_update().get(pk=account.pk)
    require(actor, "account.edit", account)
    if medical is not None and medical != account.medical:
        require(actor, "account.mark_medical", account)
    given = {"name": name, "medical": medical, "language": language}
    after = {field: value for field, value in given.items() if value is not None}
    if not after:
        raise Rejected("there is nothing to change", remedy="give a name, the medical mark or a language")
    before = {field: getattr(account, field) for field in after}
    changed = audit.difference(before, after)
    if not changed:
        return account
    if "name" in changed:
        _check_rename(account, str(name))
    if "language" in changed:
        _language(str(language))
    for field, (_, value) in changed.items():
        setattr(account, field, value)
    save_named(account, "account_name_unique", f"there is an account {name!r} in {account.environment.name} already")
    audit.record(actor, "account.edit", f"account {account.name}", account.environment, changed)
    return account


@transaction.atomic
def rotate_secret(actor: Actor, account: ConnectionAccount) -> ConnectionAccount:
    """Give the account another secret: every pseudonym changes, and what is pseudonymous comes in full."""
    account = ConnectionAccount.objects.select_for_update().get(pk=account.pk)
    require(actor, "account.rotate_secret", account)
    return _set_secret(actor, account, new_secret(), {})


@transaction.atomic
def share_secret(actor: Actor, account: ConnectionAccount, other: ConnectionAccount) -> ConnectionAccount:
    """Give the account the secret of another one of its environment, so that their pseudonyms can be joined."""
    account = ConnectionAccount.objects.select_for_update().get(pk=account.pk)
    require(actor, "account.rotate_secret", account)
    require(actor, "account.rotate_secret", other)
    if other.environment != account.environment or other == account:
        raise Rejected(
            "a secret is shared with another account of the same environment", remedy="name another account there"
        )
    return _set_secret(actor, account, other.secret, {"like": other.name})


def _set_secret(actor: Actor, account: ConnectionAccount, secret: bytes, details: dict[str, Any]) -> ConnectionAccount:
    before = pseudonyms.fingerprint(account.secret)
    account.secret = secret
    account.save(update_fields=["secret"])
    fingerprints = {"fingerprint": [before, pseudonyms.fingerprint(secret)]}
    subject = f"account {account.name}"
    audit.record(actor, "account.rotate_secret", subject, account.environment, {**fingerprints, **details})
    return account


def standing_medical(account: ConnectionAccount) -> list[Delivery]:
    """Deliveries made with the medical mark that still stand at the account's destination."""
    rows = Delivery.objects.filter(configuration__account=account, state=DeliveryState.DELIVERED, medical=True)
    destination = places.destination_of(account)
    standing: dict[str, list[str]] = {}
    found = []
    for delivery in rows.select_related("configuration__account__environment").order_by("published_at"):
        name = delivery.configuration.name
        if name not in standing:
            standing[name] = destination.standing(name)
        if delivery.folder in standing[name]:
            found.append(delivery)
    return found


def remove_medical(actor: Actor, account: ConnectionAccount) -> list[Delivery]:
    """Remove the deliveries made with the medical mark that still stand there.

    Whether the receiver had fetched them is not asked: what follows them comes in full (``history``).
    """
    require(actor, "account.remove_deliveries", account)
    removed = standing_medical(account)
    destination = places.destination_of(account)
    for delivery in removed:
        with transaction.atomic():
            bookmarks.doubt(delivery.configuration, Doubt.HISTORY, delivery)
            details = {"delivery": str(delivery.pk), "folder": delivery.folder}
            audit.record(actor, "account.remove_deliveries", str(delivery), account.environment, details)
            # Last: what was not removed is found again, what is not doubted would be forgotten.
            destination.remove(delivery.configuration.name, delivery.folder)
    return removed


def _check_rename(account: ConnectionAccount, name: str) -> None:
    check_name(name)
    if Delivery.objects.filter(configuration__account=account, state__in=SETTLED_STATES).exists():
        raise Rejected(
            f"account {account.name} has a delivery, so its name is fixed", remedy="make a new account of that name"
        )


def _type(value: str) -> AccountType:
    if value == AccountType.EXTERNAL:
        raise Rejected("accounts of the type external are not available yet", remedy="use the type hosted")
    if value != AccountType.HOSTED:
        raise Rejected(f"there is no type of account {value!r}", remedy="use the type hosted")
    return AccountType.HOSTED


def _language(value: str) -> Language:
    if value not in Language.values:
        raise Rejected(f"there is no language {value!r}", remedy=f"use one of: {', '.join(Language.values)}")
    return Language(value)
