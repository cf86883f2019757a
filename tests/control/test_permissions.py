"""Who may do what: the whole table, and what the refusals give away."""

from __future__ import annotations

import datetime as dt

import pytest

from control.fixtures import People, delivered, join, new_environment, person
from sluis.control.actor import CLI, OIDC, SFTP, WORKER, Actor
from sluis.control.errors import NotFound
from sluis.control.models import Configuration, ConnectionAccount, Environment, Membership, Refresh, Role
from sluis.control.permissions import PERMISSIONS, Subject, allowed, require
from sluis.errors import PermissionDenied

MEMBERS = {"sam", "mia", "rita"}
BEHEER = {"sam", "mia"}
TABLE: dict[tuple[str, str], set[str]] = {
    ("environment.add", "installation"): {"olga", "cli"},
    ("environment.view", "environment"): {"olga", "cli", "worker", "sftp", *MEMBERS},
    ("environment.refresh", "environment"): {"olga", "cli", "worker", *BEHEER},
    ("environment.edit", "environment"): {"olga", "cli"},
    ("environment.schedule", "environment"): {"olga", "cli", *BEHEER},
    ("environment.release", "environment"): {"olga", "cli", *BEHEER},
    ("refresh.view", "environment"): {"olga", "cli", "worker", *MEMBERS},
    ("refresh.view", "refresh"): {"olga", "cli", "worker", *MEMBERS},
    ("environment.maintain", "environment"): {"olga", "cli", "worker"},
    ("environment.suspend", "environment"): {"olga", "cli"},
    ("environment.expunge", "environment"): {"olga", "cli"},
    ("environment.rebuild", "environment"): {"olga", "cli"},
    ("account.list", "environment"): {"cli", *MEMBERS},
    ("account.add", "environment"): {"cli", *BEHEER},
    ("account.mark_medical", "environment"): {"cli", "mia"},
    ("account.mark_medical", "plain"): {"cli", "mia"},
    ("account.mark_medical", "medical"): {"cli", "mia"},
    ("account.view", "plain"): {"cli", "worker", "sftp", *MEMBERS},
    ("account.view", "medical"): {"cli", "worker", "sftp", "mia"},
    ("account.edit", "plain"): {"cli", *BEHEER},
    ("account.edit", "medical"): {"cli", "mia"},
    ("account.rotate_secret", "plain"): {"cli", *BEHEER},
    ("account.rotate_secret", "medical"): {"cli", "mia"},
    ("account.remove_deliveries", "plain"): {"cli", *BEHEER},
    ("account.remove_deliveries", "medical"): {"cli", "mia"},
    ("account.keys", "plain"): {"cli", *BEHEER},
    ("account.keys", "medical"): {"cli", "mia"},
    ("account.test", "plain"): {"cli", *BEHEER},
    ("account.test", "medical"): {"cli", "mia"},
    ("account.clean", "plain"): {"cli", "worker", *BEHEER},
    ("account.clean", "medical"): {"cli", "worker", "mia"},
    ("configuration.add", "plain"): {"cli", *BEHEER},
    ("configuration.add", "medical"): {"cli", "mia"},
    ("configuration.view", "plain configuration"): {"cli", "worker", *MEMBERS},
    ("configuration.view", "medical configuration"): {"cli", "worker", "mia"},
    ("configuration.edit", "plain configuration"): {"cli", *BEHEER},
    ("configuration.edit", "medical configuration"): {"cli", "mia"},
    ("configuration.run", "plain configuration"): {"cli", "worker", *BEHEER},
    ("configuration.run", "medical configuration"): {"cli", "worker", "mia"},
    ("delivery.view", "plain delivery"): {"cli", "worker", *MEMBERS},
    ("delivery.view", "medical delivery"): {"cli", "worker", "mia"},
    ("delivery.view", "delivery from before the mark went"): {"cli", "worker", "mia"},
    **{
        (f"delivery.{verb}", f"{kind} delivery"): {"cli", *who}
        for verb in ("release", "refuse", "cancel")
        for kind, who in (("plain", BEHEER), ("medical", {"mia"}))
    },
    ("delivery.open", "plain delivery"): {"cli", "sftp", *BEHEER},
    ("delivery.open", "medical delivery"): {"cli", "sftp", "mia"},
    ("delivery.open", "delivery from before the mark went"): {"cli", "sftp", "mia"},
    ("installation.keys", "installation"): {"cli"},
    ("installation.restored", "installation"): {"cli"},
    ("mail.send", "installation"): {"olga", "cli", "worker"},
    ("audit.view", "installation"): {"olga", "cli"},
    ("audit.view", "environment"): {"olga", "cli", *BEHEER},
    **{("user." + verb, "installation"): {"olga", "cli"} for verb in ("list", "add", "edit")},
    **{("user." + verb, "environment"): {"olga", "cli"} for verb in ("give_role", "ask_medical")},
    ("user.members", "environment"): {"olga", "cli", *BEHEER},
    ("user.provide", "installation"): {"oidc"},
    ("user.grant_medical", "environment"): {"olga", "cli", "mia"},
    ("installation.view", "installation"): {"olga", "cli"},
    ("notice.make", "installation"): {"olga", "cli", "worker"},
}
ALWAYS = {"environment.add", "environment.view", "mail.send", "notice.make", "user.provide"}
"""Permissions that have nothing to do with the module Datastreams."""


