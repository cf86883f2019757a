"""Files to a server: many requests in flight, several files at once, and on from where a broken connection was."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncssh

from sluis.sftp.destination import Entry, is_plain_name

Answer = TypeVar("Answer")
FILES_AT_ONCE = 4
IN_FLIGHT = 4 * 1024 * 1024
"""Bytes of one file that are sent and not confirmed yet."""
LARGEST_WRITE = 256 * 1024
SAFE_WRITE = 32 * 1024
_SHOWN = (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_DIRECTORY)


@dataclass
class Progress:
    """What the server has confirmed: bytes of each file, in order from its start; and the files that are done.

    ``told``: called with the name of a file and its confirmed bytes.
    """

    confirmed: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    told: Callable[[str, int], None] = lambda _, __: None


class Remote:
    """The file system of a server. ``timeout``: seconds that an answer may take; ``TimeoutError`` after that."""

    def __init__(self, sftp: asyncssh.SFTPClient, timeout: float) -> None:
        self.sftp = sftp
        self._timeout = timeout

    async def answer(self, call: Awaitable[Answer]) -> Answer:
        """What the server answers."""
        return await asyncio.wait_for(call, self._timeout)

    async def size(self, path: str) -> int | None:
        """Bytes of what stands there, None for nothing."""
        try:
            return (await self.answer(self.sftp.lstat(path))).size or 0
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None

    async def exists(self, path: str) -> bool:
        """Whether anything stands there."""
        return await self.size(path) is not None

    async def content(self, path: str, most: int) -> bytes | None:
        """What a file holds, None where it is not there or larger than ``most`` bytes."""
        size = await self.size(path)
        if size is None or size > most:
            return None
        file = await self.answer(self.sftp.open(path, "rb", encoding=None))
        try:
            held: bytes = await self.answer(file.read(size))
            return held
        finally:
            with suppress(asyncssh.Error, OSError, TimeoutError):
                await self.answer(file.close())

    async def make_folder(self, path: str) -> None:
        """Make a folder with all above it, where they are not there."""
        if path in {"", "/", "."} or await self.exists(path):
            return
        await self.make_folder(path.rpartition("/")[0])
        try:
            await self.answer(self.sftp.mkdir(path))
        except asyncssh.SFTPError:
            # Another delivery to the same server may have made it meanwhile.
            if not await self.exists(path):
                raise

    async def names(self, path: str) -> list[str]:
        """Names in a folder; none where it is not there."""
        try:
            found = await self.answer(self.sftp.listdir(path))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return []
        return sorted(str(name) for name in found if str(name) not in {".", ".."})

    async def folders(self, path: str) -> list[str]:
        """Names of the folders in a folder that are not hidden."""
        try:
            found = await self.answer(self.sftp.readdir(path))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return []
        named = {str(one.filename): one.attrs.type for one in found}
        return sorted(n for n, kind in named.items() if kind == asyncssh.FILEXFER_TYPE_DIRECTORY and n[0] != ".")

    async def entries(self, path: str) -> list[Entry] | None:
        """The files and folders in a folder that are not hidden, by name; None where it is not there."""
        try:
            found = await self.answer(self.sftp.readdir(path))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None
        shown = [_entry(one) for one in found if one.attrs.type in _SHOWN and is_plain_name(str(one.filename))]
        return sorted(shown, key=lambda one: one.name)

    async def is_file(self, path: str) -> bool:
        """Whether an ordinary file stands there."""
        try:
            return (await self.answer(self.sftp.lstat(path))).type == asyncssh.FILEXFER_TYPE_REGULAR
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return False

    async def remove_folder(self, path: str) -> None:
        """Remove a folder with the files in it; nothing happens where it is not there."""
        await self.empty_folder(path)
        if await self.exists(path):
            await self.answer(self.sftp.rmdir(path))

    async def empty_folder(self, path: str) -> None:
        """Remove the files in a folder; nothing happens where it is not there."""
        for name in await self.names(path):
            await self.answer(self.sftp.remove(f"{path}/{name}"))

    async def put_all(self, files: Iterable[Path], folder: str, progress: Progress) -> None:
        """Put files into a folder; what ``progress`` knows as done is only looked at."""
        gate = asyncio.Semaphore(FILES_AT_ONCE)

        async def one(file: Path) -> None:
            async with gate:
                await self.put(file, f"{folder}/{file.name}", progress)

        tasks = [asyncio.create_task(one(file)) for file in files]
        try:
            await asyncio.gather(*tasks)
        finally:
            await _end(tasks)

    async def put(self, local: Path, path: str, progress: Progress) -> None:
        """Put one file, and see that the server has all of it."""
        size, name = local.stat().st_size, local.name
        there = await self.size(path)
        if name in progress.done and there == size:
            return
        progress.done.discard(name)
        start = min(progress.confirmed.get(name, 0), there or 0)
        await self._send(local, path, start, size, progress)
        there = await self.size(path)
        if there != size:
            progress.confirmed.pop(name, None)
            raise asyncssh.SFTPFailure(f"of {size} bytes of {name} the server kept {there or 0}")
        progress.done.add(name)

    async def _send(self, local: Path, path: str, start: int, size: int, progress: Progress) -> None:
        flags = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | (0 if start else asyncssh.FXF_TRUNC)
        block = min(self.sftp.limits.max_write_len or SAFE_WRITE, LARGEST_WRITE)
        remote = await self.answer(self.sftp.open(path, flags, encoding=None, block_size=0))
        sent: deque[tuple[int, asyncio.Task[int]]] = deque()
        position = start
        try:
            with local.open("rb") as file:
                file.seek(start)
                while position < size or sent:
                    while position < size and len(sent) * block < IN_FLIGHT:
                        data = file.read(block)
                        sent.append((position + len(data), asyncio.create_task(remote.write(data, position))))
                        position += len(data)
                    end, task = sent.popleft()
                    await self.answer(task)
                    progress.confirmed[local.name] = end
                    progress.told(local.name, end)
        finally:
            await _end([task for _, task in sent])
            with suppress(asyncssh.Error, OSError, TimeoutError, ValueError):
                await self.answer(remote.close())


async def _end(tasks: list[asyncio.Task[Answer]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _entry(found: asyncssh.SFTPName) -> Entry:
    moment = found.attrs.mtime
    return Entry(
        str(found.filename),
        found.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY,
        found.attrs.size or 0,
        dt.datetime.fromtimestamp(moment, dt.UTC) if moment is not None else None,
    )
