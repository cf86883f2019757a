"""The secrets in the control database under another key: encrypted anew, or given up with a key that is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.db import transaction

from sluis.control import audit, crypto, keyring
from sluis.control.actor import Actor
from sluis.control.models import ConnectionAccount, Environment, ExternalServer
from sluis.control.models.account import new_secret
from sluis.control.permissions import require

T = TypeVar("T")
_OF_FACTORS = ("secret", "seed")
"""What the app for second factors has encrypted in the data of an authenticator; passkeys hold no secret."""


@dataclass(frozen=True)
class Lost:
    """What was given up because no present key reads it, by name."""

    accounts: list[str] = field(default_factory=list)
    """Whose pseudonyms have another secret now."""
    sources: list[str] = field(default_factory=list)
    """Environments of which the password of the source is gone."""
    servers: list[str] = field(default_factory=list)
    """Accounts of which password and private key for the receiver's server are gone."""
    users: list[str] = field(default_factory=list)
    """Whose authenticator app and recovery codes are forgotten."""


@transaction.atomic
def rewrite_secrets(actor: Actor) -> int:
    """Encrypt every secret with the first of the present keys; how many there are.

    ``Fatal``, with nothing changed, where one was made with none of them.
    """
    require(actor, "installation.keys", None)
    count = 0
    for model, name in keyring.encrypted_fields():
        rows = list(keyring.with_tokens(model, name).select_for_update())
        for row in rows:
            row.save(update_fields=[name])
        count += len(rows)
    for factor in _factors():
        factor.data.update(_each_secret(factor, lambda token: crypto.encrypt(crypto.decrypt(token))))
        factor.save(update_fields=["data"])
        count += 1
    audit.record(actor, "installation.rewrite_secrets", "installation", None, {"secrets": count})
    return count


@transaction.atomic
def forget_secrets(actor: Actor) -> Lost:
    """Give up the secrets that no present key reads, so that Sluis works again; those that it reads stay.

    Accounts get another secret for their pseudonyms, and what is pseudonymous comes in full.
    """
    require(actor, "installation.keys", None)
    lost = Lost()
    unread = keyring.unreadable(ConnectionAccount, "secret")
    accounts = ConnectionAccount.objects.filter(pk__in=unread).select_related("environment").order_by("pk")
    for account in accounts.only("name", "environment__name"):
        account.secret = new_secret()
        account.save(update_fields=["secret"])
        lost.accounts.append(f"{account.environment.name}/{account.name}")
    unread = keyring.unreadable(Environment, "source_password")
    for environment in Environment.objects.filter(pk__in=unread).only("name").order_by("pk"):
        environment.source_password = ""
        environment.save(update_fields=["source_password"])
        lost.sources.append(environment.name)
    unread = keyring.unreadable(ExternalServer, "password") + keyring.unreadable(ExternalServer, "private_key")
    servers = ExternalServer.objects.filter(pk__in=unread).select_related("account__environment").order_by("pk")
    for server in servers.only("account__name", "account__environment__name"):
        server.password, server.private_key, server.public_key = "", "", ""
        server.save(update_fields=["password", "private_key", "public_key"])
        lost.servers.append(f"{server.account.environment.name}/{server.account.name}")
    unreadable = [one for one in _factors() if not all(_each_secret(one, crypto.is_readable).values())]
    lost.users.extend(sorted({one.user.get_username() for one in unreadable}))
    Authenticator.objects.filter(pk__in=[one.pk for one in unreadable]).delete()
    audit.record(actor, "installation.forget_secrets", "installation", None, vars(lost))
    return lost


def _factors() -> list[Authenticator]:
    return [one for one in Authenticator.objects.select_for_update().order_by("pk") if _each_secret(one, len)]


def _each_secret(factor: Authenticator, do: Callable[[str], T]) -> dict[str, T]:
    return {name: do(factor.data[name]) for name in _OF_FACTORS if name in factor.data}
