"""A command in a process of its own, from its start to its end, with what it used."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ran:
    """Seconds of the clock and of the processor, the peak memory in MiB, and what it wrote to stdout."""

    seconds: float
    cpu: float
    mib: float
    said: bytes


def ran(name: str, command: list[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command; where it fails the bench ends with what it said. ``environment``: variables beside ours."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=told, env={**os.environ, **(environment or {})}
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            sys.exit(f"{name} failed: {told.read().decode()}{said.decode()}")
    return Ran(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)
