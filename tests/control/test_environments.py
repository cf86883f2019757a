"""Environments: made by operators, over a source and a catalogue."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from control.fixtures import CATALOG, People, new_environment
from sluis.control import queries
from sluis.control.actions.environments import add_environment
from sluis.control.actor import CLI
from sluis.control.errors import NotFound
from sluis.control.models import AuditEvent, Environment
from sluis.errors import PermissionDenied, Rejected

SOURCE = "postgresql://reader:geheim@db/app"


def test_an_operator_makes_an_environment(people: People) -> None:
    made = add_environment(people.olga, "Oost", source_url=SOURCE, catalog=CATALOG)
    made.refresh_from_db()
    assert (made.source_url, made.source_password) == ("postgresql://reader@db/app", "geheim")
    assert (made.catalog, made.time_zone, made.datastreams_enabled, made.daily_allowed) == (
        CATALOG,
        "Europe/Amsterdam",
        True,
        False,
    )
    event = AuditEvent.objects.get()
    assert (event.actor, event.actor_kind, event.action, event.environment_name) == (
        "olga",
        "user",
        "environment.add",
        "Oost",
    )
    assert "geheim" not in f"{event.details}"


def test_every_environment_has_a_lake_of_its_own(people: People) -> None:
    assert new_environment("A").lake_schema != new_environment("B").lake_schema


@pytest.mark.parametrize("who", ["sam", "mia", "rita", "xander"])
def test_nobody_else_makes_one(people: People, who: str) -> None:
    with pytest.raises(PermissionDenied):
        add_environment(getattr(people, who), "Oost", source_url=SOURCE, catalog=CATALOG)
    assert not Environment.objects.filter(name="Oost").exists()
    assert not AuditEvent.objects.exists()


def test_names_are_unique_without_regard_to_case(environment: Environment) -> None:
    with pytest.raises(Rejected, match="there is an environment 'NOORD' already"):
        add_environment(CLI, "NOORD", source_url=SOURCE, catalog=CATALOG)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a/b"}, "the name 'a/b' holds '/'"),
        ({"catalog": "/nowhere"}, "there is no catalogue"),
        ({"time_zone": "Mars"}, "'Mars' is not a time zone"),
        ({"source_url": "oracle://u:geheim@h/d"}, "oracle"),
    ],
)
def test_what_is_wrong_is_refused(environment: Environment, change: dict[str, str], message: str) -> None:
    given: dict[str, Any] = {"name": "Oost", "catalog": CATALOG, "source_url": SOURCE, **change}
    with pytest.raises(Rejected, match=message) as caught:
        add_environment(CLI, given.pop("name"), **given)
    assert "geheim" not in f"{caught.value} {caught.value.remedy}"


def test_a_catalogue_is_kept_by_its_absolute_path(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(CATALOG).parent)
    assert add_environment(CLI, "Oost", source_url=SOURCE, catalog="catalog").catalog == CATALOG


def test_everyone_sees_their_own_environments(people: People, environment: Environment) -> None:
    def seen(who: str) -> list[str]:
        return [row.name for row in queries.environments(getattr(people, who))]

    assert (seen("olga"), seen("sam"), seen("rita"), seen("xander")) == (
        ["Noord", "Zuid"],
        ["Noord"],
        ["Noord"],
        ["Zuid"],
    )
    assert queries.find_environment(people.sam, "noord") == environment


def test_an_environment_of_others_and_one_that_is_not_there_look_the_same(people: People) -> None:
    answers = set()
    for name in ("Noord", "Niets"):
        with pytest.raises(NotFound) as caught:
            queries.find_environment(people.xander, name)
        answers.add(f"{caught.value} {caught.value.remedy}".replace(name, "…"))
    assert len(answers) == 1


def test_a_user_is_found_by_name(people: People) -> None:
    assert queries.user_actor("SAM") == people.sam
    assert people.sam.user
    people.sam.user.is_active = False
    people.sam.user.save()
    for name in ("sam", "nobody"):
        with pytest.raises(NotFound, match=f"there is no user '{name}'"):
            queries.user_actor(name)


def test_of_a_user_whose_last_day_is_over_that_is_said(people: People) -> None:
    assert people.sam.user
    people.sam.user.valid_until = dt.date(2020, 1, 31)
    people.sam.user.save()
    with pytest.raises(Rejected, match="the last day of user sam was 2020-01-31"):
        queries.user_actor("Sam")
