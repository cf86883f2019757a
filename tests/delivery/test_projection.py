"""What a receiver gets, compared with an oracle that knows nothing of the product's SQL."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from delivery.house import House, house
from lending import CATALOG, Copy, Row, Sees, differences, expected, read_csv, same_as_csv_module
from sluis.catalog.loader import load
from sluis.delivery import writing
from sluis.delivery.build import Built
from sluis.delivery.plan import Asked
from sluis.lake.store import LakeLocation

SECRET = b"0123456789abcdef0123456789abcdef"

__all__ = ["house"]


@pytest.fixture(params=[writing.FEW, 0], ids=["few changes", "many changes"])
def changed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with changes that are few enough to be kept in memory, and once with too many for that."""
    monkeypatch.setattr(writing, "FEW", request.param)


@pytest.fixture(params=["for each row", "once"])
def keys_made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of references are made for each row, and once for all rows as in a large file."""
    if request.param == "once":
        monkeypatch.setattr(writing, "MANY_ROWS", 0)
        monkeypatch.setattr(writing, "TIMES", 1)


def apply(copies: list[Copy], built: Built, folder: Path) -> None:
    deleted = {one.deletes: folder / one.path for one in built.written if one.deletes}
    for one in built.written:
        if not one.deletes:
            for copy in copies:
                copy.apply(one.name, one.mode, folder / one.path, deleted.get(one.name))


def same(copies: list[Copy], want: dict[str, dict[str, Row]]) -> None:
    for copy in copies:
        assert differences(copy.files, want) == []


RECEIVERS = [
    Sees(),
    Sees(medical=True),
    Sees(pseudonymous=True, secret=SECRET),
    Sees(medical=True, pseudonymous=True, secret=SECRET),
]

WEEK = """
UPDATE member SET name = 'Piet', fine = '99999999999999999999999999.9999999999' WHERE id = 1;
UPDATE member SET condition = 'nieuw' WHERE id = 2;
UPDATE member SET exact = NULL WHERE id = 3;
UPDATE member SET card = '' WHERE id = 5;
DELETE FROM branch WHERE code = 'B ';
INSERT INTO branch VALUES ('b', 'nieuw "b"' || char(10));
UPDATE edition SET title = NULL WHERE title_id = 1 AND printing = 2;
UPDATE edition SET printing = 9 WHERE title_id = 2;
DELETE FROM loan WHERE id = 11;
INSERT INTO loan VALUES (13, 5, 1, 2, 'braille', '0001-01-01', 7, 'x');
UPDATE placement SET branch_code = 'b' WHERE branch_code IS NULL;
UPDATE note SET score = 0 WHERE about = 'loan';
"""


@pytest.mark.usefixtures("keys_made")
@pytest.mark.parametrize("sees", RECEIVERS, ids=str)
def test_full_and_changes_give_what_the_oracle_says(house: House, sees: Sees) -> None:
    copies = [Copy(), Copy(upsert_only=True)]
    house.refresh()
    built, folder = house.deliver(sees)
    assert {plan.reason for plan in built.plans} == {"first"}
    apply(copies, built, folder)
    same(copies, expected(house.source, sees, {}))
    assert all(same_as_csv_module(folder / one.path) for one in built.written)

    house.change(WEEK)
    house.refresh()
    built, folder = house.deliver(sees)
    assert {plan.mode for plan in built.plans} == {"changes"}
    apply(copies, built, folder)
    same(copies, expected(house.source, sees, {}))

    house.change(
        "INSERT INTO branch VALUES ('B ', 'terug'); DELETE FROM member WHERE id = 4; DELETE FROM branch WHERE code = 'b'"
    )
    house.refresh()
    built, folder = house.deliver(sees, asked=Asked(everything=True))
    apply(copies, built, folder)
    same(copies, expected(house.source, sees, {}))


@pytest.mark.usefixtures("changed")
def test_several_snapshots_between_two_deliveries_are_one_change_per_key(house: House) -> None:
    sees = Sees(medical=True)
    house.refresh()
    copy = Copy()
    apply([copy], *house.deliver(sees))
    for statement in (
        "UPDATE member SET name = 'a' WHERE id = 1; INSERT INTO branch VALUES ('N', 'kort'); DELETE FROM branch WHERE code = 'A'",
        "UPDATE member SET name = 'b' WHERE id = 1; DELETE FROM branch WHERE code = 'N'; INSERT INTO branch VALUES ('A', 'Utrecht')",
        "UPDATE member SET name = 'c' WHERE id = 1; DELETE FROM member WHERE id = 2; INSERT INTO loan VALUES (20, 1, 1, 1, 'k', NULL, NULL, NULL)",
    ):
        house.change(statement)
        house.refresh()
    built, folder = house.deliver(sees)
    counts = {one.name: (one.inserted, one.updated, one.deleted) for one in built.written}
    assert counts["Dim_Member"] == (0, 1, 1)
    assert counts["Dim_Branch"] == (0, 0, 0), "a row that came and went, and one that went and came back as it was"
    assert counts["Fact_Loan"] == (1, 0, 1), "the loan of a member that is gone goes too"
    apply([copy], built, folder)
    same([copy], expected(house.source, sees, {}))


@pytest.mark.parametrize(
    ("sees", "statement"),
    [
        (Sees(), "UPDATE member SET condition = 'hidden'"),
        (Sees(), "UPDATE loan SET remark = 'hidden'"),
        (Sees(), "UPDATE loan SET kind = 'braille' WHERE id = 11"),
        (Sees(pseudonymous=True, secret=SECRET), "UPDATE member SET name = 'hidden', exact = 'x', born = '1980-12-31' WHERE id = 1"),
        (Sees(pseudonymous=True, secret=SECRET), "UPDATE member SET sex = 'Y' WHERE id = 3"),
        (Sees(pseudonymous=True, secret=SECRET), "UPDATE member SET fine = '19.99' WHERE id = 5"),
        (Sees(pseudonymous=True, secret=SECRET), "UPDATE member SET joined = '2026-07-01 23:00:00' WHERE id = 4"),
    ],
)  # fmt: skip
def test_a_change_that_the_receiver_does_not_see_makes_no_row(house: House, sees: Sees, statement: str) -> None:
    house.refresh()
    house.deliver(sees)
    house.change(statement)
    house.refresh()
    built, _ = house.deliver(sees)
    assert [(one.name, one.rows) for one in built.written if one.rows] == []


def test_a_change_in_a_column_that_is_switched_off_makes_no_row(house: House) -> None:
    house.refresh()
    house.deliver(Sees(), leave_out=frozenset({"Name"}))
    house.change("UPDATE member SET name = 'hidden'")
    house.refresh()
    built, folder = house.deliver(Sees(), leave_out=frozenset({"Name"}))
    assert "Name" not in (folder / "Dim_Member.csv").read_text("utf-8")
    assert sum(one.rows for one in built.written) == 0


def test_a_file_comes_in_full_with_its_reason_and_the_others_stay_changes(house: House) -> None:
    copies = [Copy(), Copy(upsert_only=True)]
    house.refresh()
    apply(copies, *house.deliver(Sees()))
    house.change("DELETE FROM member WHERE id = 5; DELETE FROM branch WHERE code = 'a'")
    house.refresh()
    for sees, left_out, reasons in (
        (Sees(), {"Name"}, {"Dim_Member": "columns"}),
        (Sees(medical=True), {"Name"}, {"Dim_Member": "medical", "Fact_Loan": "medical"}),
    ):
        built, folder = house.deliver(sees, leave_out=frozenset(left_out))
        assert {plan.name: plan.reason for plan in built.plans if plan.mode == "full"} == reasons
        apply(copies, built, folder)
        want = expected(house.source, sees, {"Dim_Member": set(read_csv(folder / "Dim_Member.csv")[0])})
        same(copies, want)

    built, _ = house.deliver(Sees(pseudonymous=True, secret=SECRET))
    assert {plan.reason for plan in built.plans} == {"secret"}
    built, _ = house.deliver(Sees(pseudonymous=True, secret=SECRET[::-1]))
    assert {plan.reason for plan in built.plans} == {"secret"}


def test_a_bookmark_that_did_not_move_gives_the_same_changes_again(house: House) -> None:
    house.refresh()
    house.deliver(Sees())
    house.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    house.refresh()
    first, folder = house.deliver(Sees(), confirm=False)
    again, other = house.deliver(Sees())
    assert first.written == again.written
    assert (folder / "Dim_Branch.csv").read_bytes() == (other / "Dim_Branch.csv").read_bytes()
    assert sum(one.rows for one in house.deliver(Sees())[0].written) == 0


@pytest.mark.usefixtures("changed")
def test_since_a_date_gives_what_differs_from_then_or_from_the_bookmark(house: House) -> None:
    sees = Sees()
    copy = Copy()
    house.refresh()
    apply([copy], *house.deliver(sees))
    house.change(
        "UPDATE branch SET town = 'second' WHERE code = 'A'; INSERT INTO branch VALUES ('N', 'new'); DELETE FROM branch WHERE code = 'a'"
    )
    house.refresh()
    apply([copy], *house.deliver(sees))
    house.change("UPDATE branch SET town = 'third' WHERE code = 'B '")
    house.refresh()
    built, folder = house.deliver(sees, asked=Asked(since=1))
    rows = {row["Code"]: row["Mutatie"] for row in read_csv(folder / "Dim_Branch.csv")}
    gone = sees.key("branch", "a")
    assert rows == {"A": "U", "N": "U", "B ": "U", None: "D"}
    assert gone in {row["PrimaryKey"] for row in read_csv(folder / "Dim_Branch.csv") if row["Mutatie"] == "D"}
    apply([copy], built, folder)
    same([copy], expected(house.source, sees, {}))
    built, _ = house.deliver(sees, asked=Asked(too_old=True))
    assert {plan.reason for plan in built.plans} == {"history"}


@pytest.mark.usefixtures("changed")
def test_the_older_version_says_deletions_in_a_file_of_their_own(house: House) -> None:
    copies = [Copy(), Copy(upsert_only=True)]
    house.refresh()
    apply(copies, *house.deliver(Sees(), version="1"))
    house.change("DELETE FROM member WHERE id = 4; UPDATE member SET name = 'n' WHERE id = 1")
    house.refresh()
    built, folder = house.deliver(Sees(), version="1")
    assert [one.name for one in built.written] == [
        "Dim_Member", "Dim_Member_verwijderd", "Fact_Loan", "Fact_Loan_verwijderd",
    ]  # fmt: skip
    assert "Mutatie" not in (folder / "Dim_Member.csv").read_text("utf-8")
    apply(copies, built, folder)
    want = expected(house.source, Sees(), {})
    for copy in copies:
        assert set(copy.files["Dim_Member"]) == set(want["Dim_Member"])
        assert copy.files["Dim_Member"][Sees().key("member", 1)]["Name"] == "n"


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("sees", RECEIVERS, ids=str)
def test_a_file_in_which_nothing_changed_has_the_header_that_it_always_has(
    house: House, sees: Sees, version: str
) -> None:
    house.refresh()
    full, folder = house.deliver(sees, version=version)
    headers = {one.path: (folder / one.path).read_bytes().split(b"\n")[0] + b"\n" for one in full.written}
    changes, folder = house.deliver(sees, version=version)
    assert {one.mode for one in changes.written} == {"changes"}
    assert {one.path: (folder / one.path).read_bytes() for one in changes.written} == headers | {
        f"{one.deletes}_verwijderd.csv": f"PrimaryKey,{one.deletes}ID\n".encode()
        for one in changes.written
        if one.deletes
    }
    assert [one.total for one in changes.written] == [one.total for one in full.written]


def test_a_wholly_new_lake_gives_everything_again(house: House, tmp_path: Path) -> None:
    house.refresh()
    house.deliver(Sees())
    house.location = LakeLocation(house.location.database_url, f"{house.location.schema}_b", tmp_path / "lake2")
    house.snapshots = 0
    house.refresh()
    built, _ = house.deliver(Sees())
    assert {plan.reason for plan in built.plans} == {"rebuilt"}


def test_another_dataset_behind_a_file_brings_it_in_full(house: House, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(CATALOG, tmp_path / "catalog"))
    shutil.copy(copy / "datasets" / "branch.sql", copy / "datasets" / "branch2.sql")
    extra = (copy / "files" / "Dim_Branch.yaml").read_text("utf-8").replace("Dim_Branch", "Dim_Other")
    (copy / "files" / "Dim_Other.yaml").write_text(extra.replace("dataset: branch", "dataset: branch2"), "utf-8")
    version = copy / "versions" / "2.yaml"
    version.write_text(version.read_text("utf-8").replace("[Dim_Member,", "[Dim_Member, Dim_Other,"), "utf-8")
    house.catalog = load(str(copy))
    house.refresh()
    house.deliver(Sees())
    for name, dataset in (("Dim_Branch", "branch2"), ("Dim_Other", "branch")):
        path = copy / "files" / f"{name}.yaml"
        path.write_text(re.sub("dataset: .*", f"dataset: {dataset}", path.read_text("utf-8")), "utf-8")
    house.catalog = load(str(copy))
    built, _ = house.deliver(Sees())
    assert {plan.name: plan.reason for plan in built.plans if plan.reason} == {
        "Dim_Branch": "rebuilt",
        "Dim_Other": "rebuilt",
    }
