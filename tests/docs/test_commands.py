"""The pages name every command, option and code there is, and nothing in them is dead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from sluis import errors
from sluis.catalog import reading
from sluis.cli.app import app

ROOT = Path(__file__).parents[2]
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
SOURCES = {path: path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py")}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", ALL)
def test_every_command_with_its_options_is_in_the_page(name: str) -> None:
    rows = [line for line in COMMANDS.splitlines() if re.search(rf"`sluis {name}[ `]", line)]
    assert rows, f"docs/commands.md does not name sluis {name}"
    for parameter in ALL[name].params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            if option.startswith("--") and option != "--json":
                assert any(option in row for row in rows), f"docs/commands.md does not name {option} of sluis {name}"


def test_every_command_of_the_page_exists() -> None:
    named = set(re.findall(r"`sluis ([a-z]+(?: [a-z-]+)?)", COMMANDS + (ROOT / "README.md").read_text("utf-8")))
    for words in named:
        assert words in ALL or words.split()[0] in ALL or any(one.startswith(f"{words} ") for one in ALL), words


def classes(kind: type[errors.SluisError]) -> Iterator[type[errors.SluisError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from classes(below)


def test_every_error_code_is_in_the_page() -> None:
    assert reading.CatalogRejected in set(classes(errors.SluisError))
    found = {code for text in SOURCES.values() for code in re.findall(r'^    code = "([a-z-]+)"', text, re.MULTILINE)}
    assert found >= {"rejected", "retryable", "fatal", "not-found", "permission-denied", "catalog-rejected"}
    for code in found - {"error"}:
        assert f"`{code}`" in COMMANDS, f"docs/commands.md does not explain {code}"


def test_every_code_of_a_log_line_is_in_the_page() -> None:
    found = {code for text in SOURCES.values() for code in re.findall(r'\bcode="([a-z-]+)"', text)}
    assert len(found) >= 6
    for code in found:
        assert f"`{code}`" in COMMANDS, f"docs/commands.md does not explain the log code {code}"


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_file_names_a_machine_or_a_registry() -> None:
    forbidden = re.compile(r"/(?:work|farm)/|pypi\.org|files\.pythonhosted|registry\.npmjs|index-url")
    for path in [*SOURCES, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "requirements").iterdir()]:
        assert not forbidden.search(path.read_text("utf-8")), path
