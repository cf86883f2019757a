"""The page that says who may do what says what the code does."""

from __future__ import annotations

import pytest

from docs import permissions_page
from sluis.control.permissions import PERMISSIONS


def test_the_page_is_what_the_code_answers() -> None:
    now = permissions_page.page()
    assert permissions_page.PAGE.read_text("utf-8") == now, "docs/permissions.md is out of date: run `make docs`"


def test_the_page_has_every_permission_and_no_other() -> None:
    assert set(permissions_page.WHAT) == set(PERMISSIONS), "WHAT of tests/docs/permissions_page.py: a line each"


def test_a_permission_without_words_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(permissions_page.WHAT, "account.test")
    with pytest.raises(KeyError, match=r"add a line to WHAT.*account\.test"):
        permissions_page.page()
