"""Receivers' programs, as Debian and PyPI have them, fetch a delivery from the hosted server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from needs import find
from sftp.hosting import FOLDER, Hosted, hashes


def run(*command: str | Path, text: str | None = None, **variables: str) -> str:
    done = subprocess.run(
        [str(word) for word in command], input=text, capture_output=True, text=True, timeout=60, check=False
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


@pytest.mark.needs("sftp")
def test_sftp_of_openssh(hosted: Hosted, tmp_path: Path) -> None:
    target = tmp_path / "got"
    target.mkdir()
    shown = run(
        find("sftp"), *options(hosted), f"-P{hosted.port}", "-b-", "dwh@127.0.0.1",
        text=f"ls -la\nls -l Productie\nget -r Productie {target}\n",
    )  # fmt: skip
    assert hashes(target / "Productie" / FOLDER) == hashes(hosted.root / "Productie" / FOLDER)
    assert FOLDER in shown
    assert "sluis" in shown
