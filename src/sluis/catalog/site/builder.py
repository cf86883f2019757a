"""Builds the site: one folder per language with the same pages, the data beside them, no network needed to read it.

The same catalogue gives the same bytes.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from sluis.catalog.diff import Diff
from sluis.catalog.loader import Catalog
from sluis.catalog.site import describe
from sluis.catalog.site.changes import changes, lines
from sluis.catalog.site.data import version_files
from sluis.catalog.site.star import LONGEST_TITLE
from sluis.catalog.site.views import FileView, StreamView, VersionView, search_entries
from sluis.catalog.site.words import LANGUAGES, MARKS, NAMES, OTHER, RULES, SYSTEM, TYPES, Language, say, texts
from sluis.errors import Rejected

CONTENTS = "contents.json"
"""Lists what a build wrote, so that the next one can take away what is no longer there."""


@dataclass(frozen=True)
class Built:
    """What was written: the folder, its pages (both languages together) and files with data."""

    folder: Path
    pages: int
    data_files: int


def build(catalog: Catalog, folder: Path) -> Built:
    """Write the documentation of every version; ``Rejected`` where the folder holds something else."""
    before = _written_before(folder)
    made = dict(_everything(catalog))
    contents = {"catalog": catalog.name, "digest": catalog.digest, "files": sorted(made)}
    made[CONTENTS] = json.dumps(contents, indent=1) + "\n"
    try:
        for name, text in made.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
        for name in before - set(made):
            _remove(folder, name)
    except OSError as error:
        raise Rejected(
            f"cannot write in {folder}: {error.strerror}", remedy="give a folder that can be written"
        ) from error
    return Built(
        folder=folder,
        pages=sum(name.endswith(".html") for name in made),
        data_files=sum(name.startswith("data/") for name in made),
    )


def _written_before(folder: Path) -> set[str]:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return set()
    try:
        contents = json.loads((folder / CONTENTS).read_text("utf-8"))
        return {str(name) for name in contents["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise Rejected(
            f"{folder} holds something else than the documentation of a catalogue",
            remedy="give a folder that is empty or does not exist yet",
        ) from None


def _remove(folder: Path, name: str) -> None:
    """Take one file away, and the folders that become empty; never outside ``folder``."""
    root = folder.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return
    path.unlink()
    for parent in path.parents:
        if parent == root or any(parent.iterdir()):
            return
        parent.rmdir()


@dataclass(frozen=True)
class _Site:
    """What every page needs: the templates, the catalogue, and per language its versions, the newest first."""

    environment: jinja2.Environment
    catalog: Catalog
    versions: dict[Language, list[VersionView]]

    def page(self, language: Language, path: str, template: str, **values: object) -> tuple[str, str]:
        """One page. ``link`` makes an address of the site relative to the page, so that it works from any place."""
        text = self.environment.get_template(template).render(
            catalog=self.catalog,
            title=describe.said(self.catalog.head.title, language),
            titles={one: describe.said(self.catalog.head.title, one) for one in LANGUAGES},
            t=texts(language),
            language=language,
            names=NAMES,
            other=OTHER[language],
            versions=self.versions[language],
            same_page=partial(_same_page, self.catalog, values),
            path=path,
            link=partial(_link, path),
            **values,
        )
        return path, text.rstrip() + "\n"


def _everything(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Path and text of every file of the site."""
    for asset in sorted((resources.files(__package__) / "assets").iterdir(), key=lambda item: item.name):
        yield f"assets/{asset.name}", asset.read_text("utf-8")
    site = _Site(
        environment=_environment(),
        catalog=catalog,
        versions={one: [VersionView(catalog, name, one) for name in reversed(catalog.versions)] for one in LANGUAGES},
    )
    yield site.page("nl", "index.html", "language.html")
    for language in LANGUAGES:
        newest = site.versions[language][0]
        yield site.page(language, f"{language}/index.html", "start.html", version=newest)
        yield site.page(language, f"{language}/guide.html", "guide.html", version=newest, **_guide(language))
        for version in site.versions[language]:
            yield from _version(site, version)
    for name in catalog.versions:
        for file, text in version_files(catalog, name).items():
            yield f"data/{name}/{file}", text


def _version(site: _Site, version: VersionView) -> Iterator[tuple[str, str]]:
    folder = f"{version.language}/{version.name}"
    page = partial(site.page, version.language)
    found = changes(site.catalog, version.name)
    yield f"{folder}/search.js", _search(version)
    yield page(f"{folder}/index.html", "version.html", version=version, before=found and found.before)
    if found:
        yield page(f"{folder}/changes.html", "changes.html", version=version, **_changes(found, version))
    for stream in version.streams:
        yield page(f"{folder}/streams/{stream.name}.html", "stream.html", version=version, stream=stream)
    for file in version.files:
        yield page(f"{folder}/files/{file.name}.html", "file.html", version=version, file=file)


def _same_page(catalog: Catalog, values: dict[str, object], version: str) -> str:
    """The page in another version that is about the same; that version's first page where it has none."""
    match values:
        case {"file": FileView(name=name)} if name in catalog.files(version):
            return f"{version}/files/{name}.html"
        case {"stream": StreamView(name=name)} if name in catalog.version(version).streams:
            return f"{version}/streams/{name}.html"
    return f"{version}/index.html"


def _link(page: str, target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def _changes(found: Diff, version: VersionView) -> dict[str, Any]:
    """``present``: what can be linked to, the columns of each file of the version."""
    present = {file.name: {row.name for row in [*file.rows, *file.system_rows]} for file in version.files}
    return {"found": found, "groups": lines(found, version.language), "present": present}


def _guide(language: Language) -> dict[str, Any]:
    return {
        "marks": [
            (kind, say(badge, language).format(version="…"), say(meaning, language))
            for kind, (badge, meaning) in MARKS.items()
        ],
        "system": [
            (f"<{texts(language)['file'].capitalize()}>ID" if name == "own" else name, say(meaning, language))
            for name, meaning in SYSTEM.items()
        ],
        "types": [
            (kind, say(meaning, language), describe.type_example(example, language))
            for kind, (meaning, example) in TYPES.items()
        ],
        "rules": [(rule, say(meaning, language).format(n="n", values="…")) for rule, meaning in RULES.items()],
    }


def _search(version: VersionView) -> str:
    """The index as a script: a page opened from disk may load a script, and nothing else."""
    entries = json.dumps(list(search_entries(version)), ensure_ascii=True, separators=(",", ":"))
    return f"window.sluisIndex={entries.replace('<', chr(92) + 'u003c')};\n"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["soft"] = _soft
    environment.globals["longest_title"] = LONGEST_TITLE
    return environment


def _soft(name: str) -> markupsafe.Markup:
    """A name that may be broken between its words."""
    return markupsafe.Markup("<wbr>").join(re.split(r"(?<=_)(?=[^_])|(?<=[a-z0-9])(?=[A-Z])", name))
