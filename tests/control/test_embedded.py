"""The PostgreSQL that comes as a package."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from sluis.embedded import EmbeddedPostgres
from sluis.errors import Fatal, Retryable

_HOLD = """
import sys
from pathlib import Path
from sluis.embedded import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Not below the folder of pytest, which every other run of it closes to the server's user again."""
    with tempfile.TemporaryDirectory(prefix="sluis-") as folder:
        yield Path(folder)


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the server until its stdin ends. Its temporary files lie in ``tmp`` beside the folder."""
    (folder.parent / "tmp").mkdir(exist_ok=True)
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)],
        env={**os.environ, "TMPDIR": str(folder.parent / "tmp")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield other


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))


def serves(server: EmbeddedPostgres) -> Path:
    """The folder of the server that answers."""
    with psycopg.connect(server.url()) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row
    return Path(row[0])


def test_why_it_does_not_start_is_told(place: Path) -> None:
    (place / "pg").mkdir()
    (place / "pg" / "somebody else's").touch()
    with pytest.raises(Fatal, match=r"initdb: error: directory .* exists but is not empty") as refused:
        EmbeddedPostgres(place / "pg")
    assert refused.value.remedy == "set SLUIS_DATABASE_URL to a PostgreSQL server of your own"
    (place / "file").touch()
    with pytest.raises(Fatal, match=r"does not start: .*file"):
        EmbeddedPostgres(place / "file" / "pg")


def test_it_stops_with_the_last_process_however_the_others_ended(place: Path) -> None:
    folder = place / "pg"
    with holding(folder) as killed, holding(folder):
        killed.kill()
        with running(folder) as server:
            assert serves(server) == folder
        assert (folder / "postmaster.pid").exists()
        place.chmod(0o700)
    assert not (folder / "postmaster.pid").exists()
    # What lies there belongs to whoever came first, and keeps out other users of the machine.
    assert list((place / "tmp").iterdir()) == []


def test_a_file_of_a_crash_or_a_copy_names_another_process(
    place: Path, postgres: EmbeddedPostgres, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, copy = place / "pg", place / f"it's 100% {'far ' * 20}away" / "pg"
    copy.parent.mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(running(folder))
        server.ensure_database("sluis")
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        subprocess.run(["cp", "-a", folder, copy], check=True)
        other = stack.enter_context(running(copy))
        assert (serves(server), serves(other)) == (folder, copy)
        assert f"{copy} was copied or moved while its PostgreSQL ran in {folder}" in capfd.readouterr().err
        with psycopg.connect(other.url("sluis")) as connection:
            assert connection.info.dbname == "sluis"

        dead = postmaster(folder)
        dead.kill()
        while dead.is_running() and dead.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.05)
        with pytest.raises(Retryable, match="does not answer"):
            server.ensure_database("sluis")
        # Its number went to another, which runs as the same user.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            if (folder / name).exists():
                _, *lines = (folder / name).read_text().splitlines()
                (folder / name).write_text("\n".join([str(postmaster(postgres.folder).pid), *lines, ""]))
        assert server.ensure_running()
        assert not server.ensure_running()
        assert serves(server) == folder
        assert capfd.readouterr().err == ""


def test_a_file_that_was_lost_does_not_let_a_second_server_in(place: Path) -> None:
    with running(place / "pg") as server:
        named = (place / "pg" / "postmaster.pid").read_text()
        (place / "pg" / "postmaster.pid").unlink()
        with pytest.raises(Fatal, match=r"FATAL: .*(still in use|already exists)"):
            EmbeddedPostgres(place / "pg")
        (place / "pg" / "postmaster.pid").write_text(named)
        assert serves(server) == place / "pg"
