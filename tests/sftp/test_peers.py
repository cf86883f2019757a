"""Receivers' programs, as Debian and PyPI have them, fetch a delivery from the hosted server."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import paramiko
import pytest

from needs import find
from sftp.hosting import FOLDER, Hosted, hashes


def run(*command: str | Path, text: str | None = None, home: Path | None = None) -> str:
    environment = {**os.environ, "HOME": str(home)} if home else None
    done = subprocess.run(
        [str(word) for word in command],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def options(hosted: Hosted) -> list[str]:
    """Options of OpenSSH's programs: this key, these host keys, and nothing of whoever runs the tests."""
    return [
        "-F/dev/null",
        f"-i{hosted.key}",
        f"-oUserKnownHostsFile={hosted.known_hosts}",
        "-oStrictHostKeyChecking=yes",
        "-oIdentitiesOnly=yes",
        "-oBatchMode=yes",
    ]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "got"
    folder.mkdir()
    return folder


@pytest.fixture
def expected(hosted: Hosted) -> dict[str, str]:
    return hashes(hosted.root / "Productie" / FOLDER)


def complete(hosted: Hosted) -> set[str]:
    """Files with a receipt that says that all of it was fetched."""
    return {one.path[2] for one in hosted.accounts.receipts if one.complete}


@pytest.mark.needs("sftp")
def test_sftp_of_openssh(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    batch = f"ls -la\nls -l Productie\nget -r Productie {target}\n"
    shown = run(find("sftp"), *options(hosted), f"-P{hosted.port}", "-b-", "dwh@127.0.0.1", text=batch)
    assert hashes(target / "Productie" / FOLDER) == expected
    assert FOLDER in shown
    assert "sluis" in shown
    assert complete(hosted) == set(expected)
    assert {one.fingerprint for one in hosted.accounts.receipts} == {hosted.accounts.uses[0][1]}
    assert {one.address for one in hosted.accounts.receipts} == {"127.0.0.1"}


@pytest.mark.needs("sftp")
def test_sftp_of_openssh_fetches_what_comes_later(hosted: Hosted, target: Path) -> None:
    """The folders that it made may be written in by who is no root, too: it gives them the rights that it is told."""
    command: list[str | Path] = [
        find("sftp"),
        "-r",
        *options(hosted),
        f"-P{hosted.port}",
        "dwh@127.0.0.1:Productie",
        target,
    ]
    run(*command)
    later = FOLDER.replace("0", "9", 1)
    shutil.copytree(hosted.root / "Productie" / FOLDER, hosted.root / "Productie" / later)
    run(*command)
    assert hashes(target / "Productie" / later) == hashes(target / "Productie" / FOLDER)
    for made in ("Productie", f"Productie/{FOLDER}", f"Productie/{later}"):
        assert (target / made).stat().st_mode & stat.S_IRWXU == stat.S_IRWXU


@pytest.mark.needs("sftp")
def test_no_packet_is_sent_that_the_client_ignores(hosted: Hosted) -> None:
    command = [find("sftp"), "-vvv", *options(hosted), f"-P{hosted.port}", "-b-", "dwh@127.0.0.1"]
    done = subprocess.run(command, input="ls\n", capture_output=True, text=True, timeout=60, check=True)
    assert "SSH2_MSG_NEWKEYS received" in done.stderr
    assert "SSH2_MSG_IGNORE" not in done.stderr


@pytest.mark.needs("sftp")
def test_sftp_goes_on_with_a_file_that_broke_off(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    name = "Dim_Werknemer.csv"
    content = (hosted.root / "Productie" / FOLDER / name).read_bytes()
    (target / name).write_bytes(content[:100_000])
    batch = f"reget Productie/{FOLDER}/{name} {target}/{name}\n"
    run(find("sftp"), *options(hosted), f"-P{hosted.port}", "-b-", "dwh@127.0.0.1", text=batch)
    assert hashes(target)[name] == expected[name]
    assert [one.complete for one in hosted.accounts.receipts] == [False]
    assert hosted.accounts.receipts[0].sent == len(content) - 100_000


@pytest.mark.needs("scp")
def test_scp_of_openssh(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    run(find("scp"), "-s", "-r", *options(hosted), f"-P{hosted.port}", "dwh@127.0.0.1:Productie", target)
    assert hashes(target / "Productie" / FOLDER) == expected
    assert complete(hosted) == set(expected)


@pytest.mark.needs("lftp", "ssh")
def test_lftp(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    connect = " ".join(["ssh", "-a", "-x", *options(hosted)])
    script = (
        f'set sftp:connect-program "{connect}"; set net:max-retries 1; set cmd:fail-exit yes; '
        f"open -u dwh, sftp://127.0.0.1:{hosted.port}; mirror --parallel=3 Productie {target}/Productie; "
        f"pget -n 4 Productie/{FOLDER}/Dim_Werknemer.csv -o {target}/again.csv; bye"
    )
    run(find("lftp"), "-c", script, home=target)
    assert hashes(target / "Productie" / FOLDER) == expected
    assert hashes(target)["again.csv"] == expected["Dim_Werknemer.csv"]
    assert complete(hosted) >= set(expected) - {"Fact_Leeg.csv"}


@pytest.mark.needs("rclone")
def test_rclone(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    remote = (
        f":sftp,host=127.0.0.1,port={hosted.port},user=dwh,key_file={hosted.key},"
        f"known_hosts_file={hosted.known_hosts},shell_type=none:Productie"
    )
    run(find("rclone"), "--config", "/dev/null", "copy", remote, target / "Productie")
    assert hashes(target / "Productie" / FOLDER) == expected
    assert complete(hosted) == set(expected)
    run(find("rclone"), "--config", "/dev/null", "check", "--download", "--one-way", remote, target / "Productie")


@pytest.mark.needs("psftp", "puttygen")
def test_psftp_of_putty(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    ppk, empty = target / "key.ppk", target / "empty"
    empty.write_text("")
    run(find("puttygen"), hosted.key, "-O", "private", "-o", ppk, "--new-passphrase", empty)
    fingerprint = hosted.server.keys[0].fingerprint
    script = target / "script"
    script.write_text(f"lcd {target}\nget -r Productie\nquit\n")
    run(
        find("psftp"), "-batch", "-P", str(hosted.port), "-i", ppk, "-hostkey", fingerprint, "-b", script,
        "dwh@127.0.0.1", home=target,
    )  # fmt: skip
    assert hashes(target / "Productie" / FOLDER) == expected
    assert complete(hosted) == set(expected)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_paramiko(hosted: Hosted, target: Path, expected: dict[str, str]) -> None:
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(hosted.known_hosts))
        client.connect(
            "127.0.0.1", hosted.port, "dwh", key_filename=str(hosted.key), allow_agent=False, look_for_keys=False
        )
        with client.open_sftp() as sftp:
            assert sftp.listdir("/") == ["Productie"]
            for name in sftp.listdir(f"Productie/{FOLDER}"):
                sftp.get(f"Productie/{FOLDER}/{name}", str(target / name))
    assert hashes(target) == expected
    assert complete(hosted) == set(expected)


@pytest.mark.needs("ssh")
def test_there_is_no_shell_and_no_command(hosted: Hosted) -> None:
    for command in ([], ["id"], ["scp", "-f", "/etc/passwd"]):
        done = subprocess.run(
            [find("ssh"), "-T", *options(hosted), f"-p{hosted.port}", "dwh@127.0.0.1", *command],
            input="", capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "root" not in done.stdout


@pytest.mark.needs("ssh")
def test_nothing_is_forwarded(hosted: Hosted) -> None:
    host = "127.0.0.1"
    done = subprocess.run(
        [find("ssh"), "-W", f"{host}:{hosted.port}", *options(hosted), f"-p{hosted.port}", f"dwh@{host}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "SSH-2.0" not in done.stdout
