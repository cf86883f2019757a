"""A hosted server in a thread of its own, with accounts in memory, and folders with deliveries."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from sluis.sftp import keys
from sluis.sftp.accounts import Account, AccountKey, Receipt
from sluis.sftp.guard import Guard
from sluis.sftp.server import HostedServer, Limits

Answer = TypeVar("Answer")
FOLDER = "000001_20261123T020000Z_full"
FILES = {
    "Dim_Werknemer.csv": b"PrimaryKey,Naam\n" + b"".join(b"%06d,Jansen\n" % n for n in range(40_000)),
    "Fact_Leeg.csv": b"",
    "datapackage.json": b'{"name": "productie-000001"}\n',
}


def deliver(root: Path, configuration: str = "Productie", folder: str = FOLDER, **files: bytes) -> Path:
    """A delivery that stands in an account's folder."""
    place = root / configuration / folder
    place.mkdir(parents=True)
    for name, content in (files or FILES).items():
        (place / name).write_bytes(content)
    return place


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@dataclass
class MemoryAccounts:
    """Accounts as the server asks for them. What it tells is kept in lists."""

    by_login: dict[str, Account] = field(default_factory=dict)
    uses: list[tuple[str, str, str]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    removals: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def add(self, login: str, root: Path, *public: keys.PublicKey, **more: Any) -> Account:
        known = tuple(AccountKey(one.line, one.fingerprint) for one in public)
        self.by_login[login] = Account(login, root, known, **more)
        return self.by_login[login]

    def change(self, login: str, **more: Any) -> None:
        self.by_login[login] = replace(self.by_login[login], **more)

    def find(self, login: str) -> Account | None:
        return self.by_login.get(login)

    def used(self, login: str, fingerprint: str, address: str) -> None:
        self.uses.append((login, fingerprint, address))

    def fetched(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)

    def has_fetched(self, login: str, path: tuple[str, ...]) -> bool:
        return any(one.login == login and one.path == path and one.complete for one in self.receipts)

    def removed(self, login: str, path: tuple[str, ...], address: str) -> None:
        self.removals.append((login, path))


class Loop:
    """An event loop in a thread: programs that block can be run beside the server."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Answer], timeout: float = 30) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def close(self) -> None:
        self.run(self._rest())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _rest(self) -> None:
        """Let what is under way end, or end it."""
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Hosted:
    """A server that runs, and one account ``dwh`` with a delivery and a key in a file."""

    server: HostedServer
    accounts: MemoryAccounts
    loop: Loop
    root: Path
    key: Path
    known_hosts: Path

    @property
    def port(self) -> int:
        return self.server.port


def write_key(path: Path, kind: str = "ed25519") -> keys.PublicKey:
    """A key without a passphrase in a file that only the owner reads."""
    pair = keys.make_pair(kind, protected=False)
    path.touch(0o600)
    path.write_text(pair.private)
    path.with_name(path.name + ".pub").write_text(pair.public.line + "\n")
    return pair.public


@contextmanager
def hosting(
    folder: Path, *, limits: Limits | None = None, guard: Guard | None = None, strict: bool = False
) -> Iterator[Hosted]:
    """Serve ``dwh`` until the block ends."""
    root = folder / "hosted" / "dwh"
    accounts = MemoryAccounts()
    public = write_key(folder / "id_dwh")
    accounts.add("dwh", root, public)
    deliver(root)
    loop = Loop()
    server = HostedServer(accounts, folder / "host-keys", limits=limits, guard=guard, strict=strict)
    loop.run(server.start())
    known = folder / "known_hosts"
    known.write_text("".join(f"[127.0.0.1]:{server.port} {key.public}\n" for key in server.keys))
    try:
        yield Hosted(server, accounts, loop, root, folder / "id_dwh", known)
    finally:
        loop.run(server.close())
        loop.close()
