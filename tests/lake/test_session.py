"""What one session may use, whatever the one before it might."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluis.lake.session import Limits, Session, open_session


def allowed(session: Session) -> tuple[object, ...] | None:
    return session.row("SELECT current_setting('memory_limit'), current_setting('threads')")


@pytest.mark.parametrize("memory", ["1GiB", "100MiB"])
@pytest.mark.parametrize("threads", [1, 3])
def test_a_session_has_its_own_limits_also_in_an_engine_that_served_another(
    tmp_path: Path, memory: str, threads: int
) -> None:
    with open_session(tmp_path, Limits("200MiB", 2)) as session:
        assert allowed(session) == ("200.0 MiB", 2)
        session.load("sqlite_scanner")
    with open_session(tmp_path, Limits(memory, threads)) as session:
        assert allowed(session) == ({"1GiB": "1.0 GiB", "100MiB": "100.0 MiB"}[memory], threads)
        loaded = session.row("SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'sqlite_scanner'")
        assert loaded == (True,), "an engine was started anew"
