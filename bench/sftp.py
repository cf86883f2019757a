"""Throughput of SFTP up and down, against OpenSSH in the same run: ratios of medians. `make bench-sftp`.

Up: Sluis and OpenSSH's `sftp` put a delivery on OpenSSH's server. Down: `sftp` gets it from Sluis and from OpenSSH's
server. Once as it is, and once with 50 ms there and back, between two network namespaces of its own (as root).
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
from dataclasses import dataclass
from pathlib import Path

from slow_link import FAR, slow_link
from sluis.sftp import hostkeys, keys
from sluis.sftp.accounts import Account, AccountKey
from sluis.sftp.connecting import Server
from sluis.sftp.external import ExternalServer
from sluis.sftp.server import HostedServer

MIB = 1024 * 1024
DELAY = 0.025
"""Seconds each way, so that there and back takes twice as long."""
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


@dataclass(frozen=True)
class Far:
    """Where the servers run: an address, and the network namespace they are started in (empty for this one)."""

    host: str = "127.0.0.1"
    namespace: str = ""

    @property
    def command(self) -> list[str]:
        """What a server's command begins with."""
        return ["ip", "netns", "exec", self.namespace] if self.namespace else []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def openssh(folder: Path, public: keys.PublicKey, far: Far) -> Iterator[int]:
    """OpenSSH's server on a free port."""
    Path("/run/sshd").mkdir(exist_ok=True)
    (folder / "authorized").write_text(public.line + "\n")
    config, port = folder / "sshd_config", free_port()
    config.write_text(
        f"ListenAddress {far.host}\nPort {port}\nPidFile none\nHostKey {folder / 'host'}\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
    )
    with subprocess.Popen([*far.command, SSHD, "-D", "-f", str(config)], stderr=subprocess.DEVNULL) as server:
        while True:
            try:
                socket.create_connection((far.host, port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        try:
            yield port
        finally:
            server.terminate()


def serve(folder: str, root: str, line: str, host: str) -> None:
    """The hosted server, in a process of its own as OpenSSH's is; prints its port."""
    public = keys.read_public(line)
    account = Account("bench", Path(root), (AccountKey(public.line, public.fingerprint),))
    hostkeys.KINDS = ("ed25519",)
    server = HostedServer(OneAccount(account), Path(folder), host=host)
    server.serve(lambda: print(server.port, flush=True))


def sftp(folder: Path, far: Far, port: int, user: str, batch: str) -> None:
    command = [
        "sftp", "-q", "-F/dev/null", f"-i{folder / 'id'}", "-oIdentitiesOnly=yes", "-oBatchMode=yes",
        "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", f"-P{port}", "-b-", f"{user}@{far.host}",
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


def measure(size: int, rounds: int, far: Far) -> None:
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
        with openssh(folder, public, far) as port:
            up(folder, built, Server(far.host, user, port, private_key=(folder / "id").read_text(),
                                     pins=(keys.read_pin(host.line),)), size=size, rounds=rounds, far=far)  # fmt: skip
            script = [*far.command, sys.executable, __file__, "--serve"]
            command = [*script, str(folder / "keys"), str(folder / "hosted"), public.line, far.host]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
                assert server.stdout
                ours = ("bench", int(server.stdout.readline()))
                try:
                    down(folder, built, {"sluis": ours, "openssh": (user, port)}, size=size, rounds=rounds, far=far)
                finally:
                    server.terminate()


def up(folder: Path, built: Path, server: Server, *, size: int, rounds: int, far: Far) -> None:
    def ours(number: int) -> None:
        there = Server(**{**vars(server), "folder": str(folder / "in")})
        ExternalServer(there, pauses=()).publish(folder / f"copy-{number}", "sluis", f"d{number}")

    def theirs(number: int) -> None:
        place = folder / "in" / "openssh" / f"d{number}"
        place.mkdir(parents=True)
        sftp(folder, far, server.port, server.user, f"put {built}/* {place}\n")

    for number in range(rounds):
        # No hard links: the server does not serve a file that has another name.
        shutil.copytree(built, folder / f"copy-{number}")
    report("up", medians(rounds, ours, theirs), size)


def down(folder: Path, built: Path, servers: dict[str, tuple[str, int]], *, size: int, rounds: int, far: Far) -> None:
    def get(name: str, path: str) -> Callable[[int], None]:
        user, port = servers[name]

        def call(number: int) -> None:
            place = folder / "got" / name / str(number)
            place.mkdir(parents=True)
            sftp(folder, far, port, user, f"get {path}/* {place}\n")
            shutil.rmtree(place)

        return call

    report("down", medians(rounds, get("sluis", "Productie/000001"), get("openssh", str(built))), size)


def report(direction: str, took: list[float], size: int) -> None:
    ours, theirs = took
    speeds = f"Sluis {size / ours:6.1f} MiB/s   OpenSSH {size / theirs:6.1f} MiB/s"
    print(f"  {direction:<5} {speeds}   ratio {theirs / ours:.2f}", flush=True)


def with_delay(arguments: list[str]) -> None:
    """Run this with the servers behind a slow link."""
    with slow_link(DELAY) as link:
        inside = ["ip", "netns", "exec", link.near, sys.executable, __file__, "--far", link.far, *arguments]
        subprocess.run(inside, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="MiB of the delivery")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--far", default="", help=argparse.SUPPRESS)
    parser.add_argument("--serve", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(*given.serve)
        return
    print(f"{'50 ms there and back' if given.far else 'no delay'}, {given.size} MiB, {given.rounds} rounds")
    measure(given.size, given.rounds, Far(FAR, given.far) if given.far else Far())
    if given.far:
        return
    if os.geteuid() == 0 and shutil.which("ip"):
        with_delay([f"--size={max(given.size // 4, 4)}", f"--rounds={given.rounds}"])
    else:
        print("with delay: not measured; it needs root and `ip`")


if __name__ == "__main__":
    main()
