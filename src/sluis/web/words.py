"""What the layers below say, in the language of the page."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import resources

import yaml
from django.utils.translation import get_language

from sluis.catalog.site.words import Language
from sluis.errors import SluisError

Pattern = tuple[re.Pattern[str], str]


def page_language() -> Language:
    """The language of the page that is being made."""
    return "nl" if (get_language() or "nl").startswith("nl") else "en"


def told(error: SluisError) -> str:
    """What is wrong and what to do about it, as sentences."""
    return " ".join(part for part in (message(error), remedy(error)) if part)


def message(error: SluisError) -> str:
    """What is wrong, as a sentence."""
    return _sentence(str(error))


def remedy(error: SluisError) -> str:
    """What to do next, as a sentence; empty where there is nothing."""
    return _sentence(error.remedy)


def _sentence(text: str) -> str:
    if not text:
        return ""
    said = in_language(text, get_language() or "en")
    return said[0].upper() + said[1:] + ("" if said[-1] in ".?!" else ".")


def in_language(text: str, language: str) -> str:
    """A text of the layers below in a language; as it is where nobody translated it."""
    for pattern, template in _patterns(language):
        found = pattern.fullmatch(text)
        if found:
            return template.format("", *found.groups())
    return text


@functools.cache
def _patterns(language: str) -> tuple[Pattern, ...]:
    """Longest first: the one that says most wins."""
    file = resources.files("sluis.web") / "locale" / f"errors.{language}.yaml"
    if not file.is_file():
        return ()
    known: dict[str, str] = yaml.safe_load(file.read_text("utf-8")) or {}
    return tuple((_compiled(text), said) for text, said in sorted(known.items(), key=lambda one: -len(one[0])))


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(text)), re.DOTALL)


def _parts(text: str) -> Iterator[str]:
    """``{1}`` stands for any text, each number in its turn."""
    for part in re.split(r"(\{\d\})", text):
        yield "(.*?)" if re.fullmatch(r"\{\d\}", part) else re.escape(part)
