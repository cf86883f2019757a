"""The SFTP server of the hosted accounts: who gets in, from where, how many, for how long."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.stream import SSHServerStreamSession

from sluis.errors import Retryable, SluisError
from sluis.sftp import algorithms, keys
from sluis.sftp.accounts import Account, Accounts, Address
from sluis.sftp.coverage import Unfinished
from sluis.sftp.files import ADVISED_READ, Files
from sluis.sftp.guard import Guard, read_address
from sluis.sftp.hostkeys import HostKey, host_keys
from sluis.sftp.packets import without_ignored

Answer = TypeVar("Answer")
VERSION = "Sluis"
"""What the server says it is; not which release, which is nobody's business before log-in."""
BACKLOG = 256
_WATCH = 5.0
_WELCOME_FOR = 60.0
_HURRIES = 1000
_log = logging.getLogger("sluis.sftp")


@dataclass(frozen=True)
class Limits:
    """``sessions``: connections in all, also those that are not logged in yet. Times in seconds."""

    sessions: int = 200
    sessions_per_account: int = 20
    channels: int = 8
    open_files: int = 64
    idle: float = 600
    login: float = 30
    tries: int = 12


@dataclass
class House:
    """What all connections share."""

    accounts: Accounts
    limits: Limits
    guard: Guard
    thread: ThreadPoolExecutor
    unfinished: Unfinished = field(default_factory=Unfinished)
    connections: set[Connection] = field(default_factory=set)
    sessions: Counter[str] = field(default_factory=Counter)

    async def ask(self, call: Callable[[Accounts], Answer]) -> Answer:
        """Call the accounts in their own thread, one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, call, self.accounts)


class Connection(asyncssh.SSHServer):
    """One connection: first a stranger, then the receiver of an account."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._room.set()
        self._login, self._tries, self._sessions = "", 0, 0
        self._found: Account | None = None
        self._counted = ""
        self.peer: Address = read_address("0.0.0.0")  # noqa: S104 - no address yet, and none to listen on
        self.account: Account
        self.fingerprint = ""
        self.address = ""
        self.unfinished = house.unfinished
        self.open_files = 0
        self.ended = False

    # --- a stranger

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self.address = str(conn.get_extra_info("peername", ("0.0.0.0",))[0])  # noqa: S104 - as above
        self.peer = read_address(self.address)
        self.address = str(self.peer)
        if len(self._house.connections) >= self._house.limits.sessions or self._house.guard.blocked(self.peer):
            conn.abort()
            return
        self._house.connections.add(self)
        # asyncssh does not tell its sessions when the connection itself is full; without this a client that
        # announces a large window and then reads nothing would have everything it asks for kept in memory.
        conn.pause_writing = self._room.clear  # type: ignore[method-assign]  # asyncio calls what stands here
        conn.resume_writing = self._room.set  # type: ignore[method-assign]  # as above
        without_ignored(conn)
        self._touched = self._welcomed = self._loop.time()
        self._watch = self._loop.call_later(min(_WATCH, self._house.limits.idle), self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.ended = True
        self._room.set()
        if self not in self._house.connections:
            return
        self._house.connections.discard(self)
        self._watch.cancel()
        if self._counted:
            self._house.sessions[self._counted] -= 1
        elif self._login:
            blocked = self._house.guard.failed(self.peer)
            _log.warning("%s: log-in as %r failed%s", self.address, self._login, "; blocked" if blocked else "")

    async def begin_auth(self, username: str) -> bool:
        self._login = username
        await asyncio.sleep(self._house.guard.wait(self.peer))
        self._found = None
        try:
            self._found = await self._house.ask(lambda accounts: accounts.find(username))
        except SluisError as error:
            _log.error("the account of %r cannot be looked up: %s", username, error)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        del username
        self._tries += 1
        if self._tries > self._house.limits.tries:
            self._conn.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "too many keys were tried")
            return False
        fingerprint = keys.fingerprint(key.public_data)
        if self._found is None or not self._may_enter(self._found, fingerprint):
            return False
        self.account, self.fingerprint = self._found, fingerprint
        return True

    def _may_enter(self, account: Account, fingerprint: str) -> bool:
        return account.key(fingerprint, dt.datetime.now(dt.UTC)) is not None and account.welcomes(self.peer)

    async def auth_completed(self) -> None:
        login = self.account.login
        self._house.guard.succeeded(self.peer)
        self._house.sessions[login] += 1
        self._counted = login
        if self._house.sessions[login] > self._house.limits.sessions_per_account:
            self._conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "this account has too many sessions")
            return
        _log.info("%s: %s logged in with %s", self.address, login, self.fingerprint)
        try:
            await self._house.ask(lambda accounts: accounts.used(login, self.fingerprint, self.address))
        except SluisError as error:
            _log.error("the log-in of %s cannot be noted: %s", login, error)

    # --- a receiver

    def session_requested(self) -> bool | SSHServerStreamSession[bytes]:
        if self._sessions >= self._house.limits.channels:
            return False
        self._sessions += 1
        return Session(self)

    def session_ended(self) -> None:
        self._sessions -= 1

    def touch(self) -> None:
        """Something happened: the connection is not idle."""
        self._touched = self._loop.time()

    @property
    def full(self) -> bool:
        """Whether the client takes in less than it asks for."""
        return not self._room.is_set()

    async def room(self) -> None:
        """Wait until what was sent before is under way."""
        await self._room.wait()

    def cut(self) -> None:
        """End the connection at once."""
        self._conn.abort()

    async def still_welcome(self) -> None:
        if self._loop.time() - self._welcomed < _WELCOME_FOR:
            return
        login = self.account.login
        found = await self.ask(lambda accounts: accounts.find(login))
        if found is None or not self._may_enter(found, self.fingerprint):
            self._conn.disconnect(asyncssh.DISC_BY_APPLICATION, "this key may no longer be used")
            raise asyncssh.SFTPPermissionDenied("this key may no longer be used")
        self.account, self._welcomed = found, self._loop.time()

    def take_file(self) -> None:
        if self.open_files >= self._house.limits.open_files:
            raise asyncssh.SFTPFailure("too many files are open")
        self.open_files += 1

    async def ask(self, call: Callable[[Accounts], Answer]) -> Answer:
        try:
            return await self._house.ask(call)
        except SluisError as error:
            _log.error("%s: %s", self.account.login, error)
            raise asyncssh.SFTPFailure("the server cannot do this now; try again later") from error

    def _look(self) -> None:
        """Close what is idle."""
        limits = self._house.limits
        if self._loop.time() - self._touched > limits.idle:
            self._conn.disconnect(asyncssh.DISC_BY_APPLICATION, "nothing happened for a long time")
            self._watch = self._loop.call_later(_WATCH, self._conn.abort)
            return
        self._watch = self._loop.call_later(min(_WATCH, limits.idle), self._look)


