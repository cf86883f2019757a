"""Accounts: who makes and edits them, the medical mark, names, and one audit row each."""

from __future__ import annotations

from typing import Any

import pytest

from control.fixtures import People, delivered
from sluis.control import queries
from sluis.control.actions.accounts import add_account, edit_account
from sluis.control.actor import CLI
from sluis.control.errors import NotFound
from sluis.control.models import AuditEvent, Configuration, ConnectionAccount, DeliveryState, Environment
from sluis.errors import PermissionDenied, Rejected


def test_a_superbeheerder_makes_an_account(people: People, environment: Environment) -> None:
    made = add_account(people.sam, environment, "DWH", account_type="hosted", language="en")
    made.refresh_from_db()
    assert (made.type, made.language, made.medical, made.authorisation) == ("hosted", "en", False, "all_employers")
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject, event.environment_name) == (
        "sam",
        "account.add",
        "account DWH",
        "Noord",
    )
    assert event.details == {"type": "hosted", "language": "en", "medical": False}
    assert made.login == "noord-dwh"


def test_the_medical_mark_is_given_by_someone_with_medical_rights_only(
    people: People, environment: Environment
) -> None:
    with pytest.raises(PermissionDenied):
        add_account(people.sam, environment, "Zorg", account_type="hosted", medical=True)
    assert not ConnectionAccount.objects.exists()
    assert add_account(people.mia, environment, "Zorg", account_type="hosted", medical=True).medical


@pytest.mark.parametrize(
    ("who", "error"), [("rita", PermissionDenied), ("olga", PermissionDenied), ("xander", NotFound)]
)
def test_nobody_else_makes_one(people: People, environment: Environment, who: str, error: type[Rejected]) -> None:
    with pytest.raises(error):
        add_account(getattr(people, who), environment, "DWH", account_type="hosted")
    assert not ConnectionAccount.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"account_type": "external"}, "an external account has a host"),
        ({"account_type": "ftp"}, "there is no type of account 'ftp'"),
        ({"language": "fr"}, "there is no language 'fr'"),
        ({"name": ".."}, "has nothing but dots"),
        ({"name": "dwh"}, "there is an account 'dwh' in Noord already"),
    ],
)
def test_what_is_wrong_is_refused(account: ConnectionAccount, change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"name": "Nieuw", "account_type": "hosted", **change}
    with pytest.raises(Rejected, match=message) as caught:
        add_account(CLI, account.environment, given.pop("name"), **given)
    assert caught.value.remedy
    assert not AuditEvent.objects.exists()


def test_an_edit_is_audited_with_the_difference(people: People, account: ConnectionAccount) -> None:
    edited = edit_account(people.mia, account, medical=True, language="nl")
    assert edited.medical
    event = AuditEvent.objects.get()
    assert (event.action, event.details) == ("account.edit", {"medical": [False, True]})


def test_an_edit_that_changes_nothing_leaves_no_trace(people: People, account: ConnectionAccount) -> None:
    edit_account(people.sam, account, language="nl")
    assert not AuditEvent.objects.exists()
    with pytest.raises(Rejected, match="nothing to change"):
        edit_account(people.sam, account)


def test_the_mark_is_given_and_taken_by_medical_rights_only(people: People, account: ConnectionAccount) -> None:
    with pytest.raises(PermissionDenied):
        edit_account(people.sam, account, medical=True)
    edit_account(people.mia, account, medical=True)
    with pytest.raises(NotFound):
        edit_account(people.sam, account, medical=False)
    assert not edit_account(people.mia, account, medical=False).medical
    assert AuditEvent.objects.count() == 2


def test_the_rights_count_as_the_account_is_now(people: People, account: ConnectionAccount) -> None:
    edit_account(people.mia, account, medical=True)
    assert not account.medical  # what the caller holds is older
    with pytest.raises(NotFound):
        edit_account(people.sam, account, language="en")


@pytest.mark.parametrize(("who", "error"), [("rita", PermissionDenied), ("olga", NotFound), ("xander", NotFound)])
def test_nobody_else_edits(people: People, account: ConnectionAccount, who: str, error: type[Rejected]) -> None:
    with pytest.raises(error):
        edit_account(getattr(people, who), account, language="en")
    account.refresh_from_db()
    assert account.language == "nl"
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("state", "fixed"),
    [(DeliveryState.DELIVERED, True), (DeliveryState.PUBLISHING, True), (DeliveryState.FAILED, False)],
)
def test_the_name_is_fixed_once_a_receiver_may_have_a_delivery(
    configuration: Configuration, state: str, fixed: bool
) -> None:
    delivered(configuration, state)
    if fixed:
        with pytest.raises(Rejected, match="name is fixed"):
            edit_account(CLI, configuration.account, name="Anders")
    else:
        assert edit_account(CLI, configuration.account, name="Anders").name == "Anders"


def test_a_name_can_change_its_capitals(account: ConnectionAccount, medical_account: ConnectionAccount) -> None:
    assert edit_account(CLI, account, name="dwh").name == "dwh"
    with pytest.raises(Rejected, match="already"):
        edit_account(CLI, account, name="ZORG")


def test_everyone_sees_what_they_may(
    people: People, account: ConnectionAccount, medical_account: ConnectionAccount
) -> None:
    here = account.environment
    assert [row.name for row in queries.accounts(people.mia, here)] == ["DWH", "Zorg"]
    assert [row.name for row in queries.accounts(people.sam, here)] == ["DWH"]
    assert [row.name for row in queries.accounts(people.rita, here)] == ["DWH"]
    with pytest.raises(NotFound):
        queries.accounts(people.xander, here)
    with pytest.raises(PermissionDenied):
        queries.accounts(people.olga, here)
    assert queries.find_account(people.sam, here, "dwh") == account


def test_a_medical_account_and_one_that_is_not_there_look_the_same(
    people: People, medical_account: ConnectionAccount
) -> None:
    answers = set()
    for name in ("Zorg", "Niets"):
        with pytest.raises(NotFound) as caught:
            queries.find_account(people.sam, medical_account.environment, name)
        answers.add(f"{caught.value} {caught.value.remedy}".replace(name, "…"))
    assert len(answers) == 1