@pytest.fixture
def actors(people: People) -> dict[str, Actor]:
    return {**vars(people), "cli": CLI, "worker": WORKER, "sftp": SFTP, "oidc": OIDC}


@pytest.fixture
def subjects(
    environment: Environment, account: ConnectionAccount, medical_account: ConnectionAccount
) -> dict[str, Subject]:
    plain, medical = (
        Configuration.objects.create(account=one, name="P", version="2", pseudonymous=True, streams=["basis"])
        for one in (account, medical_account)
    )
    return {
        "installation": None,
        "environment": environment,
        "refresh": Refresh.objects.create(environment=environment, actor="cli"),
        "plain": account,
        "medical": medical_account,
        "plain configuration": plain,
        "medical configuration": medical,
        "plain delivery": delivered(plain),
        "medical delivery": delivered(medical),
        "delivery from before the mark went": delivered(plain, sequence=2, medical=True),
    }


def test_the_table_has_every_permission() -> None:
    assert {permission for permission, _ in TABLE} == set(PERMISSIONS)


def test_the_table(actors: dict[str, Actor], subjects: dict[str, Subject]) -> None:
    for (permission, subject), may in TABLE.items():
        found = {name for name, actor in actors.items() if allowed(actor, permission, subjects[subject])}
        assert found == may, (permission, subject)


def test_without_the_module_only_the_operator_and_the_server_are_left(
    actors: dict[str, Actor], subjects: dict[str, Subject], environment: Environment
) -> None:
    environment.datastreams_enabled = False
    environment.save()
    for one in subjects.values():
        if one is not None:
            _reload(one)
    for (permission, subject), may in TABLE.items():
        found = {name for name, actor in actors.items() if allowed(actor, permission, subjects[subject])}
        assert found == (may if permission in ALWAYS else may & {"olga", "cli"}), (permission, subject)


def _reload(subject: object) -> None:
    for name in ("configuration", "account", "environment"):
        if name in getattr(subject, "_state").fields_cache:  # noqa: B009 - Django's own place for what it fetched
            _reload(getattr(subject, name))
    subject.refresh_from_db()  # type: ignore[attr-defined]  # every subject is a model


def test_someone_of_another_environment_learns_nothing(people: People, subjects: dict[str, Subject]) -> None:
    for permission, subject in TABLE:
        if subject == "installation":
            continue
        with pytest.raises(NotFound, match="there is no environment 'Noord'"):
            require(people.xander, permission, subjects[subject])


