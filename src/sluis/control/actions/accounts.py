"""Verbs for connection accounts."""

from __future__ import annotations

from django.db import transaction

from sluis.control import audit
from sluis.control.actor import Actor
from sluis.control.models import AccountType, ConnectionAccount, Delivery, DeliveryState, Environment, Language
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.errors import Rejected

SETTLED_STATES = (DeliveryState.DELIVERED, DeliveryState.PUBLISHING)
"""States in which a receiver has, or may have, a delivery: from then on names and keys cannot change."""


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
