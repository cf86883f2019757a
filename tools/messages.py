"""The texts of the web application: English in the code, Dutch in one file, compiled when the package is built.

`make messages` takes new texts up into the file (sorted, so that two branches seldom touch the same place) and drops
those that are gone. As a hook of the build it compiles; gettext is not needed.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src/sluis/web"
FILE = WEB / "locale/nl/LC_MESSAGES/django.po"
# Without dates and names: they would differ in every branch.
_HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


class Hook(BuildHookInterface):  # type: ignore[type-arg]  # its configuration is not used
    """Compiles before the package is put together, also for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        compile_messages()


def compile_messages() -> None:
    """Write what the program reads beside the file that people edit."""
    if not FILE.exists():
        return
    content = io.BytesIO()
    write_mo(content, read())
    FILE.with_suffix(".mo").write_bytes(content.getvalue())


def read() -> Catalog:
    with FILE.open("rb") as file:
        return read_po(file, locale="nl")


def update() -> list[str]:
    """Bring the file up to date; the texts that have no translation yet."""
    old = read() if FILE.exists() else Catalog(locale="nl")
    new = Catalog(locale="nl", charset="utf-8", fuzzy=False)
    for message, context in sorted(texts(), key=str):
        known = old.get(message if isinstance(message, str) else message[0], context)
        fits = known is not None and isinstance(known.id, str) == isinstance(message, str)
        new.add(message, known.string if known and fits else None, context=context)
    content = io.BytesIO()
    write_po(content, new, width=0, sort_output=True, omit_header=True)
    FILE.write_text(_HEADER + content.getvalue().decode(), "utf-8")
    return missing()


def missing() -> list[str]:
    """Texts without a translation."""
    return [str(message.id) for message in read() if message.id and not _filled(message.string)]


def _filled(string: Any) -> bool:
    return bool(string) and (isinstance(string, str) or all(string))


def texts() -> set[tuple[str | tuple[str, str], str | None]]:
    """Every text in the code and the templates, with its context; a pair where it has a plural."""
    found: set[tuple[str | tuple[str, str], str | None]] = set()
    for source in _sources():
        for _line, message, _comments, context in babel_extract("python", io.BytesIO(source.encode()), _KEYWORDS):
            found.add((message if isinstance(message, str) else (message[0], message[1]), context))
    return found


def _sources() -> Iterator[str]:
    from django.utils.translation.template import templatize  # noqa: PLC0415 - a build has no Django

    for path in sorted(WEB.rglob("*.py")):
        yield path.read_text("utf-8")
    for path in sorted(path for path in WEB.rglob("templates/**/*") if path.suffix in {".html", ".txt"}):
        # A line that begins with blanks would be an indentation that Python does not know.
        yield "\n".join(line.strip() for line in templatize(path.read_text("utf-8")).splitlines())


def main() -> int:
    import django  # noqa: PLC0415 - a build has no Django
    from django.conf import settings  # noqa: PLC0415 - as above

    settings.configure(USE_I18N=True)
    django.setup()
    lacking = update()
    compile_messages()
    for text in lacking:
        sys.stdout.write(f"no Dutch for: {text}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
