"""Who gets in and who does not; limits; and what a client can do to the server: nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import psutil
import pytest

from sftp.hosting import FILES, FOLDER, Hosted, deliver, hosting, write_key
from sftp.visiting import visiting
from sluis.errors import Fatal, Rejected, Retryable
from sluis.sftp import hostkeys, keys
from sluis.sftp.coverage import Ranges, Unfinished
from sluis.sftp.files import ADVISED_READ, LARGEST_READ
from sluis.sftp.guard import Guard, read_address
from sluis.sftp.server import HostedServer, Limits

FILE = f"Productie/{FOLDER}/Dim_Werknemer.csv"


async def enters(hosted: Hosted, login: str = "dwh", key: Path | None = None) -> bool:
    try:
        async with visiting(hosted, login, key) as (_, sftp):
            return "Productie" in map(str, await sftp.listdir("/"))
    except (asyncssh.Error, OSError):
        return False


async def alone(hosted: Hosted, sessions: int = 0) -> None:
    """Wait until the server has seen that clients are gone."""
    async with asyncio.timeout(10):
        while hosted.server.sessions > sessions:
            await asyncio.sleep(0)


def test_only_the_keys_of_an_account_get_in(hosted: Hosted, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    write_key(stranger)
    assert hosted.loop.run(enters(hosted))
    assert not hosted.loop.run(enters(hosted, key=stranger))
    assert not hosted.loop.run(enters(hosted, "nobody"))
    assert not hosted.loop.run(enters(hosted, "DWH"))
    assert [login for login, _, _ in hosted.accounts.uses] == ["dwh"]


@pytest.mark.parametrize("password", ["", "dwh", "secret"])
def test_there_is_no_password(hosted: Hosted, password: str) -> None:
    async def attempt() -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect(
                "127.0.0.1", hosted.port, username="dwh", password=password, client_keys=None, config=None,
                known_hosts=str(hosted.known_hosts), agent_path=None,
            )  # fmt: skip

    hosted.loop.run(attempt())


def test_a_key_ends_and_another_goes_on(hosted: Hosted, tmp_path: Path) -> None:
    new = tmp_path / "new"
    hosted.accounts.add("dwh", hosted.root, *[_public(hosted.key), write_key(new)])
    assert hosted.loop.run(enters(hosted))
    known = hosted.accounts.by_login["dwh"].keys
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    hosted.accounts.change("dwh", keys=(replace(known[0], ends=past), known[1]))
    assert not hosted.loop.run(enters(hosted))
    assert hosted.loop.run(enters(hosted, key=new))


def _public(path: Path) -> keys.PublicKey:
    return keys.read_public(path.with_name(path.name + ".pub").read_text())


@pytest.mark.parametrize(("network", "may"), [("127.0.0.0/8", True), ("192.0.2.0/24", False), ("::1/128", False)])
def test_addresses_that_may(hosted: Hosted, network: str, may: bool) -> None:
    hosted.accounts.change("dwh", addresses=(ipaddress.ip_network(network),))
    assert hosted.loop.run(enters(hosted)) is may


def test_a_key_that_is_taken_away_lists_nothing_any_more(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluis.sftp.server._WELCOME_FOR", 0.0)

    async def attempt() -> None:
        async with visiting(hosted) as (connection, sftp):
            assert await sftp.listdir("/")
            hosted.accounts.change("dwh", keys=())
            with pytest.raises(asyncssh.Error):
                await sftp.listdir("/")
            await connection.wait_closed()

    hosted.loop.run(attempt())


def test_a_key_that_is_taken_away_ends_its_session(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluis.sftp.server._WELCOME_FOR", 0.0)

    async def attempt() -> None:
        async with visiting(hosted) as (connection, sftp):
            async with sftp.open(FILE, "rb") as file:
                assert await file.read(5)
            hosted.accounts.change("dwh", keys=())
            with pytest.raises(asyncssh.Error):
                await sftp.open(FILE, "rb")
            await connection.wait_closed()

    hosted.loop.run(attempt())


def test_an_address_that_fails_again_and_again_is_blocked_for_a_while(tmp_path: Path) -> None:
    now = [0.0]
    guard = Guard(slow_after=2, block_after=3, block_for=60, longest_wait=0.01, clock=lambda: now[0])
    stranger = tmp_path / "stranger"
    write_key(stranger)
    with hosting(tmp_path, guard=guard) as hosted:
        for _ in range(3):
            assert not hosted.loop.run(enters(hosted, key=stranger))
            hosted.loop.run(alone(hosted))
        assert guard.blocked(read_address("127.0.0.1"))
        assert not hosted.loop.run(enters(hosted)), "blocked, with the right key too"
        now[0] = 61
        assert hosted.loop.run(enters(hosted))


def test_a_guard_slows_forgets_and_is_bounded() -> None:
    now = [0.0]
    guard = Guard(
        slow_after=2, block_after=5, block_for=100, forget_after=50, longest_wait=3, most=3, clock=lambda: now[0]
    )
    one, two = read_address("192.0.2.1"), read_address("192.0.2.2")
    waits = []
    for _ in range(5):
        waits.append(guard.wait(one))
        guard.failed(one)
    assert waits == [0.0, 0.0, 0.5, 1.0, 2.0]
    assert guard.wait(one) == 3
    assert (guard.blocked(one), guard.blocked(two)) == (True, False)
    now[0] = 60
    assert guard.blocked(one), "a block lasts longer than the memory of a failure"
    now[0] = 101
    assert not guard.blocked(one)
    guard.failed(two)
    guard.succeeded(two)
    assert guard.wait(two) == 0
    for number in range(10):
        guard.failed(read_address(f"198.51.100.{number}"))
    assert len(guard._records) == 3


def test_a_household_of_ipv6_is_one_address() -> None:
    guard = Guard(block_after=2)
    for address in ("2001:db8::1", "2001:db8::2"):
        guard.failed(read_address(address))
    assert guard.blocked(read_address("2001:db8::3"))
    assert not guard.blocked(read_address("2001:db8:0:1::1"))
    assert read_address("::ffff:192.0.2.1") == read_address("192.0.2.1")
    assert read_address("fe80::1%eth0") == read_address("fe80::1")


def test_a_client_is_told_how_much_to_ask_for_and_may_ask_for_more(hosted: Hosted) -> None:
    big = bytes(range(256)) * 2048
    (hosted.root / "Productie" / FOLDER / "Big.csv").write_bytes(big)

    async def reads() -> tuple[int, int]:
        async with visiting(hosted) as (_, sftp), sftp.open(f"Productie/{FOLDER}/Big.csv", "rb", block_size=0) as file:
            assert await file.read(LARGEST_READ, 0) == big[:LARGEST_READ]  # type: ignore[comparison-overlap]  # bytes, as it is opened
            return sftp.limits.max_read_len, len(await file.read(2 * LARGEST_READ, 0))

    assert hosted.loop.run(reads()) == (ADVISED_READ, LARGEST_READ)


def test_limits_on_sessions(tmp_path: Path) -> None:
    with hosting(tmp_path, limits=Limits(sessions=4, sessions_per_account=2)) as hosted:
        other = tmp_path / "id_other"
        hosted.accounts.add("other", hosted.root, write_key(other))

        async def attempt() -> None:
            async with visiting(hosted), visiting(hosted):
                assert not await enters(hosted), "a third of the same account"
                await alone(hosted, 2)
                async with visiting(hosted, "other", other), visiting(hosted, "other", other):
                    assert not await enters(hosted, "other", other), "a fifth in all"
                await alone(hosted, 2)
                assert await enters(hosted, "other", other)
            await alone(hosted)
            assert await enters(hosted)

        hosted.loop.run(attempt())


def test_limits_on_open_files_and_folders(tmp_path: Path) -> None:
    with hosting(tmp_path, limits=Limits(open_files=3, channels=2)) as hosted:

        async def attempt() -> None:
            async with visiting(hosted) as (connection, sftp):
                files = [await sftp.open(FILE, "rb") for _ in range(3)]
                with pytest.raises(asyncssh.SFTPFailure, match="too many files"):
                    await sftp.open(FILE, "rb")
                async with connection.start_sftp_client() as second:
                    with pytest.raises(asyncssh.SFTPFailure, match="too many files"):
                        await second.open(FILE, "rb")
                    with pytest.raises(asyncssh.ChannelOpenError):
                        await connection.start_sftp_client()
                await files[0].close()
                assert await sftp.open(FILE, "rb")

        hosted.loop.run(attempt())


def test_an_idle_connection_is_closed(tmp_path: Path) -> None:
    with hosting(tmp_path, limits=Limits(idle=0.2)) as hosted:

        async def attempt() -> None:
            async with visiting(hosted) as (connection, _):
                await asyncio.wait_for(connection.wait_closed(), 15)

        hosted.loop.run(attempt())


def test_a_client_that_does_not_log_in_is_shown_the_door(tmp_path: Path) -> None:
    with (
        hosting(tmp_path, limits=Limits(login=0.3)) as hosted,
        socket.create_connection(("127.0.0.1", hosted.port), timeout=10) as client,
    ):
        while client.recv(4096):
            pass


# --- receipts


def test_a_receipt_says_whether_all_was_read(hosted: Hosted) -> None:
    size = len(FILES["Dim_Werknemer.csv"])

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            async with sftp.open(FILE, "rb") as file:
                await file.read(1000)
            async with sftp.open(FILE, "rb") as file:
                await file.read(size, 1000)
            async with sftp.open(FILE, "rb"):
                pass
            async with sftp.open(f"Productie/{FOLDER}/Fact_Leeg.csv", "rb") as file:
                await file.read()

    hosted.loop.run(attempt())
    told = [(one.path[2], one.sent, one.complete) for one in hosted.accounts.receipts]
    assert told == [
        ("Dim_Werknemer.csv", 1000, False),
        ("Dim_Werknemer.csv", size - 1000, True),
        ("Fact_Leeg.csv", 0, True),
    ]


def test_a_client_that_goes_away_has_no_complete_file(hosted: Hosted) -> None:
    async def attempt() -> None:
        async with visiting(hosted) as (connection, sftp):
            file = await sftp.open(FILE, "rb")
            await file.read()
            connection.abort()
        async with asyncio.timeout(10):
            while not hosted.accounts.receipts:
                await asyncio.sleep(0)

    hosted.loop.run(attempt())
    assert [one.complete for one in hosted.accounts.receipts] == [False]


def test_accounts_that_cannot_answer_let_nobody_in_and_break_nothing(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Retryable("the control database does not answer")

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            monkeypatch.setattr(hosted.accounts, "find", away)
            assert not await enters(hosted)
            monkeypatch.undo()
            monkeypatch.setattr(hosted.accounts, "fetched", away)
            file = await sftp.open(FILE, "rb")
            await file.read(10)
            with pytest.raises(asyncssh.SFTPFailure, match="try again later"):
                await file.close()
            assert await sftp.stat(FILE)

    hosted.loop.run(attempt())


def test_ranges_join_whatever_the_order() -> None:
    order = [(start, start + 10) for start in range(0, 1000, 10)]
    random.Random(7).shuffle(order)
    read = Ranges()
    for start, end in order:
        assert not read.covers(1000)
        read.add(start, end)
    assert read.covers(1000)
    assert read.spans == [(0, 1000)]
    assert not read.covers(1001)
    unfinished = Unfinished(most=2)
    assert not unfinished.finish("a", Ranges([(0, 5)]), 10)
    assert not unfinished.finish("b", Ranges([(0, 5)]), 10)
    assert not unfinished.finish("c", Ranges([(0, 5)]), 10)
    assert not unfinished.finish("a", Ranges([(5, 10)]), 10), "the oldest was forgotten"
    assert unfinished.finish("c", Ranges([(5, 10)]), 10)


# --- host keys


def test_host_keys_are_made_once_and_kept_closed(both_host_keys: None, tmp_path: Path) -> None:
    first = hostkeys.host_keys(tmp_path / "keys")
    assert [key.kind for key in first] == ["ed25519", "rsa"]
    assert hostkeys.host_keys(tmp_path / "keys") == first
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    (tmp_path / "keys" / "host_rsa").chmod(0o644)
    with pytest.raises(Rejected, match="others can read"):
        hostkeys.host_keys(tmp_path / "keys")
    (tmp_path / "keys" / "host_rsa").chmod(0o600)
    (tmp_path / "keys" / "host_rsa").write_text("spoilt")
    with pytest.raises(Fatal, match="no usable host key"):
        hostkeys.host_keys(tmp_path / "keys")
    assert "PRIVATE" not in repr(first)


def test_a_port_that_is_taken_is_told(hosted: Hosted, tmp_path: Path) -> None:
    second = HostedServer(hosted.accounts, tmp_path / "host-keys", port=hosted.port)
    with pytest.raises(Retryable, match="cannot listen"):
        hosted.loop.run(second.start())
    second._thread.shutdown()


# --- what a client can do to it


GARBAGE = [
    b"", b"\0" * 100_000, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"SSH-1.5-old\r\n", b"SSH-2.0-\xff\xfe\r\n",
    b"\xff" * 300_000, b"\n" * 5000, b"SSH-2.0-x\r\n" + b"\0" * 64, b"SSH-2.0-x\r\n" + b"\xff" * 100_000,
    b"SSH-2.0-x\r\n\x00\x00\x00\x0c\x0a\x14" + b"\x00" * 10, b"SSH-2.0-" + b"x" * 10_000,
]  # fmt: skip


def throw(port: int, data: bytes) -> None:
    """Send bytes, and read what comes until the server or the test has had enough."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except OSError:
            return


