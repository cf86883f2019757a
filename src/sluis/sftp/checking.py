"""Tries what publishing asks of a server of the receiver, step by step: "test connection"."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field, replace

import asyncssh

from sluis.errors import SluisError
from sluis.sftp import connecting, external
from sluis.sftp.connecting import TRANSIENT, HostKeyRefused, Server
from sluis.sftp.external import ExternalServer
from sluis.sftp.keys import Pin
from sluis.sftp.upload import Remote

_GIB = 1024**3


@dataclass(frozen=True)
class Result:
    """One step. ``ok``: None where it cannot be known and does not matter."""

    name: str
    ok: bool | None
    text: str


@dataclass
class Checked:
    """What was found. ``host_key``: what the server showed; ``renames_folders``: None where it did not come to that."""

    results: list[Result] = field(default_factory=list)
    host_key: Pin | None = None
    renames_folders: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether deliveries can be published there."""
        return all(result.ok is not False for result in self.results)

    def add(self, name: str, text: str, *, ok: bool | None = True) -> None:
        self.results.append(Result(name, ok, text))


def check(server: Server, *, accept_host_key: bool = False) -> Checked:
    """Try everything. Without a pin only the host key is shown, unless it is accepted as it comes."""
    return asyncio.run(_check(server, accept_host_key=accept_host_key))


async def _check(server: Server, *, accept_host_key: bool) -> Checked:
    checked = Checked()
    try:
        if not server.pins:
            checked.host_key = await connecting.shown_by(server)
            if not accept_host_key:
                text = f"the server shows {checked.host_key.fingerprint} ({checked.host_key.type}): compare it with "
                checked.add("host key", text + "what its administrator says, and accept it", ok=False)
                return checked
            server = replace(server, pins=(checked.host_key,))
        await ExternalServer(server).with_remote(lambda remote: _steps(remote, server, checked))
    except HostKeyRefused as error:
        checked.host_key = error.shown
        checked.add("host key", _told(error), ok=False)
    except SluisError as error:
        checked.add("log-in" if not checked.results else "connection", _told(error), ok=False)
    return checked


def _told(error: SluisError) -> str:
    return f"{error}. {error.remedy}" if error.remedy else str(error)


async def _steps(remote: Remote, server: Server, checked: Checked) -> None:
    checked.add("host key", "the server shows a key that is known")
    checked.add("log-in", f"{server.user} is logged in")
    base = server.folder.rstrip("/") or "/"
    probe = external.joined(base, f"{external.TEMPORARY}test-{os.getpid()}")
    try:
        await remote.make_folder(base)
        checked.add("folder", f"{base} is there")
        await remote.remove_folder(probe)
        await remote.make_folder(probe)
        await _write(remote, f"{probe}/test", checked)
        checked.renames_folders = await external.renames_folders(remote, base)
        told = "folders can be renamed: a delivery appears at once" if checked.renames_folders else _FLAT
        checked.add("renaming", told, ok=checked.renames_folders or None)
        await remote.remove_folder(probe)
        checked.add("deleting", "a file and a folder can be removed")
    except TRANSIENT as error:
        step = ("folder", "writing", "renaming", "deleting")[min(len(checked.results) - 2, 3)]
        checked.add(step, _told(connecting.explained(error, server)), ok=False)
        return
    await _space(remote, base, checked)


_FLAT = "folders cannot be renamed: files go up under their final names, datapackage.json last"


async def _write(remote: Remote, path: str, checked: Checked) -> None:
    async with await remote.answer(remote.sftp.open(path, "wb")) as file:
        await remote.answer(file.write(b"sluis\n"))
    if await remote.size(path) != len(b"sluis\n"):
        raise asyncssh.SFTPFailure("the server did not keep what was written")
    checked.add("writing", "a file can be written")


async def _space(remote: Remote, base: str, checked: Checked) -> None:
    try:
        found = await remote.answer(remote.sftp.statvfs(base))
    except TRANSIENT:
        checked.add("free space", "the server does not tell", ok=None)
        return
    free = (found.bavail or 0) * (found.frsize or 0)
    checked.add("free space", f"{free / _GIB:.1f} GiB", ok=True if free else None)
