"""``sluis schedule``, and where the next planned moment is shown."""

from __future__ import annotations

import datetime as dt

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from cli.running import Sluis
from control.fixtures import People
from sluis.control.actions.configurations import edit_configuration
from sluis.control.actor import CLI
from sluis.control.models import Configuration, Environment, Schedule


def test_a_schedule_by_commands(environment: Environment, sluis: Sluis) -> None:
    made = sluis("schedule", "set", "Noord", "--weekly", "Sun", "--at", "02:30", "--json").json
    assert made == {
        "environment": "Noord",
        "day": "sunday",
        "time": "02:30",
        "time_zone": "Europe/Amsterdam",
        "paused": False,
        "not_before": None,
        "next_run_at": made["next_run_at"],
        "last_run_at": None,
    }
    assert sluis("schedule", "show", "Noord", "--json").json == made
    assert made["next_run_at"] in sluis("schedule", "show", "Noord").out
    assert sluis("schedule", "pause", "Noord", "--json").json["next_run_at"] is None
    assert sluis("schedule", "resume", "Noord", "--json").json["next_run_at"] == made["next_run_at"]
    held = sluis("schedule", "postpone", "Noord", "--until", "2999-01-01T12:00", "--json").json
    assert held["not_before"] == held["next_run_at"] == "2999-01-01T11:00:00Z"
    assert sluis("schedule", "postpone", "Noord", "--clear", "--json").json["next_run_at"] == made["next_run_at"]
    assert sluis("env", "edit", "Noord", "--daily").code == 0
    assert sluis("schedule", "set", "Noord", "--daily", "--at", "02:30", "--json").json["day"] == "daily"
    assert sluis("schedule", "now", "Noord", "--json").json["environment"] == "Noord"
    assert ProcrastinateJob.objects.get().task_name == "refresh"
    waits = sluis("deliveries", "Noord", "--running", "--json").json
    assert [(one["what"], one["state"], one["stage"]) for one in waits] == [("refresh", "waiting", None)]
    assert sluis("schedule", "cancel", "Noord", "--json").json["cancelled"] == 1
    assert sluis("schedule", "cancel", "Noord").code == 2
    assert sluis("deliveries", "Noord", "--running", "--json").json == []


def test_the_next_moment_stands_in_the_lists(configuration: Configuration, sluis: Sluis) -> None:
    for row in (*sluis("env", "list", "--json").json, *sluis("config", "list", "Noord", "--json").json):
        assert row["next_run_at"] is None
    moment = sluis("schedule", "set", "Noord", "--weekly", "monday", "--at", "02:30", "--json").json["next_run_at"]
    assert moment in sluis("env", "list").out
    assert sluis("env", "list", "--json").json[0]["next_run_at"] == moment
    assert moment not in sluis("config", "list", "Noord").out
    edit_configuration(CLI, configuration, automatic=True)
    assert moment in sluis("config", "list", "Noord").out
    assert sluis("config", "list", "Noord", "--json").json[0]["next_run_at"] == moment


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("set", "Noord", "--at", "02:30"), "--weekly DAY or --daily"),
        (("set", "Noord", "--at", "02:30", "--weekly", "monday", "--daily"), "--weekly DAY or --daily"),
        (("set", "Noord", "--at", "02:30", "--weekly", "maandag"), "is not a day of the week"),
        (("set", "Noord", "--at", "half 3", "--weekly", "monday"), "is not a time of the day"),
        (("set", "Noord", "--at", "02:30", "--daily"), "may not deliver daily"),
        (("show", "Noord"), "has no schedule"),
        (("postpone", "Noord"), "--until MOMENT or --clear"),
        (("postpone", "Noord", "--until", "soon"), "is not a moment"),
        (("postpone", "Noord", "--clear"), "has no schedule"),
    ],
)
def test_what_is_wrong_is_refused(
    environment: Environment, sluis: Sluis, arguments: tuple[str, ...], reason: str
) -> None:
    result = sluis("schedule", *arguments, "--json")
    assert (result.code, result.out) == (2, "")
    assert reason in result.err
    assert not Schedule.objects.exists()


def test_who_may_not_is_told(people: People, sluis: Sluis) -> None:
    refused = sluis("--as", "rita", "schedule", "set", "Noord", "--weekly", "monday", "--at", "02:30")
    assert (refused.code, "environment.schedule" in refused.err) == (2, True)
    assert sluis("--as", "sam", "schedule", "set", "Noord", "--weekly", "monday", "--at", "02:30").code == 0
    assert Schedule.objects.get().time == dt.time(2, 30)
    for command in ("worker", "up"):
        assert "by the server itself" in sluis("--as", "sam", command).err
