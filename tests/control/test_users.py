"""Users: who makes them, and that nobody gives himself a right."""

from __future__ import annotations

import datetime as dt

import pytest

from control.fixtures import People
from sluis.control import people as seen
from sluis.control.actions import users
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Environment, Membership, Role, User
from sluis.control.permissions import has_medical_rights, needs_second_factor
from sluis.errors import PermissionDenied, Rejected


def test_an_operator_makes_users_and_gives_roles(people: People, environment: Environment) -> None:
    user, first = users.add_user(people.olga, "nina", email="nina@example.org")
    assert user.check_password(first)
    assert user.must_change_password
    row = users.give_role(people.olga, user, environment, Role.READER, valid_until=dt.date(2999, 1, 1))
    users.give_role(people.olga, user, environment, Role.SUPERBEHEERDER)
    row.refresh_from_db()
    assert (row.role, row.valid_until) == (Role.SUPERBEHEERDER, None)
    assert [event.action for event in AuditEvent.objects.filter(subject="user nina").order_by("pk")] == [
        "user.add",
        "user.give_role",
        "user.give_role",
    ]
    users.take_role(people.olga, user, environment)
    assert not user.memberships.exists()
    assert user in seen.users(people.olga)


@pytest.mark.parametrize("who", ["sam", "mia", "rita", "xander"])
def test_nobody_else_does(people: People, who: str) -> None:
    actor = getattr(people, who)
    with pytest.raises(PermissionDenied):
        users.add_user(actor, "nina")
    with pytest.raises(PermissionDenied):
        seen.users(actor)


def test_the_medical_right_needs_a_second_person(people: People, environment: Environment) -> None:
    sam, olga = people.sam.user, people.olga.user
    assert sam
    assert olga
    with pytest.raises(Rejected, match="nobody proposed"):
        users.grant_medical(people.olga, sam, environment)
    users.ask_medical(people.olga, sam, environment)
    with pytest.raises(Rejected, match="second person"):
        users.grant_medical(people.olga, sam, environment)
    with pytest.raises(PermissionDenied):
        users.grant_medical(people.sam, sam, environment)
    assert not has_medical_rights(people.sam, environment)
    users.grant_medical(people.mia, sam, environment)
    assert has_medical_rights(people.sam, environment)
    event = AuditEvent.objects.get(action="user.grant_medical")
    assert (event.actor, event.details) == ("mia", {"asked_by": "olga"})
    users.withdraw_medical(CLI, sam, environment)
    assert not has_medical_rights(people.sam, environment)


def test_nobody_gives_himself_a_right(people: People, environment: Environment) -> None:
    olga = people.olga.user
    assert olga
    for attempt in (
        lambda: users.give_role(people.olga, olga, environment, Role.SUPERBEHEERDER),
        lambda: users.edit_user(people.olga, olga, operator=True, valid_until=dt.date(2999, 1, 1)),
        lambda: users.ask_medical(people.olga, olga, environment),
        lambda: users.reset_second_factor(people.olga, olga),
    ):
        with pytest.raises(PermissionDenied, match="nobody gives himself"):
            attempt()
    assert not Membership.objects.filter(user=olga).exists()
    users.edit_user(people.olga, olga, email="olga@example.org")


def test_who_is_past_the_last_day_can_do_nothing(people: People, environment: Environment) -> None:
    assert people.olga.user
    users.edit_user(CLI, people.olga.user, valid_until=dt.date(2020, 1, 1))
    people.olga.user.refresh_from_db()
    with pytest.raises(PermissionDenied):
        users.add_user(people.olga, "nina")
    users.edit_user(CLI, people.olga.user, for_ever=True)
    people.olga.user.refresh_from_db()
    users.add_user(people.olga, "nina")


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "a/b"])
def test_a_name_that_cannot_be_used_is_refused(people: People, name: str) -> None:
    with pytest.raises(Rejected, match="name of a user"):
        users.add_user(CLI, name)
    with pytest.raises(Rejected, match="already"):
        users.add_user(CLI, "SAM")
    with pytest.raises(Rejected, match="password"):
        users.add_user(CLI, "nina", password="kort")
    assert not User.objects.filter(username="nina").exists()


def test_who_needs_a_second_factor(people: People) -> None:
    needed = {name for name, actor in vars(people).items() if actor.user and needs_second_factor(actor.user)}
    assert needed == {"olga", "sam", "mia", "xander"}
