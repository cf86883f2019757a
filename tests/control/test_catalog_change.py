"""An environment that runs gets another catalogue: what is told is what happens."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from control.fixtures import join, person
from lending import CATALOG, make
from sluis.catalog.loader import load
from sluis.control import setup
from sluis.control.actions import accounts, configurations, deliveries, environments, refreshes
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Configuration, Environment, Refresh, Role
from sluis.errors import PermissionDenied, Rejected

Parts = tuple[sqlite3.Connection, Environment, Configuration, Path]


@pytest.fixture
def parts(committed: setup.Started, tmp_path: Path) -> Iterator[Parts]:
    connection = make(tmp_path / "lending.db")
    source = f"sqlite:///{tmp_path / 'lending.db'}"
    before = Path(shutil.copytree(CATALOG, tmp_path / "before"))
    edit(before / "files" / "Dim_Branch.yaml", r"  - name: Town\n(    .*\n)+", "")
    environment = environments.add_environment(CLI, "Noord", source_url=source, catalog=str(before))
    account = accounts.add_account(CLI, environment, "DWH", account_type="hosted")
    made = configurations.add_configuration(CLI, account, "Productie", version="2", streams="all", pseudonymous=True)
    deliveries.deliver(CLI, made)
    after = Path(shutil.copytree(before, tmp_path / "after"))
    yield connection, environment, made, after
    connection.close()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    path.write_text(changed, "utf-8")


def reasons(configuration: Configuration, environment: Environment) -> dict[str, str | None]:
    environment.refresh_from_db()
    configuration = Configuration.objects.get(pk=configuration.pk)
    delivery = deliveries.deliver(CLI, configuration, refresh=True)
    return {one.name: one.reason for one in delivery.files.all() if one.mode == "full"}


def test_a_query_that_changed_gives_ordinary_changes(parts: Parts) -> None:
    _, environment, _, after = parts
    edit(after / "datasets" / "edition.sql", "title AS", "upper(title) AS")
    change = environments.change_catalog(CLI, environment, str(after))
    assert [(one.dataset, one.effect) for one in change.datasets] == [("edition", "query")]
    assert change.full == {}
    delivery = deliveries.deliver(CLI, Configuration.objects.get(), refresh=True)
    assert {one.mode for one in delivery.files.all()} == {"changes"}
    assert delivery.files.get(name="Dim_Edition").updated == 1


def test_a_column_that_was_added_is_filled_in_and_nobody_notices_until_he_chooses_it(parts: Parts) -> None:
    _, environment, configuration, after = parts
    shutil.copy(CATALOG / "files" / "Dim_Branch.yaml", after / "files" / "Dim_Branch.yaml")
    change = environments.change_catalog(CLI, environment, str(after))
    assert [(one.dataset, one.effect, one.columns) for one in change.datasets] == [("branch", "filled", ("Town",))]
    assert change.full == {}
    delivery = deliveries.deliver(CLI, Configuration.objects.get(), refresh=True)
    assert (delivery.mode, sum(one.rows for one in delivery.files.all())) == ("changes", 0)
    configurations.choose_columns(CLI, Configuration.objects.get(), "Dim_Branch", on=["Town"])
    assert reasons(configuration, environment) == {"Dim_Branch": "columns"}


def test_another_type_makes_the_dataset_anew_and_its_file_comes_in_full(parts: Parts) -> None:
    _, environment, configuration, after = parts
    edit(after / "files" / "Fact_Note.yaml", "type: integer", "type: text")
    edit(after / "datasets" / "note.sql", 'score AS "Score"', 'CAST(score AS VARCHAR) AS "Score"')
    told = environments.change_catalog(CLI, environment, str(after), dry_run=True)
    assert Environment.objects.get().catalog != str(after), "a dry run changes nothing"
    change = environments.change_catalog(CLI, environment, str(after))
    assert change == told
    assert [(one.dataset, one.effect) for one in change.datasets] == [("note", "rebuilt")]
    assert change.full == {"DWH/Productie": {"Fact_Note": "rebuilt"}}
    assert reasons(configuration, environment) == change.full["DWH/Productie"]
    event = AuditEvent.objects.get(action="environment.change_catalog")
    assert event.details["digest"] == load(str(after)).digest


def test_a_mark_that_changes_brings_the_file_in_full(parts: Parts) -> None:
    _, environment, configuration, after = parts
    edit(after / "files" / "Dim_Member.yaml", r"quasi: \{prefix: 4\}", "quasi: {prefix: 2}")
    change = environments.change_catalog(CLI, environment, str(after))
    assert (change.datasets, change.full) == ((), {"DWH/Productie": {"Dim_Member": "columns"}})
    assert reasons(configuration, environment) == change.full["DWH/Productie"]


def test_what_a_configuration_needs_must_stay(parts: Parts) -> None:
    _, environment, _, after = parts
    edit(after / "versions" / "2.yaml", ", Fact_Note", "")
    (after / "files" / "Fact_Note.yaml").unlink()
    (after / "datasets" / "note.sql").unlink()
    with pytest.raises(Rejected, match="lacks Fact_Note, which configuration DWH/Productie delivers"):
        environments.change_catalog(CLI, environment, str(after))
    (after / "versions" / "2.yaml").rename(after / "versions" / "3.yaml")
    edit(after / "versions" / "3.yaml", 'version: "2"', 'version: "3"')
    for name in ("Dim_Member", "Fact_Loan"):
        path = after / "files" / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace('since: "2"', 'since: "3"'), "utf-8")
    with pytest.raises(Rejected, match="has no version 2, which configuration DWH/Productie is of"):
        environments.change_catalog(CLI, environment, str(after))


def test_an_operator_hears_how_many_and_not_which(parts: Parts) -> None:
    _, environment, _, after = parts
    olga, sam = person("olga", operator=True), person("sam")
    join(sam, environment, Role.SUPERBEHEERDER)
    account = accounts.add_account(CLI, environment, "Zorg", account_type="hosted", medical=True)
    configurations.add_configuration(CLI, account, "Verborgen", version="2", streams="all", pseudonymous=True)
    edit(after / "files" / "Dim_Member.yaml", r"quasi: \{prefix: 4\}", "quasi: {prefix: 2}")
    assert set(environments.change_catalog(CLI, environment, str(after), dry_run=True).full) == {
        "DWH/Productie",
        "Zorg/Verborgen",
    }
    change = environments.change_catalog(olga, environment, str(after))
    assert (change.full, change.unseen) == ({}, 2)
    event = AuditEvent.objects.get(action="environment.change_catalog")
    assert event.details["full"] == 2, "sam reads it, who may not know that there is a Zorg"
    edit(after / "versions" / "2.yaml", ", Fact_Note", "")
    (after / "files" / "Fact_Note.yaml").unlink()
    (after / "datasets" / "note.sql").unlink()
    environment.catalog = str(after.with_name("before"))
    environment.save()
    with pytest.raises(Rejected, match="lacks Fact_Note, which a configuration delivers"):
        environments.change_catalog(olga, environment, str(after))


def test_a_refresh_that_lacks_a_version_names_no_account(parts: Parts) -> None:
    _, environment, configuration, _ = parts
    Configuration.objects.filter(pk=configuration.pk).update(version="0")
    with pytest.raises(Rejected, match="a configuration is of version 0, which catalogue"):
        refreshes.refresh(CLI, environment)
    failure = Refresh.objects.latest("pk").failure
    assert "DWH" not in failure
    assert "Productie" not in failure


def test_only_who_keeps_environments_may(parts: Parts) -> None:
    _, environment, _, after = parts
    sam, olga = person("sam"), person("olga", operator=True)
    join(sam, environment, Role.SUPERBEHEERDER)
    with pytest.raises(PermissionDenied):
        environments.change_catalog(sam, environment, str(after))
    environments.change_catalog(olga, environment, str(after))
    assert AuditEvent.objects.get(action="environment.change_catalog").actor == "olga"
