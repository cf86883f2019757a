"""What a receiver can do once it is logged in: list, read, and remove what it has fetched."""

from __future__ import annotations

import errno
import os
import stat
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn, Protocol, TypeVar, cast

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.sftp import SFTPAttrs, SFTPName

from sluis.sftp.accounts import Account, Accounts, Receipt
from sluis.sftp.coverage import Ranges, Unfinished
from sluis.sftp.tree import Names, Tree, absolute, names_of

LARGEST_READ = 256 * 1024
"""Bytes that one request gets at most; more than the clients that are known ask for. Where it gets less than it asked
for, scp of OpenSSH 9.2 ends a file too early, and says that all is well."""
ADVISED_READ = 120 * 1024
"""Bytes that a client is told to ask for. Each block is copied several times on its way, and from 128 KiB on the C
library takes fresh memory from the system for every copy, which costs more than larger blocks would spare."""
LISTINGS = 32
"""Folders that one session lists at a time."""

_READ_ONLY = asyncssh.FXF_READ
_FILE_DEPTH, _DELIVERY_DEPTH = 3, 2  # configuration / delivery / file
Answer = TypeVar("Answer")


class Visit(Protocol):
    """The connection of a receiver, as its files need it."""

    account: Account
    address: str
    fingerprint: str
    unfinished: Unfinished
    open_files: int

    async def still_welcome(self) -> None:
        """Look again, now and then, whether the account and its key may still be used."""

    def take_file(self) -> None:
        """Count a file as open; raises ``SFTPError`` where there are too many."""

    async def ask(self, call: Callable[[Accounts], Answer]) -> Answer:
        """Call the accounts in their own thread; raises ``SFTPError`` where they cannot answer now."""


class Line(Protocol):
    """The session that a receiver's requests come over."""

    @property
    def ended(self) -> bool:
        """Whether the client is gone, or has said its last."""

    async def turn(self) -> None:
        """Wait until the client has taken in what it asked for before; ``OSError`` where it is gone."""

    def hurry(self) -> None:
        """An answer goes out at once; a client that asks for many of them and takes in none is cut off."""


@dataclass(eq=False)
class OpenFile:
    """A file that is being read. ``seek``: what asyncssh needs to tell a client which parts hold data."""

    handle: int
    names: Names
    size: int
    identity: tuple[int, int]
    read: Ranges = field(default_factory=Ranges)
    sent: int = 0

    def seek(self, offset: int, whence: int) -> int:
        return os.lseek(self.handle, offset, whence)


class _Listing:
    """Names of one folder, as they were when it was opened."""

    def __init__(self, entries: list[SFTPName], turn: Callable[[], Awaitable[None]]) -> None:
        self._entries = iter(entries)
        self._turn = turn

    def __aiter__(self) -> AsyncIterator[SFTPName]:
        return self

    async def __anext__(self) -> SFTPName:
        await self._turn()
        try:
            return next(self._entries)
        except StopIteration:
            raise StopAsyncIteration from None


def _denied(*_: object, **__: object) -> NoReturn:
    raise asyncssh.SFTPPermissionDenied("this server only lets you read")


