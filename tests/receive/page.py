"""The receiver's manual, cut into its two halves and their blocks of code."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "receiver.md"
_BLOCK = re.compile(r"^```(?P<info>[a-z]+ [a-z ]+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def halves() -> tuple[str, str]:
    """The Dutch and the English part."""
    _, dutch, english = re.split(r"^# (?:Nederlands|English)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dutch, english


def blocks(half: str) -> dict[str, str]:
    """Info string → code of the blocks that say what they are for."""
    return {match["info"]: match["code"] for match in _BLOCK.finditer(half)}


def code(info: str) -> str:
    return blocks(halves()[1])[info]
