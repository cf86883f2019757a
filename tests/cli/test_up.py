"""``sluis up``: one process that keeps the others going."""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cli.running import start_process
from control.fixtures import KEY


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A path short enough for the server's socket to lie in it."""
    with tempfile.TemporaryDirectory(prefix="sluis-up-") as folder:
        yield Path(folder)


class Reader:
    """The lines of a process, to be waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr
        for line in process.stderr:
            self._lines.put(line)

    def find(self, pattern: str) -> re.Match[str]:
        """Wait for a line; fails with all that came."""
        while True:
            try:
                self.seen.append(self._lines.get(timeout=120))
            except queue.Empty:
                pytest.fail(f"no line {pattern!r} in:\n" + "".join(self.seen))
            found = re.search(pattern, self.seen[-1])
            if found:
                return found


def test_nothing_goes_on_without_it(short_folder: Path) -> None:
    process = start_process(
        "up",
        variables={"SLUIS_DATA_DIR": str(short_folder / "data"), "SLUIS_SECRET_KEY": KEY, "SLUIS_SFTP_PORT": "0"},
    )
    with process:
        lines = Reader(process)
        found = [lines.find(r"^(worker|sftp): started as process (\d+)") for _ in range(2)]
        lines.find("^worker: .*Starting worker")
        children = [psutil.Process(int(one[2])) for one in found]
        process.kill()
        process.wait(timeout=30)
        gone, alive = psutil.wait_procs(children, timeout=60)
        assert (len(gone), alive) == (2, [])


def test_what_falls_over_is_started_again_and_all_stops_together(short_folder: Path) -> None:
    process = start_process(
        "up",
        "--json",
        variables={
            "SLUIS_DATA_DIR": str(short_folder / "data"),
            "SLUIS_SECRET_KEY": KEY,
            "SLUIS_SFTP_PORT": "0",
            "SLUIS_WEB_PORT": "0",
        },
    )
    with process:
        lines = Reader(process)
        lines.find("embedded PostgreSQL; for production set SLUIS_DATABASE_URL")
        first = int(lines.find(r"^worker: started as process (\d+)")[1])
        lines.find("^worker: .*Starting worker")
        server = short_folder / "data" / "postgres" / "postmaster.pid"
        psutil.Process(int(server.read_text().split()[0])).kill()
        lines.find("^postgresql: had ended; started again")
        psutil.Process(first).kill()
        lines.find("^worker: fell over with -9; started again in 1 s")
        second = int(lines.find(r"^worker: started as process (\d+)")[1])
        lines.find("^worker: .*Starting worker")
        assert any(line.startswith("sftp: started") for line in lines.seen)
        assert any(line.startswith("web: started") for line in lines.seen)
        children = [child.pid for child in psutil.Process(process.pid).children()]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
        for _ in range(3):
            lines.find("stopped")
        assert second in children
        assert not any(psutil.pid_exists(pid) for pid in (first, second))
        assert not server.exists()
        assert process.stdout
        assert f'"process": {process.pid}' in process.stdout.read()
