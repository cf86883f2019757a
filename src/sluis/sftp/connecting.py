"""Log in to a server of a receiver: pinned host keys, modern algorithms, and errors that say what to do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncssh

from sluis.errors import Fatal, Rejected, Retryable, SluisError
from sluis.sftp import algorithms, keys
from sluis.sftp.keys import Pin
from sluis.sftp.packets import without_ignored


class HostKeyRefused(Fatal):
    """The server showed a host key that is not pinned; nothing was sent to it, not even the log-in."""

    code = "host-key"

    def __init__(self, message: str, *, remedy: str = "", shown: Pin) -> None:
        super().__init__(message, remedy=remedy)
        self.shown = shown


class LoginRefused(Fatal):
    """The server does not let this user in with what it was given."""

    code = "log-in-refused"


@dataclass(frozen=True)
class Server:
    """A server of a receiver and how to log in. ``folder``: where deliveries go; relative to where log-in leads.

    ``renames_folders``: what is known of it, None for nothing. ``timeout``: seconds that one answer may take.
    """

    host: str
    user: str
    port: int = 22
    folder: str = "."
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    pins: tuple[Pin, ...] = ()
    legacy: bool = False
    renames_folders: bool | None = None
    timeout: float = 60

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


TRANSIENT = (OSError, TimeoutError, EOFError, asyncssh.Error)
"""What a connection can break with, or an answer be."""


class _Client(asyncssh.SSHClient):
    def __init__(self, pins: Sequence[Pin], *, legacy: bool) -> None:
        self._pinned = {pin.fingerprint for pin in pins}
        self._legacy = legacy
        self.shown: Pin | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        if not self._legacy:
            without_ignored(conn)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        del host, addr, port
        self.shown = keys.read_pin(key.export_public_key("openssh").decode("ascii"))
        return self.shown.fingerprint in self._pinned


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection that is logged in; a ``SluisError`` where there is none, ``Retryable`` where it may come."""
    if not server.pins:
        raise Rejected(
            f"the host key of {server} is not known yet",
            remedy="test the connection with `sluis account test`, compare the key that it shows with the "
            "administrator of the server, and accept it",
        )
    connection = await _connect(server)
    try:
        yield connection
    finally:
        connection.close()
        await connection.wait_closed()


async def shown_by(server: Server) -> Pin:
    """The host key that the server shows; nothing is sent to it but what every stranger sends."""
    try:
        connection = await _open(server, (), _signatures(server, list(algorithms.HOST_KEYS)))
    except HostKeyRefused as refused:
        return refused.shown
    connection.abort()
    raise Fatal(f"{server} let anyone in", remedy="report this")


async def _connect(server: Server) -> asyncssh.SSHClientConnection:
    types = [pin.type for pin in server.pins if pin.type]
    if len(types) == len(server.pins):
        return await _open(server, server.pins, _signatures(server, types))
    try:
        return await _open(server, server.pins, _signatures(server, list(algorithms.HOST_KEYS)))
    except HostKeyRefused as refused:
        # A fingerprint does not tell its type, and a server has a key of each: the pinned one may be another.
        for kind in algorithms.HOST_KEYS:
            if kind != refused.shown.type:
                try:
                    return await _open(server, server.pins, _signatures(server, [kind]))
                except (HostKeyRefused, Fatal):
                    continue
        raise


def _signatures(server: Server, types: Sequence[str]) -> list[str]:
    found = [signature for kind in types for signature in algorithms.HOST_KEYS.get(kind, [])]
    return found + (algorithms.LEGACY_SIGNATURES if server.legacy and "ssh-rsa" in types else [])


async def _open(server: Server, pins: Sequence[Pin], signatures: list[str]) -> asyncssh.SSHClientConnection:
    client = _Client(pins, legacy=server.legacy)
    legacy = algorithms.LEGACY_SIGNATURES if server.legacy else []
    try:
        return await asyncssh.connect(
            server.host,
            server.port,
            username=server.user,
            password=server.password or None,
            client_keys=[asyncssh.import_private_key(server.private_key)] if server.private_key else None,
            client_factory=lambda: client,
            # None would mean that any key is good; these lists are empty, so that the client above is asked.
            known_hosts=([], [], []),
            server_host_key_algs=signatures,
            signature_algs=[*algorithms.CLIENT_SIGNATURES, *legacy],
            config=None,
            agent_path=None,
            preferred_auth=["publickey"] if server.private_key else ["password", "keyboard-interactive"],
            connect_timeout=server.timeout,
            login_timeout=server.timeout,
            keepalive_interval=15,
            **(algorithms.LEGACY if server.legacy else algorithms.CLIENT),
        )
    except asyncssh.HostKeyNotVerifiable as error:
        if client.shown is None:
            raise explained(error, server) from error
        raise _refused(server, client.shown) from None
    except TRANSIENT as error:
        raise explained(error, server) from error


def _refused(server: Server, shown: Pin) -> HostKeyRefused:
    return HostKeyRefused(
        f"{server} shows another host key than the pinned one: {shown.fingerprint} ({shown.type})",
        remedy="ask the administrator of the server whether its key was changed. If it was: compare this fingerprint "
        "with theirs, pin it with `sluis account edit --host-key`, and deliver again. If it was not, "
        "someone may be in between: nothing was sent",
        shown=shown,
    )


def explained(error: BaseException, server: Server) -> SluisError:
    """What went wrong, for a person."""
    if isinstance(error, SluisError):
        return error
    if isinstance(error, asyncssh.PermissionDenied):
        return LoginRefused(
            f"{server} does not let {server.user} in",
            remedy="check the user and the password, or give the administrator the public key of the account",
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return Fatal(
            f"{server} knows no modern algorithm that Sluis uses, or has no host key of the pinned type",
            remedy="ask the administrator to bring the server up to date; until then, `sluis account edit --legacy`",
        )
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return Fatal(
            f"{server} does not allow {server.user} to do this: {error.reason}",
            remedy="ask the administrator for the right to write, rename and remove in the folder of the account",
        )
    return Retryable(f"{server}: {_reason(error)}", remedy="deliver again later; what was sent before is kept")


def _reason(error: BaseException) -> str:
    if isinstance(error, asyncssh.SFTPNoSpaceOnFilesystem | asyncssh.SFTPQuotaExceeded):
        return f"the disk of the server is full ({error.reason})"
    if isinstance(error, asyncssh.SFTPError) and not isinstance(error, _LOST):
        return f"the server refused: {error.reason or 'without a reason'}"
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "the server does not answer"
    if isinstance(error, socket.gaierror):
        return "the name of the server is not known"
    told = error.reason if isinstance(error, asyncssh.Error) else getattr(error, "strerror", None)
    return f"the connection broke off: {told or type(error).__name__}"


_LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)


def lasting(error: BaseException) -> bool:
    """Whether trying again in a moment is of no use."""
    return isinstance(error, SluisError) and not isinstance(error, Retryable)
