"""Every command, its JSON and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from django.db import connection

import lending
from cli.running import Sluis
from control.fixtures import CATALOG, People, delivered, forget
from sftp.hosting import write_key
from sluis.cli.app import app
from sluis.control.actions.configurations import chosen_of
from sluis.control.models import AuditEvent, Configuration, ConnectionAccount, DeliveryState, Environment, Refresh
from sluis.control.setup import Started

COMMANDS = {
    "account add",
    "account clean",
    "account edit",
    "account list",
    "account secret",
    "account test",
    "audit",
    "catalog check",
    "catalog diff",
    "catalog doc",
    "catalog lock",
    "catalog schema",
    "config add",
    "config archive",
    "config columns",
    "config copy",
    "config edit",
    "config list",
    "config restore",
    "deliver",
    "deliveries",
    "delivery cancel",
    "delivery refuse",
    "delivery release",
    "delivery retry",
    "delivery show",
    "demo",
    "env add",
    "env catalog",
    "env edit",
    "env list",
    "env resume",
    "env source",
    "env suspend",
    "env suspensions",
    "lake expunge",
    "lake maintain",
    "lake rebuild",
    "key add",
    "key list",
    "key make",
    "key remove",
    "load",
    "mail list",
    "mail send",
    "migrate",
    "notice list",
    "notice make",
    "receipts",
    "recipient add",
    "recipient edit",
    "recipient list",
    "recipient remove",
    "refresh",
    "refreshes",
    "restored",
    "schedule cancel",
    "schedule now",
    "schedule pause",
    "schedule postpone",
    "schedule resume",
    "schedule set",
    "schedule show",
    "secrets forget",
    "secrets rewrite",
    "sftp",
    "state",
    "up",
    "user add",
    "user edit",
    "user list",
    "user log-out",
    "user medical",
    "user password",
    "user reset",
    "user role",
    "user unlink",
    "verify",
    "web",
    "worker",
}


def _commands(command: Any, name: str = "") -> dict[str, Any]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return {name: command}
    return {full: leaf for key, sub in inner.items() for full, leaf in _commands(sub, f"{name} {key}".strip()).items()}


def test_these_are_the_commands_and_each_has_json_and_help() -> None:
    commands = _commands(typer.main.get_command(app))
    assert set(commands) == COMMANDS
    for name, command in commands.items():
        assert command.help, name
        assert any("--json" in parameter.opts for parameter in command.params), name


# Environments


def test_env_add_and_list(control: Started, sluis: Sluis) -> None:
    added = sluis(
        "env", "add", "Noord", "--source", "postgresql://u:geheim@h/d", "--catalog", CATALOG, "--time-zone", "UTC",
        "--json",
    )  # fmt: skip
    assert added.code == 0
    assert added.json == {
        "name": "Noord",
        "catalog": CATALOG,
        "source": "postgresql://u@h/d",
        "time_zone": "UTC",
        "datastreams_enabled": True,
        "daily_allowed": False,
        "brake_percent": 20,
        "brake_floor": 100,
        "keep_days": 400,
        "snapshot": None,
        "snapshot_time": None,
        "next_run_at": None,
    }
    assert sluis("env", "list", "--json").json == [added.json]
    assert "Noord" in sluis("env", "list").out
    assert Environment.objects.get().source_password == "geheim"


def test_env_source_is_tried_and_then_kept(control: Started, sluis: Sluis, tmp_path: Path) -> None:
    made = [lending.make(tmp_path / name) for name in ("a.db", "b.db")]
    first, second = (f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db"))
    sluis("env", "add", "Noord", "--source", first, "--catalog", str(lending.CATALOG))
    tried = sluis("env", "source", "Noord", "--check", "--source", second, "--json")
    assert (tried.code, tried.json["failing"], tried.json["datasets"]) == (0, [], 6)
    assert Environment.objects.get().source_url == first
    assert sluis("env", "source", "Noord", "--source", second, "--json").json["source"] == second
    made[1].executescript("DROP TABLE loan")
    broken = sluis("env", "source", "Noord", "--check")
    assert broken.code == 2
    assert "reads source.loan" in " ".join(broken.out.split())
    for one in made:
        one.close()


def test_env_edit_switches_the_module(control: Started, sluis: Sluis) -> None:
    sluis("env", "add", "Noord", "--source", "postgresql://u@h/d", "--catalog", CATALOG)
    for option, on in (("--no-datastreams", False), ("--datastreams", True)):
        assert sluis("env", "edit", "Noord", option, "--json").json["datastreams_enabled"] is on


def test_env_add_takes_the_url_from_a_variable(control: Started, sluis: Sluis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_URL", "mysql://u:geheim@h/d")
    assert sluis("env", "add", "Noord", "--source-env", "APP_URL", "--catalog", CATALOG).code == 0
    assert Environment.objects.get().source_password == "geheim"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "the source is to be given once"),
        (["--source", "mysql://u@h/d", "--source-env", "APP_URL"], "the source is to be given once"),
        (["--source-env", "ABSENT"], "the variable ABSENT is empty or not set"),
        (["--source", "mysql://u@h/d", "--password-prompt"], "no terminal to ask for a password on"),
        (["--source", "mysql://u@h/d", "--time-zone", "Mars"], "'Mars' is not a time zone"),
    ],
)
def test_env_add_refuses(control: Started, sluis: Sluis, options: list[str], reason: str) -> None:
    result = sluis("env", "add", "Noord", "--catalog", CATALOG, "--json", *options)
    assert (result.code, result.out) == (2, "")
    assert reason in result.err
    assert "what to do: " in result.err


# Accounts


def test_account_add_edit_and_list(environment: Environment, sluis: Sluis) -> None:
    added = sluis("account", "add", "noord", "DWH", "--type", "hosted", "--language", "en", "--json")
    assert (added.code, added.err) == (0, "")
    fingerprint = added.json["secret_fingerprint"]
    assert added.json == {
        "environment": "Noord",
        "name": "DWH",
        "type": "hosted",
        "language": "en",
        "medical": False,
        "authorisation": "all_employers",
        "secret_fingerprint": fingerprint,
        "login": "noord-dwh",
        "may_delete": False,
        "addresses": [],
        "retention_days": 30,
        "retention_count": None,
    }
    edited = sluis("account", "edit", "Noord", "dwh", "--name", "BI", "--medical", "--language", "nl", "--json")
    listed = {**added.json, "name": "BI", "medical": True, "language": "nl"}
    assert edited.json == {**listed, "medical_deliveries_removed": [], "medical_deliveries_standing": []}
    assert "not encrypted" in edited.err
    assert sluis("account", "list", "Noord", "--json").json == [listed]
    assert sluis("account", "edit", "Noord", "BI", "--no-medical", "--json").json["medical"] is False
    assert "BI" in sluis("account", "list", "Noord").out
    assert sluis("account", "edit", "Noord", "BI").code == 2
    assert sluis("account", "add", "Noord", "X", "--type", "external").code == 2


def test_account_secret(environment: Environment, sluis: Sluis) -> None:
    fingerprints = [
        sluis("account", "add", "Noord", name, "--type", "hosted", "--json").json["secret_fingerprint"]
        for name in ("DWH", "BI")
    ]
    rotated = sluis("account", "secret", "Noord", "DWH", "--rotate", "--json").json["secret_fingerprint"]
    assert len({*fingerprints, rotated}) == 3
    shared = sluis("account", "secret", "Noord", "BI", "--like", "DWH", "--json").json
    assert (shared["name"], shared["secret_fingerprint"]) == ("BI", rotated)
    for options in ([], ["--rotate", "--like", "DWH"], ["--like", "BI"], ["--like", "Nee"]):
        assert sluis("account", "secret", "Noord", "BI", *options).code == 2


def test_env_edit(environment: Environment, sluis: Sluis) -> None:
    edited = sluis("env", "edit", "noord", "--brake-percent", "5", "--brake-floor", "9", "--keep-days", "30", "--json")
    assert (edited.json["brake_percent"], edited.json["brake_floor"], edited.json["keep_days"]) == (5, 9, 30)
    refused = sluis("env", "edit", "Noord", "--keep-days", "500", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "asks a reason" in refused.err
    assert sluis("env", "edit", "Noord", "--keep-days", "500", "--reason", "wettelijke termijn").code == 0
    for options in ([], ["--brake-percent", "0"], ["--brake-percent", "101"], ["--keep-days", "0"]):
        assert sluis("env", "edit", "Noord", *options).code == 2


def test_a_dataset_is_suspended_listed_and_resumed(environment: Environment, people: People, sluis: Sluis) -> None:
    made = sluis("env", "suspend", "noord", "werknemer", "--reason", "kolom weg", "--json").json
    assert (made["dataset"], made["reason"], made["by"]) == ("werknemer", "kolom weg", "cli")
    assert sluis("env", "suspensions", "Noord", "--json").json == [made]
    assert "kolom weg" in sluis("env", "suspensions", "Noord").out
    assert sluis("env", "suspend", "Noord", "werknemer", "--reason", "x").code == 2
    assert sluis("--as", "sam", "env", "resume", "Noord", "werknemer").code == 2
    assert sluis("env", "resume", "Noord", "werknemer", "--json").json["suspended"] is False
    refused = sluis("env", "resume", "Noord", "werknemer")
    assert (refused.code, "sluis env suspensions" in refused.err) == (2, True)


# Configurations


def test_config_add_and_list(account: ConnectionAccount, sluis: Sluis) -> None:
    added = sluis(
        "config", "add", "Noord", "DWH", "Productie", "--version", "2", "--streams", "metingen, basis",
        "--pseudonymous", "--automatic", "--no-incremental", "--json",
    )  # fmt: skip
    assert (added.code, added.err) == (0, "")
    assert added.json["streams"] == ["basis", "metingen"]
    assert list(added.json["files"]) == ["Dim_Werkgever", "Dim_Werknemer", "Fact_Meting"]
    assert (added.json["automatic"], added.json["incremental"], added.json["pseudonymous"]) == (True, False, True)
    assert sluis("config", "list", "Noord", "--json").json == [added.json]
    assert "Productie" in sluis("config", "list", "Noord").out


def test_config_add_plain(account: ConnectionAccount, sluis: Sluis) -> None:
    added = sluis(
        "config", "add", "Noord", "DWH", "P", "--version", "2", "--streams", "all", "--plain", "--reason", "DPIA 12",
        "--json",
    )  # fmt: skip
    assert (added.json["pseudonymous"], added.json["plain_reason"]) == (False, "DPIA 12")
    assert "not encrypted" in added.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "pseudonymous or plain is to be chosen"),
        (["--pseudonymous", "--plain"], "both --pseudonymous and --plain"),
        (["--plain"], "asks a reason"),
        (["--pseudonymous", "--reason", "x"], "a reason belongs to a plain configuration"),
    ],
)
def test_config_add_refuses(account: ConnectionAccount, sluis: Sluis, options: list[str], reason: str) -> None:
    result = sluis("config", "add", "Noord", "DWH", "P", "--version", "2", "--streams", "basis", *options)
    assert (result.code, result.out) == (2, "")
    assert reason in result.err
    assert not Configuration.objects.exists()


def test_config_edit(configuration: Configuration, sluis: Sluis) -> None:
    edited = sluis(
        "config", "edit", "Noord", "DWH/Productie", "--name", "Echt", "--add-streams", "metingen,zorg",
        "--drop-streams", "basis", "--add-files", "Fact_MetingDetail", "--drop-files", "Fact_Diagnose", "--automatic",
        "--no-incremental", "--plain", "--reason", "DPIA 12", "--json",
    )  # fmt: skip
    assert edited.code == 0
    assert edited.json == {
        "id": configuration.pk,
        "environment": "Noord",
        "account": "DWH",
        "name": "Echt",
        "version": "2",
        "pseudonymous": False,
        "plain_reason": "DPIA 12",
        "automatic": True,
        "incremental": False,
        "next_run_at": None,
        "archived_at": None,
        "streams": ["zorg", "metingen"],
        "files": edited.json["files"],
    }
    assert set(edited.json["files"]) == {"Dim_Werkgever", "Dim_Werknemer", "Fact_Meting", "Fact_MetingDetail"}
    assert AuditEvent.objects.filter(action="configuration.edit").count() == 1
    assert sluis("config", "edit", "Noord", "DWH/Echt", "--version", "3", "--no-automatic", "--json").json[
        "streams"
    ] == ["metingen"]
    assert sluis("config", "edit", "Noord", "DWH/Echt").code == 2


def test_config_copy_archive_and_restore(configuration: Configuration, sluis: Sluis) -> None:
    copied = sluis("config", "copy", "Noord", "DWH/Productie", "Kopie", "--version", "3", "--json")
    assert (copied.json["name"], copied.json["version"], copied.json["pseudonymous"]) == ("Kopie", "3", True)
    plain = sluis("config", "copy", "Noord", "DWH/Kopie", "Open", "--plain", "--reason", "DPIA 12", "--json")
    assert plain.json["plain_reason"] == "DPIA 12"
    assert sluis("config", "archive", "Noord", "DWH/Kopie", "--json").json["archived_at"].endswith("Z")
    assert sluis("config", "archive", "Noord", "DWH/Kopie").code == 2
    assert sluis("config", "restore", "Noord", "DWH/Kopie", "--json").json["archived_at"] is None


def test_config_columns(configuration: Configuration, sluis: Sluis) -> None:
    listed = sluis("config", "columns", "Noord", "DWH/Productie", "Dim_Werknemer", "--json").json
    assert [(row["name"], row["chosen"], row["mandatory"]) for row in listed] == [
        ("WerknemerId", True, True),
        ("Dim_WerkgeverID", True, False),
        ("Naam", True, False),
        ("Geslacht", True, False),
        ("Zorgvraag", True, False),
    ]
    assert [row["name"] for row in listed if row["identifying"]] == ["Naam"]
    assert [row["name"] for row in listed if row["medical"]] == ["Zorgvraag"]
    assert [row["quasi"] for row in listed] == [None, None, None, "values", None]
    changed = sluis(
        "config", "columns", "Noord", "DWH/Productie", "Dim_Werkgever", "--on", "Sector", "--off", "Naam", "--json"
    )
    assert [row["name"] for row in changed.json if row["chosen"]] == ["WerkgeverId", "Sector"]
    assert chosen_of(configuration)["Dim_Werkgever"] == ["WerkgeverId", "Sector"]
    assert "Sector" in sluis("config", "columns", "Noord", "DWH/Productie", "Dim_Werkgever").out
    unknown = sluis("config", "columns", "Noord", "DWH/Productie", "Dim_Werkgver", "--json")
    assert (unknown.code, unknown.out) == (2, "")
    assert "did you mean Dim_Werkgever" in unknown.err


# Deliveries, catalogues, the database


def test_deliveries(configuration: Configuration, sluis: Sluis) -> None:
    made = delivered(configuration, folder="000001_20261123T000000Z_full", mode="full")
    found = sluis("deliveries", "Noord", "--json").json
    assert [(row["id"], row["configuration"], row["sequence"], row["state"]) for row in found] == [
        (str(made.pk), "DWH/Productie", 1, "delivered")
    ]
    assert found[0]["published_at"] == "2026-11-23T00:00:00Z"
    assert sluis("deliveries", "Noord", "DWH/Productie", "--json").json == found
    assert "000001_20261123T000000Z_full" in sluis("deliveries", "Noord").out
    assert sluis("deliveries", "Noord", "DWH/Niets").code == 2


def test_deliver_refuses_what_is_no_moment(configuration: Configuration, sluis: Sluis) -> None:
    result = sluis("deliver", "Noord", "DWH/Productie", "--since", "yesterday", "--json")
    assert (result.code, result.out) == (2, "")
    assert "'yesterday'" in result.err


def test_catalog_check_and_schema(variables: pytest.MonkeyPatch, sluis: Sluis, tmp_path: Path) -> None:
    checked = sluis("catalog", "check", CATALOG, "--json")
    assert checked.code == 0
    assert (checked.json["catalog"], checked.json["versions"]) == ("klein", ["1", "2", "3"])
    (tmp_path / "catalog.yaml").write_text("catalog: 7\n")
    wrong = sluis("catalog", "check", str(tmp_path), "--json")
    assert (wrong.code, wrong.out) == (2, "")
    assert "catalog.yaml:1" in wrong.err
    assert set(sluis("catalog", "schema", "--json").json) == {"catalog", "version", "file"}


def test_migrate(control: Started, sluis: Sluis) -> None:
    assert sluis("migrate", "--json").json == {"applied": []}


def test_state_and_refreshes(configuration: Configuration, sluis: Sluis) -> None:
    environment = configuration.environment
    Refresh.objects.create(environment=environment, actor="cli", state="failed", failure="the source went away")
    delivered(configuration, DeliveryState.HELD, sequence=None)
    found = sluis("state", "--json").json
    assert (found["workers"], found["well"]) == (0, False)
    (row,) = found["environments"]
    assert (row["environment"], row["id"], row["well"], row["refresh"]) == ("Noord", environment.pk, False, "failed")
    assert (row["trouble"], row["failure"]) == (1, "the source went away")
    assert "the source went away" in sluis("state").out
    assert (sluis("state").code, sluis("state", "--check").code) == (0, 1)
    (refresh,) = sluis("refreshes", "Noord", "--json").json
    assert (refresh["state"], refresh["failure"]) == ("failed", "the source went away")
    worker = sluis("--as", "rita", "state")
    assert (worker.code, worker.out) == (2, "")


def test_state_is_well_where_a_worker_runs(environment: Environment, sluis: Sluis) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert sluis("state", "--check", "--json").json["well"] is True


def test_a_restored_installation_and_its_secrets(
    configuration: Configuration, sluis: Sluis, variables: pytest.MonkeyPatch
) -> None:
    delivered(configuration)
    assert sluis("restored", "--numbers", "7", "--json").json == [
        {"environment": "Noord", "configuration": "DWH/Productie", "next_number": 9}
    ]
    assert sluis("secrets", "rewrite", "--json").json == {"rewritten": 1}
    variables.setenv("SLUIS_SECRET_KEY", "z" * 32)
    forget()
    assert "`sluis secrets forget`" in sluis("account", "list", "Noord").err
    assert sluis("secrets", "forget", "--json").json == {
        "new_pseudonyms": ["Noord/DWH"],
        "source_password_lost": [],
        "server_log_in_lost": [],
        "second_factor_lost": [],
    }
    assert sluis("account", "list", "Noord").code == 0


@pytest.mark.parametrize("command", ["migrate", "demo", "sftp", "restored", "secrets rewrite", "secrets forget"])
def test_what_the_server_does_is_not_for_users(control: Started, sluis: Sluis, command: str) -> None:
    result = sluis("--as", "olga", *command.split())
    assert (result.code, result.out) == (2, "")
    assert "leave --as out" in result.err


# Who acts


def test_as_a_user(people: People, sluis: Sluis) -> None:
    assert sluis("--as", "SAM", "account", "add", "Noord", "DWH", "--type", "hosted").code == 0
    assert AuditEvent.objects.get().actor == "sam"
    denied = sluis("--as", "rita", "account", "add", "Noord", "X", "--type", "hosted", "--json")
    assert (denied.code, denied.out) == (2, "")
    assert "rita has no right to do this" in denied.err
    stranger = sluis("--as", "xander", "account", "list", "Noord", "--json")
    assert (stranger.code, stranger.out) == (2, "")
    assert "there is no environment 'Noord'" in stranger.err
    assert [row["name"] for row in sluis("--as", "rita", "env", "list", "--json").json] == ["Noord"]
    assert "there is no user 'nobody'" in sluis("--as", "nobody", "env", "list").err


# How it ends


@pytest.mark.parametrize("arguments", [["nonsense"], ["env", "add"], ["env", "list", "--colour"], ["deliver", "Noord"]])
def test_a_command_that_cannot_be_read_ends_with_2(sluis: Sluis, arguments: list[str]) -> None:
    result = sluis(*arguments)
    assert (result.code, result.out) == (2, "")


def test_what_only_someone_can_mend_ends_with_1(control: Started, sluis: Sluis, variables: pytest.MonkeyPatch) -> None:
    assert sluis("env", "add", "Noord", "--source", "mysql://u:geheim@h/d", "--catalog", CATALOG).code == 0
    variables.setenv("SLUIS_SECRET_KEY", "z" * 32)
    forget()
    result = sluis("env", "list", "--json")
    assert (result.code, result.out) == (1, "")
    assert "encrypted with another key" in result.err


def test_an_unexpected_error_shows_its_kind_only(control: Started, sluis: Sluis, variables: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE control_environment RENAME TO geheim")
    result = sluis("env", "list", "--json")
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines()[0] == "error: unexpected: ProgrammingError"
    assert "Traceback" not in result.err
    assert "control_environment" not in result.err


def test_the_traceback_comes_only_when_asked(control: Started, sluis: Sluis, variables: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE control_environment RENAME TO geheim")
    variables.setenv("SLUIS_DEBUG", "1")
    forget()
    assert "Traceback" in sluis("env", "list").err


def test_what_is_made_twice_is_refused(configuration: Configuration, sluis: Sluis, tmp_path: Path) -> None:
    write_key(tmp_path / "a")
    write_key(tmp_path / "b")
    streams = ("--version", "2", "--streams", "all", "--pseudonymous")
    for made, shouted in (
        (("env", "add", "Zuid", "--source", "mysql://u@h/d", "--catalog", CATALOG), 2),
        (("account", "add", "Noord", "Extra", "--type", "hosted"), 3),
        (("config", "add", "Noord", "DWH", "Extra", *streams), 4),
        (("recipient", "add", "Noord", "DWH", "rita@example.org"), 4),
        (("key", "add", "Noord", "DWH", "Bi", str(tmp_path / "a.pub")), 4),
        (("user", "add", "olga"), 2),
    ):
        other = [*made[:shouted], made[shouted].upper(), *made[shouted + 1 :]]
        key_of_another = [str(tmp_path / "b.pub") if word.endswith("a.pub") else word for word in other]
        codes = [sluis(*words) for words in (made, made, other, key_of_another)]
        assert [result.code for result in codes] == [0, 2, 2, 2], codes
        assert all("already" in result.err for result in codes[1:]), codes


# Secrets


def test_no_secret_is_ever_shown(control: Started, sluis: Sluis, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://u:geheim@h/d"
    monkeypatch.setenv("APP_URL", url)
    commands = [
        ["env", "add", "Noord", "--source", url, "--catalog", CATALOG],
        ["env", "add", "Noord", "--source", url, "--catalog", CATALOG, "--json"],
        ["env", "add", "Zuid", "--source-env", "APP_URL", "--catalog", CATALOG, "--json"],
        ["env", "add", "West", "--source", url, "--catalog", "/nowhere"],
        ["env", "add", "West", "--source", f"{url}#x", "--catalog", CATALOG],
        ["env", "add", "West", "--source", url.replace("postgresql", "oracle"), "--catalog", CATALOG],
        ["env", "list"],
        ["env", "list", "--json"],
        ["account", "add", "Noord", "DWH", "--type", "hosted", "--json"],
        ["account", "list", "Noord", "--json"],
        ["config", "add", "Noord", "DWH", "P", "--version", "2", "--streams", "all", "--pseudonymous", "--json"],
    ]
    shown = "".join(sluis(*command).everything for command in commands)
    account = ConnectionAccount.objects.get()
    audited = " ".join(f"{event.subject} {event.details}" for event in AuditEvent.objects.all())
    assert AuditEvent.objects.count() == 4
    for text in (shown, audited):
        assert "geheim" not in text
        assert account.secret.hex() not in text
        assert repr(account.secret) not in text


def test_a_list_in_a_pipe_is_neither_cut_nor_padded(configuration: Configuration, sluis: Sluis) -> None:
    for shown in (sluis("catalog", "check", "verzuim"), sluis("config", "list", "Noord"), sluis("deliveries", "Noord")):
        lines = shown.out.splitlines()
        assert lines == [line.rstrip() for line in lines]
        assert "…" not in shown.out
    assert sum(line.startswith("files") for line in sluis("catalog", "check", "verzuim").out.splitlines()) == 1


def test_the_schemas_are_written_for_editors(sluis: Sluis, tmp_path: Path) -> None:
    written = sluis("catalog", "schema", "--out", str(tmp_path / "schemas"), "--json").json
    assert set(written) == {"catalog", "version", "file"}
    printed = sluis("catalog", "schema").json
    assert {kind: json.loads(Path(path).read_text("utf-8")) for kind, path in written.items()} == printed
    refused = sluis("catalog", "schema", "--out", "/dev/null")
    assert (refused.code, refused.out) == (2, "")


def test_the_audit_trail_is_read(sluis: Sluis, control: object, people: People, environment: Environment) -> None:
    assert sluis("--as", "olga", "env", "edit", "Noord", "--brake-floor", "7").code == 0
    found = sluis("audit", "Noord", "--action", "environment.edit", "--json").json
    assert [(row["actor"], row["kind"], row["details"]) for row in found] == [
        ("olga", "user", {"brake_floor": [100, 7]})
    ]
    assert "audit.view" in sluis("audit", "--person", "cli").out
    assert sluis("--as", "sam", "audit").code == 2
    assert sluis("audit", "--from", "yesterday").code == 2
    ends = ("--from", "0001-01-01", "--until", "9999-12-31")
    assert sluis("audit", "Noord", "--action", "environment.edit", *ends, "--json").json == found
    assert sluis("schedule", "postpone", "Noord", "--until", "0001-01-01T00:00").code == 2
