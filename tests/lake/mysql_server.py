"""A MariaDB server in a folder, on a UNIX socket, as a user without rights."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql

from needs import find

_SYSTEM_TABLES = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
_SCRIPTS = Path("/usr/share/mysql")
_SMALL = (
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
)
_AWKWARD = (
    # Defaults of which nothing may depend: another moment for every statement, a time zone far from ours.
    "--transaction-isolation=READ-COMMITTED",
    "--default-time-zone=+05:30",
    # Dates without a month or day, which old applications hold.
    "--sql-mode=STRICT_TRANS_TABLES",
)


class MySqlServer:
    """Started by its constructor in a new folder with a short path; ``stop`` it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "socket"
        data = folder / "data"
        data.mkdir(parents=True)
        self._options = [find("mariadbd"), "--no-defaults", f"--datadir={data}", *_SMALL]
        if os.geteuid() == 0:
            self._options.append("--user=nobody")
            folder.chmod(0o755)
            for path in (folder, data):
                shutil.chown(path, "nobody")
        self._log = folder / "log"
        self._bootstrap()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._options, *_AWKWARD, f"--socket={self.socket}", "--skip-networking", f"--pid-file={folder}/pid"],
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _bootstrap(self) -> None:
        scripts = "".join((_SCRIPTS / name).read_text("utf-8") for name in _SYSTEM_TABLES)
        begin = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL, @skip_auth_anonymous = 1;\n"
        done = subprocess.run(
            [*self._options, "--bootstrap"], input=begin + scripts, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                with closing(socket.socket(socket.AF_UNIX)) as knock:
                    knock.connect(str(self.socket))
            except OSError:
                assert self._process.poll() is None, self._log.read_text("utf-8")
                assert time.monotonic() < deadline, self._log.read_text("utf-8")
                time.sleep(0.05)
            else:
                return

    def connect(self, database: str | None = None) -> pymysql.connections.Connection[Any]:
        """A connection as the server's root; every statement commits until the caller says otherwise."""
        return pymysql.connect(unix_socket=str(self.socket), user="root", database=database, autocommit=True)

    def url(self, database: str, user: str = "root", password: str | None = None) -> str:
        """URL of a database over the socket."""
        login = user if password is None else f"{user}:{quote(password, safe='')}"
        return f"mysql://{login}@localhost/{quote(database)}?socket={quote(str(self.socket))}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
