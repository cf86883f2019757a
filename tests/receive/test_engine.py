"""What does not fit in memory goes to disk, encrypted."""

from __future__ import annotations

from pathlib import Path

from sluis.receive.engine import connect

TOKEN = b"PLANTEDTOKEN"


def test_what_does_not_fit_in_memory_is_written_encrypted(tmp_path: Path) -> None:
    with connect(memory_limit="60MB", spill=str(tmp_path / "spill")) as connection:
        rows = f"SELECT i, '{TOKEN.decode()}' || md5(CAST(i AS VARCHAR)) AS text FROM range(2_000_000) AS t(i)"
        connection.execute(f"CREATE TEMP TABLE much AS {rows}")
        files = [path.read_bytes() for path in (tmp_path / "spill").iterdir()]
        assert sum(map(len, files)) > 1_000_000
        assert not any(TOKEN in content for content in files)
        assert connection.execute("SELECT count(DISTINCT text) FROM much").fetchall() == [(2_000_000,)]
