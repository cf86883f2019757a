"""Publishes deliveries to a server of the receiver."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from sluis.errors import Fatal, Retryable, SluisError
from sluis.sftp.connecting import TRANSIENT, Server, connected, explained, lasting
from sluis.sftp.destination import Absent, Entry, Fate
from sluis.sftp.upload import Progress, Remote

Answer = TypeVar("Answer")
MANIFEST = "datapackage.json"
LARGEST_MANIFEST = 64 * 1024 * 1024
TEMPORARY = ".sluis-"
"""How the names begin of what is not published yet; hidden from receivers, as names with a dot are."""
AWAY = ".withdrawn"
STATE = ".publishing.json"
PAUSES = (1.0, 5.0, 20.0, 60.0)
"""Seconds between tries."""
_AT_ONCE = 1024 * 1024
_LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)


@dataclass
class State:
    """How far a delivery is, kept in the folder it was built in: it must survive this process.

    ``place``: where it goes to. ``flat``: files go up under their final names. ``sent``: what publishes it may have
    been sent. ``withdrawn``: it is not going to be published.
    """

    place: str
    flat: bool = False
    sent: bool = False
    withdrawn: bool = False
    done: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, built: Path, place: str) -> State:
        """As it was last saved; a new one for ``place`` where it never was."""
        try:
            return cls(**json.loads((built / STATE).read_text("utf-8")))
        except FileNotFoundError:
            return cls(place)

    def save(self, built: Path) -> None:
        """Keep it, on disk before this returns."""
        temporary = built / f"{STATE}.new"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(vars(self), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(built / STATE)


@dataclass
class ExternalServer:
    """The folder of an account on a server.

    ``learned``: told when it turns out whether the server renames folders. ``sent``: told, from within an event loop,
    how many bytes of a file the server has.
    """

    server: Server
    learned: Callable[[bool], None] = lambda _: None
    sent: Callable[[str, int], None] = lambda _, __: None
    pauses: tuple[float, ...] = field(default_factory=lambda: PAUSES)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def stage(self, built: Path, configuration: str, keep: frozenset[str]) -> None:
        """Bring the files up under the temporary name; nothing where the server cannot rename it afterwards."""
        if self.server.renames_folders is not False:
            _Publication(self, built, configuration, "", keep).run(staging=True)

    def publish(self, built: Path, configuration: str, folder: str) -> None:
        """Put the delivery there, and give it its final name; ``Retryable`` when it did not go, try after try."""
        if not built.is_dir():
            raise Fatal(f"what was built of {folder} is gone", remedy="look at its fate before you publish it")
        _Publication(self, built, configuration, folder).run()

    def fate(self, built: Path, configuration: str, folder: str) -> Fate:
        """Asked of the server only where what publishes it may have been sent."""
        state = State.read(built, self.place)
        if state.withdrawn or (built.is_dir() and not state.sent):
            return Fate.NOT_PUBLISHED
        if state.place != self.place:
            # The account was given another server meanwhile; what became of it at the former one cannot be asked.
            return Fate.UNKNOWN
        return self._once(lambda remote: self._fate(remote, built, f"{self._base(configuration)}/{folder}", state))

    async def _fate(self, remote: Remote, built: Path, final: str, state: State) -> Fate:
        if state.flat:
            return await self._flat_fate(remote, built, final)
        temporary = f"{final.rpartition('/')[0]}/{TEMPORARY}{built.name}"
        if await remote.exists(temporary) or await remote.exists(f"{temporary}{AWAY}"):
            return Fate.NOT_PUBLISHED
        if built.is_dir() and state.sent:
            # Gone from where it was, so it was renamed: the receiver may have moved it since.
            return Fate.PUBLISHED
        # Built on another machine perhaps, which may have died before it sent anything: only what stands there tells.
        return Fate.PUBLISHED if await self._stands(remote, built, final) else Fate.UNKNOWN

    @staticmethod
    async def _stands(remote: Remote, built: Path, final: str) -> bool:
        """Whether this very delivery stands there, complete: its manifest, which comes last, names it."""
        content = await remote.content(f"{final}/{MANIFEST}", LARGEST_MANIFEST)
        try:
            told = json.loads(content or "null")
        except ValueError:
            return False
        named = told.get("sluis", {}).get("id") if isinstance(told, dict) else None
        return bool(named) and built.name.endswith(str(named))

    async def _flat_fate(self, remote: Remote, built: Path, final: str) -> Fate:
        size = await remote.size(f"{final}/{MANIFEST}")
        if size is not None and size == _size(built / MANIFEST, size):
            return Fate.PUBLISHED
        return Fate.NOT_PUBLISHED if await remote.names(final) else Fate.UNKNOWN

    def withdraw(self, built: Path, configuration: str, folder: str) -> Fate:
        """Move what is there out of the way of any process that would still publish it, and remove it."""
        state = State.read(built, self.place)
        if state.place != self.place:
            return Fate.UNKNOWN if state.sent else Fate.NOT_PUBLISHED
        base = self._base(configuration)
        return self._once(lambda remote: self._withdraw(remote, built, (base, folder), state))

    async def _withdraw(self, remote: Remote, built: Path, names: tuple[str, str], state: State) -> Fate:
        base, folder = names
        if state.flat:
            fate = await self._flat_fate(remote, built, f"{base}/{folder}") if state.sent else Fate.NOT_PUBLISHED
            if fate is Fate.NOT_PUBLISHED:
                await self._keep_withdrawn(remote, built, f"{base}/{folder}", state)
            return fate
        temporary = f"{base}/{TEMPORARY}{built.name}"
        away = f"{temporary}{AWAY}"
        if not state.withdrawn and not await remote.exists(away):
            try:
                await remote.answer(remote.sftp.rename(temporary, away))
            except asyncssh.SFTPError:
                if await remote.exists(temporary):
                    raise
                if state.sent:
                    return Fate.PUBLISHED
                if not built.is_dir():
                    # Another machine went on with it at this very moment.
                    return Fate.PUBLISHED if await self._stands(remote, built, f"{base}/{folder}") else Fate.UNKNOWN
        await self._keep_withdrawn(remote, built, away, state)
        return Fate.NOT_PUBLISHED

    @staticmethod
    async def _keep_withdrawn(remote: Remote, built: Path, folder: str, state: State) -> None:
        """Remember that it is withdrawn before what tells so on the server is removed.

        One that another machine built is told by the emptied folder, until the next delivery: it may still be at it.
        """
        if not built.is_dir():
            await remote.empty_folder(folder)
            return
        state.withdrawn = True
        state.save(built)
        await remote.remove_folder(folder)

    def standing(self, configuration: str) -> list[str]:
        """Names of the deliveries' folders that the configuration's folder holds now."""
        return self._once(lambda remote: remote.folders(self._base(configuration)))

    def remove(self, configuration: str, folder: str) -> None:
        """Remove a delivery that stands there; nothing happens where it does not."""
        self._once(lambda remote: remote.remove_folder(f"{self._base(configuration)}/{folder}"))

    def clean(self, configuration: str, keep: frozenset[str]) -> None:
        """Remove temporary names that dead runs left, but those of the ``built`` names in ``keep``."""
        kept = {f"{TEMPORARY}{name}{more}" for name in keep for more in ("", AWAY)}
        self._once(lambda remote: self._clean(remote, self._base(configuration), kept))

    async def _clean(self, remote: Remote, base: str, kept: set[str]) -> None:
        for name in await remote.names(base):
            if name.startswith(TEMPORARY) and name not in kept:
                await remote.remove_folder(f"{base}/{name}")

    def entries(self, path: tuple[str, ...]) -> list[Entry]:
        """What stands in a folder below the account's, by name, without links and hidden names; ``Absent``."""
        found = self._once(lambda remote: remote.entries(self._base("/".join(path))))
        if found is None:
            raise Absent(path)
        return found

    def content(self, path: tuple[str, ...]) -> Generator[bytes]:
        """A file from its first byte on; ``Absent`` when its first bytes are asked. Close it where you stop before."""
        with asyncio.Runner() as runner:
            chunks = self._chunks(path)

            async def following() -> bytes:
                return await anext(chunks, b"")

            try:
                while chunk := runner.run(following()):
                    yield chunk
            finally:
                runner.run(chunks.aclose())

    async def _chunks(self, path: tuple[str, ...]) -> AsyncGenerator[bytes]:
        # The connection lives as long as who reads: `with_remote` ends it with its work.
        async with connected(self.server) as connection:
            try:
                sftp = await asyncio.wait_for(connection.start_sftp_client(), self.server.timeout)
                remote = Remote(sftp, self.server.timeout)
                if not await remote.is_file(where := self._base("/".join(path))):
                    raise Absent(path)
                async with await remote.answer(sftp.open(where, "rb", encoding=None)) as file:
                    while True:
                        chunk: bytes = await remote.answer(file.read(_AT_ONCE))
                        if not chunk:
                            break
                        yield chunk
            except TRANSIENT as error:
                raise explained(error, self.server) from error

    @property
    def place(self) -> str:
        """What tells this folder on this server from others."""
        return f"{self.server.user}@{self.server.host}:{self.server.port}/{self.server.folder}"

    def _base(self, configuration: str) -> str:
        return joined(self.server.folder, configuration)

    def _once(self, work: Callable[[Remote], Coroutine[Any, Any, Answer]]) -> Answer:
        return asyncio.run(self.with_remote(work))

    async def with_remote(self, work: Callable[[Remote], Coroutine[Any, Any, Answer]]) -> Answer:
        """Do something over one connection; its errors are those of Sluis."""
        async with connected(self.server) as connection:
            try:
                sftp = await asyncio.wait_for(connection.start_sftp_client(), self.server.timeout)
                return await work(Remote(sftp, self.server.timeout))
            except TRANSIENT as error:
                raise explained(error, self.server) from error


