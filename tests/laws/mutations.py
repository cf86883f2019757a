"""What can happen to the rows of the lending source. Keys come from small domains, so that they return."""

from __future__ import annotations

import sqlite3

from hypothesis import strategies as st

TEXTS = ("", "a", "Utrecht", 'q"uote', "comma, and\nline", "😀", "=cmd", "NULL", None)
_text = st.sampled_from(TEXTS)
_id = st.integers(1, 6)
_code = st.sampled_from(("A", "a", "B ", "b"))
_printing = st.integers(1, 2)


def _sets(
    table: str, key: dict[str, st.SearchStrategy[object]], values: dict[str, st.SearchStrategy[object]]
) -> st.SearchStrategy[tuple[str, list[object]]]:
    """Insert or replace a row, change one value of it, or delete it."""
    names = [*key, *values]
    put = st.tuples(*key.values(), *values.values()).map(
        lambda row: (
            f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            list(row),
        )
    )
    where = " AND ".join(f"{name} = ?" for name in key)
    gone = st.tuples(*key.values()).map(lambda row: (f"DELETE FROM {table} WHERE {where}", list(row)))
    changes = [
        st.tuples(strategy, *key.values()).map(
            lambda row, name=name: (f"UPDATE {table} SET {name} = ? WHERE {where}", list(row))  # type: ignore[misc]  # bound now
        )
        for name, strategy in values.items()
    ]
    return st.one_of(put, *changes, gone)


MEMBER = _sets(
    "member",
    {"id": _id},
    {
        "name": _text,
        "born": st.sampled_from(("1980-01-02", "1980-05-06", "0001-01-01", "9999-12-31", None)),
        "postcode": st.sampled_from(("1234AB", "1234CD", "9999ZZ", "", None)),
        "sex": st.sampled_from(("M", "F", "X", None)),
        "fine": st.sampled_from(("0", "9.99", "10", "-15.5", "1234567890123456789012345678.0123456789", None)),
        "exact": st.sampled_from(("12345678901234567890123456789012345678901234567890.1", "", None)),
        "joined": st.sampled_from(("2026-03-29 02:30:00", "2026-10-25 02:30:00.5", "2026-07-01 12:00:00", None)),
        "active": st.integers(0, 1),
        "condition": _text,
        "card": _text,
    },
)
BRANCH = _sets("branch", {"code": _code}, {"town": st.sampled_from(("Utrecht", "utrecht", "", "Oss", None))})
EDITION = _sets("edition", {"title_id": st.integers(1, 3), "printing": _printing}, {"title": _text})
LOAN = _sets(
    "loan",
    {"id": st.integers(10, 14)},
    {
        "member_id": _id,
        "title_id": st.sampled_from((1, 2, None)),
        "printing": st.sampled_from((1, 2, None)),
        "kind": st.sampled_from(("normal", "braille")),
        "day": st.sampled_from(("2026-01-01", "0001-01-01", "9999-12-31", None)),
        "visit_id": st.sampled_from((5, 6, None)),
        "remark": _text,
    },
)
NOTE = _sets(
    "note", {"about": st.sampled_from(("member", "loan")), "about_id": _id}, {"score": st.sampled_from((0, 5, None))}
)
PLACEMENT: st.SearchStrategy[tuple[str, list[object]]] = st.one_of(
    st.sampled_from(("A", "a", None)).map(
        lambda code: ("UPDATE placement SET copies = coalesce(copies, 0) + 1 WHERE branch_code IS ?", [code])
    ),
    st.just(("DELETE FROM placement", [])),
    st.just(("INSERT INTO placement SELECT 1, 1, NULL, 2 WHERE NOT EXISTS (SELECT 1 FROM placement)", [])),
)
KEY_CHANGES: st.SearchStrategy[tuple[str, list[object]]] = st.sampled_from(
    (
        ("UPDATE OR REPLACE member SET id = 6 WHERE id = 1", []),
        ("UPDATE OR REPLACE branch SET code = 'b' WHERE code = 'A'", []),
        ("UPDATE OR REPLACE edition SET printing = 2 WHERE title_id = 1", []),
    )
)
ANY = st.one_of(MEMBER, MEMBER, BRANCH, EDITION, LOAN, NOTE, PLACEMENT, KEY_CHANGES)


def apply(source: sqlite3.Connection, mutations: list[tuple[str, list[object]]]) -> None:
    for statement, values in mutations:
        source.execute(statement, values)
    source.commit()
