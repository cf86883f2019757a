"""What an actor can see: things by name, and lists. What the actor may not see does not exist."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from sluis.catalog.loader import Catalog, load
from sluis.catalog.model import Column
from sluis.control import choices, jobs
from sluis.control.actor import Actor
from sluis.control.models import (
    OPEN_STATES,
    Configuration,
    ConnectionAccount,
    Delivery,
    DownloadReceipt,
    Environment,
    Mail,
    Notice,
    Recipient,
    Refresh,
    RefreshState,
    RunProgress,
    Schedule,
    SftpKey,
    Suspension,
    User,
)
from sluis.control.permissions import allowed, has_medical_rights, not_found, require
from sluis.errors import Rejected

Row = TypeVar("Row", Environment, ConnectionAccount, Configuration, Delivery)

NEWEST = 1000
"""How many deliveries a list shows."""


def user_actor(name: str) -> Actor:
    """The active user of that name, as an actor; ``Rejected`` where the last day is over."""
    user = User.objects.filter(username__iexact=name).first()
    if user is None or not user.is_active:
        raise not_found("user", name)
    if user.is_past:
        raise Rejected(
            f"the last day of user {user.username} was {user.valid_until}",
            remedy="act as another user, or give a later day with `sluis user edit`",
        )
    return Actor(user=user)


def environments(actor: Actor) -> list[Environment]:
    """Every environment the actor may see, by name."""
    return [
        row
        for row in Environment.objects.select_related("schedule").order_by(Lower("name"))
        if allowed(actor, "environment.view", row)
    ]


def suspensions(actor: Actor, environment: Environment) -> list[Suspension]:
    """The datasets of an environment that are set aside, by name."""
    require(actor, "refresh.view", environment)
    return list(environment.suspensions.select_related("environment"))


def accounts(actor: Actor, environment: Environment) -> list[ConnectionAccount]:
    """The accounts of an environment that the actor may see, by name."""
    return list(accounts_in(actor, environment))


def accounts_in(actor: Actor, environment: Environment) -> QuerySet[ConnectionAccount]:
    """The same, to be read in part: what is secret costs time to open."""
    require(actor, "account.list", environment)
    rows = environment.accounts.order_by(Lower("name")).select_related("server")
    return rows if has_medical_rights(actor, environment) else rows.filter(medical=False)


def unseen_accounts(actor: Actor, environment: Environment) -> int:
    """How many accounts there are that the actor may not see, for want of medical rights."""
    require(actor, "account.list", environment)
    return 0 if has_medical_rights(actor, environment) else environment.accounts.filter(medical=True).count()


def configurations(actor: Actor, environment: Environment) -> list[Configuration]:
    """The configurations of an environment that the actor may see, archived ones too, by account and name."""
    visible = accounts(actor, environment)
    rows = Configuration.objects.filter(account__in=visible).select_related("account__environment__schedule")
    return list(rows.order_by(Lower("account__name"), Lower("name")))


def configurations_of(actor: Actor, account: ConnectionAccount) -> list[Configuration]:
    """The configurations of an account, archived ones too, by name."""
    require(actor, "account.view", account)
    rows = Configuration.objects.filter(account=account).select_related("account__environment__schedule")
    return list(rows.order_by(Lower("name")))


def configuration_names(actor: Actor, environment: Environment) -> dict[int, str]:
    """The same of a whole environment as key → ``ACCOUNT/NAME``, to choose from: there can be very many."""
    require(actor, "account.list", environment)
    rows = Configuration.objects.filter(account__environment=environment)
    if not has_medical_rights(actor, environment):
        rows = rows.exclude(account__medical=True)
    found = rows.order_by(Lower("account__name"), Lower("name")).values_list("pk", "account__name", "name")
    return {key: f"{account}/{name}" for key, account, name in found}


def deliveries(actor: Actor, environment: Environment, configuration: Configuration | None = None) -> list[Delivery]:
    """The newest deliveries that the actor may see, newest first; of one configuration or of all."""
    require(actor, "account.list", environment)
    rows = Delivery.objects.filter(configuration__account__environment=environment)
    if configuration is not None:
        require(actor, "configuration.view", configuration)
        rows = rows.filter(configuration=configuration)
    if not has_medical_rights(actor, environment):
        rows = rows.exclude(Q(medical=True) | Q(configuration__account__medical=True))
    return list(rows.select_related("configuration__account__environment").order_by("-created_at")[:NEWEST])


def refreshes(actor: Actor, environment: Environment) -> list[Refresh]:
    """The newest refreshes of an environment, newest first."""
    require(actor, "refresh.view", environment)
    return list(environment.refreshes.select_related("environment").order_by("-pk")[:NEWEST])


@dataclass(frozen=True)
class UnderWay:
    """A refresh or delivery that runs or waits. ``state``: of the run, or ``waiting``; ``since``: when it began.

    ``planned_at``: the moment that a job is for. ``begins_at``: before which no worker begins it, None for at once.
    ``delivery``: the row, where it is one that a run has begun. ``actor``: who runs it; empty for what waits.
    """

    what: str
    state: str
    since: dt.datetime | None = None
    planned_at: dt.datetime | None = None
    begins_at: dt.datetime | None = None
    progress: RunProgress | None = None
    delivery: Delivery | None = None
    actor: str = ""


def under_way(actor: Actor, environment: Environment, configuration: Configuration | None = None) -> list[UnderWay]:
    """What runs in an environment, of one configuration or of all; then what waits, the first to be begun first."""
    require(actor, "account.list", environment)
    if configuration is not None and not allowed(actor, "configuration.view", configuration):
        return []
    found: list[UnderWay] = []
    if configuration is None:
        rows = environment.refreshes.filter(state=RefreshState.RUNNING).select_related("progress")
        found += [running_refresh(row) for row in rows]
    open_ones = Delivery.objects.filter(state__in=OPEN_STATES, configuration__account__environment=environment)
    if configuration is not None:
        open_ones = open_ones.filter(configuration=configuration)
    if not has_medical_rights(actor, environment):
        open_ones = open_ones.exclude(Q(medical=True) | Q(configuration__account__medical=True))
    found += [
        UnderWay(
            str(row.configuration), row.state, row.started_at, row.planned_at, None, progress_of(row), row, row.actor
        )
        for row in open_ones.select_related("configuration__account", "progress").order_by("created_at")
    ]
    return found + _waiting(actor, environment, configuration)


def _waiting(actor: Actor, environment: Environment, configuration: Configuration | None) -> list[UnderWay]:
    if configuration is not None:
        lock = jobs.delivery_lock(configuration)
        found, names = jobs.waiting(jobs.DELIVERING, lock), {lock: str(configuration)}
    else:
        found = jobs.waiting(("refresh", *jobs.DELIVERING))
        keys = {key for one in found if (key := jobs.configuration_of(one.lock)) is not None}
        rows = Configuration.objects.filter(pk__in=keys, account__environment=environment).select_related("account")
        if not has_medical_rights(actor, environment):
            rows = rows.exclude(account__medical=True)
        names = {jobs.delivery_lock(row): str(row) for row in rows} | {jobs.lake_lock(environment): "refresh"}
    return [UnderWay(names[job.lock], "waiting", None, job.moment, job.begins_at) for job in found if job.lock in names]


def running_refresh(row: Refresh) -> UnderWay:
    """A refresh that runs, as what is under way."""
    return UnderWay("refresh", row.state, row.started_at, row.planned_at, None, progress_of(row), actor=row.actor)


def progress_of(run: Delivery | Refresh) -> RunProgress | None:
    """How far a run is, as far as it is known."""
    return getattr(run, "progress", None)


def schedule(actor: Actor, environment: Environment) -> Schedule | None:
    """The schedule of an environment, None where it has none."""
    require(actor, "environment.view", environment)
    return Schedule.objects.select_related("environment").filter(environment=environment).first()


def keys(actor: Actor, account: ConnectionAccount) -> list[SftpKey]:
    """The keys that may log in to an account, or could once, by name."""
    require(actor, "account.view", account)
    return list(account.keys.order_by(Lower("name")))


def recipients(actor: Actor, account: ConnectionAccount) -> list[Recipient]:
    """Who gets the log reports of an account, by address."""
    require(actor, "account.view", account)
    return list(account.recipients.order_by(Lower("address")))


def find_recipient(actor: Actor, account: ConnectionAccount, address: str) -> Recipient:
    """The recipient of that address, capitals or not."""
    require(actor, "account.view", account)
    row = account.recipients.filter(address__iexact=address).select_related("account__environment").first()
    if row is None:
        raise not_found("recipient", address)
    return row


def notices(actor: Actor, environment: Environment) -> list[Notice]:
    """The newest notices of the accounts that the actor may see, newest first."""
    rows = Notice.objects.filter(account__in=accounts(actor, environment))
    return list(rows.select_related("account__environment", "configuration__account").order_by("-pk")[:NEWEST])


def mails(actor: Actor, environment: Environment) -> list[Mail]:
    """The newest mails of the accounts that the actor may see, newest first."""
    rows = Mail.objects.filter(account__in=accounts(actor, environment)).select_related("account")
    if not has_medical_rights(actor, environment):
        rows = rows.exclude(delivery__medical=True)
    # What a list does not show is most of it.
    return list(rows.defer("html", "text").order_by("-created_at")[:NEWEST])


def mail_by_id(actor: Actor, environment: Environment, key: uuid.UUID) -> Mail:
    """A mail of an account that the actor may see, with its texts."""
    rows = Mail.objects.filter(account__environment=environment).select_related("account", "delivery__configuration")
    row = rows.filter(pk=key).first()
    seen = row is not None and allowed(actor, "account.view", row.account)
    if row is None or not seen or (row.delivery is not None and not allowed(actor, "delivery.view", row.delivery)):
        raise not_found("mail", str(key))
    return row


def receipts(
    actor: Actor, environment: Environment, configuration: Configuration | None = None
) -> list[DownloadReceipt]:
    """What receivers fetched of the newest deliveries that the actor may see, newest first."""
    seen = deliveries(actor, environment, configuration)
    rows = DownloadReceipt.objects.filter(delivery__in=seen)
    return list(rows.select_related("delivery__configuration__account").order_by("-moment", "-pk")[:NEWEST])


def find_environment(actor: Actor, name: str) -> Environment:
    """The environment of that name, capitals or not."""
    return _seen(actor, "environment.view", Environment.objects.filter(name__iexact=name), "environment", name)


def environment_by_id(actor: Actor, key: int) -> Environment:
    """The environment with that key."""
    rows = Environment.objects.filter(pk=key).select_related("schedule")
    return _seen(actor, "environment.view", rows, "environment", str(key))


def account_by_id(actor: Actor, environment: Environment, key: int) -> ConnectionAccount:
    """The account with that key in the environment."""
    require(actor, "account.list", environment)
    rows = environment.accounts.filter(pk=key).select_related("environment", "server")
    return _seen(actor, "account.view", rows, "account", str(key))


def configuration_by_id(actor: Actor, account: ConnectionAccount, key: int) -> Configuration:
    """The configuration with that key on the account."""
    rows = Configuration.objects.filter(account=account, pk=key).select_related("account__environment__schedule")
    return _seen(actor, "configuration.view", rows, "configuration", str(key))


def find_account(actor: Actor, environment: Environment, name: str) -> ConnectionAccount:
    """The account of that name in the environment, capitals or not."""
    require(actor, "account.list", environment)
    rows = environment.accounts.filter(name__iexact=name).select_related("environment")
    return _seen(actor, "account.view", rows, "account", name)


def find_configuration(actor: Actor, environment: Environment, path: str) -> Configuration:
    """The configuration ``ACCOUNT/NAME`` in the environment, capitals or not."""
    account, slash, name = path.partition("/")
    if not slash or not account or not name:
        raise Rejected(f"{path!r} does not name a configuration", remedy="write ACCOUNT/NAME")
    require(actor, "account.list", environment)
    rows = Configuration.objects.filter(
        account__environment=environment, account__name__iexact=account, name__iexact=name
    ).select_related("account__environment")
    return _seen(actor, "configuration.view", rows, "configuration", path)


def find_delivery(actor: Actor, environment: Environment, text: str) -> Delivery:
    """The delivery of that id, or the newest of the configuration ``ACCOUNT/NAME``."""
    rows = Delivery.objects.select_related("configuration__account__environment")
    if "/" in text:
        rows = rows.filter(configuration=find_configuration(actor, environment, text)).order_by("-created_at")
    else:
        rows = rows.filter(configuration__account__environment=environment, pk=_uuid(text))
    return _seen(actor, "delivery.view", rows[:1], "delivery", text)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Rejected(f"{text!r} does not name a delivery", remedy="write its id, or ACCOUNT/NAME") from None


def catalogue(actor: Actor, environment: Environment) -> Catalog:
    """The catalogue of an environment, for who may see its accounts: it holds no data of anybody."""
    require(actor, "account.list", environment)
    return load(environment.catalog)


def columns(actor: Actor, configuration: Configuration, file: str) -> list[tuple[Column, bool]]:
    """Every column of a file of the configuration's version, in order, and whether it is chosen."""
    require(actor, "configuration.view", configuration)
    files = load(configuration.environment.catalog).files(configuration.version)
    choices.refuse_unknown("file", [file], list(files), f"version {configuration.version}")
    row = configuration.files.filter(file=file).first()
    chosen = set(row.columns) if row else set()
    return [(column, column.name in chosen) for column in files[file].columns]


def _seen(actor: Actor, permission: str, rows: Iterable[Row], kind: str, name: str) -> Row:
    row = next(iter(rows), None)
    if row is None or not allowed(actor, permission, row):
        raise not_found(kind, name)
    return row
