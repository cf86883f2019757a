"""Tests that need a program of a Debian package: ``@pytest.mark.needs("mariadbd")``.

Where the program is missing the test is skipped, and the end of the run says which tests did not run and what to
install; with ``CI=true`` it fails. tests/debian-packages.txt says which package brings which program.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

_LIST = Path(__file__).parent / "debian-packages.txt"
_PROPERTY = "needs"
_ROOT = "root"
# Servers stand where only root's path leads.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def find(program: str) -> str:
    """Path of a program; for tests that are marked to need it."""
    path = shutil.which(program, path=_PATH)
    if path is None:
        raise FileNotFoundError(f"{program} is not there: mark the test @pytest.mark.needs({program!r})")
    return path


def packages() -> dict[str, str]:
    """Program → Debian package."""
    lines = (line.split("#")[0].split() for line in _LIST.read_text("utf-8").splitlines())
    return {program: words[0] for words in lines if words for program in words[1:]}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program, ...): needs programs of tests/debian-packages.txt")
    config.addinivalue_line("markers", "needs_root: needs root, to mount a disk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = packages()
    for item in items:
        for program in _programs(item):
            if program not in known:
                raise pytest.UsageError(f"{item.nodeid} needs {program}, which is not in {_LIST.name}")


@pytest.hookimpl(tryfirst=True)  # before fixtures that start the program
def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.geteuid() != 0 and item.get_closest_marker("needs_root"):
        item.user_properties.append((_PROPERTY, _ROOT))
        if os.environ.get("CI") == "true":
            pytest.fail("needs root; with CI=true it must be root", pytrace=False)
        pytest.skip("needs root")
    missing = [program for program in _programs(item) if shutil.which(program, path=_PATH) is None]
    if not missing:
        return
    known = packages()
    item.user_properties += [(_PROPERTY, known[program]) for program in missing]
    told = ", ".join(f"{program} of Debian package {known[program]}" for program in missing)
    if os.environ.get("CI") == "true":
        pytest.fail(f"needs {told}; with CI=true every program must be there", pytrace=False)
    pytest.skip(f"needs {told}")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    lacking: dict[str, list[str]] = {}
    for outcome in ("skipped", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, package in getattr(report, "user_properties", []):
                if name == _PROPERTY:
                    lacking.setdefault(str(package), []).append(report.nodeid)
    if not lacking:
        return
    terminalreporter.section("tests that did not run", yellow=True)
    for package, tests in sorted(lacking.items()):
        what = package if package == _ROOT else f"the Debian package {package}"
        terminalreporter.line(f"{len(tests)} for want of {what}:")
        for test in sorted(tests):
            terminalreporter.line(f"  {test}")
    terminalreporter.line("install what is missing, as root: tools/debian-packages")


def _programs(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("needs"):
        yield from mark.args
