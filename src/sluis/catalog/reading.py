"""Reads YAML so that every fault can be told with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sluis.errors import Rejected

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]
LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C, where it is there: a catalogue has thousands of lines and is read by every command."""
_DEEPEST = 20
"""Of values in values: far more than a catalogue has, far less than stops Python."""

_BRACKETS, _LONGEST = 500, 5_000_000
_DASHES = re.compile(r"(?:[-?:][ \t]+){100}")


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in a catalogue: where, and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CatalogRejected(Rejected):
    """The catalogue has faults; ``problems`` lists them all, in the order of files and lines."""

    code = "catalog-rejected"

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"catalogue {name}: {count} problem{'s' if count != 1 else ''}\n{listed}",
            remedy="mend the lines named above; docs/catalogue.md describes the format",
        )


@dataclass
class Document:
    """One YAML file as plain values, with the line of every value."""

    path: Path
    shown: str
    data: object
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """Line of a value, or of the nearest thing around it."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.lines:
                return self.lines[place[:end]]
        return 1

    def problem(self, message: str, *place: str | int) -> Problem:
        return Problem(self.shown, self.line(place), message)


def read(path: Path, root: Path) -> Document:
    """Read one YAML file; raises ``CatalogRejected`` where it is not YAML or not a mapping."""
    shown = path.relative_to(root).as_posix()
    try:
        text = path.read_text("utf-8")
        if _is_nested_beyond_reason(text):
            raise CatalogRejected(root.name, [Problem(shown, 1, "is nested far deeper than any catalogue file")])
        node = yaml.compose(text, Loader=LOADER)
    except UnicodeDecodeError as error:
        raise CatalogRejected(root.name, [Problem(shown, 1, "is not UTF-8 text; save it as UTF-8")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise CatalogRejected(
            root.name, [Problem(shown, mark.line + 1 if mark else 1, f"is not YAML: {what}")]
        ) from error
    document = Document(path, shown, None)
    if not isinstance(node, yaml.MappingNode):
        raise CatalogRejected(root.name, [Problem(shown, 1, "is empty or no mapping; begin with `key: value` lines")])
    problems: list[Problem] = []
    document.data = _plain(node, (), document, problems)
    if problems:
        raise CatalogRejected(root.name, problems)
    return document


def _is_nested_beyond_reason(text: str) -> bool:
    """Whether values stand in values so deep that the parser in C would end the process.

    Brackets in texts count too: no file has so many that are never closed.
    """
    depth = deepest = 0
    for bracket in re.finditer(r"[\[{]|[\]}]", text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest > _BRACKETS or len(text) > _LONGEST or re.search(_DASHES, text) is not None


def _plain(node: yaml.Node, place: Place, document: Document, problems: list[Problem]) -> object:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if len(place) > _DEEPEST:
        problems.append(document.problem("goes too deep; write out what refers to itself", *place))
        return None
    if isinstance(node, yaml.MappingNode):
        values: dict[object, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                problems.append(Problem(document.shown, line, "a key is a list or mapping; write `key: value`"))
                continue
            key = _scalar(key_node, document, problems)
            inner = (*place, str(key))
            document.lines[inner] = line
            if key in values:
                problems.append(document.problem(f"`{key}` stands here twice; keep one", *inner))
            values[key] = _plain(value_node, inner, document, problems)
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, number), document, problems) for number, item in enumerate(node.value)]
    return _scalar(node, document, problems)


def _scalar(node: yaml.Node, document: Document, problems: list[Problem]) -> object:
    constructor = yaml.constructor.SafeConstructor()
    line = node.start_mark.line + 1
    try:
        return constructor.construct_object(node, deep=True)
    except ValueError as error:  # a date such as 2026-02-30
        problems.append(Problem(document.shown, line, f"`{node.value}` cannot be: {error}; mend it"))
    except yaml.constructor.ConstructorError as error:
        problems.append(Problem(document.shown, line, f"{error.problem}; write a plain value"))
    return None


def parse(model: type[Model], document: Document) -> tuple[Model | None, list[Problem]]:
    """The document as ``model``, or the list of what is wrong with it."""
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, [
            document.problem(
                _sentence(detail["type"], detail["msg"], detail["loc"]),
                *detail["loc"],
                *detail.get("ctx", {}).get("place", ()),
            )
            for detail in error.errors(include_url=False, include_input=False)
        ]


_REMEDIES = {
    "string_type": "put it between quotes",
    "string_pattern_mismatch": 'write digits and points between quotes, as "7.36"',
    "date_type": "write a day as 2026-06-01",
    "bool_type": "write true or false",
}
"""What to do about faults that pydantic words itself."""


def _sentence(kind: str, message: str, place: Place) -> str:
    name = ".".join(str(part) for part in place)
    if kind == "extra_forbidden":
        return f"unknown key `{name}`; see docs/catalogue.md for the keys there are"
    if kind == "missing":
        return f"`{name}` is missing; add it"
    if kind in _REMEDIES:
        message = f"{message}; {_REMEDIES[kind]}"
    message = message.removeprefix("Value error, ")
    return f"`{name}`: {message}" if name else message
