"""Names are safe as folders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluis.control.names import LONGEST, check_name
from sluis.errors import Rejected


@pytest.mark.parametrize("name", ["A", "Productie", "proef 2026-11", "a.b_c-d", "7", "x" * LONGEST, "a..b", "-x"])
def test_good_names_stay_as_they_are(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is empty"),
        ("x" * (LONGEST + 1), "is longer than 80 characters"),
        ("a/b", "holds '/'"),
        ("a\\b", r"holds '\\\\'"),
        ("a\nb", r"holds '\\n'"),
        ("a\n", r"holds '\\n'"),
        ("a\0b", r"holds '\\x00'"),
        ("Zoë", "holds 'ë'"),
        ("a:b", "holds ':'"),
        (".", "has nothing but dots"),
        ("...", "has nothing but dots"),
        (" a", "begins or ends with a space or a dot"),
        ("a ", "begins or ends with a space or a dot"),
        (".a", "begins or ends with a space or a dot"),
        ("a.", "begins or ends with a space or a dot"),
        (" ", "begins or ends with a space or a dot"),
    ],
)
def test_other_names_are_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(Rejected, match=reason) as caught:
        check_name(name)
    assert "use letters" in caught.value.remedy


@settings(deadline=None)
@given(st.text(max_size=100))
def test_what_is_accepted_is_one_visible_folder(name: str) -> None:
    try:
        check_name(name)
    except Rejected:
        return
    assert name.isascii()
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>|')
    assert name.strip(" .") == name != ""
