"""How the accounts of an environment are doing, for a list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from sluis.control import queries
from sluis.control.actor import Actor
from sluis.control.models import AccountType, ConnectionAccount, Delivery, DeliveryState, Environment


class AccountState(StrEnum):
    """What an account waits for, or how its newest delivery went."""

    NEEDS_KEY = "needs-key"
    NEEDS_HOST_KEY = "needs-host-key"
    NEEDS_CONFIGURATION = "needs-configuration"
    NOTHING_YET = "nothing-yet"
    BUSY = "busy"
    HELD = "held"
    FAILED = "failed"
    WELL = "well"


_STATES = {
    DeliveryState.QUEUED: AccountState.BUSY,
    DeliveryState.RUNNING: AccountState.BUSY,
    DeliveryState.PUBLISHING: AccountState.BUSY,
    DeliveryState.HELD: AccountState.HELD,
    DeliveryState.FAILED: AccountState.FAILED,
    DeliveryState.UNKNOWN: AccountState.FAILED,
}


@dataclass(frozen=True)
class AccountRow:
    """An account with what a list shows of it. ``last_activity``: its newest delivery, download or log-in."""

    account: ConnectionAccount
    state: AccountState
    last_activity: dt.datetime | None
    configurations: int


def accounts(actor: Actor, environment: Environment) -> list[AccountRow]:
    """The accounts that the actor may see, by name, with their state: a fixed number of queries for any number."""
    visible = {account.pk: account for account in queries.accounts(actor, environment)}
    newest = Delivery.objects.filter(configuration__account=OuterRef("pk")).order_by("-created_at")[:1]
    today = environment.today()
    used = ConnectionAccount.objects.filter(pk__in=visible).annotate(
        used=Count("configurations", filter=Q(configurations__archived_at=None), distinct=True),
        newest_state=Subquery(newest.values("state")),
        delivered=Subquery(newest.values("created_at")),
        published=Subquery(newest.values("published_at")),
    )
    keyed = ConnectionAccount.objects.filter(pk__in=visible).annotate(
        valid=Count("keys", filter=Q(keys__valid_until=None) | Q(keys__valid_until__gte=today)),
        seen=Max("keys__last_used_at"),
    )
    keys = {row.pk: row for row in keyed.only("pk")}
    figures = used.annotate(last=Greatest("delivered", "published")).only("pk")
    found = {row.pk: row for row in figures}
    return [
        AccountRow(
            account=account,
            state=_state(account, keys[pk].valid, found[pk].used, found[pk].newest_state),
            last_activity=max((one for one in (found[pk].last, keys[pk].seen) if one), default=None),
            configurations=found[pk].used,
        )
        for pk, account in visible.items()
    ]


def _state(account: ConnectionAccount, valid_keys: int, configurations: int, newest: str | None) -> AccountState:
    if account.type == AccountType.HOSTED and not valid_keys:
        return AccountState.NEEDS_KEY
    if account.type == AccountType.EXTERNAL and not account.server.host_keys:
        return AccountState.NEEDS_HOST_KEY
    if not configurations:
        return AccountState.NEEDS_CONFIGURATION
    if newest is None:
        return AccountState.NOTHING_YET
    return _STATES.get(DeliveryState(newest), AccountState.WELL)