class Session(SSHServerStreamSession[bytes]):
    """One SFTP session of a connection; nothing else can be asked for."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(None, self._files, 3)
        self._connection = connection
        self._ended = False
        self._hurries = 0

    def _files(self, channel: SSHChannel[bytes]) -> Files:
        return Files(channel, self._connection, self)

    def eof_received(self) -> bool:
        self._ended = True
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        super().connection_lost(exc)
        self._connection.session_ended()

    @property
    def ended(self) -> bool:
        """Whether the client is gone, or has said its last."""
        return self._ended or self._connection.ended

    async def turn(self) -> None:
        """Wait until the client has taken in what it asked for before."""
        self._connection.touch()
        await self.drain(None)
        await self._connection.room()
        if self._connection.ended:
            raise BrokenPipeError
        self._connection.touch()
        self._hurries = 0

    def hurry(self) -> None:
        """An answer goes out at once; a client that asks for many of them and takes in none is cut off."""
        self._hurries += 1
        if self._connection.full and self._hurries > _HURRIES:
            self._connection.cut()


class HostedServer:
    """Serves the hosted accounts on one address.

    ``port`` 0: a free one, told by ``port`` once it has started. ``strict``: only with key exchanges that withstand
    quantum computers.
    """

    def __init__(
        self,
        accounts: Accounts,
        key_folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        guard: Guard | None = None,
        strict: bool = False,
    ) -> None:
        self._algorithms = algorithms.STRICT if strict else algorithms.SERVED
        self._thread = ThreadPoolExecutor(1, "sluis-sftp-accounts")
        self._house = House(accounts, limits or Limits(), guard or Guard(), self._thread)
        self.keys: list[HostKey] = host_keys(key_folder)
        self.host, self.port = host, port

    async def start(self) -> None:
        """Listen; ``Retryable`` where the address is in use or not there."""
        # The files of deliveries are not for the debug log either.
        logging.getLogger("asyncssh").setLevel(logging.ERROR)
        # What asyncssh tells clients of the server's limits; it has no setting for it.
        asyncssh.sftp.MAX_SFTP_READ_LEN = ADVISED_READ
        try:
            self._acceptor = await asyncssh.listen(
                self.host,
                self.port,
                server_factory=lambda: Connection(self._house),
                server_host_keys=[_shown(key) for key in self.keys],
                signature_algs=algorithms.CLIENT_SIGNATURES,
                server_version=VERSION,
                login_timeout=self._house.limits.login,
                keepalive_interval=60,
                backlog=BACKLOG,
                allow_pty=False,
                agent_forwarding=False,
                x11_forwarding=False,
                gss_host=None,
                **self._algorithms,
            )
        except OSError as error:
            raise Retryable(
                f"cannot listen on {self.host} port {self.port}: {error.strerror}",
                remedy="stop what listens there, or choose another port in SLUIS_SFTP_PORT",
            ) from error
        self.port = self._acceptor.get_port()

    @property
    def sessions(self) -> int:
        """Connections that are open."""
        return len(self._house.connections)

    async def close(self) -> None:
        """Close the door, and every connection."""
        self._acceptor.close()
        await self._acceptor.wait_closed()
        for connection in list(self._house.connections):
            connection.cut()
        self._thread.shutdown()

    def serve(self, started: Callable[[], None]) -> None:
        """Serve until this process is asked to end (SIGTERM, SIGINT); ``started``: called once it listens."""
        asyncio.run(self._serve(started))

    async def _serve(self, started: Callable[[], None]) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await self.start()
        started()
        await stop.wait()
        await self.close()


def _shown(key: HostKey) -> asyncssh.SSHKeyPair:
    """The key as asyncssh shows it: with modern signatures only, where its own list has SHA-1 too."""
    pair = asyncssh.load_keypairs([asyncssh.import_private_key(key.private)])[0]
    pair.host_key_algorithms = [name.encode("ascii") for name in algorithms.HOST_KEYS[key.public.partition(" ")[0]]]
    return pair