class _Publication:
    """One call of ``publish``: as many tries as it takes."""

    def __init__(
        self,
        destination: ExternalServer,
        built: Path,
        configuration: str,
        folder: str,
        keep: frozenset[str] = frozenset(),
    ) -> None:
        self._destination, self._built = destination, built
        self._kept = {f"{TEMPORARY}{name}" for name in (*keep, built.name)}
        self._base = joined(destination.server.folder, configuration)
        self._final = f"{self._base}/{folder}"
        self._temporary = f"{self._base}/{TEMPORARY}{built.name}"
        self._state = State.read(built, destination.place)
        if self._state.place != destination.place:
            self._state = State(destination.place)
        self._progress = Progress(done=set(self._state.done), told=destination.sent)
        self._learned: bool | None = None

    def run(self, *, staging: bool = False) -> None:
        """Publish, or bring up only; whatever becomes of it, what was learned is told outside the event loop."""
        if self._destination.server.renames_folders is False and not self._state.sent:
            self._state.flat = True
        try:
            asyncio.run(self._tries(self._stage if staging else self._try))
        finally:
            if self._learned is not None:
                self._destination.learned(self._learned)

    async def _tries(self, work: Callable[[Remote], Coroutine[Any, Any, None]]) -> None:
        for pause in (*self._destination.pauses, None):
            try:
                await self._destination.with_remote(work)
            except SluisError as error:
                if pause is None or lasting(error) or isinstance(error, Taken | Withdrawn):
                    raise
                await self._destination.sleep(pause)
            else:
                return

    async def _stage(self, remote: Remote) -> None:
        await remote.make_folder(self._base)
        for name in await remote.names(self._base):
            if name.startswith(TEMPORARY) and name.removesuffix(AWAY) not in self._kept:
                await remote.remove_folder(f"{self._base}/{name}")
        await self._bring_up(remote)

    async def _bring_up(self, remote: Remote) -> None:
        """Exactly what was built, under the temporary name."""
        await remote.make_folder(self._temporary)
        files = self._files()
        for name in set(await remote.names(self._temporary)) - {file.name for file in files}:
            # Of an earlier try, before the configuration changed.
            await remote.answer(remote.sftp.remove(f"{self._temporary}/{name}"))
        await self._put(remote, files, self._temporary)

    async def _try(self, remote: Remote) -> None:
        await remote.make_folder(self._base)
        if not self._state.flat and not await self._as_folder(remote):
            self._progress = Progress(told=self._destination.sent)
            self._state = State(self._state.place, flat=True)
            # Before the temporary name goes: else its absence would say that it was renamed.
            self._state.save(self._built)
            await remote.remove_folder(self._temporary)
        if self._state.flat:
            await self._flat(remote)

    async def _as_folder(self, remote: Remote) -> bool:
        """Up under a temporary name, then one rename; False where the server cannot rename folders."""
        if await remote.exists(f"{self._temporary}{AWAY}"):
            raise self._withdrawn()
        if self._state.sent and not await remote.exists(self._temporary):
            return True
        if await remote.exists(self._final):
            raise self._taken()
        await self._bring_up(remote)
        self._sending()
        try:
            await remote.answer(remote.sftp.rename(self._temporary, self._final))
        except _LOST:
            # The reply is lost, and perhaps the request.
            raise
        except asyncssh.SFTPError as error:
            self._refused_for_sure()
            if await remote.exists(self._final):
                raise self._taken() from None
            if not await remote.exists(self._temporary):
                raise self._withdrawn() from error
            if await renames_folders(remote, self._base):
                raise
            self._learned = False
            return False
        return True

    async def _flat(self, remote: Remote) -> None:
        """Up under the final names, the manifest last."""
        manifest = f"{self._final}/{MANIFEST}"
        there = await remote.size(manifest)
        if there is not None and not self._state.sent:
            raise self._taken()
        if there == (self._built / MANIFEST).stat().st_size:
            return
        await remote.make_folder(self._final)
        files = [file for file in self._files() if file.name != MANIFEST]
        for name in set(await remote.names(self._final)) - {file.name for file in files}:
            # Of an earlier delivery that was never published.
            await remote.answer(remote.sftp.remove(f"{self._final}/{name}"))
        await self._put(remote, files, self._final)
        part = f"{self._final}/.{MANIFEST}.part"
        await remote.put(self._built / MANIFEST, part, Progress())
        self._sending()
        try:
            await remote.answer(remote.sftp.rename(part, manifest))
        except asyncssh.SFTPError:
            await remote.put(self._built / MANIFEST, manifest, Progress())
            await remote.answer(remote.sftp.remove(part))

    def _files(self) -> list[Path]:
        """What was built, the largest first: they decide how long it takes."""
        files = [path for path in self._built.iterdir() if path.is_file() and not path.name.startswith(".")]
        return sorted(files, key=lambda path: path.stat().st_size, reverse=True)

    async def _put(self, remote: Remote, files: list[Path], folder: str) -> None:
        try:
            await remote.put_all(files, folder, self._progress)
        finally:
            self._state.done = sorted(self._progress.done)
            self._state.save(self._built)

    def _refused_for_sure(self) -> None:
        """The server itself said no to what would have published it."""
        self._state.sent = False
        self._state.done = []
        self._progress = Progress(told=self._destination.sent)
        self._state.save(self._built)

    def _sending(self) -> None:
        self._state.sent = True
        self._state.save(self._built)

    def _withdrawn(self) -> Withdrawn:
        return Withdrawn(
            f"{self._temporary} is gone from {self._destination.server}",
            remedy="see that nobody removes what begins with .sluis- there, and deliver again",
        )

    def _taken(self) -> Taken:
        return Taken(
            f"{self._final} is on {self._destination.server} already",
            remedy="move it away; a delivery never overwrites another",
        )


