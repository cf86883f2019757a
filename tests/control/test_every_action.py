"""Every action as every persona, and the row that each leaves in the audit trail: from one table.

A function that is added to ``control/actions`` fails here until it has a line in ``ACTIONS`` or ``PARTS``.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

import sluis
from control.fixtures import CATALOG, People, delivered, join, person
from control.test_deliveries import House, house
from sluis.control import actions as package
from sluis.control import jobs, locks, places
from sluis.control.actions import (
    accounts,
    asking,
    automatic,
    configurations,
    decisions,
    deliveries,
    environments,
    keyring,
    keys,
    mails,
    medical,
    notices,
    opening,
    previews,
    providing,
    recipients,
    refreshes,
    restoring,
    retention,
    schedules,
    secrets,
    servers,
    sources,
    suspensions,
    trail,
    upkeep,
    users,
)
from sluis.control.actor import CLI, OIDC, SFTP, WORKER, Actor
from sluis.control.errors import NotFound
from sluis.control.models import (
    AuditEvent,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    Membership,
    Recipient,
    Refresh,
    RefreshState,
    Role,
    Schedule,
    Trigger,
    User,
)
from sluis.errors import PermissionDenied
from sluis.lake.brake import Braked
from sluis.oidc import Given
from sluis.sftp import checking
from sluis.sftp import keys as ssh

__all__ = ["house"]

FOLDER = "000001_20261123T020000Z_full"
PUBLIC_KEY = ssh.make_pair(protected=False).public.line


@dataclass
class World:
    """What actions are done to: an account without, or with the medical mark, and what hangs on it."""

    environment: Environment
    account: ConnectionAccount
    twin: ConnectionAccount
    configuration: Configuration
    delivered: Delivery
    held: Delivery
    failed: Delivery
    recipient: Recipient
    nora: User
    """A reader of the environment, for whom somebody proposed the medical right."""
    otto: User
    """A user without a role."""

    def anew(self) -> World:
        """The same rows, read once more."""
        rows = {name: type(row).objects.get(pk=row.pk) for name, row in vars(self).items()}
        return World(**rows)

    @property
    def path(self) -> opening.Path:
        return ("Productie", FOLDER)

    def automatic(self) -> None:
        """The configuration runs by itself."""
        Configuration.objects.filter(pk=self.configuration.pk).update(automatic=True)

    def scheduled(self, **more: Any) -> None:
        """The environment has a schedule."""
        moment = None if more.get("paused") else timezone.now() - dt.timedelta(minutes=1)
        values = {"weekday": 1, "time": dt.time(2), "next_run_at": moment, **more}
        Schedule.objects.create(environment=self.environment, **values)

    def archived(self) -> None:
        """The configuration is out of use."""
        Configuration.objects.filter(pk=self.configuration.pk).update(archived_at=timezone.now())

    def waiting(self) -> None:
        """A refresh waits for a worker."""
        jobs.refresh(self.environment, timezone.now(), Trigger.MANUAL)

    def stopped(self) -> None:
        """The brake stopped the last refresh."""
        values = {"state": RefreshState.FAILED, "actor": "worker", "gone": {"werknemer": 900}}
        Refresh.objects.create(environment=self.environment, **values)

    @property
    def last_refresh(self) -> Refresh:
        return self.environment.refreshes.order_by("-pk")[0]

    def linked(self) -> None:
        """Nora logs in with a provider."""
        SocialAccount.objects.create(user=self.nora, provider="oidc", uid="7")

    def provided(self) -> None:
        """Nora has her role by a group."""
        Membership.objects.filter(user=self.nora).update(provided=True)

    @property
    def other_source(self) -> str:
        return f"sqlite:///{places.scratch() / 'other.db'}"

    def another(self) -> None:
        """There is another database to read."""
        with closing(sqlite3.connect(places.scratch() / "other.db")) as other:
            other.execute("CREATE TABLE IF NOT EXISTS branch (code text)")

    def keyed(self) -> None:
        """The account has a key."""
        keys.add_key(CLI, self.account, "sleutel", PUBLIC_KEY)


OPERATORS = frozenset({"olga", "cli"})
KEEPERS = frozenset({"sam", "mia", "cli"})
"""Of what has no medical mark; of what has it, without sam."""
PLANNERS = OPERATORS | KEEPERS
RUNNERS = KEEPERS | {"worker"}
SERVER = frozenset({"cli"})
PROVIDER = frozenset({"oidc"})
READING = frozenset({"cli", "worker", "sftp", "sam", "mia", "rita", "rosa"})
SEES = {"account": READING, "configuration": READING - {"sftp"}, "delivery": READING - {"sftp"}}
"""Who may see such a thing without the medical mark; with it, without sam and rita."""


@dataclass(frozen=True)
class Does:
    """An action. ``on``: what it is about, of which the refusals follow.

    ``who``: may do it. ``rows``: the events that it leaves. ``given``: what must be so before. ``runs``: it begins a
    run, which here gets no further than the lock that it needs; what it leaves is looked at with a real one.
    """

    call: Callable[[Actor, World], object]
    who: frozenset[str]
    on: str
    rows: tuple[str, ...] = ()
    given: Callable[[World], object] = lambda _: None
    runs: bool = False


READER = Given(operator=False, roles={"noord": "reader"})
"""What a group of the provider gives."""
ACTIONS: dict[str, Does] = {
    "accounts.add_account": Does(
        lambda a, w: accounts.add_account(a, w.environment, "Nieuw", account_type="hosted"),
        KEEPERS,
        "environment",
        ("account.add",),
    ),
    "accounts.add_account with the mark": Does(
        lambda a, w: accounts.add_account(a, w.environment, "Nieuw", account_type="hosted", medical=True),
        KEEPERS - {"sam"},
        "environment",
        ("account.add",),
    ),
    "accounts.edit_account": Does(
        lambda a, w: accounts.edit_account(a, w.account, language="en"), KEEPERS, "account", ("account.edit",)
    ),
    "accounts.edit_account the mark": Does(
        lambda a, w: accounts.edit_account(a, w.account, medical=not w.account.medical),
        KEEPERS - {"sam"},
        "account",
        ("account.edit",),
    ),
    "asking.ask_delivery": Does(
        lambda a, w: asking.ask_delivery(a, w.configuration),
        KEEPERS | {"worker"},
        "configuration",
        ("configuration.ask",),
    ),
    "asking.ask_release": Does(lambda a, w: asking.ask_release(a, w.held), KEEPERS, "delivery", ("delivery.ask",)),
    "asking.ask_retry": Does(lambda a, w: asking.ask_retry(a, w.failed), RUNNERS, "configuration", ("delivery.ask",)),
    "asking.ask_refresh_release": Does(
        lambda a, w: asking.ask_refresh_release(a, w.last_refresh),
        PLANNERS,
        "environment",
        ("environment.ask_release",),
        World.stopped,
    ),
    # What it asks for writes its own row when it is done.
    "automatic.enqueue_due": Does(
        lambda a, w: automatic.enqueue_due(a), PLANNERS | {"worker"}, "environment", given=World.scheduled
    ),
    "automatic.run_refresh": Does(
        lambda a, w: automatic.run_refresh(a, w.environment.pk, timezone.now(), Trigger.SCHEDULE),
        PLANNERS | {"worker"},
        "environment",
        ("environment.refresh",),
        runs=True,
    ),
    "automatic.run_delivery": Does(
        lambda a, w: automatic.run_delivery(a, w.configuration.pk, timezone.now(), Trigger.SCHEDULE),
        RUNNERS,
        "configuration",
        ("configuration.run",),
        World.automatic,
        runs=True,
    ),
    "automatic.run_maintenance": Does(
        lambda a, w: automatic.run_maintenance(a, w.environment.pk),
        OPERATORS | {"worker"},
        "environment",
        ("environment.maintain",),
        runs=True,
    ),
    # A row for each delivery that goes: none here.
    "automatic.run_clean": Does(lambda a, w: automatic.run_clean(a, w.account.pk), RUNNERS, "account"),
    "configurations.add_configuration": Does(
        lambda a, w: configurations.add_configuration(
            a, w.account, "Nieuw", version="2", streams=["basis"], pseudonymous=True
        ),
        KEEPERS,
        "account",
        ("configuration.add",),
    ),
    "configurations.copy_configuration": Does(
        lambda a, w: configurations.copy_configuration(a, w.configuration, "Kopie"),
        KEEPERS,
        "configuration",
        ("configuration.copy",),
    ),
    "configurations.edit_configuration": Does(
        lambda a, w: configurations.edit_configuration(a, w.configuration, automatic=True),
        KEEPERS,
        "configuration",
        ("configuration.edit",),
    ),
    "configurations.save_choice": Does(
        lambda a, w: configurations.save_choice(
            a,
            w.configuration,
            name="Productie",
            automatic=True,
            incremental=True,
            streams=["basis"],
            files={"Dim_Werkgever": []},
        ),
        KEEPERS,
        "configuration",
        ("configuration.edit",),
    ),
    "configurations.rename": Does(
        lambda a, w: configurations.rename(a, w.configuration, "Anders"),
        KEEPERS,
        "configuration",
        ("configuration.edit",),
        lambda w: Delivery.objects.filter(configuration=w.configuration).update(
            state=DeliveryState.FAILED, sequence=None
        ),
    ),
    "configurations.choose_columns": Does(
        lambda a, w: configurations.choose_columns(a, w.configuration, "Dim_Werknemer", off=["Naam"]),
        KEEPERS,
        "configuration",
        ("configuration.edit",),
    ),
    "configurations.archive": Does(
        lambda a, w: configurations.archive(a, w.configuration), KEEPERS, "configuration", ("configuration.archive",)
    ),
    "configurations.restore": Does(
        lambda a, w: configurations.restore(a, w.configuration),
        KEEPERS,
        "configuration",
        ("configuration.restore",),
        World.archived,
    ),
    # What somebody decided, and how the run ended that came of it.
    "decisions.release": Does(
        lambda a, w: decisions.release(a, w.held),
        KEEPERS,
        "delivery",
        ("delivery.release", "configuration.run"),
        runs=True,
    ),
    "decisions.refuse": Does(lambda a, w: decisions.refuse(a, w.held), KEEPERS, "delivery", ("delivery.refuse",)),
    "decisions.cancel": Does(lambda a, w: decisions.cancel(a, w.held), KEEPERS, "delivery", ("delivery.cancel",)),
    "decisions.cancel_all": Does(
        lambda a, w: decisions.cancel_all(a, w.configuration), KEEPERS, "configuration", ("delivery.cancel",)
    ),
    "decisions.retry": Does(
        lambda a, w: decisions.retry(a, w.failed), RUNNERS, "configuration", ("configuration.run",), runs=True
    ),
    "deliveries.deliver": Does(
        lambda a, w: deliveries.deliver(a, w.configuration), RUNNERS, "configuration", ("configuration.run",), runs=True
    ),
    "environments.add_environment": Does(
        lambda a, w: environments.add_environment(a, "Nieuw", source_url="postgresql://reader@db/app", catalog=CATALOG),
        OPERATORS,
        "installation",
        ("environment.add",),
    ),
    "environments.change_catalog": Does(
        lambda a, w: environments.change_catalog(a, w.environment, CATALOG),
        OPERATORS,
        "installation",
        ("environment.change_catalog",),
    ),
    "environments.edit_environment": Does(
        lambda a, w: environments.edit_environment(a, w.environment, brake_floor=7),
        OPERATORS,
        "environment",
        ("environment.edit",),
    ),
    "keys.add_key": Does(
        lambda a, w: keys.add_key(a, w.account, "sleutel", PUBLIC_KEY), KEEPERS, "account", ("key.add",)
    ),
    "keys.make_key": Does(
        lambda a, w: keys.make_key(a, w.account, "sleutel", protected=False), KEEPERS, "account", ("key.make",)
    ),
    "keys.remove_key": Does(
        lambda a, w: keys.remove_key(a, w.account, "sleutel"), KEEPERS, "account", ("key.remove",), World.keyed
    ),
    # A mail is a row of its own, that says what became of it.
    "mails.send_due_mails": Does(lambda a, w: mails.send_due_mails(a), OPERATORS | {"worker"}, "installation"),
    # A row for each delivery that goes: none here.
    "medical.remove_medical": Does(
        lambda a, w: medical.remove_medical(a, w.account),
        KEEPERS,
        "account",
        given=lambda w: Delivery.objects.filter(pk=w.delivered.pk).update(medical=False),
    ),
    # A row for each fact that is told: none here.
    "notices.make_notices": Does(lambda a, w: notices.make_notices(a), OPERATORS | {"worker"}, "installation"),
    "opening.look": Does(
        lambda a, w: opening.look(a, w.account, w.path), KEEPERS | {"sftp"}, "account", ("delivery.look",)
    ),
    "opening.first_rows": Does(
        lambda a, w: opening.first_rows(a, w.account, (*w.path, "Dim_Werkgever.csv")),
        KEEPERS | {"sftp"},
        "account",
        ("delivery.open",),
    ),
    "opening.download": Does(
        lambda a, w: b"".join(opening.download(a, w.account, (*w.path, "Dim_Werkgever.csv"))),
        KEEPERS | {"sftp"},
        "account",
        ("delivery.download",),
    ),
    "opening.download_all": Does(
        lambda a, w: b"".join(opening.download_all(a, w.account, w.path)),
        KEEPERS | {"sftp"},
        "account",
        ("delivery.download",),
    ),
    "previews.preview": Does(
        lambda a, w: previews.preview(a, w.configuration),
        RUNNERS,
        "configuration",
        ("configuration.preview",),
        runs=True,
    ),
    # A row for the user, and one for each role, which the superbeheerders of the environment may read.
    "providing.provide_user": Does(
        lambda a, w: providing.provide_user(a, "nieuw", READER),
        PROVIDER,
        "installation",
        ("user.add", "user.give_role"),
    ),
    "providing.follow_groups": Does(
        lambda a, w: providing.follow_groups(a, w.otto, READER), PROVIDER, "installation", ("user.give_role",)
    ),
    "providing.follow_groups of an operator": Does(
        lambda a, w: providing.follow_groups(a, w.otto, Given(operator=True, roles={})),
        PROVIDER,
        "installation",
        ("user.edit",),
    ),
    "providing.follow_groups out of one": Does(
        lambda a, w: providing.follow_groups(a, w.nora, Given(operator=False, roles={})),
        PROVIDER,
        "installation",
        ("user.take_role",),
        World.provided,
    ),
    "providing.unlink_provider": Does(
        lambda a, w: providing.unlink_provider(a, w.nora),
        OPERATORS,
        "installation",
        ("user.unlink_provider",),
        World.linked,
    ),
    "recipients.add_recipient": Does(
        lambda a, w: recipients.add_recipient(a, w.account, "nieuw@example.org", report="failures"),
        KEEPERS,
        "account",
        ("recipient.add",),
    ),
    "recipients.edit_recipient": Does(
        lambda a, w: recipients.edit_recipient(a, w.recipient, report="metadata"),
        KEEPERS,
        "account",
        ("recipient.edit",),
    ),
    "recipients.remove_recipient": Does(
        lambda a, w: recipients.remove_recipient(a, w.recipient), KEEPERS, "account", ("recipient.remove",)
    ),
    "refreshes.refresh": Does(
        lambda a, w: refreshes.refresh(a, w.environment),
        PLANNERS | {"worker"},
        "environment",
        ("environment.refresh",),
        runs=True,
    ),
    # A row for each delivery that goes: none here.
    "retention.remove_old_deliveries": Does(
        lambda a, w: retention.remove_old_deliveries(a, w.account), RUNNERS, "account"
    ),
    "schedules.set_schedule": Does(
        lambda a, w: schedules.set_schedule(a, w.environment, time=dt.time(3), weekday=2),
        PLANNERS,
        "environment",
        ("environment.schedule",),
    ),
    "schedules.pause": Does(
        lambda a, w: schedules.pause(a, w.environment),
        PLANNERS,
        "environment",
        ("environment.schedule",),
        World.scheduled,
    ),
    "schedules.resume": Does(
        lambda a, w: schedules.resume(a, w.environment),
        PLANNERS,
        "environment",
        ("environment.schedule",),
        lambda w: w.scheduled(paused=True),
    ),
    "schedules.not_before": Does(
        lambda a, w: schedules.not_before(a, w.environment, timezone.now() + dt.timedelta(days=1)),
        PLANNERS,
        "environment",
        ("environment.schedule",),
        World.scheduled,
    ),
    "schedules.refresh_now": Does(
        lambda a, w: schedules.refresh_now(a, w.environment),
        PLANNERS | {"worker"},
        "environment",
        ("environment.ask",),
    ),
    "schedules.cancel_waiting": Does(
        lambda a, w: schedules.cancel_waiting(a, w.environment),
        PLANNERS | {"worker"},
        "environment",
        ("environment.cancel",),
        World.waiting,
    ),
    "secrets.rotate_secret": Does(
        lambda a, w: secrets.rotate_secret(a, w.account), KEEPERS, "account", ("account.rotate_secret",)
    ),
    "secrets.share_secret": Does(
        lambda a, w: secrets.share_secret(a, w.account, w.twin), KEEPERS, "account", ("account.rotate_secret",)
    ),
    "servers.check_connection": Does(
        lambda a, w: servers.check_connection(a, w.twin), KEEPERS, "account", ("account.test",), runs=True
    ),
    "sources.change_source": Does(
        lambda a, w: sources.change_source(a, w.environment, url=w.other_source),
        OPERATORS,
        "environment",
        ("environment.change_source",),
        World.another,
    ),
    "sources.check_source": Does(
        lambda a, w: sources.check_source(a, w.environment, url=w.other_source),
        OPERATORS,
        "environment",
        ("environment.check_source",),
        World.another,
    ),
    "suspensions.suspend": Does(
        lambda a, w: suspensions.suspend(a, w.environment, "werknemer", reason="bron"),
        OPERATORS,
        "environment",
        ("environment.suspend",),
    ),
    "suspensions.resume": Does(
        lambda a, w: suspensions.resume(a, w.environment, "werknemer"),
        OPERATORS,
        "environment",
        ("environment.resume",),
        lambda w: w.environment.suspensions.create(dataset="werknemer", reason="bron", actor="cli"),
    ),
    "trail.read_trail": Does(
        lambda a, w: trail.read_trail(a, w.environment, trail.Wanted()), PLANNERS, "environment", ("audit.view",)
    ),
    "trail.read_trail of the installation": Does(
        lambda a, w: trail.read_trail(a, None, trail.Wanted()), OPERATORS, "installation", ("audit.view",)
    ),
    "trail.export_trail": Does(
        lambda a, w: list(trail.export_trail(a, w.environment, trail.Wanted())),
        PLANNERS,
        "environment",
        ("audit.export",),
    ),
    "upkeep.maintain": Does(
        lambda a, w: upkeep.maintain(a, w.environment),
        OPERATORS | {"worker"},
        "environment",
        ("environment.maintain",),
        runs=True,
    ),
    "upkeep.expunge": Does(
        lambda a, w: upkeep.expunge(a, w.environment, "werknemer", whole=True),
        OPERATORS,
        "environment",
        ("environment.expunge",),
        runs=True,
    ),
    "upkeep.rebuild_lake": Does(
        lambda a, w: upkeep.rebuild_lake(a, w.environment),
        OPERATORS,
        "environment",
        ("environment.rebuild",),
        runs=True,
    ),
    "keyring.rewrite_secrets": Does(
        lambda a, w: keyring.rewrite_secrets(a), SERVER, "installation", ("installation.rewrite_secrets",)
    ),
    "keyring.forget_secrets": Does(
        lambda a, w: keyring.forget_secrets(a), SERVER, "installation", ("installation.forget_secrets",)
    ),
    "restoring.note_restore": Does(
        lambda a, w: restoring.note_restore(a, numbers=9), SERVER, "installation", ("installation.restored",)
    ),
    "users.add_user": Does(lambda a, w: users.add_user(a, "nieuw"), OPERATORS, "installation", ("user.add",)),
    "users.edit_user": Does(
        lambda a, w: users.edit_user(a, w.nora, email="nora@example.org"), OPERATORS, "installation", ("user.edit",)
    ),
    "users.renew_password": Does(
        lambda a, w: users.renew_password(a, w.nora), OPERATORS, "installation", ("user.renew_password",)
    ),
    "users.end_sessions": Does(
        lambda a, w: users.end_sessions(a, w.nora), OPERATORS, "installation", ("user.end_sessions",)
    ),
    "users.reset_second_factor": Does(
        lambda a, w: users.reset_second_factor(a, w.nora), OPERATORS, "installation", ("user.reset_second_factor",)
    ),
    "users.give_role": Does(
        lambda a, w: users.give_role(a, w.otto, w.environment, "reader"),
        OPERATORS,
        "environment",
        ("user.give_role",),
    ),
    "users.take_role": Does(
        lambda a, w: users.take_role(a, w.nora, w.environment), OPERATORS, "environment", ("user.take_role",)
    ),
    "users.ask_medical": Does(
        lambda a, w: users.ask_medical(a, w.nora, w.environment), OPERATORS, "environment", ("user.ask_medical",)
    ),
    "users.grant_medical": Does(
        lambda a, w: users.grant_medical(a, w.nora, w.environment),
        OPERATORS | {"mia"},
        "environment",
        ("user.grant_medical",),
    ),
    "users.withdraw_medical": Does(
        lambda a, w: users.withdraw_medical(a, w.nora, w.environment),
        OPERATORS,
        "environment",
        ("user.withdraw_medical",),
    ),
}
"""Module and function, with more words where it is tried in several ways → what is tried."""

PARTS = {
    "asking.decide_asked": "a job: it does what somebody asked for, in that person's name",
    "asking.refresh_asked": "a job: it does what somebody asked for, in that person's name",
    "asking.run_asked": "a job: it does what somebody asked for, in that person's name",
    "providing.no_role": "an error, which the door raises too: it does nothing",
    "users.record_failed_log_in": "nobody yet: the door that was not opened",
    "users.record_log_in": "people about their own log-in, which the door has checked",
    "configurations.chosen_of": "",
    "bookmarks.doubt": "",
    "bookmarks.doubt_all": "",
    "deliveries.build_in": "",
    "deliveries.end": "",
    "deliveries.failing": "",
    "deliveries.lake_of": "",
    "medical.standing_medical": "",
    "publishing.fit_run": "",
    "publishing.held_back": "",
    "publishing.publish": "",
    "publishing.run_of": "",
    "publishing.send": "",
    "publishing.settle": "",
    "recording.heading": "",
    "recording.record": "",
    "recording.written_of": "",
    "refreshes.needed_datasets": "",
    "refreshes.stopped_by_brake": "",
    "reports.report": "",
    "reports.report_refresh": "",
    "reports.tell_datasets": "",
    "reports.tell_recovered": "",
    "reports.telling_stuck": "",
    "retention.report_lost": "",
    "schedules.replan": "",
    "servers.keep_server": "",
    "sources.plan_source": "",
    "upkeep.holdings": "",
    "users.save_new": "",
}
"""Functions that ask for no permission: parts of actions, that no door calls; or why a door may."""


def functions() -> Iterator[str]:
    """Module and name of every public function of the actions."""
    for module in pkgutil.iter_modules(package.__path__):
        found = importlib.import_module(f"{package.__name__}.{module.name}")
        for name, value in inspect.getmembers(found, inspect.isfunction):
            if value.__module__ == found.__name__ and not name.startswith("_"):
                yield f"{module.name}.{name}"


def test_every_function_has_a_line() -> None:
    known = {name.split()[0] for name in ACTIONS} | set(PARTS)
    missing = sorted(set(functions()) - known)
    assert not missing, (
        f"say in ACTIONS of {__file__} who may do it and which row it leaves, as "
        f"`{missing[0]!r}: Does(lambda a, w: {missing[0]}(a, w.account), KEEPERS, 'account', ('account.edit',)),`, "
        f"or in PARTS why it asks for no permission; of: {missing}"
    )
    assert not known - set(functions()), f"these are no more: {sorted(known - set(functions()))}"


def test_no_door_calls_a_part_of_an_action() -> None:
    doors = [path for door in ("cli", "web", "worker") for path in (Path(sluis.__file__).parent / door).rglob("*.py")]
    texts = {path: path.read_text("utf-8") for path in doors}
    for part in [name for name, reason in PARTS.items() if not reason]:
        module, _, name = part.partition(".")
        through = rf"\b{module}\.{name}\(|actions\.{module} import [^\n]*\b{name}\b"
        assert not [path.name for path, text in texts.items() if re.search(through, text)], part


@pytest.fixture
def personas(people: People, environment: Environment) -> dict[str, Actor]:
    rosa = person("rosa")
    join(rosa, environment, Role.READER, medical=True)
    return {**vars(people), "rosa": rosa, "cli": CLI, "worker": WORKER, "sftp": SFTP, "oidc": OIDC}


def world(account: ConnectionAccount) -> World:
    configuration = configurations.add_configuration(
        CLI, account, "Productie", version="2", streams=["basis"], pseudonymous=True
    )
    folder = places.hosted(account).place("Productie", FOLDER)
    folder.mkdir(parents=True)
    (folder / "Dim_Werkgever.csv").write_text("PrimaryKey\n1\n", "utf-8")
    nora, otto = (User.objects.create(username=f"{name}{account.pk}") for name in ("nora", "otto"))
    Membership.objects.create(
        user=nora,
        environment=account.environment,
        role=Role.READER,
        medical_asked_by="paul",
        valid_from=account.environment.today(),
    )
    twin = accounts.add_account(
        CLI,
        account.environment,
        f"Extern {account.pk}",
        account_type="external",
        medical=account.medical,
        server=servers.ServerSettings(host=f"sftp{account.pk}.example.org", user="sluis", make_key=True),
    )
    return World(
        account.environment,
        account,
        twin,
        configuration,
        delivered(configuration, folder=FOLDER, published_at=timezone.now()),
        delivered(configuration, DeliveryState.HELD, sequence=None),
        delivered(configuration, DeliveryState.FAILED, sequence=None),
        recipients.add_recipient(CLI, account, "beheer@example.org", report="warnings"),
        nora,
        otto,
    )


@pytest.fixture
def worlds(
    personas: dict[str, Actor],
    account: ConnectionAccount,
    medical_account: ConnectionAccount,
) -> dict[str, World]:
    return {"plain": world(account), "medical": world(medical_account)}


class Reached(Exception):
    """A run has come to the lock that it needs: whoever asked for it may."""


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: object, **__: object) -> None:
        raise Reached

    monkeypatch.setattr(locks, "held", reached)
    monkeypatch.setattr(checking, "check", reached)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(does: Does, actor: Actor, here: World, *, may: bool = False) -> str:
    """What comes of it. ``may``: it will be done, on rows that nobody has changed yet."""
    with undone():
        does.given(here)
        try:
            does.call(actor, deepcopy(here) if may else here)
        except NotFound:
            return "not found"
        except PermissionDenied:
            return "denied"
        except Reached:
            return "allowed"
    return "allowed"


def expected(does: Does, name: str, kind: str) -> str:
    hidden = kind == "medical" and does.on in SEES
    if name in does.who - ({"sam"} if hidden else set()):
        return "allowed"
    if does.on == "installation":
        return "denied"
    sees = SEES.get(does.on, frozenset({name})) - ({"sam", "rita"} if hidden else set())
    return "not found" if name in {"xander", "oidc"} or name not in sees else "denied"


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("kind", ["plain", "medical"])
def test_every_action_as_every_persona(kind: str, personas: dict[str, Actor], worlds: dict[str, World]) -> None:
    wrong = [
        f"{name} {action} ({kind}): {found}, not {wanted}"
        for action, does in ACTIONS.items()
        for name, actor in personas.items()
        if (wanted := expected(does, name, kind))
        != (found := outcome(does, actor, worlds[kind], may=wanted == "allowed"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("locked")
def test_where_the_module_is_off_nobody_inside_may_anything(
    personas: dict[str, Actor], worlds: dict[str, World]
) -> None:
    Environment.objects.filter(pk=worlds["plain"].environment.pk).update(datastreams_enabled=False)
    here = worlds["plain"].anew()
    wrong = [
        f"{name} {action}: {found}"
        for action, does in ACTIONS.items()
        # What is due is not asked for where the module is off.
        if action != "automatic.enqueue_due"
        for name in ("mia", "rita")
        if (found := outcome(does, personas[name], here)) != "denied"
    ]
    assert not wrong, "\n".join(wrong)


BRIEF = {name: does for name, does in ACTIONS.items() if not does.runs}


@pytest.mark.parametrize("kind", ["plain", "medical"])
def test_every_action_leaves_its_row(kind: str, personas: dict[str, Actor], worlds: dict[str, World]) -> None:
    here, wrong = worlds[kind], []
    for action, does in BRIEF.items():
        with undone():
            does.given(here)
            last = _last()
            does.call(_somebody(does, personas), here.anew())
            rows = list(AuditEvent.objects.filter(pk__gt=last).order_by("pk"))
            scope = kind if does.on in SEES else ""
            if tuple(row.action for row in rows) != does.rows:
                wrong.append(f"{action}: {[row.action for row in rows]}, not {list(does.rows)}")
            wrong += [f"{action}: its row is {row.scope}" for row in rows if not _fits(row, does, scope)]
    assert not wrong, "\n".join(wrong)


def _fits(row: AuditEvent, does: Does, kind: str) -> bool:
    """Whether who may not see an account cannot read the row about it either."""
    if kind:
        return row.scope == "medical" if kind == "medical" else row.scope in {"account", "medical"}
    return row.scope in {"installation", "environment", "account", "medical"}


def _somebody(does: Does, personas: dict[str, Actor]) -> Actor:
    return next(personas[name] for name in ("mia", "olga", "worker", "oidc", "cli") if name in does.who)


def _last() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


class Broken(Exception):
    """The trail could not be written."""


def test_what_is_done_stands_or_falls_with_its_row(
    personas: dict[str, Actor], worlds: dict[str, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    create, breaks = AuditEvent.objects.create, False

    def fail(**values: Any) -> AuditEvent:
        event = create(**values)
        if breaks:
            raise Broken
        return event

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    here, wrong = worlds["plain"], []
    for action, does in BRIEF.items():
        if not does.rows:
            continue
        with undone():
            does.given(here)
            before, breaks = everything(), True
            with pytest.raises(Broken):
                does.call(_somebody(does, personas), here.anew())
            breaks = False
            if everything() != before:
                wrong.append(action)
    assert not wrong, f"something stays of these without their row: {wrong}"


def everything() -> list[tuple[Any, ...]]:
    """A digest of every table."""
    tables = [name for name in connection.introspection.table_names() if name != "django_migrations"]
    parts = [
        f"SELECT '{one}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{one}\" t"
        for one in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return sorted(cursor.fetchall())


# Runs, with a real source, lake and folder


def left(call: Callable[[], object]) -> list[tuple[str, str]]:
    """Action and scope of the events that a call leaves."""
    last = _last()
    call()
    return list(AuditEvent.objects.filter(pk__gt=last).order_by("pk").values_list("action", "scope"))


REFRESHED, RUN = ("environment.refresh", "environment"), ("configuration.run", "medical")


def test_a_run_leaves_its_row(house: House) -> None:
    environment, configuration = house.environment, house.configuration
    assert left(lambda: refreshes.refresh(CLI, environment)) == [REFRESHED]
    assert left(lambda: previews.preview(CLI, configuration)) == [("configuration.preview", "medical")]
    assert left(lambda: deliveries.deliver(CLI, configuration)) == [RUN]
    assert left(lambda: deliveries.deliver(CLI, configuration, refresh=True)) == [REFRESHED, RUN]
    failed = delivered(configuration, DeliveryState.FAILED, sequence=None)
    assert left(lambda: decisions.retry(CLI, failed)) == [RUN]
    assert left(lambda: upkeep.maintain(CLI, environment)) == [("environment.maintain", "environment")]
    assert left(lambda: upkeep.expunge(CLI, environment, "note", whole=True)) == [
        ("environment.expunge", "environment")
    ]
    assert left(lambda: upkeep.rebuild_lake(CLI, environment)) == [("environment.rebuild", "environment")]


def test_a_run_whose_process_died_leaves_its_row_too(house: House) -> None:
    environment, configuration = house.environment, house.configuration
    Refresh.objects.create(environment=environment, actor="worker")
    delivered(configuration, DeliveryState.RUNNING, sequence=None)
    # The refresh that it needs comes within it.
    assert left(lambda: deliveries.deliver(CLI, configuration)) == [RUN, REFRESHED, REFRESHED, RUN]
    told = list(AuditEvent.objects.filter(details__has_key="failed").values_list("details__failed", flat=True))
    assert told == ["interrupted: its process ended"] * 2


def test_what_the_brake_holds_and_lets_go_leaves_its_rows(house: House) -> None:
    environment, configuration = house.environment, house.configuration
    deliveries.deliver(CLI, configuration)
    environments.edit_environment(CLI, environment, brake_percent=40, brake_floor=0)
    house.change("DELETE FROM branch WHERE code <> 'A'")

    def braked() -> None:
        with pytest.raises(Braked):
            refreshes.refresh(CLI, environment)

    assert left(braked) == [REFRESHED]
    released = ("environment.release", "environment")
    assert left(lambda: refreshes.refresh(CLI, environment, release=True)) == [released, REFRESHED]
    assert left(lambda: deliveries.deliver(CLI, configuration)) == [RUN]
    held = Delivery.objects.get(state=DeliveryState.HELD)
    assert left(lambda: decisions.release(CLI, held)) == [("delivery.release", "medical"), RUN]


FAILING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the commit fails'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON control_auditevent DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def test_a_commit_that_fails_leaves_no_row(house: House) -> None:
    environment, configuration = house.environment, house.configuration
    deliveries.deliver(CLI, configuration)
    with connection.cursor() as cursor:
        cursor.execute(FAILING)

    def tries(call: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            with pytest.raises(DatabaseError, match="the commit fails"):
                call()

        return run

    assert left(tries(lambda: accounts.edit_account(CLI, house.account, language="en"))) == []
    assert left(tries(lambda: refreshes.refresh(CLI, environment))) == []
    assert left(tries(lambda: deliveries.deliver(CLI, configuration))) == []
    assert left(tries(lambda: upkeep.maintain(CLI, environment))) == []
    assert left(tries(lambda: upkeep.rebuild_lake(CLI, environment))) == []
    assert Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == 1
    house.account.refresh_from_db()
    assert house.account.language == "nl"
