"""How the accounts of an environment are doing, for a list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q

from sluis.control import queries
from sluis.control.actor import Actor
from sluis.control.models import (
    AccountType,
    ConnectionAccount,
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
    shown = queries.accounts_in(actor, environment).defer("secret", "server__password", "server__private_key")
    return _rows(actor, list(shown), environment)


def account(actor: Actor, row: ConnectionAccount) -> AccountRow:
    """One account with its state."""
    require(actor, "account.view", row)
    return _rows(actor, [row], row.environment)[0]


def _rows(actor: Actor, visible: list[ConnectionAccount], environment: Environment) -> list[AccountRow]:
    keys = [row.pk for row in visible]
    today = environment.today()
    keyed = ConnectionAccount.objects.filter(pk__in=keys).annotate(
        valid=Count("keys", filter=Q(keys__valid_until=None) | Q(keys__valid_until__gte=today)),
        seen=Max("keys__last_used_at"),
    )
    seen = {row.pk: row for row in keyed.only("pk")}
    delivered = _deliveries(keys, rights=has_medical_rights(actor, environment))
    return [_row(one, seen[one.pk], delivered.get(one.pk, _Delivered())) for one in visible]


@dataclass(frozen=True)
class _Delivered:
    """How many configurations an account uses, and what is told of its newest delivery; None where there is none."""

    configurations: int = 0
    state: str | None = None
    created_at: dt.datetime | None = None
    published_at: dt.datetime | None = None


_DELIVERIES = """
SELECT configuration.account_id, count(*) FILTER (WHERE configuration.archived_at IS NULL),
    (array_agg(newest.state ORDER BY newest.created_at DESC NULLS LAST))[1], max(newest.created_at),
    (array_agg(newest.published_at ORDER BY newest.created_at DESC NULLS LAST))[1]
FROM control_configuration AS configuration LEFT JOIN LATERAL (
    SELECT state, created_at, published_at FROM control_delivery
    WHERE configuration_id = configuration.id AND (%(medical_rights)s OR NOT medical)
    ORDER BY created_at DESC LIMIT 1) AS newest ON true
WHERE configuration.account_id = ANY(%(accounts)s) GROUP BY configuration.account_id
"""
# The newest of each configuration first: for that there is an index, so that old ones are not looked at.


def _deliveries(accounts: list[int], *, rights: bool) -> dict[int, _Delivered]:
    """``rights``: the medical right; without it what was delivered with the medical mark does not count."""
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, {"accounts": accounts, "medical_rights": rights})
        return {account: _Delivered(*told) for account, *told in cursor.fetchall()}


def _row(account: ConnectionAccount, keyed: Any, delivered: _Delivered) -> AccountRow:
    """``keyed``: the account with its ``valid`` keys, and when one was ``seen`` last."""
    moments = (delivered.created_at, delivered.published_at, keyed.seen)
    return AccountRow(
        account=account,
        state=_state(account, keyed.valid, delivered.configurations, delivered.state),
        last_activity=max((one for one in moments if one), default=None),
        configurations=delivered.configurations,
    )


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
