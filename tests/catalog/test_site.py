"""The documentation says all that the catalogue says, in both languages, and needs nothing but its own files."""

from __future__ import annotations

import csv
import html
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lending import CATALOG
from sluis.catalog.loader import Catalog, load
from sluis.catalog.model import Column, File, Quasi
from sluis.catalog.site import changes, describe, words
from sluis.catalog.site.builder import CONTENTS, build
from sluis.cli.app import app
from sluis.errors import Rejected

CATALOGS = [str(CATALOG), "verzuim"]
VOID = {"meta", "link", "input", "wbr", "br"}
EVIL = "<script>alert('x')</script> \"&amp; <b>"


@dataclass
class Tag:
    """An element with its attributes, and all text and elements inside it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Tag] = field(default_factory=list, repr=False)


@dataclass
class Page(HTMLParser):
    """A page as a browser sees it; a tag that is not closed where it should be is an error."""

    path: Path
    tags: list[Tag] = field(default_factory=list)
    open: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text("utf-8"))
        self.close()
        assert not self.open, f"{self.path}: {self.open[-1].name} is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{self.path}: an attribute stands twice in {tag}"
        made = Tag(tag, {name: value or "" for name, value in attrs})
        self.tags.append(made)
        for outer in self.open:
            outer.inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{self.path}: {tag} is closed, and not open"
        assert self.open.pop().name == tag, f"{self.path}: {tag} is closed out of order"

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            tag.text += data

    def all(self, name: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.name == name]

    @property
    def ids(self) -> list[str]:
        return [tag.attributes["id"] for tag in self.tags if "id" in tag.attributes]

    @property
    def addresses(self) -> Iterator[str]:
        """Everything that the page points at or loads."""
        for tag in self.tags:
            for name in ("href", "src", "data-index", "data-base"):
                if name in tag.attributes:
                    yield tag.attributes[name]


@dataclass(frozen=True)
class Site:
    catalog: Catalog
    folder: Path
    pages: dict[Path, Page]

    def page(self, path: str) -> Page:
        return self.pages[self.folder / path]

    def rows(self, language: str, version: str, file: str) -> dict[str, Tag]:
        """Lines of the tables of columns, by name of the column."""
        page = self.page(f"{language}/{version}/files/{file}.html")
        return {row.attributes["id"].removeprefix("col-"): row for row in page.all("tr") if "id" in row.attributes}


def site_of(name: str, folder: Path) -> Site:
    catalog = load(name)
    built = build(catalog, folder)
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
    assert built.pages == len(pages)
    return Site(catalog, folder, pages)


@pytest.fixture(scope="module", params=CATALOGS, ids=["lending", "verzuim"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site_of(request.param, tmp_path_factory.mktemp("site") / "out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOG, tmp_path / "lending"))


def everything(catalog: Catalog) -> Iterator[tuple[str, File, Column]]:
    for version in catalog.versions:
        for file in catalog.files(version).values():
            for column in file.columns:
                yield version, file, column


# Pages


def test_every_page_is_sound(site: Site) -> None:
    for path, page in site.pages.items():
        assert path.read_text("utf-8").startswith("<!DOCTYPE html>\n")
        assert len(page.ids) == len(set(page.ids)), f"{path}: an id stands twice"
        head = path.read_text("utf-8").partition("</head>")[0]
        assert len(page.all("h1")) == len(page.all("main")) == head.count("<title>") == 1
        language = path.relative_to(site.folder).parts[0]
        assert page.all("html")[0].attributes["lang"] == ("nl" if language == "index.html" else language)
        refers = {name for tag in page.tags for name in tag.attributes.get("aria-labelledby", "").split()}
        assert refers <= set(page.ids)
        for tag in page.tags:
            assert "style" not in tag.attributes, f"{path}: {tag}"
            assert not [name for name in tag.attributes if name.startswith("on")], f"{path}: {tag}"
        assert not page.all("style")
        assert all(tag.attributes.get("src") and not tag.text for tag in page.all("script"))


def test_every_address_is_inside_and_there(site: Site) -> None:
    count = 0
    for path, page in site.pages.items():
        for address in page.addresses:
            target, _, fragment = address.partition("#")
            assert not re.match(r"\w+:|/", address), f"{path}: {address} is outside"
            found = (path.parent / target).resolve() if target else path
            assert found.exists(), f"{path}: {address} is not there"
            assert found.is_relative_to(site.folder.resolve())
            if fragment:
                assert fragment in site.pages[found].ids, f"{path}: {address} has no such place"
            count += 1
    assert count > 20 * len(site.pages)


def test_nothing_is_loaded_from_elsewhere() -> None:
    assets = resources.files("sluis.catalog.site") / "assets"
    for asset in assets.iterdir():
        text = asset.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|url\(|@import|\bfetch\(|XMLHttpRequest|innerHTML|eval\(", text), asset.name


def test_both_languages_have_the_same_pages_and_link_to_each_other(site: Site) -> None:
    pages = {
        language: {
            p.relative_to(site.folder / language) for p in site.pages if language in p.relative_to(site.folder).parts
        }
        for language in words.LANGUAGES
    }
    assert pages["nl"] == pages["en"]
    for path in pages["nl"]:
        switch = next(tag for tag in site.page(f"nl/{path}").all("a") if tag.attributes.get("class") == "switch")
        assert ((site.folder / "nl" / path).parent / switch.attributes["href"]).resolve() == (
            site.folder / "en" / path
        ).resolve()


def test_every_version_stream_file_and_column_is_told(site: Site) -> None:
    catalog = site.catalog
    for language, (version, about) in itertools.product(words.LANGUAGES, catalog.versions.items()):
        overview = site.page(f"{language}/{version}/index.html").all("main")[0].text
        assert words.day(about.released, language) in overview
        assert about.ends is None or words.day(about.ends, language) in overview
        for name, files in about.streams.items():
            stream = catalog.streams[name]
            assert describe.said(stream.title, language) in overview
            text = site.page(f"{language}/{version}/streams/{name}.html").all("main")[0].text
            assert describe.said(stream.description, language) in text
            assert all(file in text for file in files)
        for file in catalog.files(version).values():
            main = site.page(f"{language}/{version}/files/{file.file}.html").all("main")[0].text
            assert describe.said(file.title, language) in main
            assert describe.said(file.grain, language) in main
            system = [
                name
                for name in ("PrimaryKey", "RecordKey", "Mutatie", file.own_key)
                if name != "Mutatie" or about.deletions == "column"
            ]
            expected = [*(column.name for column in file.columns), *system]
            assert list(site.rows(language, version, file.file)) == expected


def test_every_column_is_told_with_its_meaning_type_and_marks(site: Site) -> None:
    for version, file, column in everything(site.catalog):
        row = site.rows("nl", version, file.file)[column.name]
        assert column.nl in row.text
        assert (column.type or "sleutel") in row.text
        wanted = {
            "sleutel": column.key is True, "sleutel, mag leeg zijn": column.key == "nullable", "verplicht": column.mandatory,
            "verwijzing": column.reference, "koppelsleutel": column.match, "identificerend": column.identifying,
            "quasi-identificerend": column.quasi, "pseudoniem": column.pseudonym, "medisch": column.medical,
            "in sommige rijen medisch": column.medical_when not in (None, "always"),
            "leeg zonder medische markering": column.medical_when == "always", "standaard uit": not column.default,
            f"sinds {column.since}": column.since, f"tot en met {column.until}": column.until,
        }  # fmt: skip
        badges = [tag.text for tag in row.inside if "badge" in tag.attributes.get("class", "").split()]
        assert badges == [text for text, there in wanted.items() if there], f"{file.file}.{column.name}"
        assert all(target in row.text for target in (column.reference.targets if column.reference else ()))
        assert not (column.quasi and column.quasi.keep) or column.quasi.keep in row.text


def test_a_mark_stands_at_its_own_column(tmp_path: Path) -> None:
    site = site_of(str(CATALOG), tmp_path / "out")
    rows = {name: row.attributes["data-marks"] for name, row in site.rows("en", "2", "Dim_Member").items()}
    assert rows["MemberId"] == "key mandatory pseudonym"
    assert rows["Name"] == "identifying"
    assert rows["Card"] == "pseudonym since"
    loan = site.rows("en", "2", "Fact_Loan")
    assert loan["Kind"].attributes["data-marks"] == "mandatory medical_some"
    assert loan["Remark"].attributes["data-marks"] == "identifying medical"
    assert "not in the file" in loan["Remark"].text
    assert "only the first 4 characters" in site.rows("en", "2", "Dim_Member")["Postcode"].text
    assert "if About is “loan”" in site.rows("en", "2", "Fact_Note")["AboutKey"].text
    assert "Card" not in site.rows("en", "1", "Dim_Member")
    assert "Dim_Member_verwijderd.csv" in site.page("nl/1/files/Dim_Member.html").all("main")[0].text


def test_what_the_catalogue_says_is_never_markup(folder: Path, tmp_path: Path) -> None:
    evil = json.dumps(EVIL)
    edits = {
        "catalog.yaml": [("Leden en wat zij lenen.", evil), ("{nl: Uitleen, en: Lending}", f"{{nl: {evil}, en: {evil}}}")],
        "files/Dim_Member.yaml": [("nl: Naam\n", f"nl: {evil}\n"), ("en: one row per member", f"en: {evil}"), ("{values: [F, M]}", f"{{keep: {evil}}}"), ("nl: Lid", f"nl: {evil}")],
    }  # fmt: skip
    for name, pairs in edits.items():
        text = (folder / name).read_text("utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, "utf-8")
    site = site_of(str(folder), tmp_path / "out")
    for page in site.pages.values():
        assert len(page.all("script")) <= 1
        assert not page.all("b")
    assert EVIL in site.rows("nl", "2", "Dim_Member")["Name"].text
    assert EVIL in site.rows("nl", "2", "Dim_Member")["Sex"].text
    assert html.unescape(html.unescape(EVIL)) not in site.rows("nl", "2", "Dim_Member")["Name"].text
    index = (site.folder / "nl/2/search.js").read_text("utf-8")
    assert "<" not in index
    assert EVIL in [entry[2] for entry in entries(site, "nl", "2")]


def entries(site: Site, language: str, version: str) -> list[list[str]]:
    text = (site.folder / language / version / "search.js").read_text("utf-8")
    match = re.fullmatch(r"window\.sluisIndex=(.*);\n", text)
    assert match
    return list(json.loads(match[1]))


def test_search_finds_everything_and_leads_there(site: Site) -> None:
    for language, version in itertools.product(words.LANGUAGES, site.catalog.versions):
        found = entries(site, language, version)
        names = {(kind, name) for kind, name, _, _ in found}
        for file in site.catalog.files(version).values():
            assert ("file", file.file) in names
            assert {("column", f"{file.file}.{column.name}") for column in file.columns} <= names
        for _, _, _, page in found:
            target, _, fragment = page.partition("#")
            assert not fragment or fragment in site.page(f"{language}/{version}/{target}").ids
            assert site.page(f"{language}/{version}/{target}")


def test_the_explanation_has_every_mark_rule_and_system_column(site: Site) -> None:
    for language in words.LANGUAGES:
        page = site.page(f"{language}/guide.html")
        text = page.all("main")[0].text
        assert {f"mark-{mark}" for mark in words.MARKS} <= set(page.ids)
        assert all(name in text for name in ("PrimaryKey", "RecordKey", "Mutatie", "decimal(p,s)"))
    assert set(words.RULES) == set(Quasi.model_fields["rule"].annotation.__args__)  # type: ignore[union-attr]  # a Literal has them


def test_changes_since_the_version_before_are_told(site: Site) -> None:
    versions = list(site.catalog.versions)
    assert not (site.folder / "nl" / versions[0] / "changes.html").exists()
    for version in versions[1:]:
        found = changes.changes(site.catalog, version)
        assert found
        assert found.changes
        page = site.page(f"nl/{version}/changes.html")
        items = [
            tag for tag in page.all("li") if tag.text.strip().startswith(("ingrijpend", "aanvulling", "geen gevolg"))
        ]
        assert len(items) == len(found.changes) + 3
        text = page.all("main")[0].text
        assert all(change.file in text for change in found.changes if change.file)
        assert all(change.column in text for change in found.changes if change.column)
        data = json.loads((site.folder / "data" / version / "changes.json").read_text("utf-8"))
        assert data == json.loads(json.dumps(found.as_json()))


# Data


def test_the_data_is_complete(site: Site) -> None:
    for version in site.catalog.versions:
        root = site.folder / "data" / version
        document = json.loads((root / "catalog.json").read_text("utf-8"))
        files = site.catalog.files(version)
        assert {file["file"] for file in document["files"]} == set(files)
        assert [stream["stream"] for stream in document["streams"]] == list(site.catalog.version(version).streams)
        assert document["digest"] == site.catalog.digest
        for told in document["files"]:
            own = [column for column in told["columns"] if not column["system"]]
            for column, model in zip(own, files[told["file"]].columns, strict=True):
                same_column(column, model)
        columns = table(root / "columns.csv")
        assert [(row["file"], row["column"]) for row in columns] == [
            (file["file"], column["column"]) for file in document["files"] for column in file["columns"]
        ]
        by_name = {(row["file"], row["column"]): row for row in columns}
        for file in files.values():
            for model in file.columns:
                row = by_name[file.file, model.name]
                assert (row["meaning_nl"], row["meaning_en"]) == (model.nl, model.en)
                assert row["identifying"] == str(int(model.identifying))
                assert row["medical_when"] == (model.medical_when or "")
                assert row["pseudonymous_nl"]
        assert {row["file"]: int(row["columns"]) for row in table(root / "files.csv")} == {
            file["file"]: len(file["columns"]) for file in document["files"]
        }
        streams = {row["stream"]: row["files"].split() for row in table(root / "streams.csv")}
        assert streams == {name: list(names) for name, names in site.catalog.version(version).streams.items()}


def same_column(told: dict[str, Any], model: Column) -> None:
    written = model.model_dump(mode="json")
    for name in (
        "key",
        "mandatory",
        "default",
        "identifying",
        "pseudonym",
        "medical",
        "medical_when",
        "since",
        "until",
    ):
        assert told[name] == written[name], f"{model.name}: {name}"
    assert told["meaning"] == {"nl": model.nl, "en": model.en}
    assert told["type"] == (model.type or "key")
    assert told["from"] == list(model.sources)
    assert (told["quasi"] is None) == (model.quasi is None)
    if model.quasi:
        assert Quasi.model_validate(told["quasi"]) == model.quasi
    targets = told["reference"].values() if isinstance(told["reference"], dict) else [told["reference"]]
    assert tuple(targets) == (model.reference.targets if model.reference else (None,))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


# Building


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_catalogue_gives_the_same_bytes(site: Site, tmp_path: Path) -> None:
    build(load(str(site.catalog.folder)), tmp_path / "again")
    assert contents(tmp_path / "again") == contents(site.folder)


def test_building_again_takes_away_what_is_no_longer_there(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(load(str(folder)), out)
    version = folder / "versions" / "2.yaml"
    version.write_text(
        version.read_text("utf-8").replace("  shelves: [Dim_Branch, Dim_Edition, Fact_Placement, Fact_Note]\n", ""),
        "utf-8",
    )
    for name, extra in (("Fact_Placement", "placement"), ("Fact_Note", "note")):
        (folder / "files" / f"{name}.yaml").unlink()
        (folder / "datasets" / f"{extra}.sql").unlink()
    build(load(str(folder)), out)
    build(load(str(folder)), tmp_path / "fresh")
    assert contents(out) == contents(tmp_path / "fresh")
    assert not (out / "nl/2/streams/shelves.html").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    catalog = load(str(CATALOG))
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Rejected, match="holds something else") as caught:
        build(catalog, tmp_path)
    assert "empty" in caught.value.remedy
    assert contents(tmp_path) == {"thesis.txt": b"mine"}
    with pytest.raises(Rejected):
        build(catalog, tmp_path / "thesis.txt")


def test_nothing_outside_the_folder_is_taken_away(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(load(str(CATALOG)), out)
    (tmp_path / "precious").write_text("mine")
    listed = json.loads((out / CONTENTS).read_text("utf-8"))
    (out / CONTENTS).write_text(json.dumps(listed | {"files": ["../precious", str(tmp_path / "precious")]}))
    build(load(str(CATALOG)), out)
    assert (tmp_path / "precious").read_text() == "mine"


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["catalog", "doc", str(CATALOG), "--out", str(out), "--json"])
    told = json.loads(result.stdout)
    assert told["pages"] == len(list(out.rglob("*.html")))
    assert told["data_files"] == len([path for path in (out / "data").rglob("*") if path.is_file()])
    assert Path(told["open"]).is_file()
