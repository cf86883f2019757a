"""Runs `sluis` as where it is installed: without the packages that only its tests have.

The engine imports pandas and numpy where it can, which takes a second, and swallows an interrupt meanwhile. With
INTERRUPTED in its environment, the process gets one right then.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Absent(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in {"numpy", "pandas"}:
            if os.environ.pop("INTERRUPTED", ""):
                os.kill(os.getpid(), signal.SIGINT)
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


if __name__ == "__main__":
    # What a shell starts in the background ignores it, and so do all that it starts: tests, and this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.meta_path.insert(0, Absent())
    runpy.run_module("sluis", run_name="__main__", alter_sys=True)
