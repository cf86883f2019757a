"""Verbs for connection accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sluis.control import audit, logins
from sluis.control.actions.servers import ServerSettings, keep_server
from sluis.control.actor import Actor
from sluis.control.models import (
    SETTLED_STATES,
    AccountType,
    ConnectionAccount,
    Delivery,
    Environment,
    Language,
)
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.errors import Rejected


@dataclass(frozen=True)
class HostedSettings:
    """What is given of a hosted account; None stays as it is.

    ``login``: its name at log-in, fixed once there is a key. ``addresses``: networks that may log in, empty for all.
    ``retention_days`` and ``retention_count`` (0 for no bound): when deliveries go.
    """

    login: str | None = None
    may_delete: bool | None = None
    addresses: tuple[str, ...] | None = None
    retention_days: int | None = None
    retention_count: int | None = None

    @property
    def given(self) -> bool:
        """Whether there is anything in it."""
        return self != HostedSettings()


@transaction.atomic
def add_account(
    actor: Actor,
    environment: Environment,
    name: str,
    *,
    account_type: str,
    medical: bool = False,
    language: str = Language.DUTCH,
    hosted: HostedSettings | None = None,
    server: ServerSettings | None = None,
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
    _refuse_other_type(account, hosted, server)
    details = {"type": account.type, "language": account.language, "medical": account.medical}
    if account.type == AccountType.HOSTED:
        account.login = logins.new_login(account)
        details |= {name: after for name, (_, after) in _keep_hosted(account, hosted or HostedSettings()).items()}
    save_named(account, "account_name_unique", f"there is an account {name!r} in {environment.name} already")
    if account.type == AccountType.EXTERNAL:
        changed = keep_server(account, server or ServerSettings())
        details |= {name: after for name, (_, after) in changed.items()}
    audit.record(actor, "account.add", f"account {account.name}", account, details)
    return account


@transaction.atomic
def edit_account(
    actor: Actor,
    account: ConnectionAccount,
    *,
    name: str | None = None,
    medical: bool | None = None,
    language: str | None = None,
    hosted: HostedSettings | None = None,
    server: ServerSettings | None = None,
) -> ConnectionAccount:
    """Change what is given; what is None stays. The name is fixed once a receiver has a delivery."""
    account = ConnectionAccount.objects.select_for_update().get(pk=account.pk)
    require(actor, "account.edit", account)
    if medical is not None and medical != account.medical:
        require(actor, "account.mark_medical", account)
    _refuse_other_type(account, hosted, server)
    given = {"name": name, "medical": medical, "language": language}
    after = {field: value for field, value in given.items() if value is not None}
    if not after and not (hosted and hosted.given) and not (server and server.given):
        raise Rejected("there is nothing to change", remedy="give a name, the medical mark, a language or a setting")
    before = {field: getattr(account, field) for field in after}
    changed: dict[str, Any] = dict(audit.difference(before, after))
    if "name" in changed:
        _check_rename(account, str(name))
    if "language" in changed:
        _language(str(language))
    for field, (_, value) in changed.items():
        setattr(account, field, value)
    if hosted:
        changed |= _keep_hosted(account, hosted)
    if server and server.given:
        changed |= keep_server(account, server)
    if not changed:
        return account
    save_named(account, "account_name_unique", f"there is an account {name!r} in {account.environment.name} already")
    # One that loses the mark had it until now.
    audit.record(actor, "account.edit", f"account {account.name}", account, changed, medical="medical" in changed)
    return account


def _refuse_other_type(
    account: ConnectionAccount, hosted: HostedSettings | None, server: ServerSettings | None
) -> None:
    if account.type == AccountType.HOSTED and server and server.given:
        raise Rejected("a hosted account has no server of the receiver", remedy="use the type external for one")
    if account.type == AccountType.EXTERNAL and hosted and hosted.given:
        raise Rejected(
            "nobody logs in to an external account here: it has no login name, addresses or retention",
            remedy="leave these out, or use the type hosted",
        )


def _keep_hosted(account: ConnectionAccount, given: HostedSettings) -> dict[str, list[Any]]:
    """Set what is given on the account, unsaved; what differs."""
    values: dict[str, Any] = {"may_delete": given.may_delete, "retention_days": given.retention_days}
    if given.addresses is not None:
        values["addresses"] = [str(network) for network in logins.networks(given.addresses)]
    if given.login is not None and given.login != account.login:
        values["login"] = _login(account, given.login)
    after = {field: value for field, value in values.items() if value is not None}
    if given.retention_count is not None:
        after["retention_count"] = given.retention_count or None
    if given.retention_days is not None and not 1 <= given.retention_days <= _LONGEST_RETENTION:
        raise Rejected(
            f"deliveries cannot be kept {given.retention_days} days", remedy=f"give 1 to {_LONGEST_RETENTION}"
        )
    changed = audit.difference({field: getattr(account, field) for field in after}, after)
    for field, (_, value) in changed.items():
        setattr(account, field, value)
    return changed


_LONGEST_RETENTION = 3650


def _login(account: ConnectionAccount, login: str) -> str:
    if account.pk and account.keys.exists():
        raise Rejected(
            f"account {account.name} has a key, so its login name is fixed",
            remedy="make a new account, or remove its keys first",
        )
    if ConnectionAccount.objects.filter(login=logins.check_login(login)).exclude(pk=account.pk).exists():
        raise Rejected(f"the login name {login!r} is in use", remedy="choose another: it is unique in the installation")
    return login


def _check_rename(account: ConnectionAccount, name: str) -> None:
    check_name(name)
    if Delivery.objects.filter(configuration__account=account, state__in=SETTLED_STATES).exists():
        raise Rejected(
            f"account {account.name} has a delivery, so its name is fixed", remedy="make a new account of that name"
        )


def _type(value: str) -> AccountType:
    if value not in AccountType.values:
        raise Rejected(f"there is no type of account {value!r}", remedy=f"use one of: {', '.join(AccountType.values)}")
    return AccountType(value)


def _language(value: str) -> Language:
    if value not in Language.values:
        raise Rejected(f"there is no language {value!r}", remedy=f"use one of: {', '.join(Language.values)}")
    return Language(value)
