"""Users: who makes them, and that nobody gives himself a right."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from control.fixtures import People, new_environment, person
from sluis.control import people as seen
from sluis.control import setup
from sluis.control.actions import users
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, Environment, Membership, Role, User
from sluis.control.permissions import allowed, has_medical_rights, needs_second_factor
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


def test_a_role_that_has_ended_begins_anew_without_the_medical_right(people: People, environment: Environment) -> None:
    mia = people.mia.user
    assert mia
    today = environment.today()
    users.give_role(people.olga, mia, environment, Role.READER, valid_until=today)
    users.give_role(people.olga, mia, environment, Role.SUPERBEHEERDER)
    assert has_medical_rights(people.mia, environment), "one that goes on keeps it"
    yesterday = today - dt.timedelta(days=1)
    users.give_role(people.olga, mia, environment, Role.SUPERBEHEERDER, valid_until=yesterday)
    users.give_role(people.olga, mia, environment, Role.SUPERBEHEERDER)
    assert not has_medical_rights(people.mia, environment), "two persons give it, also the second time"
    told = AuditEvent.objects.filter(action="user.give_role").latest("pk").details
    assert told == {"medical": [True, False], "valid_until": [yesterday.isoformat(), None]}


def test_two_operators_at_once_give_one_role(committed: setup.Started) -> None:
    environment, olga, otto = new_environment("Noord"), person("olga", operator=True), person("otto", operator=True)
    nina = person("nina")
    assert nina.user
    user = nina.user
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            users.give_role(olga, user, environment, Role.READER)
            given = other.submit(_give, otto, user, environment)
            while not given.done() and not _somebody_waits():
                pass
        given.result()
    assert Membership.objects.get().role == Role.SUPERBEHEERDER
    yesterday = environment.today() - dt.timedelta(days=1)
    users.give_role(olga, user, environment, Role.READER, valid_from=yesterday, valid_until=yesterday)
    assert not allowed(nina, "account.list", environment), "the last day is that of all there is"


def _give(actor: Actor, user: User, environment: Environment) -> None:
    try:
        users.give_role(actor, user, environment, Role.SUPERBEHEERDER)
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


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
