"""The parts of the documentation: what is said of a column, the star model, the words and the colours."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterator
from importlib import resources

import pytest

from lending import CATALOG
from sluis.catalog.diff import KINDS
from sluis.catalog.loader import Catalog, load
from sluis.catalog.model import Column, File
from sluis.catalog.site import changes, describe, words
from sluis.catalog.site.star import Box, star
from sluis.delivery.projection import Projection, Receiver


@pytest.fixture(scope="module", params=[str(CATALOG), "verzuim"], ids=["lending", "verzuim"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return load(request.param)


def everything(catalog: Catalog) -> Iterator[Column]:
    for version in catalog.versions:
        for file in catalog.files(version).values():
            yield from file.columns


# What is said is what is delivered


def test_the_pseudonymous_form_is_that_of_a_delivery(catalog: Catalog) -> None:
    receiver = Receiver(medical=True, pseudonymous=True, secret=b"x" * 16)
    for version in catalog.versions:
        for file in catalog.files(version).values():
            chosen = frozenset(column.name for column in file.columns)
            delivered = {one.name: one for one in Projection(catalog, version, file, chosen, receiver).fields}
            for column in file.columns:
                example = describe.pseudonymous_example(column, catalog, "en")
                assert (example is not None) == (column.name in delivered), f"{file.file}.{column.name}"
                if example is None:
                    assert describe.pseudonymous(column, catalog, "en") == "not in the file"
                    continue
                assert fits(example, delivered[column.name].type), f"{file.file}.{column.name}: {example}"
                is_key = re.fullmatch("[0-9a-f]{32}", example) is not None
                assert is_key == bool(column.reference or column.match or column.pseudonym)


def fits(value: str, kind: str) -> bool:
    form = {
        "integer": r"\d+", "number": r"\d+(\.\d+)?", "date": r"\d{4}-\d\d-\d\d", "boolean": "[01]", "string": ".+",
        "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    }[kind]  # fmt: skip
    return re.fullmatch(form, value) is not None


def test_an_example_fits_its_type(catalog: Catalog) -> None:
    for column in everything(catalog):
        value = describe.example(column, catalog, "nl")
        size = re.fullmatch(r"text\((\d+)\)", column.type or "")
        assert value
        assert not size or len(value) <= int(size[1])
        if decimal := re.fullmatch(r"decimal\((\d+),(\d+)\)", column.type or ""):
            whole, _, rest = value.partition(".")
            assert len(rest) == int(decimal[2])
            assert len((whole + rest).lstrip("0")) <= int(decimal[1])


@pytest.mark.parametrize(
    "kind", ["decimal(1,1)", "decimal(2,0)", "decimal(38,38)", "decimal(38,10)", "text(1)", "text"]
)
def test_narrow_types_have_examples_too(kind: str) -> None:
    value = describe.type_example(kind, "nl")
    assert value
    if kind.startswith("decimal"):
        digits, scale = map(int, kind[8:-1].split(","))
        assert re.fullmatch(rf"\d{{1,{max(digits - scale, 1)}}}" + (rf"\.\d{{{scale}}}" if scale else ""), value)


# The star model


def test_every_reference_of_a_stream_is_an_arrow_between_boxes_that_do_not_touch(catalog: Catalog) -> None:
    for version in catalog.versions:
        for stream, names in catalog.version(version).streams.items():
            files = catalog.stream_files(version, [stream])
            drawing = star(files, catalog.files(version))
            boxes = {box.file: box for box in drawing.boxes}
            assert set(boxes) == set(names)
            assert not [pair for pair in itertools.combinations(drawing.boxes, 2) if overlap(*pair)]
            assert all(
                box.x >= 0
                and box.x + box.width <= drawing.width
                and box.y >= 0
                and box.middle + box.height / 2 <= drawing.height
                for box in drawing.boxes
            )
            told = {(arrow.source, arrow.target, column) for arrow in drawing.arrows for column in arrow.columns}
            assert told == {
                (name, target, column.name)
                for name, file in files.items()
                for column in file.columns
                if column.reference
                for target in column.reference.targets
                if target in files
            }
            for arrow in drawing.arrows:
                points = re.findall(r"-?[\d.]+", arrow.curve)
                assert touches(boxes[arrow.source], float(points[0]), float(points[1]))
                assert touches(boxes[arrow.target], float(points[-2]), float(points[-1]))
            if any(box.fact for box in drawing.boxes):
                assert {box.lane for box in drawing.boxes if box.fact} == {1}
                assert 1 not in {box.lane for box in drawing.boxes if not box.fact}


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def touches(box: Box, x: float, y: float) -> bool:
    return min(abs(x - box.x), abs(x - box.x - box.width)) < 0.2 and box.y < y < box.y + box.height


def test_a_stream_of_any_size_can_be_drawn() -> None:
    def file(name: str, targets: list[str]) -> File:
        key = {"name": "Id", "type": "integer", "nl": "x", "en": "x", "key": True, "mandatory": True}
        links = [
            {"name": f"To{target}", "nl": "x", "en": "x", "reference": {"file": target, "from": ["Id"]}}
            for target in targets
        ]
        title = {"nl": name, "en": name}
        return File.model_validate(
            {"file": name, "dataset": "d", "entity": "e", "title": title, "grain": title, "columns": [key, *links]}
        )

    dimensions = [f"Dim_{letter}" for letter in string.ascii_uppercase]
    many = {name: file(name, []) for name in dimensions} | {"Fact_One": file("Fact_One", dimensions)}
    for files in (
        {"Alone": file("Alone", [])},
        {"Dim_A": file("Dim_A", ["Dim_A"]), "Dim_B": file("Dim_B", ["Dim_A"])},
        many,
    ):
        drawing = star(files, files)
        assert len(drawing.boxes) == len(files)
        assert not [pair for pair in itertools.combinations(drawing.boxes, 2) if overlap(*pair)]
    assert {box.lane for box in star(many, many).boxes} == {0, 1, 2}


# Words and colours


def test_every_text_is_there_in_both_languages() -> None:
    pairs = [
        *words.UI.values(),
        *words.RULES.values(),
        *words.SYSTEM.values(),
        *words.PSEUDONYMOUS.values(),
        *(pair for mark in words.MARKS.values() for pair in mark),
        *(kind[0] for kind in words.TYPES.values()),
    ]
    for dutch, english in pairs:
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (dutch, english)]
        assert dutch
        assert english
        assert fields[0] == fields[1], dutch
    catalog = load(str(CATALOG))
    found = changes.changes(catalog, "2")
    assert found
    assert set(changes.DUTCH) == set(KINDS)
    assert {line.change.kind for _, group in changes.lines(found, "nl") for line in group} <= set(KINDS)


TEXT_ON = [
    ("text", "ground"), ("text", "surface"), ("text", "raised"), ("muted", "ground"), ("muted", "surface"), ("accent", "ground"),
    ("accent", "surface"), ("accent", "accent-soft"), ("text", "accent-soft"), ("muted", "accent-soft"), ("on-accent", "accent"), ("on-fact", "fact"), ("on-fact-soft", "fact"),
    ("surface", "blue"), ("surface", "pink"), ("red", "surface"), ("grey", "surface"), ("red", "accent-soft"),
    *((colour, f"{colour}-soft") for colour in ("blue", "red", "orange", "purple", "pink", "green", "grey")),
]  # fmt: skip


def test_colours_have_the_contrast_of_wcag_aa_in_light_and_dark() -> None:
    css = (resources.files("sluis.catalog.site") / "assets" / "site.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    )
    assert set(dark) == set(light)
    for colours in (light, light | dark):
        for text, ground in TEXT_ON:
            assert contrast(colours[text], colours[ground]) >= 4.5, f"{text} on {ground}"
        for shape, ground in (
            ("strong-line", "surface"),
            ("strong-line", "ground"),
            ("arrow", "surface"),
            ("accent", "surface"),
        ):
            assert contrast(colours[shape], colours[ground]) >= 3, f"{shape} on {ground}"


def contrast(a: str, b: str) -> float:
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
