"""One hosted server per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sftp.hosting import Hosted, hosting
from sluis.sftp import keys

_PAIRS: dict[str, keys.KeyPair] = {}


@pytest.fixture(autouse=True)
def _quick_host_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """An RSA key takes seconds to make: one per test process is enough."""

    def make(kind: str = "ed25519", *, protected: bool = True) -> keys.KeyPair:
        name = f"{kind} {protected}"
        if kind != "rsa":
            return _make(kind, protected=protected)
        if name not in _PAIRS:
            _PAIRS[name] = _make(kind, protected=protected)
        return _PAIRS[name]

    monkeypatch.setattr(keys, "make_pair", make)


_make = keys.make_pair


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    with hosting(tmp_path) as running:
        yield running
