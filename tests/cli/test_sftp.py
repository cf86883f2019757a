"""Keys and servers by commands, and the SFTP server as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.running import Result, Sluis, finish, start_process
from control.fixtures import delivered
from needs import find
from sftp.hosting import hashes, write_key
from sftp.receiving import PASSWORD, Receiver, receiving
from sluis import settings
from sluis.control import places
from sluis.control.actions import accounts, configurations, environments
from sluis.control.actor import CLI
from sluis.control.models import Configuration, ConnectionAccount, DownloadReceipt, Environment, SftpKey
from sluis.control.setup import Started
from sluis.sftp import keys

FOLDER = "000001_20261123T020000Z_full"


def no_secret(result: Result) -> None:
    assert PASSWORD not in result.everything


def test_keys_by_commands(account: ConnectionAccount, sluis: Sluis, tmp_path: Path) -> None:
    public = write_key(tmp_path / "id")
    added = sluis("key", "add", "Noord", "DWH", "BI", str(tmp_path / "id.pub"), "--until", "2999-12-31", "--json")
    assert (added.code, added.err) == (0, "")
    assert added.json["login"] == "noord-dwh"
    assert (added.json["fingerprint"], added.json["valid_until"]) == (public.fingerprint, "2999-12-31")
    assert [row["name"] for row in sluis("key", "list", "Noord", "DWH", "--json").json] == ["BI"]
    assert "BI" in sluis("key", "list", "Noord", "DWH").out
    assert sluis("key", "remove", "Noord", "DWH", "bi").code == 0
    assert not SftpKey.objects.exists()
    assert sluis("key", "remove", "Noord", "DWH", "bi").code == 2
    private = sluis("key", "add", "Noord", "DWH", "BI", str(tmp_path / "id"))
    assert private.code == 2
    assert "this is a private key" in private.err
    assert sluis("key", "add", "Noord", "DWH", "BI", str(tmp_path / "absent")).code == 2
    assert sluis("key", "add", "Noord", "DWH", "BI", str(tmp_path / "id.pub"), "--until", "soon").code == 2


def test_a_pair_is_shown_once_or_written_closed(account: ConnectionAccount, sluis: Sluis, tmp_path: Path) -> None:
    made = sluis("key", "make", "Noord", "DWH", "A", "--json").json
    assert keys.read_private(made["private_key"], made["passphrase"])[1].fingerprint == made["fingerprint"]
    shown = sluis("key", "make", "Noord", "DWH", "B")
    assert "OPENSSH PRIVATE KEY" in shown.out
    assert "not kept" in shown.err
    file = tmp_path / "key"
    written = sluis("key", "make", "Noord", "DWH", "C", "--out", str(file), "--json").json
    assert file.stat().st_mode & 0o777 == 0o600
    assert "private_key" not in written
    assert keys.read_private(file.read_text(), written["passphrase"])[1].fingerprint == written["fingerprint"]
    assert sluis("key", "make", "Noord", "DWH", "D", "--out", str(file)).code == 2
    assert SftpKey.objects.count() == 3


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as running:
        yield running


def test_a_server_by_commands(
    environment: Environment, sluis: Sluis, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIVER_PASSWORD", PASSWORD)
    added = sluis(
        "account", "add", "Noord", "Extern", "--type", "external", "--host", "127.0.0.1", "--port", str(receiver.port),
        "--user", "sluis", "--folder", "/in", "--password-env", "RECEIVER_PASSWORD", "--json",
    )  # fmt: skip
    assert (added.code, added.err) == (0, "")
    assert added.json["server"] == f"sftp://sluis@127.0.0.1:{receiver.port}//in"
    assert (added.json["log_in"], added.json["host_keys"]) == ("password", [])
    first = sluis("account", "test", "Noord", "Extern", "--json")
    fingerprint = receiver.host_keys[0].public.fingerprint
    assert (first.code, first.json["ok"], first.json["host_key"]) == (1, False, fingerprint)
    assert sluis("account", "test", "Noord", "Extern", "--accept-host-key").code == 0
    again = sluis("account", "test", "Noord", "Extern", "--json")
    assert (again.code, again.json["ok"]) == (0, True)
    assert next(step["step"] for step in again.json["steps"]) == "host key"
    edited = sluis("account", "edit", "Noord", "Extern", "--make-key", "--legacy", "--host-key", fingerprint, "--json")
    assert (edited.json["log_in"], edited.json["legacy"], edited.json["host_keys"]) == ("key", True, [fingerprint])
    assert edited.json["public_key"].startswith("ssh-ed25519 ")
    failed = sluis("account", "test", "Noord", "Extern")
    assert failed.code == 1
    assert "does not let sluis in" in failed.out
    for result in (added, first, again, edited, failed):
        no_secret(result)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "an external account has a host"),
        (["--host", "h", "--user", "u"], "no way to log in"),
        (["--host", "h", "--user", "u", "--password-prompt"], "no terminal to ask for a password on"),
        (["--host", "h", "--user", "u", "--password-env", "ABSENT"], "the variable ABSENT is empty or not set"),
        (["--host", "h", "--user", "u", "--password-prompt", "--password-env", "X"], "to be given once"),
        (["--host", "h", "--user", "u", "--make-key", "--login", "x-y"], "nobody logs in"),
    ],
)
def test_servers_that_are_refused(environment: Environment, sluis: Sluis, options: list[str], reason: str) -> None:
    result = sluis("account", "add", "Noord", "X", "--type", "external", *options)
    assert (result.code, result.out) == (2, "")
    assert reason in result.err
    assert not ConnectionAccount.objects.exists()


def test_receipts_and_clean_by_commands(configuration: Configuration, sluis: Sluis) -> None:
    delivery = delivered(configuration, folder=FOLDER)
    DownloadReceipt.objects.create(delivery=delivery, file="a.csv", sent=3, complete=True, address="192.0.2.1")
    listed = sluis("receipts", "Noord", "DWH/Productie", "--json").json
    assert [(row["file"], row["complete"], row["address"]) for row in listed] == [("a.csv", True, "192.0.2.1")]
    assert "a.csv" in sluis("receipts", "Noord").out
    places.hosted(configuration.account).place("Productie", FOLDER).mkdir(parents=True)
    edited = sluis("account", "edit", "Noord", "DWH", "--keep-days", "1", "--addresses", "192.0.2.7", "--json").json
    assert (edited["retention_days"], edited["addresses"]) == (1, ["192.0.2.7/32"])
    assert [row["sequence"] for row in sluis("account", "clean", "Noord", "DWH", "--json").json] == [1]
    assert places.hosted(configuration.account).standing("Productie") == []


def test_the_server_does_not_start_without_its_folder(
    control: Started, sluis: Sluis, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variables.setenv("SLUIS_HOSTED_DIR", str(tmp_path / "absent"))
    settings.current.cache_clear()
    refused = sluis("sftp", "--port", "0")
    assert (refused.code, refused.out) == (1, "")
    assert "SLUIS_HOSTED_DIR: there is no folder" in refused.err


@pytest.mark.needs("sftp")
def test_the_server_serves_until_it_is_asked_to_end(committed: Started, sluis: Sluis, tmp_path: Path) -> None:
    catalog = str(Path(__file__).parents[1] / "control" / "catalog")
    environment = environments.add_environment(CLI, "Noord", source_url="postgresql://u@h/d", catalog=catalog)
    account = accounts.add_account(CLI, environment, "DWH", account_type="hosted")
    made = configurations.add_configuration(CLI, account, "Productie", version="2", streams="all", pseudonymous=True)
    delivered(made, folder=FOLDER)
    place = places.hosted(account).place("Productie", FOLDER)
    place.mkdir(parents=True)
    (place / "datapackage.json").write_text("{}")
    write_key(tmp_path / "id")
    assert sluis("key", "add", "Noord", "DWH", "BI", str(tmp_path / "id.pub")).code == 0

    variables = {name: value for name, value in os.environ.items() if name.startswith("SLUIS_")}
    process = start_process("sftp", "--port", "0", "--json", variables=variables)
    try:
        told = _told(process)
        known = tmp_path / "known_hosts"
        known.write_text("".join(f"[127.0.0.1]:{told['port']} {line}\n" for line in told["host_keys"]))
        command = [
            find("sftp"), "-F/dev/null", f"-i{tmp_path / 'id'}", f"-oUserKnownHostsFile={known}", "-oBatchMode=yes",
            "-oIdentitiesOnly=yes", "-r", f"-P{told['port']}", "noord-dwh@127.0.0.1:Productie", str(tmp_path / "got"),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        for part in ("sftp", "web"):
            taken = finish(start_process(part, "--port", str(told["port"]), variables=variables))
            assert (taken.code, "cannot listen on" in taken.err) == (1, True), taken
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "noord-dwh logged in" in err
    assert hashes(tmp_path / "got" / FOLDER) == hashes(place)
    receipt = DownloadReceipt.objects.get()
    assert (receipt.file, receipt.complete, receipt.key_name, receipt.address) == (
        "datapackage.json", True, "BI", "127.0.0.1",
    )  # fmt: skip
    assert SftpKey.objects.get().last_used_at is not None


def _told(process: subprocess.Popen[str]) -> dict[str, list[str]]:
    """The JSON object that it prints when it listens, and nothing more: it goes on."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            break
    told: dict[str, list[str]] = json.loads(text)
    return told
