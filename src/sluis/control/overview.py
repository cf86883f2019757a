"""How the accounts of an environment are doing, for a list."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from sluis.control import queries
from sluis.control.actor import Actor
from sluis.control.models import (
    AccountType,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
)
from sluis.control.permissions import has_medical_rights, require


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
    return _rows(actor, queries.accounts(actor, environment), environment)


def account(actor: Actor, row: ConnectionAccount) -> AccountRow:
    """One account with its state."""
    require(actor, "account.view", row)
    return _rows(actor, [row], row.environment)[0]


def _rows(actor: Actor, visible: list[ConnectionAccount], environment: Environment) -> list[AccountRow]:
    today = environment.today()
    keyed = ConnectionAccount.objects.filter(pk__in=[row.pk for row in visible]).annotate(
        valid=Count("keys", filter=Q(keys__valid_until=None) | Q(keys__valid_until__gte=today)),
        seen=Max("keys__last_used_at"),
    )
    keys = {row.pk: row for row in keyed.only("pk")}
    used, newest = _deliveries(visible, rights=has_medical_rights(actor, environment))
    return [_row(one, keys[one.pk], used[one.pk], newest.get(one.pk)) for one in visible]


@dataclass(frozen=True)
class _Newest:
    """What is told of the newest delivery of an account."""

    state: str
    created_at: dt.datetime
    published_at: dt.datetime | None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> _Newest:
        """As the database tells it in JSON."""
        published = told["published_at"]
        return cls(
            told["state"],
            dt.datetime.fromisoformat(told["created_at"]),
            dt.datetime.fromisoformat(published) if published else None,
        )


def _row(account: ConnectionAccount, keyed: Any, used: int, newest: _Newest | None) -> AccountRow:
    """``keyed``: the account with its ``valid`` keys, and when one was ``seen`` last."""
    moments = (newest.created_at, newest.published_at, keyed.seen) if newest else (keyed.seen,)
    return AccountRow(
        account=account,
        state=_state(account, keyed.valid, used, newest.state if newest else None),
        last_activity=max((one for one in moments if one), default=None),
        configurations=used,
    )


def _deliveries(visible: list[ConnectionAccount], *, rights: bool) -> tuple[Counter[int], dict[int, _Newest]]:
    """By account: how many configurations it uses, and its newest delivery.

    ``rights``: the medical right; without it what was delivered with the medical mark does not count.

    The newest of each configuration first: for that there is an index, so that old ones are not looked at.
    """
    told = JSONObject(state="state", created_at="created_at", published_at="published_at")
    of_each = Delivery.objects.filter(configuration=OuterRef("pk")).order_by("-created_at")
    if not rights:
        # Of an account that had the medical mark once.
        of_each = of_each.filter(medical=False)
    newest = of_each.values(told=told)[:1]
    every = Configuration.objects.filter(account__in=[row.pk for row in visible]).annotate(newest=Subquery(newest))
    used: Counter[int] = Counter()
    found: dict[int, _Newest] = {}
    for key, archived_at, delivery in every.values_list("account", "archived_at", "newest"):
        used[key] += archived_at is None
        if delivery is not None:
            one = _Newest.read(delivery)
            found[key] = max(found.get(key, one), one, key=lambda each: each.created_at)
    return used, found


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
