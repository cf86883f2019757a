"""Keeps those out who fail again and again: an address that fails is answered slower and slower, then not at all."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sluis.sftp.accounts import Address

_IPV6_HOUSEHOLD = 64


@dataclass
class _Record:
    failures: int = 0
    last: float = 0.0


class Guard:
    """Failed log-ins per address (of IPv6 per /64, which is what one household has).

    Times in seconds. ``slow_after`` failures make each next answer wait twice as long, to ``longest_wait``;
    ``block_after`` close the door for ``block_for``. Failures are forgotten after ``forget_after`` without one.
    """

    def __init__(
        self,
        *,
        slow_after: int = 3,
        block_after: int = 10,
        block_for: float = 900,
        forget_after: float = 900,
        longest_wait: float = 8,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slow_after, self._block_after = slow_after, block_after
        self._block_for, self._forget_after = block_for, forget_after
        self._longest_wait, self._most, self._clock = longest_wait, most, clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def failed(self, address: Address) -> bool:
        """Count a failure; whether the address is blocked by it."""
        record = self._record(address) or _Record()
        record.failures += 1
        record.last = self._clock()
        self._records[_place(address)] = record
        self._records.move_to_end(_place(address))
        while len(self._records) > self._most:
            self._records.popitem(last=False)
        return record.failures == self._block_after

    def succeeded(self, address: Address) -> None:
        """Forget the failures of an address."""
        self._records.pop(_place(address), None)

    def blocked(self, address: Address) -> bool:
        """Whether the door is closed to this address now."""
        record = self._record(address)
        return record is not None and record.failures >= self._block_after

    def wait(self, address: Address) -> float:
        """How long the next answer to this address waits, in seconds."""
        record = self._record(address)
        if record is None or record.failures < self._slow_after:
            return 0.0
        return float(min(0.5 * 2 ** (record.failures - self._slow_after), self._longest_wait))

    def _record(self, address: Address) -> _Record | None:
        record = self._records.get(_place(address))
        if record is None:
            return None
        kept = self._block_for if record.failures >= self._block_after else self._forget_after
        if self._clock() - record.last >= kept:
            del self._records[_place(address)]
            return None
        return record


def _place(address: Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_HOUSEHOLD), strict=False))
    return str(address)


def read_address(text: str) -> Address:
    """The address of a peer; an IPv4 address that came in over IPv6 as itself."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
