"""A link that takes its time between two network namespaces, made of two tunnels and this process.

Not every kernel has `netem`; every one that matters here has tunnels. Needs root. Nothing outside the two namespaces
is touched, and both are gone afterwards.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEAR, FAR = "10.213.7.1", "10.213.7.2"
MTU = 65000
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x0001 | 0x1000


@dataclass(frozen=True)
class Link:
    """Names of the two namespaces."""

    near: str
    far: str


@contextmanager
def slow_link(delay: float) -> Iterator[Link]:
    """Two namespaces, ``delay`` seconds apart each way."""
    names = [f"sluis-bench-{os.getpid()}-{side}" for side in ("near", "far")]
    made: list[str] = []
    try:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            made.append(name)
        with subprocess.Popen([sys.executable, __file__, str(delay), *names], stdout=subprocess.PIPE) as relay:
            assert relay.stdout
            relay.stdout.readline()
            try:
                yield Link(*names)
            finally:
                relay.terminate()
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "delete", name], check=True)


def _tunnel(namespace: str, address: str) -> int:
    """One end, opened inside its namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{namespace}").open() as file:
        if libc.setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH", b"slow0", _IFF_TUN_NO_PI))
    for command in (
        ["ip", "address", "add", f"{address}/30", "dev", "slow0"],
        ["ip", "link", "set", "slow0", "mtu", str(MTU), "txqueuelen", "10000", "up"],
        ["ip", "link", "set", "lo", "up"],
    ):
        subprocess.run(command, check=True)
    return handle


def _relay(delay: float, ends: list[int]) -> None:
    """Hand every packet on when its time has come."""
    waiting: deque[tuple[float, int, bytes]] = deque()
    while True:
        due = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
        for handle in select.select(ends, [], [], due)[0]:
            other = ends[1 - ends.index(handle)]
            try:
                while True:
                    waiting.append((time.monotonic() + delay, other, os.read(handle, MTU + 100)))
            except BlockingIOError:
                pass
        while waiting and waiting[0][0] <= time.monotonic():
            _, other, packet = waiting.popleft()
            os.write(other, packet)


if __name__ == "__main__":
    opened = [_tunnel(name, address) for name, address in zip(sys.argv[2:], (NEAR, FAR), strict=True)]
    print("ready", flush=True)
    _relay(float(sys.argv[1]), opened)
