"""A server process that has loaded everything, the engine too, and of which others are forked: so that each costs little.

``laws.preload`` is what it loads.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["laws.preload"])


def fork(target: Callable[..., None], *given: Any) -> BaseProcess:
    """Start a process that calls ``target``."""
    with pytest.MonkeyPatch.context() as patch:
        # The server does not look where this process looks for modules, and says nothing where it finds none.
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    process = _FORKS.Process(target=target, args=given)
    process.start()
    return process