class Taken(Retryable):
    """Something else stands under the final name."""


class Withdrawn(Retryable):
    """Another process decided that this delivery does not go out: it must not be brought up again."""


async def renames_folders(remote: Remote, base: str) -> bool:
    """Whether the server renames a folder, tried with one that is made for it.

    Only a clear no counts: that it knows no renaming, or that it renames a file and not the folder. Its error where it
    renames neither: that can be its rights or the moment, and says nothing of tomorrow.
    """
    first, second = (f"{base}/{TEMPORARY}try-{os.getpid()}-{number}" for number in (1, 2))
    for path in (first, second):
        await remote.remove_folder(path)
    await remote.make_folder(first)
    refusal = await _refusal(remote, first, second)
    if refusal is None:
        await remote.remove_folder(second)
        return True
    async with await remote.answer(remote.sftp.open(f"{first}/1", "wb")) as file:
        await remote.answer(file.write(b"sluis\n"))
    unclear = await _refusal(remote, f"{first}/1", f"{first}/2")
    await remote.remove_folder(first)
    if unclear and not isinstance(refusal, asyncssh.SFTPOpUnsupported):
        raise refusal
    return False


async def _refusal(remote: Remote, old: str, new: str) -> asyncssh.SFTPError | None:
    """What the server says against a rename; None where it renamed."""
    try:
        await remote.answer(remote.sftp.rename(old, new))
    except _LOST:
        raise
    except asyncssh.SFTPError as error:
        return error
    return None


def joined(folder: str, name: str) -> str:
    """A name inside a folder of a server."""
    return f"{folder.rstrip('/')}/{name}" if folder.strip("/.") or folder.startswith("/") else name


def _size(path: Path, otherwise: int) -> int:
    return path.stat().st_size if path.exists() else otherwise