def test_it_survives_garbage_before_and_after_the_banner(hosted: Hosted) -> None:
    for data in GARBAGE:
        throw(hosted.port, data)
        assert hosted.loop.run(enters(hosted)), data[:40]
    assert not hosted.accounts.receipts


def test_it_survives_bits_that_change_in_a_real_conversation(hosted: Hosted) -> None:
    """A bounded fuzz: what a client says up to its log-in, with random damage."""
    spoken = _recorded(hosted)
    chance = random.Random(20261126)
    for _ in range(300):
        data = bytearray(spoken)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        throw(hosted.port, bytes(data[: chance.randint(1, len(data))]))
    assert hosted.loop.run(enters(hosted))


def _recorded(hosted: Hosted) -> bytes:
    """What asyncssh's client sends first: its banner and its offer of algorithms."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def call() -> None:
            with pytest.raises((asyncssh.Error, OSError)):
                await asyncssh.connect("127.0.0.1", listener.getsockname()[1], known_hosts=None, config=None)

        pending = asyncio.run_coroutine_threadsafe(call(), hosted.loop.loop)
        client, _ = listener.accept()
        with client:
            client.sendall(b"SSH-2.0-x\r\n")
            data = b""
            while len(data) < 800:
                data += client.recv(65536)
        pending.result(10)
        return data


def test_it_survives_requests_that_are_no_requests(hosted: Hosted) -> None:
    """Fuzz behind the log-in: the packets of SFTP themselves."""

    async def attempt() -> None:
        chance = random.Random(736)
        async with asyncssh.connect(
            "127.0.0.1", hosted.port, username="dwh", client_keys=[str(hosted.key)], config=None, agent_path=None,
            known_hosts=str(hosted.known_hosts),
        ) as connection:  # fmt: skip
            for _ in range(60):
                writer, reader, _ = await connection.open_session(subsystem="sftp", encoding=None)
                writer.write((5).to_bytes(4, "big") + b"\x01\x00\x00\x00\x03")
                for _ in range(chance.randint(1, 20)):
                    body = bytes([chance.randrange(1, 210)]) + chance.randbytes(chance.randint(0, 60))
                    length = len(body) if chance.random() < 0.9 else chance.randrange(2**32)
                    writer.write(length.to_bytes(4, "big") + body)
                writer.write_eof()
                async for _ in reader:
                    pass
                writer.close()
                await writer.channel.wait_closed()

    hosted.loop.run(attempt(), timeout=60)
    assert hosted.loop.run(enters(hosted))


SERVE = """
import asyncio, pathlib, sys
sys.path.insert(0, sys.argv[1])
from sftp.hosting import MemoryAccounts
from sluis.sftp import keys
from sluis.sftp.server import HostedServer, Limits

