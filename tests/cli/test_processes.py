"""Commands as real processes, and the main job by commands."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli.running import Sluis, finish, start_process
from control.fixtures import CATALOG, KEY, join, person
from sluis import __version__
from sluis.control import places, queries
from sluis.control.actor import CLI
from sluis.control.models import Refresh
from sluis.control.setup import Started

SOURCE = """
CREATE TABLE werkgever (id INTEGER PRIMARY KEY, naam TEXT, sector TEXT, omvang INTEGER);
CREATE TABLE werknemer (id INTEGER PRIMARY KEY, werkgever_id INTEGER, naam TEXT, geslacht TEXT, zorg BOOLEAN);
CREATE TABLE diagnose (id INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE meting (id INTEGER PRIMARY KEY, waarde INTEGER);
INSERT INTO werkgever VALUES (1, 'Bakkerij', 'voeding', 12), (2, 'Smederij', NULL, 3);
INSERT INTO werknemer VALUES (1, 1, 'Jansen', 'Man', 0), (2, 2, 'De Vries', 'Vrouw', 1);
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SOURCE)
    return path


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A path short enough for the server's socket to lie in it."""
    with tempfile.TemporaryDirectory(prefix="sluis-cli-") as folder:
        yield Path(folder)


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_processes_start_on_an_empty_data_folder(short_folder: Path, source: Path) -> None:
    variables = {"SLUIS_DATA_DIR": str(short_folder / "data")}
    processes = [start_process("env", "list", "--json", variables=variables) for _ in range(2)]
    results = [finish(process) for process in processes]
    assert [(result.code, result.out) for result in results] == [(0, "[]\n"), (0, "[]\n")], results
    assert sum(result.err.count("a key was made") for result in results) == 1

    arguments = ("env", "add", "Noord", "--source", f"sqlite:///{source}", "--catalog", CATALOG, "--json")
    added = finish(start_process(*arguments, variables=variables))
    assert (added.code, added.err, added.json["name"]) == (0, "", "Noord")
    again = finish(start_process(*arguments, variables=variables))
    assert (again.code, again.out) == (2, "")
    assert "there is an environment 'Noord' already" in again.err


def test_a_database_that_is_away_ends_with_1(tmp_path: Path) -> None:
    variables = {
        "SLUIS_DATA_DIR": str(tmp_path / "data"),
        "SLUIS_SECRET_KEY": KEY,
        "SLUIS_DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/d",
    }
    result = finish(start_process("env", "list", "--json", variables=variables))
    assert (result.code, result.out) == (1, "")
    assert "cannot be reached" in result.err
    assert "SLUIS_DATABASE_URL" in result.err
    assert "geheim" not in result.err


def test_a_wrong_variable_ends_with_2(tmp_path: Path) -> None:
    result = finish(start_process("env", "list", variables={"SLUIS_THREADS": "geheim"}))
    assert (result.code, result.out) == (2, "")
    assert "SLUIS_THREADS" in result.err
    assert "geheim" not in result.err


def test_the_receivers_side_needs_no_settings(tmp_path: Path) -> None:
    result = finish(start_process("verify", str(tmp_path), variables={"SLUIS_THREADS": "many"}))
    assert result.code == 2
    assert "SLUIS_THREADS" not in result.err


def test_version() -> None:
    result = finish(start_process("--version", variables={}))
    assert (result.code, result.out) == (0, f"sluis {__version__}\n")


def test_the_main_job_by_commands(committed: Started, sluis: Sluis, source: Path, tmp_path: Path) -> None:
    def done(*arguments: str) -> dict[str, object]:
        result = sluis(*arguments, "--json")
        assert result.code == 0, result.err
        found: dict[str, object] = result.json
        return found

    assert done("catalog", "check", CATALOG, "--source", f"sqlite:///{source}")["queries_tried"] is True
    done("env", "add", "Noord", "--source", f"sqlite:///{source}", "--catalog", CATALOG)
    done("account", "add", "Noord", "DWH", "--type", "hosted")
    done("config", "add", "Noord", "DWH", "Productie", "--version", "2", "--streams", "basis", "--pseudonymous")
    refreshed = done("refresh", "Noord")
    assert (refreshed["state"], refreshed["snapshot"]) == ("succeeded", 1)
    first = done("deliver", "Noord", "DWH/Productie")
    assert (first["sequence"], first["mode"], first["state"]) == (1, "full", "delivered")
    with closing(sqlite3.connect(source)) as database:
        database.execute("UPDATE werknemer SET geslacht = 'Man' WHERE id = 2")
        database.commit()
    second = done("deliver", "Noord", "DWH/Productie", "--refresh")
    assert (second["sequence"], second["mode"], second["snapshot"], second["baseline"]) == (2, "changes", 2, 1)
    files = second["files"]
    assert isinstance(files, list)
    assert set(files[0]) == {
        "name", "mode", "reason", "rows", "inserted", "updated", "deleted", "bytes", "sha256"
    }  # fmt: skip
    assert {file["name"]: file["updated"] for file in files} == {"Dim_Werkgever": 0, "Dim_Werknemer": 1}

    configuration = queries.find_configuration(CLI, queries.find_environment(CLI, "Noord"), "DWH/Productie")
    folder = str(places.hosted(configuration.account).root / "Productie")
    assert done("verify", folder)["ok"] is True
    loaded = done("load", folder, "--into", f"duckdb:///{tmp_path / 'copy.duckdb'}")
    assert loaded["last"] == 2


