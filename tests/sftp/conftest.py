"""One hosted server per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sftp.hosting import Hosted, hosting


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    with hosting(tmp_path) as running:
        yield running
