"""Verbs for the keys that receivers log in with."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from sluis.control import audit, logins
from sluis.control.actor import Actor
from sluis.control.models import AccountType, ConnectionAccount, SftpKey
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.errors import Rejected
from sluis.sftp import keys
from sluis.sftp.keys import KeyPair, PublicKey


@transaction.atomic
def add_key(
    actor: Actor, account: ConnectionAccount, name: str, public_key: str, *, valid_until: dt.date | None = None
) -> SftpKey:
    """Let a public key in OpenSSH form log in to a hosted account, to the end of a day or for ever."""
    account = _hosted(actor, account)
    return _keep(actor, account, name, keys.read_public(public_key), valid_until, made=False)


@transaction.atomic
def make_key(
    actor: Actor,
    account: ConnectionAccount,
    name: str,
    *,
    kind: str = "ed25519",
    valid_until: dt.date | None = None,
    protected: bool = True,
) -> tuple[SftpKey, KeyPair]:
    """Make a pair and let it log in. The private key and its passphrase are in what is returned, and nowhere else."""
    account = _hosted(actor, account)
    pair = keys.make_pair(kind, protected=protected)
    return _keep(actor, account, name, pair.public, valid_until, made=True), pair


@transaction.atomic
def remove_key(actor: Actor, account: ConnectionAccount, name: str) -> None:
    """A key may no longer log in; sessions that it opened end within a minute of their next file."""
    account = _hosted(actor, account)
    key = account.keys.filter(name__iexact=name).first()
    if key is None:
        raise Rejected(f"account {account.name} has no key {name!r}", remedy="see its keys with `sluis key list`")
    key.delete()
    audit.record(
        actor,
        "key.remove",
        f"key {key.name} of account {account.name}",
        account,
        {"fingerprint": key.fingerprint},
    )


def _hosted(actor: Actor, account: ConnectionAccount) -> ConnectionAccount:
    """The account as it is now, locked; ``Rejected`` where receivers do not log in to it."""
    account = ConnectionAccount.objects.select_for_update(of=("self",)).select_related("environment").get(pk=account.pk)
    require(actor, "account.keys", account)
    if account.type != AccountType.HOSTED:
        raise Rejected(
            f"account {account.name} is not hosted: Sluis logs in to a server of the receiver",
            remedy="give the key of that server with `sluis account edit --key-file` or `--make-key`",
        )
    return account


def _keep(
    actor: Actor, account: ConnectionAccount, name: str, public: PublicKey, valid_until: dt.date | None, *, made: bool
) -> SftpKey:
    if valid_until is not None and valid_until < account.environment.today():
        raise Rejected(f"{valid_until} is past", remedy="give a last day that is to come, or none")
    if account.keys.filter(fingerprint=public.fingerprint).exists():
        raise Rejected(f"account {account.name} has this key already", remedy="see its keys with `sluis key list`")
    if account.login is None:
        account.login = logins.new_login(account)
        account.save(update_fields=["login"])
    key = SftpKey(
        account=account,
        name=check_name(name),
        public_key=public.line,
        fingerprint=public.fingerprint,
        valid_until=valid_until,
    )
    save_named(key, "key_name_unique", f"account {account.name} has a key {name!r} already")
    audit.record(
        actor,
        "key.make" if made else "key.add",
        f"key {key.name} of account {account.name}",
        account,
        {
            "fingerprint": key.fingerprint,
            "type": public.type,
            "bits": public.bits,
            "valid_until": valid_until.isoformat() if valid_until else None,
            "login": account.login,
        },
    )
    return key
