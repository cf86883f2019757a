"""A receiver's server in this process, which can misbehave in one way at a time; and deliveries to publish there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from sftp.hosting import FILES, Loop
from sluis.sftp import keys
from sluis.sftp.connecting import Server
from sluis.sftp.external import ExternalServer
from sluis.sftp.upload import IN_FLIGHT

FOLDER = "000001_20261123T020000Z_full"
PASSWORD = "een geheim dat nergens staat"


class Honest(asyncssh.SFTPServer):
    """Does what it is asked, in a folder."""

    receiver: Receiver

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=os.fsencode(self.receiver.root))
        self.receiver.sessions += 1


@dataclass
class Receiver:
    """The server. ``behaviour``: what a new session does; a test changes it. ``offsets``: where a second session wrote."""

    root: Path
    loop: Loop
    host_keys: list[keys.KeyPair]
    behaviour: type[Honest] = Honest
    port: int = 0
    sessions: int = 0
    offsets: list[int] = field(default_factory=list)
    renames: list[tuple[bytes, bytes]] = field(default_factory=list)
    logins: int = 0

    async def start(self) -> None:
        self.end = asyncio.Event()
        receiver = self

        class Door(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                receiver.logins += 1
                return password == PASSWORD

        def files(channel: asyncssh.SSHServerChannel[bytes]) -> Honest:
            return type("Session", (receiver.behaviour,), {"receiver": receiver})(channel)  # type: ignore[no-any-return]  # asyncssh gives no type here

        self.acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=Door,
            sftp_factory=files,
            server_host_keys=[asyncssh.import_private_key(pair.private) for pair in self.host_keys],
        )
        self.port = self.acceptor.get_port()

    async def stop(self) -> None:
        self.end.set()
        self.acceptor.close()
        await self.acceptor.wait_closed()

    def server(self, **more: Any) -> Server:
        pins = tuple(keys.Pin(pair.public.fingerprint, pair.public.line) for pair in self.host_keys)
        return Server(**{"host": "127.0.0.1", "port": self.port, "user": "sluis", "folder": "/in", "password": PASSWORD,
                         "pins": pins, "timeout": 5.0, **more})  # fmt: skip

    def destination(self, **more: Any) -> ExternalServer:
        """With pauses that are not waited for; ``paused`` tells them."""
        self.paused: list[float] = []

        async def sleep(seconds: float) -> None:
            self.paused.append(seconds)

        self.learned: list[bool] = []
        return ExternalServer(self.server(**more), learned=self.learned.append, sleep=sleep)


@contextmanager
def receiving(folder: Path, behaviour: type[Honest] = Honest) -> Iterator[Receiver]:
    root = folder / "receiver"
    (root / "in").mkdir(parents=True)
    receiver = Receiver(root, Loop(), [keys.make_pair(protected=False)], behaviour)
    receiver.loop.run(receiver.start())
    try:
        yield receiver
    finally:
        receiver.loop.run(receiver.stop())
        receiver.loop.close()


def build(folder: Path, name: str = "delivery-1", files: dict[str, bytes] | None = None) -> Path:
    """A delivery that is ready to be published."""
    built = folder / name
    built.mkdir()
    for file, content in (files or FILES).items():
        (built / file).write_bytes(content)
    return built


# --- one misbehaviour each


class DropsOnce(Honest):
    """The connection is gone after so many bytes, the first time."""

    # More than may be on its way unconfirmed: the client knows of what came before.
    after = IN_FLIGHT + 500_000

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        if self.receiver.sessions > 1 and len(data) > 2:
            self.receiver.offsets.append(offset)
        elif offset + len(data) >= self.after:
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("gone")
        return super().write(file_obj, offset, data)


class DropsAlways(Honest):
    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("gone")


class RefusesFolders(Honest):
    """Renames files, and no folders."""

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        if (self.receiver.root / os.fsdecode(oldpath).lstrip("/")).is_dir():
            raise asyncssh.SFTPFailure("Failure")
        self.receiver.renames.append((oldpath, newpath))
        return super().rename(oldpath, newpath)


class MayNotRename(Honest):
    """Has no right to rename anything there, at the moment."""

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        raise asyncssh.SFTPPermissionDenied("Permission denied")


class RenamesNothingNow(Honest):
    """Fails for a moment, at every rename."""

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        raise asyncssh.SFTPFailure("Failure")


class RefusesRenames(Honest):
    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        raise asyncssh.SFTPOpUnsupported("no rename")


class LosesTheReply(Honest):
    """Renames what is published, and is gone before it says so."""

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        super().rename(oldpath, newpath)
        self.receiver.renames.append((oldpath, newpath))
        self.connection.abort()


class LosesTheRequest(Honest):
    """Is gone before it renames."""

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        self.receiver.renames.append((oldpath, newpath))
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("gone")


class DiskFull(Honest):
    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        raise OSError(28, "No space left on device")


class Hangs(Honest):
    async def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        await self.receiver.end.wait()


class NoPermission(Honest):
    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> Any:
        raise asyncssh.SFTPPermissionDenied("Permission denied")


class WritesShort(Honest):
    """Keeps all but the last byte of what it is given, and says that all is well."""

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        return super().write(file_obj, offset, data[:-1])


class IgnoresCase(Honest):
    def map_path(self, path: bytes) -> bytes:
        return super().map_path(path.lower())
