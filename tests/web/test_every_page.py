"""Every page asks the database a bounded number of questions, however much there is.

A page that is added is looked at here by itself. `make bench-pages` measures the time.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from control.fixtures import People, delivered
from sluis.control import places
from sluis.control.actions.configurations import add_configuration
from sluis.control.actor import CLI
from sluis.control.models import (
    AuditEvent,
    Configuration,
    ConnectionAccount,
    DeliveryFile,
    DownloadReceipt,
    Environment,
    LogLine,
    Recipient,
    Refresh,
    RefreshState,
    Scope,
    SftpKey,
)
from web.test_every_view import ADDRESSES, VIEWS, Side, client, side

MOST = 25
"""Queries of a page; of these some five say who asks."""
MORE = 4
"""Of each thing that there are many of."""


def test_queries_do_not_grow_with_what_there_is(
    people: People, environment: Environment, account: ConnectionAccount, medical_account: ConnectionAccount
) -> None:
    one = side(account)
    inside, outside = (client(persona, people, environment) for persona in ("mia", "olga"))
    fill(environment, account, medical_account, 1)
    # What is read once a process is read now.
    counted(inside, outside, one)
    before = counted(inside, outside, one)
    fill(environment, account, medical_account, MORE)
    after = counted(inside, outside, one)
    grown = {name: (before[name], after[name]) for name in before if after[name] > before[name]}
    assert not grown, f"these ask more questions where there is more (before, after): {grown}"
    many = {name: number for name, number in after.items() if number > MOST}
    assert not many, f"these ask more than {MOST} questions: {many}"


def counted(inside: Client, outside: Client, one: Side) -> dict[str, int]:
    """Queries of every page, by name and arguments: asked by a superbeheerder, and by an operator where that is for."""
    found = {}
    for name, arguments in ADDRESSES:
        if VIEWS[name].get == 405 or name == "account_logout":
            continue
        with CaptureQueriesContext(connection) as caught:
            visitor = inside if "environment" in arguments else outside
            answer: Any = visitor.get(one.path(name, arguments))
            if answer.streaming:
                answer.getvalue()
        found[f"{name} {' '.join(arguments)}"] = len(caught)
    assert len(found) > 40
    return found


def fill(environment: Environment, account: ConnectionAccount, medical_account: ConnectionAccount, many: int) -> None:
    """So many more of everything, on both accounts and on new ones."""
    tag = f"{many}-{ConnectionAccount.objects.count()}"
    for number in range(many):
        beside = ConnectionAccount.objects.create(environment=environment, name=f"{tag}-{number}", type="hosted")
        for one in (account, medical_account, beside):
            made = add_configuration(
                CLI, one, f"P {tag} {number}", version="2", streams=["basis"], pseudonymous=True, automatic=True
            )
            _delivered(made, 2)
            SftpKey.objects.create(account=one, name=f"{tag} {number}", public_key="x", fingerprint=f"{tag} {number}")
            Recipient.objects.create(account=one, address=f"{tag}-{number}@example.org", report="failures")
        Environment.objects.create(
            name=f"E {tag} {number}", catalog=environment.catalog, time_zone="UTC", source_url="sqlite:///x"
        )
        moment = timezone.now() - dt.timedelta(days=number)
        refresh = Refresh.objects.create(
            environment=environment, state=RefreshState.SUCCEEDED, actor="cli", sequence=number, snapshot_time=moment
        )
        LogLine.objects.create(refresh=refresh, level=1, code="refreshed", text="x")
        AuditEvent.objects.create(
            actor="cli",
            actor_kind="machine",
            action="x.y",
            environment_name=environment.name,
            scope=Scope.ACCOUNT,
            subject="x",
        )
    first = Configuration.objects.get(account=account, name="Productie")
    _delivered(first, many)


def _delivered(configuration: Configuration, many: int) -> None:
    """Deliveries with files, receipts and a log, that stand there."""
    begun = configuration.deliveries.count() + 1
    for number in range(begun, begun + many):
        folder = f"{number:06}_20261124T020000Z_full"
        row = delivered(configuration, sequence=number, folder=folder, mode="full")
        DeliveryFile.objects.create(
            delivery=row,
            name="Dim_Werkgever",
            mode="full",
            reason="first",
            rows=1,
            inserted=1,
            updated=0,
            deleted=0,
            bytes=1,
            sha256="x",
            generation=1,
            fingerprint="x",
        )
        DownloadReceipt.objects.create(
            delivery=row, file="Dim_Werkgever.csv", sent=1, complete=True, address="192.0.2.7", key_name="x"
        )
        LogLine.objects.create(delivery=row, level=2, code="delivered", text="x")
        place = places.hosted(configuration.account).place(configuration.name, folder)
        place.mkdir(parents=True)
        (place / "Dim_Werkgever.csv").write_text("PrimaryKey\n", "utf-8")