async def main():
    accounts = MemoryAccounts()
    accounts.add("dwh", pathlib.Path(sys.argv[2]), keys.read_public(sys.argv[3]))
    limits = Limits(sessions=150, sessions_per_account=150)
    server = HostedServer(accounts, pathlib.Path(sys.argv[4]), limits=limits)
    await server.start()
    print(server.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def process(hosted: Hosted, tmp_path: Path) -> Iterator[Hosted]:
    """The server in a process of its own, with a file of 24 MiB."""
    deliver(hosted.root, "Groot", Big=b"0123456789abcdef" * (1024 * 1024 + 512 * 1024))
    public = hosted.key.with_name("id_dwh.pub").read_text()
    arguments = [str(Path(__file__).parents[1]), str(hosted.root), public, str(tmp_path / "host-keys")]
    with subprocess.Popen([sys.executable, "-c", SERVE, *arguments], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        hosted.server.port = int(server.stdout.readline())
        known = "".join(f"[127.0.0.1]:{hosted.port} {key.public}\n" for key in hosted.server.keys)
        hosted.known_hosts.write_text(known)
        hosted.process = psutil.Process(server.pid)  # type: ignore[attr-defined]  # for this module only
        yield hosted
        server.kill()


def test_a_hundred_sessions_at_once_with_bounded_memory(process: Hosted) -> None:
    async def one() -> int:
        async with visiting(process) as (_, sftp), sftp.open(FILE, "rb") as file:
            return len(await file.read())

    async def slow() -> None:
        """Asks for far more than it ever takes in."""
        async with visiting(process) as (connection, sftp):
            file = await sftp.open(f"Groot/{FOLDER}/Big", "rb")
            asks = [asyncio.create_task(file.read(256 * 1024, offset)) for offset in range(0, 24 * 2**20, 256 * 1024)]
            await asks[0]
            transport = connection._transport
            assert transport
            transport.pause_reading()
            await stop.wait()
            for ask in asks:
                ask.cancel()
            await asyncio.gather(*asks, return_exceptions=True)
            connection.abort()

    async def all_of_them() -> list[int]:
        global stop  # noqa: PLW0603 - made in the loop that uses it
        stop = asyncio.Event()
        laggards = [asyncio.create_task(slow()) for _ in range(5)]
        try:
            return await asyncio.gather(*(one() for _ in range(100)))
        finally:
            stop.set()
            await asyncio.gather(*laggards, return_exceptions=True)

    before = process.process.memory_info().rss  # type: ignore[attr-defined]  # the fixture adds it
    sizes = process.loop.run(all_of_them(), timeout=90)
    assert sizes == [len(FILES["Dim_Werknemer.csv"])] * 100
    after = process.process.memory_info().rss  # type: ignore[attr-defined]  # the fixture adds it
    assert after - before < 150 * 2**20, f"{(after - before) / 2**20:.0f} MiB more"


stop: asyncio.Event


def audited(hosted: Hosted) -> str:
    command = [sys.executable, "-m", "ssh_audit", "-n", "-p", str(hosted.port), "--skip-rate-test", "127.0.0.1"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout


def test_ssh_audit_neither_fails_nor_warns_where_it_is_strict(both_host_keys: None, tmp_path: Path) -> None:
    with hosting(tmp_path, strict=True) as hosted:
        shown = audited(hosted)
        assert "(kex) mlkem768x25519-sha256" in shown
        assert "(key) rsa-sha2-512" in shown
        assert "[fail]" not in shown
        assert "[warn]" not in shown
        assert hosted.loop.run(enters(hosted))


def test_ssh_audit_has_nothing_against_it(both_host_keys: None, hosted: Hosted) -> None:
    shown = audited(hosted)
    assert "(kex) mlkem768x25519-sha256" in shown
    assert "(key) rsa-sha2-512 (4096-bit)" in shown
    assert "[fail]" not in shown
    # Key exchanges that quantum computers may break one day: the clients of today know no others.
    classical = "does not provide protection against post-quantum attacks"
    warnings = [line for line in shown.splitlines() if "[warn]" in line]
    assert all(line.startswith("(kex)") and line.endswith(classical) for line in warnings), warnings
    assert hosted.loop.run(enters(hosted))
