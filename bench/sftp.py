"""Throughput of SFTP up and down, against OpenSSH in the same run: ratios of medians. `make bench-sftp`.

Up: Sluis and OpenSSH's `sftp` put a delivery on OpenSSH's server. Down: `sftp` gets it from Sluis and from OpenSSH's
server. Once as it is, and once with 50 ms there and back, in a network namespace that is made for it (as root).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sluis.sftp import hostkeys, keys
from sluis.sftp.accounts import Account, AccountKey
from sluis.sftp.connecting import Server
from sluis.sftp.external import ExternalServer
from sluis.sftp.server import HostedServer

MIB = 1024 * 1024
DELAY_MS = 25
"""Each way, so that there and back takes twice as long."""
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "sshd"


class OneAccount:
    """Accounts with one account; what the server tells is not kept."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def find(self, login: str) -> Account | None:
        return self._account if login == self._account.login else None

    def used(self, *_: object) -> None:
        return

    fetched = removed = used

    def has_fetched(self, *_: object) -> bool:
        return False


def write_key(path: Path) -> keys.PublicKey:
    pair = keys.make_pair(protected=False)
    path.touch(0o600)
    path.write_text(pair.private)
    return pair.public


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def openssh(folder: Path, public: keys.PublicKey) -> Iterator[int]:
    """OpenSSH's server on a free port."""
    Path("/run/sshd").mkdir(exist_ok=True)
    (folder / "authorized").write_text(public.line + "\n")
    config, port = folder / "sshd_config", free_port()
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nPidFile none\nHostKey {folder / 'host'}\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
    )
    with subprocess.Popen([SSHD, "-D", "-f", config], stderr=subprocess.DEVNULL) as server:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        try:
            yield port
        finally:
            server.terminate()


def serve(folder: str, root: str, line: str) -> None:
    """The hosted server, in a process of its own as OpenSSH's is; prints its port."""
    public = keys.read_public(line)
    account = Account("bench", Path(root), (AccountKey(public.line, public.fingerprint),))
    hostkeys.KINDS = ("ed25519",)
    server = HostedServer(OneAccount(account), Path(folder))
    server.serve(lambda: print(server.port, flush=True))


def sftp(folder: Path, port: int, user: str, batch: str) -> None:
    command = [
        "sftp", "-q", "-F/dev/null", f"-i{folder / 'id'}", "-oIdentitiesOnly=yes", "-oBatchMode=yes",
        "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", f"-P{port}", "-b-", f"{user}@127.0.0.1",
    ]  # fmt: skip
    subprocess.run(command, input=batch, text=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def medians(rounds: int, *calls: Callable[[int], None]) -> list[float]:
    """Median seconds of each, taken in turns so that what else the machine does meets all of them."""
    times: list[list[float]] = [[] for _ in calls]
    for number in range(rounds):
        for call, took in zip(calls, times, strict=True):
            began = time.perf_counter()
            call(number)
            took.append(time.perf_counter() - began)
    return [statistics.median(took) for took in times]


def measure(size: int, rounds: int) -> None:
    """Both directions; ``size`` in MiB, in four files."""
    with tempfile.TemporaryDirectory(prefix="sluis-bench-") as temporary:
        folder = Path(temporary)
        host, public = write_key(folder / "host"), write_key(folder / "id")
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        built = folder / "hosted" / "Productie" / "000001"
        built.mkdir(parents=True)
        for number in range(4):
            (built / f"{number}.csv").write_bytes(os.urandom(size * MIB // 4))
        (built / "datapackage.json").write_text("{}")
        with openssh(folder, public) as port:
            up(folder, built, Server("127.0.0.1", user, port, private_key=(folder / "id").read_text(),
                                     pins=(keys.read_pin(host.line),)), size, rounds)  # fmt: skip
            command = [sys.executable, __file__, "--serve", str(folder / "keys"), str(folder / "hosted"), public.line]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
                assert server.stdout
                ours = ("bench", int(server.stdout.readline()))
                try:
                    down(folder, built, {"sluis": ours, "openssh": (user, port)}, size, rounds)
                finally:
                    server.terminate()


def up(folder: Path, built: Path, server: Server, size: int, rounds: int) -> None:
    def ours(number: int) -> None:
        there = Server(**{**vars(server), "folder": str(folder / "in")})
        ExternalServer(there, pauses=()).publish(folder / f"copy-{number}", "sluis", f"d{number}")

    def theirs(number: int) -> None:
        place = folder / "in" / "openssh" / f"d{number}"
        place.mkdir(parents=True)
        sftp(folder, server.port, server.user, f"put {built}/* {place}\n")

    for number in range(rounds):
        # No hard links: the server does not serve a file that has another name.
        shutil.copytree(built, folder / f"copy-{number}")
    report("up", medians(rounds, ours, theirs), size)


def down(folder: Path, built: Path, servers: dict[str, tuple[str, int]], size: int, rounds: int) -> None:
    def get(name: str, path: str) -> Callable[[int], None]:
        user, port = servers[name]

        def call(number: int) -> None:
            place = folder / "got" / name / str(number)
            place.mkdir(parents=True)
            sftp(folder, port, user, f"get {path}/* {place}\n")
            shutil.rmtree(place)

        return call

    report("down", medians(rounds, get("sluis", "Productie/000001"), get("openssh", str(built))), size)


def report(direction: str, took: list[float], size: int) -> None:
    ours, theirs = took
    speeds = f"Sluis {size / ours:6.1f} MiB/s   OpenSSH {size / theirs:6.1f} MiB/s"
    print(f"  {direction:<5} {speeds}   ratio {theirs / ours:.2f}", flush=True)


def with_delay(arguments: list[str]) -> None:
    """Run this in a network namespace of its own, where the loopback takes its time."""
    name = f"sluis-bench-{os.getpid()}"
    inside = ["ip", "netns", "exec", name]
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
        netem = ["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", f"{DELAY_MS}ms", "limit", "100000"]
        subprocess.run([*inside, *netem], check=True)
        subprocess.run([*inside, sys.executable, __file__, "--inside", *arguments], check=True)
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="MiB of the delivery")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(*given.serve)
        return
    print(f"{'50 ms there and back' if given.inside else 'no delay'}, {given.size} MiB, {given.rounds} rounds")
    measure(given.size, given.rounds)
    if given.inside:
        return
    if os.geteuid() == 0 and shutil.which("tc"):
        with_delay([f"--size={max(given.size // 4, 4)}", f"--rounds={given.rounds}"])
    else:
        print("with delay: not measured; it needs root, `ip` and `tc`")


if __name__ == "__main__":
    main()