class Files(asyncssh.SFTPServer):
    """One SFTP session. Every method of the base class that would touch a file system is replaced here."""

    def __init__(self, channel: SSHChannel[bytes], visit: Visit, line: Line) -> None:
        super().__init__(cast("asyncssh.SSHServerChannel[bytes]", channel))
        self._visit, self._line = visit, line
        self._tree = Tree(visit.account.root)
        self._listings: weakref.WeakSet[_Listing] = weakref.WeakSet()

    open56 = write = setstat = lsetstat = fsetstat = mkdir = rename = posix_rename = _denied
    readlink = symlink = link = lock = unlock = statvfs = fstatvfs = fsync = map_path = reverse_map_path = _denied

    def format_user(self, uid: int | None) -> str:
        """Nothing about the server's own users."""
        del uid
        return "sluis"

    def format_group(self, gid: int | None) -> str:
        del gid
        return "sluis"

    async def realpath(self, path: bytes) -> bytes:
        await self._line.turn()
        return absolute(path)

    async def stat(self, path: bytes) -> SFTPAttrs:
        await self._line.turn()
        return self._attributes(self._tree.look(names_of(path)))

    lstat = stat  # there are no links to tell apart

    async def fstat(self, file_obj: object) -> SFTPAttrs:
        await self._line.turn()
        return self._attributes(os.fstat(_opened(file_obj).handle))

    def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        self._line.hurry()
        if len(self._listings) >= LISTINGS:
            raise asyncssh.SFTPFailure("too many folders are open")
        names = names_of(path)
        here = self._tree.look(names)
        if not stat.S_ISDIR(here.st_mode):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        entries = [(b".", here), (b"..", here), *self._tree.entries(names)]
        listing = _Listing(
            [SFTPName(name, attrs=self._attributes(found)) for name, found in entries], self._listing_turn
        )
        self._listings.add(listing)
        return listing

    async def _listing_turn(self) -> None:
        await self._line.turn()
        # Names, sizes and moments of new deliveries are for who may still log in, too.
        await self._visit.still_welcome()

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> OpenFile:
        del attrs
        await self._line.turn()
        await self._visit.still_welcome()
        if pflags != _READ_ONLY:
            _denied()
        names = names_of(path)
        self._visit.take_file()
        try:
            handle = self._tree.open(names)
        except OSError:
            self._visit.open_files -= 1
            raise
        found = os.fstat(handle)
        return OpenFile(handle, names, found.st_size, (found.st_dev, found.st_ino))

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        # Before the bytes are in memory: a client that asks and does not read must not fill it.
        await self._line.turn()
        file = _opened(file_obj)
        data = os.pread(file.handle, min(size, LARGEST_READ), offset)
        file.read.add(offset, offset + len(data))
        file.sent += len(data)
        return data

    async def close(self, file_obj: object) -> None:
        file = _opened(file_obj)
        os.close(file.handle)
        visit = self._visit
        visit.open_files -= 1
        # A client that is gone may not have had what was still under way.
        complete = not self._line.ended and visit.unfinished.finish(
            (visit.account.login, file.identity), file.read, file.size
        )
        if file.sent or complete:
            path = _texts(file.names)
            receipt = Receipt(visit.account.login, path, file.sent, complete, visit.address, visit.fingerprint)
            await visit.ask(lambda accounts: accounts.fetched(receipt))

    def exit(self) -> None:
        """The session ended well: scp asks for that, and takes a channel that just closes as a failure."""
        self.channel.exit(0)

    async def remove(self, path: bytes) -> None:
        names = await self._removable(path, _FILE_DEPTH)
        login = self._visit.account.login
        self._tree.look(names)
        if not await self._visit.ask(lambda accounts: accounts.has_fetched(login, _texts(names))):
            raise asyncssh.SFTPPermissionDenied("you can remove a file once you have fetched all of it")
        self._tree.remove(names)
        await self._tell_removed(names)

    async def rmdir(self, path: bytes) -> None:
        names = await self._removable(path, _DELIVERY_DEPTH)
        self._tree.remove_folder(names)
        await self._tell_removed(names)

    async def _removable(self, path: bytes, depth: int) -> Names:
        await self._line.turn()
        await self._visit.still_welcome()
        names = names_of(path)
        if not self._visit.account.may_delete or len(names) != depth:
            _denied()
        return names

    async def _tell_removed(self, names: Names) -> None:
        login, address = self._visit.account.login, self._visit.address
        await self._visit.ask(lambda accounts: accounts.removed(login, _texts(names), address))

    def _attributes(self, found: os.stat_result) -> SFTPAttrs:
        """What a receiver sees: no owner, and no rights of the server's file system."""
        folder = stat.S_ISDIR(found.st_mode)
        # Clients give what they fetch these rights: with none to write, they could put no later delivery beside it.
        mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
        moment = int(found.st_mtime)
        size = 0 if folder else found.st_size
        return SFTPAttrs(size=size, uid=0, gid=0, permissions=mode, atime=moment, mtime=moment, nlink=1)


def _opened(file_obj: object) -> OpenFile:
    if not isinstance(file_obj, OpenFile):
        raise asyncssh.SFTPInvalidHandle("not an open file")
    return file_obj


def _texts(names: Names) -> tuple[str, ...]:
    return tuple(os.fsdecode(name) for name in names)
