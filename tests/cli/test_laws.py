"""The brake, decisions, the history and the dry run, by commands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.running import Sluis
from lending import CATALOG, make
from sluis.control import places
from sluis.control.models import Delivery, DeliveryState, Environment
from sluis.control.setup import Started

ENVIRONMENT, PATH = "Noord", "DWH/Een"


@pytest.fixture
def source(committed: Started, sluis: Sluis, tmp_path: Path) -> Path:
    """A source of which everything was delivered once; its brake holds at half of the rows."""
    file = tmp_path / "lending.db"
    make(file).close()
    for words in (
        ("env", "add", ENVIRONMENT, "--source", f"sqlite:///{file}", "--catalog", str(CATALOG)),
        ("env", "edit", ENVIRONMENT, "--brake-percent", "50", "--brake-floor", "0"),
        ("account", "add", ENVIRONMENT, "DWH", "--type", "hosted", "--medical"),
        ("config", "add", ENVIRONMENT, "DWH", "Een", "--version", "2", "--streams", "all", "--pseudonymous"),
        ("deliver", ENVIRONMENT, PATH),
    ):
        result = sluis(*words)
        assert result.code == 0, result.err
    return file


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as source:
        source.executescript(statement)


def test_the_brake_by_commands(source: Path, sluis: Sluis) -> None:
    change(source, "DELETE FROM branch WHERE code <> 'A'")
    stopped = sluis("refresh", ENVIRONMENT, "--json")
    assert (stopped.code, stopped.out) == (1, "")
    assert "branch (2 of 3 rows)" in stopped.err
    assert "sluis refresh ENV --release" in stopped.err
    assert sluis("refresh", ENVIRONMENT, "--release", "--json").json["counts"]["branch"]["deleted"] == 2
    shown = sluis("deliver", ENVIRONMENT, PATH, "--dry-run", "--json").json
    assert (shown["held"], shown["mode"]) == (["Dim_Branch"], "changes")
    held = sluis("deliver", ENVIRONMENT, PATH, "--json")
    assert (held.code, held.json["state"], held.json["sequence"]) == (1, "held", None)
    assert "sluis delivery release" in held.err
    assert sluis("delivery", "refuse", ENVIRONMENT, held.json["id"], "--json").json["state"] == "refused"
    assert sluis("delivery", "retry", ENVIRONMENT, PATH, "--json").json["state"] == "held"
    assert sluis("delivery", "cancel", ENVIRONMENT, PATH, "--json").json["state"] == "cancelled"
    assert sluis("deliver", ENVIRONMENT, PATH).code == 1
    released = sluis("delivery", "release", ENVIRONMENT, PATH, "--json")
    assert (released.code, released.json["state"], released.json["sequence"]) == (0, "delivered", 2)
    shown = sluis("delivery", "show", ENVIRONMENT, PATH, "--json").json
    assert (shown["state"], shown["progress"], shown["next_run_at"]) == ("delivered", None, None)
    assert {"delivered", "file"} <= {line["code"] for line in shown["log"]}
    assert sluis("delivery", "show", ENVIRONMENT, PATH).code == 0
    assert sluis("delivery", "release", ENVIRONMENT, PATH).code == 2
    assert sluis("delivery", "release", ENVIRONMENT, "nonsense").code == 2
    assert sluis("delivery", "release", ENVIRONMENT, "0d2c5c0e-0000-4000-8000-000000000000").code == 2


def test_a_dry_run_by_commands(source: Path, sluis: Sluis) -> None:
    change(source, "UPDATE branch SET town = 'Oss' WHERE code = 'A'")
    assert sluis("refresh", ENVIRONMENT).code == 0
    shown = sluis("deliver", ENVIRONMENT, PATH, "--dry-run", "--rows", "2", "--json").json
    branch = next(file for file in shown["files"] if file["name"] == "Dim_Branch")
    assert (branch["mode"], branch["updated"], branch["rows"]) == ("changes", 1, 1)
    assert shown["first_rows"]["Dim_Branch"][1][-1] == "Oss"
    drawn = sluis("deliver", ENVIRONMENT, PATH, "--dry-run", "--rows", "2").out
    assert ("Oss" in drawn, "Dim_BranchID" in drawn) == (True, True)
    oldest = sluis("deliver", ENVIRONMENT, PATH, "--dry-run", "--since", "0001-01-01", "--json").json
    assert {file["reason"] for file in oldest["files"]} == {"history"}
    assert Delivery.objects.count() == 1
    for options in (["--rows", "2"], ["--dry-run", "--refresh"]):
        assert sluis("deliver", ENVIRONMENT, PATH, *options).code == 2


def test_the_history_by_commands(source: Path, sluis: Sluis) -> None:
    change(source, "UPDATE member SET name = 'x' WHERE id = 2")
    assert sluis("refresh", ENVIRONMENT).code == 0
    assert sluis("lake", "maintain", ENVIRONMENT, "--json").json["journal_rows_removed"] == 0
    expunged = sluis("lake", "expunge", ENVIRONMENT, "--dataset", "member", "--key", "2", "--json").json
    assert (expunged["journal_rows_removed"], expunged["still_in_source"]) == (2, True)
    assert [one.split("_")[0] for one in expunged["still_delivered"]] == ["DWH/Een/000001"]
    refused = sluis("lake", "expunge", ENVIRONMENT, "--dataset", "member", "--key", "x")
    assert (refused.code, "MemberId" in refused.err) == (2, True)
    assert sluis("lake", "expunge", ENVIRONMENT, "--dataset", "nothing", "--all").code == 2
    assert sluis("lake", "rebuild", ENVIRONMENT, "--json").json == {"environment": ENVIRONMENT, "rebuilt": True}
    assert Environment.objects.get().lake_id == ""
    assert sluis("lake", "maintain", ENVIRONMENT).code == 2
    again = sluis("deliver", ENVIRONMENT, PATH, "--json").json
    assert {file["reason"] for file in again["files"]} == {"rebuilt"}


def test_medical_deliveries_are_removed_on_request(source: Path, sluis: Sluis) -> None:
    first = sluis("account", "edit", ENVIRONMENT, "DWH", "--no-medical", "--json")
    assert len(first.json["medical_deliveries_standing"]) == 1
    assert "--remove-medical removes them" in first.err
    second = sluis("account", "edit", ENVIRONMENT, "DWH", "--remove-medical", "--json")
    assert len(second.json["medical_deliveries_removed"]) == 1
    assert sluis("account", "edit", ENVIRONMENT, "DWH", "--medical", "--remove-medical").code == 2
    delivery = Delivery.objects.get(state=DeliveryState.DELIVERED)
    assert places.hosted(delivery.configuration.account).standing("Een") == []
