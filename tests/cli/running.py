"""Runs commands: in this process through ``main``, or as a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sluis.cli import main


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stands on stdout, which must be JSON and nothing else."""
        return json.loads(self.out)

    @property
    def everything(self) -> str:
        return self.out + self.err


_BARE = Path(__file__).with_name("bare.py")
Sluis = Callable[..., Result]


@pytest.fixture
def sluis(capsys: pytest.CaptureFixture[str]) -> Sluis:
    """Run a command in this process."""

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        shown = capsys.readouterr()
        return Result(int(ended.value.code or 0), shown.out, shown.err)

    return run


def start_process(*arguments: str, variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Run a command as a process, with these ``SLUIS_*`` variables and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUIS_")}
    return subprocess.Popen(
        [sys.executable, "-P", str(_BARE), *arguments],
        env={**inherited, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Result:
    out, err = process.communicate(timeout=180)
    return Result(process.returncode, out, err)
