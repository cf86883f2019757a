"""Texts that want to be more than text: in every field of every form, and in every address.

A form that is added is tried here by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from control.fixtures import People
from sluis.control.models import ConnectionAccount, Environment
from web.test_every_view import ADDRESSES, VIEWS, Side, client, side

SCRIPT = "<script>alert('hier')</script>"
TEXTS = {
    "script": f"\"'>{SCRIPT}",
    "right to left": "\u202egnp.exe\u2066",
    "long": "x" * 10_000,
    "nul": "a\0b",
    "formula": "=HYPERLINK(1)",
    "template": "{{ 7 }}{% now 'Y' %}",
}
PARAMETERS = ("q", "state", "type", "configuration", "first", "last", "page", "level", "version", "who", "what", "days")


class Fields(HTMLParser):
    """The fields of the forms on a page that are posted: the texts among them, and a value for each of the others."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self.others: dict[str, str] = {}
        self._posting = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._posting = given.get("method", "").lower() == "post"
        name, kind = given.get("name", ""), given.get("type", "text")
        if not self._posting or (not name and tag != "option"):
            return
        if tag == "textarea" or (tag == "input" and kind not in {"hidden", "radio", "checkbox", "submit"}):
            self.texts.add(name)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.others.setdefault(self._select, given.get("value", ""))
        elif tag == "input" and kind in {"radio", "checkbox", "hidden"}:
            self.others.setdefault(name, given.get("value", "on"))


@pytest.fixture
def places(people: People, environment: Environment, account: ConnectionAccount) -> tuple[Client, Client, Side]:
    return client("mia", people, environment), client("olga", people, environment), side(account)


def pages(places: tuple[Client, Client, Side]) -> Iterator[tuple[Client, str, str]]:
    inside, outside, one = places
    for name, arguments in ADDRESSES:
        if name in {"account_logout", "account_change_password"}:
            continue
        operators = "environment" not in arguments or name.startswith(("settings_", "role_", "medical"))
        yield outside if operators else inside, name, one.path(name, arguments)


def answered(visitor: Client, method: str, path: str, values: dict[str, str], kind: str) -> Any:
    """The answer, and the page that it leads to; nothing of it stays. ``kind``: of text, for who reads of a failure."""
    told = f"{path}, {kind}"
    with transaction.atomic():
        answer: Any = getattr(visitor, method)(path, values)
        if answer.streaming:
            answer.getvalue()
        else:
            assert SCRIPT not in answer.content.decode(), told
        if answer.status_code == 302 and answer.headers["location"].startswith("/"):
            after: Any = visitor.get(answer.headers["location"])
            assert after.status_code < 500, told
            assert after.streaming or SCRIPT not in after.content.decode(), told
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("kind", TEXTS)
def test_addresses_with_such_a_text_are_harmless(places: tuple[Client, Client, Side], kind: str) -> None:
    seen = 0
    for visitor, name, path in pages(places):
        if VIEWS[name].get != 405:
            answer = answered(visitor, "get", path, dict.fromkeys(PARAMETERS, TEXTS[kind]), kind)
            assert answer.status_code < 500, f"{name}, {kind}: {answer.status_code}"
            seen += 1
    assert seen > 40


def test_forms_with_such_a_text_are_harmless(places: tuple[Client, Client, Side]) -> None:
    tried = 0
    for visitor, name, path in pages(places):
        if VIEWS[name].post is None or VIEWS[name].get != 200:
            continue
        fields = Fields()
        fields.feed(visitor.get(path).content.decode())
        if not fields.texts:
            continue
        for kind, text in TEXTS.items():
            values = {**fields.others, **dict.fromkeys(fields.texts, text)}
            answer = answered(visitor, "post", path, values, kind)
            assert answer.status_code < 500, f"{name}, {kind}: {answer.status_code}"
        tried += 1
    assert tried > 10
