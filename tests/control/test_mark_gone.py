"""What was delivered with the medical mark keeps it when the account loses it: for who has no medical rights, not a word of it."""

from __future__ import annotations

import pytest

from control.fixtures import People, delivered, new_environment
from sluis.control import health, overview, places, queries, setup
from sluis.control.actions import asking, decisions, opening
from sluis.control.actions.accounts import edit_account
from sluis.control.actions.trail import Wanted, read_trail
from sluis.control.errors import NotFound
from sluis.control.models import (
    AuditEvent,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    Scope,
)
from sluis.control.sftp_accounts import ControlAccounts

FOLDER, FILE = "000001_20261123T020000Z_full", "Fact_Medisch.csv"


@pytest.fixture
def delivery(people: People, medical_account: ConnectionAccount) -> Delivery:
    """Of an account whose mark was taken away since; its file stands there."""
    medical_account.login = "zorg"
    medical_account.save()
    configuration = Configuration.objects.create(
        account=medical_account, name="Productie", version="2", pseudonymous=True, streams=["basis"]
    )
    made = delivered(configuration, folder=FOLDER)
    folder = places.hosted(medical_account).place("Productie", FOLDER)
    folder.mkdir(parents=True)
    (folder / FILE).write_text("PrimaryKey\n1\n", "utf-8")
    edit_account(people.mia, medical_account, medical=False)
    return Delivery.objects.select_related("configuration__account__environment").get(pk=made.pk)


def told(people: People, who: str, environment: Environment) -> str:
    """All that the trail tells somebody."""
    rows = read_trail(getattr(people, who), environment, Wanted()).rows
    return "\n".join(f"{row.subject} {row.details}" for row in rows)


def test_the_trail_does_not_tell_what_was_opened(people: People, environment: Environment, delivery: Delivery) -> None:
    account, path = delivery.configuration.account, ("Productie", FOLDER)
    opening.look(people.mia, account, path)
    opening.first_rows(people.mia, account, (*path, FILE))
    assert b"".join(opening.download(people.mia, account, (*path, FILE)))
    assert b"".join(opening.download_all(people.mia, account, path))
    for who in ("sam", "olga"):
        assert FOLDER not in told(people, who, environment)
    assert told(people, "mia", environment).count(FOLDER) == 4


def test_the_trail_does_not_tell_what_a_receiver_removed(committed: setup.Started) -> None:
    environment = new_environment("Noord")
    account = ConnectionAccount.objects.create(environment=environment, name="Zorg", type="hosted", login="zorg")
    configuration = Configuration.objects.create(
        account=account, name="Productie", version="2", pseudonymous=True, streams=["basis"]
    )
    for folder, medical in ((FOLDER, True), (FOLDER.replace("1", "2", 1), False)):
        delivered(configuration, folder=folder, medical=medical, sequence=int(folder[:6]))
        ControlAccounts().removed("zorg", ("Productie", folder, FILE), "192.0.2.7")
        ControlAccounts().removed("zorg", ("Productie", folder), "192.0.2.7")
    scopes = AuditEvent.objects.order_by("pk").values_list("scope", flat=True)
    assert list(scopes) == [Scope.MEDICAL] * 2 + [Scope.ACCOUNT] * 2


def test_states_are_those_of_what_may_be_seen(people: People, environment: Environment, delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.FAILED)
    account = delivery.configuration.account
    for who, seen in ((people.sam, None), (people.mia, delivery)):
        found = health.environment(who, environment, 9)
        assert [one.newest for one in found.configurations] == [seen and seen.pk]
        assert found.trouble == (seen is not None)
        assert queries.deliveries(who, environment) == ([seen] if seen else [])
        activity = overview.account(who, account).last_activity
        assert (activity is not None) is (seen is not None)


def test_who_cannot_see_it_cannot_try_it_again(people: People, delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.FAILED)
    delivery.refresh_from_db()
    for verb in (asking.ask_retry, decisions.retry):
        with pytest.raises(NotFound):
            verb(people.sam, delivery)
