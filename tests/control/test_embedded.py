"""The PostgreSQL that comes as a package."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluis.embedded import EmbeddedPostgres
from sluis.errors import Fatal


def test_why_it_does_not_start_is_told(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "somebody else's").touch()
    with pytest.raises(Fatal, match=r"initdb: error: directory .* exists but is not empty"):
        EmbeddedPostgres(tmp_path / "pg")
