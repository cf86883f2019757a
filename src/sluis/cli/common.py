"""What every command has in common: who acts, and how it is shown."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from sluis.errors import Rejected

if TYPE_CHECKING:
    from sluis.control.actor import Actor

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
EnvironmentName = Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")]
ConfigurationPath = Annotated[str, typer.Argument(metavar="ACCOUNT/NAME", help="The configuration.")]
WIDE = 100_000
"""Columns of a table that goes to a file or a pipe: nothing is cut or folded."""


def actor(context: typer.Context) -> Actor:
    """Start the control plane; the user of ``--as``, or the server itself."""
    from sluis.control.setup import start

    start()
    from sluis.control import queries
    from sluis.control.actor import CLI

    return queries.user_actor(context.obj) if context.obj else CLI


def server_only(context: typer.Context) -> None:
    """Refuse ``--as`` for what no user can do."""
    if context.obj:
        raise Rejected("this is done by the server itself, not by a user", remedy="leave --as out")


def listed(text: str | None) -> list[str]:
    """The items of a text with commas."""
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def day(text: str | None) -> dt.date | None:
    """A day; ``Rejected`` where the text is none."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Rejected(f"{text!r} is not a date", remedy="write it as 2027-12-31") from None


def ask_secret(what: str, *, otherwise: str) -> str:
    """Ask for a secret on the terminal; ``Rejected`` where there is none. ``otherwise``: another way to give it."""
    if not sys.stdin.isatty():
        raise Rejected("there is no terminal to ask for a password on", remedy=f"use {otherwise}")
    return str(typer.prompt(what, hide_input=True, err=True))


def from_variable(name: str) -> str:
    """The value of a variable; ``Rejected`` where it is empty or not set."""
    value = os.environ.get(name)
    if not value:
        raise Rejected(f"the variable {name} is empty or not set", remedy="put the secret in it")
    return value


def read_file(path: Path) -> str:
    """The text of a file, ``-`` for what comes in on stdin; ``Rejected`` where it cannot be read."""
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Rejected(f"{path} cannot be read: {reason}", remedy="give the path of a file with one key") from error


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner reads; ``Rejected`` where it is there already."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Rejected(f"{path} cannot be made: {error.strerror}", remedy="give the path of a new file") from error


def pseudonymity(*, pseudonymous: bool, plain: bool) -> bool | None:
    """Which of the two flags was given, None for neither; ``Rejected`` for both."""
    if pseudonymous and plain:
        raise Rejected("both --pseudonymous and --plain are given", remedy="choose one of the two")
    return True if pseudonymous else False if plain else None


def warn(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(f"note: {text}\n")


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: a JSON object, or a line per field."""
    if as_json:
        print_json(value)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, field in value.items():
        table.add_row(name.replace("_", " "), _text(field))
    draw(table)


def show_all(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, of_data: bool = False
) -> None:
    """Print a list: a JSON array of everything, or a table of ``columns``, which are ``of_data`` or named by us."""
    if as_json:
        print_json(rows)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(
            column if of_data else column.replace("_", " "), justify="right" if _numeric(rows, column) else "left"
        )
    for row in rows:
        table.add_row(*(_text(row[column]) for column in columns))
    draw(table if rows else "none")


def draw(table: Table | str) -> None:
    """Print a table as wide as the terminal; elsewhere as wide as it is, without blanks at the ends of lines."""
    console = Console(highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(highlight=False, markup=False, emoji=False, width=WIDE)
    with wide.capture() as captured:
        wide.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def print_json(value: object) -> None:
    """Print a value as JSON; moments as ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """Show on stderr that something is going on, on a terminal only; call what it gives with news."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(f"{text} …") as status:
        yield lambda news: status.update(f"{text}: {news} …")


def _plain(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()).replace("+00:00", "Z") if isoformat else str(value)


def _numeric(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    values = [row[column] for row in rows if row[column] is not None]
    return bool(values) and all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {_text(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value) or "none"
    return _plain(value)
