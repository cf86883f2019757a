"""The secret that an account's pseudonyms are made with."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from sluis.control import audit
from sluis.control.actor import Actor
from sluis.control.models import ConnectionAccount
from sluis.control.models.account import new_secret
from sluis.control.permissions import require
from sluis.delivery import pseudonyms
from sluis.errors import Rejected


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
    other = ConnectionAccount.objects.select_related("environment").get(pk=other.pk)
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
    audit.record(actor, "account.rotate_secret", subject, account, {**fingerprints, **details})
    return account
