"""One hosted server per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sftp.hosting import Hosted, hosting
from sluis.sftp import hostkeys


@pytest.fixture(autouse=True)
def _one_host_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An RSA key takes a second to make or read: only tests that look at it have one."""
    monkeypatch.setattr(hostkeys, "KINDS", ("ed25519",))


@pytest.fixture
def both_host_keys(_one_host_key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is outside of tests. To be asked for before the server."""
    monkeypatch.setattr(hostkeys, "KINDS", ("ed25519", "rsa"))


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    with hosting(tmp_path) as running:
        yield running