def test_what_has_the_medical_mark_is_not_there_for_others(people: People, subjects: dict[str, Subject]) -> None:
    for name in ("medical", "medical configuration", "medical delivery"):
        for permission in {permission for permission, subject in TABLE if subject == name}:
            for actor in (people.sam, people.rita):
                with pytest.raises(NotFound, match="there is no"):
                    require(actor, permission, subjects[name])


@pytest.mark.parametrize(
    ("actor", "asked", "remedy"),
    [
        ("rita", ("account.edit", "plain"), "ask a superbeheerder of this environment"),
        ("rita", ("configuration.run", "plain configuration"), "ask a superbeheerder of this environment"),
        ("sam", ("account.mark_medical", "plain"), "medical rights"),
        ("sam", ("environment.add", "installation"), "ask an operator"),
        ("olga", ("account.add", "environment"), "ask a superbeheerder of this environment"),
    ],
)
def test_a_right_that_is_missing_is_told(
    actors: dict[str, Actor], subjects: dict[str, Subject], actor: str, asked: tuple[str, str], remedy: str
) -> None:
    with pytest.raises(PermissionDenied, match=asked[0]) as caught:
        require(actors[actor], asked[0], subjects[asked[1]])
    assert remedy in caught.value.remedy


def test_the_module_being_off_is_told(people: People, environment: Environment) -> None:
    environment.datastreams_enabled = False
    with pytest.raises(PermissionDenied, match="module Datastreams is off"):
        require(people.sam, "account.list", environment)


def test_a_refresh_is_seen_with_its_environment(people: People, environment: Environment) -> None:
    refresh = Refresh(environment=environment, actor="cli")
    assert allowed(people.sam, "environment.refresh", refresh)
    with pytest.raises(NotFound):
        require(people.xander, "environment.refresh", refresh)


def test_an_unknown_permission_is_a_fault_of_the_program(people: People) -> None:
    with pytest.raises(KeyError):
        allowed(CLI, "account.paint", None)


@pytest.mark.parametrize(
    ("first", "last", "may"),
    [(0, None, True), (0, 0, True), (-5, 5, True), (1, None, False), (-5, -1, False)],
)
def test_a_membership_holds_from_its_first_day_to_its_last(
    people: People, environment: Environment, first: int, last: int | None, may: bool
) -> None:
    today = environment.today()
    assert people.sam.user
    Membership.objects.filter(user=people.sam.user).update(
        valid_from=today + dt.timedelta(days=first),
        valid_until=None if last is None else today + dt.timedelta(days=last),
    )
    assert allowed(people.sam, "account.add", environment) == may


def test_medical_rights_end_with_the_membership_that_gave_them(people: People, environment: Environment) -> None:
    both = person("tess")
    join(both, environment, Role.SUPERBEHEERDER)
    medical = join(both, environment, Role.READER, medical=True)
    assert allowed(both, "account.mark_medical", environment)
    medical.valid_until = environment.today() - dt.timedelta(days=1)
    medical.save()
    assert not allowed(both, "account.mark_medical", environment)


def test_someone_who_is_not_active_may_nothing(actors: dict[str, Actor], subjects: dict[str, Subject]) -> None:
    for name in ("olga", "mia"):
        user = actors[name].user
        assert user
        user.is_active = False
        assert not [key for key in TABLE if allowed(actors[name], key[0], subjects[key[1]])]


def test_rights_in_one_environment_are_none_in_another(people: People) -> None:
    west = new_environment("West")
    for permission, subject in TABLE:
        if subject == "environment":
            assert not allowed(people.mia, permission, west)


def test_an_actor_is_either_a_user_or_a_machine(people: People) -> None:
    assert (people.sam.name, people.sam.kind, CLI.name, CLI.kind) == ("sam", "user", "cli", "machine")
    with pytest.raises(ValueError, match="either"):
        Actor()
    with pytest.raises(ValueError, match="either"):
        Actor(user=people.sam.user, machine="cli")