@pytest.mark.parametrize("swallowed", [False, True])
def test_ctrl_c_in_the_middle_of_a_query_is_no_mystery(committed: Started, tmp_path: Path, *, swallowed: bool) -> None:
    file = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(SOURCE)
        numbers = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 600000)"
        database.execute(f"{numbers} INSERT INTO werkgever SELECT i, 'w' || i, 'voeding', i FROM n")
        database.commit()
    variables = {name: value for name, value in os.environ.items() if name.startswith("SLUIS_")}
    arguments = ("env", "add", "Noord", "--source", f"sqlite:///{file}", "--catalog", CATALOG)
    assert finish(start_process(*arguments, variables=variables)).code == 0
    for words in (
        ("account", "add", "Noord", "DWH", "--type", "hosted"),
        ("config", "add", "Noord", "DWH", "Een", "--version", "2", "--streams", "basis", "--pseudonymous"),
    ):
        assert finish(start_process(*words, variables=variables)).code == 0
    process = start_process("refresh", "Noord", variables={**variables, **({"INTERRUPTED": "1"} if swallowed else {})})
    if not swallowed:
        until(lambda: Refresh.objects.filter(state="running").exists())
        process.send_signal(signal.SIGINT)
    result = finish(process)
    assert (result.code, result.out) == (130, "")
    assert result.err == "interrupted: nothing was lost\n"
    assert Refresh.objects.get().failure == "interrupted by a person"


def test_ctrl_c_while_the_command_is_read_from_disk(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    first = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    result = finish(start_process("env", "list", variables={"PYTHONPATH": first}))
    assert (result.code, result.out, result.err) == (130, "", "interrupted: nothing was lost\n")


# Root may read what is closed, until it gives that up.
_ORDINARY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ("", "data cannot be read by this user"),
        ("secret.key", "secret.key cannot be used: Permission denied"),
        ("sftp", "sftp cannot be read by this user"),
    ],
)
def test_what_may_not_be_read_is_named(tmp_path: Path, closed: str, told: str) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "secret.key").write_text(KEY)
    (data / "sftp").mkdir(mode=0o700)
    (data / closed).chmod(0)
    code = "from sluis import cli, settings; settings.current().subfolder('sftp'); cli.main(['env', 'list'])"
    variables = {"SLUIS_DATA_DIR": str(data), "SLUIS_DATABASE_URL": "postgresql://u@127.0.0.1:1/d"}
    run = [*_ORDINARY, sys.executable, "-c", code]
    done = subprocess.run(run, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    (data / closed).chmod(0o700)
    assert f"{tmp_path}/" in done.stderr
    assert told in done.stderr
    assert done.returncode == 1


def test_a_run_that_fails_at_the_source_leaves_the_reason(committed: Started, sluis: Sluis, source: Path) -> None:
    for arguments in (
        ("env", "add", "Noord", "--source", f"sqlite:///{source}", "--catalog", CATALOG),
        ("account", "add", "Noord", "DWH", "--type", "hosted"),
        ("config", "add", "Noord", "DWH", "Productie", "--version", "2", "--streams", "basis", "--pseudonymous"),
    ):
        assert sluis(*arguments).code == 0
    with closing(sqlite3.connect(source)) as database:
        database.execute("DROP TABLE werknemer")
    result = sluis("deliver", "Noord", "DWH/Productie", "--json")
    assert result.code != 0
    assert result.out == ""
    assert "werknemer" in result.err
    assert sluis("deliveries", "Noord", "--json").json[0]["state"] == "failed"


def test_a_reader_cannot_deliver_or_refresh(committed: Started, sluis: Sluis, source: Path) -> None:
    assert sluis("env", "add", "Noord", "--source", f"sqlite:///{source}", "--catalog", CATALOG).code == 0
    join(person("rita"), queries.find_environment(CLI, "Noord"), "reader")
    result = sluis("--as", "rita", "refresh", "Noord", "--json")
    assert (result.code, result.out) == (2, "")
    assert "rita has no right to do this: environment.refresh" in result.err
