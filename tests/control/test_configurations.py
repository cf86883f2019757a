"""Configurations: explicit choices, who makes and edits them, what is fixed, and one audit row each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from control.fixtures import CATALOG, People, delivered
from sluis.control import queries
from sluis.control.actions import configurations as verbs
from sluis.control.actions.configurations import chosen_of
from sluis.control.actor import CLI, Actor
from sluis.control.errors import NotFound
from sluis.control.models import AuditEvent, Configuration, ConnectionAccount, DeliveryState
from sluis.errors import PermissionDenied, Rejected

EMPLOYER = ["WerkgeverId", "Naam"]
EMPLOYEE = ["WerknemerId", "Dim_WerkgeverID", "Naam", "Geslacht", "Zorgvraag"]


def add(account: ConnectionAccount, name: str = "Proef", actor: Actor = CLI, **given: Any) -> Configuration:
    values: dict[str, Any] = {"version": "2", "streams": ["basis"], "pseudonymous": True, **given}
    return verbs.add_configuration(actor, account, name, **values)


def last_event() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


# Making one


def test_a_new_one_has_the_default_files_with_their_default_columns(people: People, account: ConnectionAccount) -> None:
    made = add(account, actor=people.sam, streams=["metingen", "basis"])
    made.refresh_from_db()
    assert made.streams == ["basis", "metingen"]
    assert chosen_of(made) == {
        "Dim_Werkgever": EMPLOYER,
        "Dim_Werknemer": EMPLOYEE,
        "Fact_Meting": ["MetingId", "Waarde"],
    }
    assert (made.pseudonymous, made.plain_reason, made.incremental, made.automatic) == (True, "", True, False)
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject) == ("sam", "configuration.add", "configuration DWH/Proef")
    assert event.details["files"] == chosen_of(made)
    assert event.details["streams"] == ["basis", "metingen"]


def test_all_streams(account: ConnectionAccount) -> None:
    assert add(account, streams="all").streams == ["basis", "zorg", "metingen"]


def test_medical_columns_and_files_may_be_chosen_on_any_account(account: ConnectionAccount) -> None:
    chosen = chosen_of(add(account, streams=["zorg"]))
    assert chosen == {"Dim_Werknemer": EMPLOYEE, "Fact_Diagnose": ["DiagnoseId", "Code"]}


@pytest.mark.parametrize(
    ("given", "message", "remedy"),
    [
        ({"version": "9"}, "no version '9'", "choose one of: 1, 2, 3"),
        ({"version": "1"}, "version 1 .*ended on 2025-06-01", "choose 3"),
        ({"streams": ["bassis"]}, "no stream bassis in version 2", "did you mean basis?"),
        ({"streams": ["xyzzy"]}, "no stream xyzzy in version 2", "choose from: basis, zorg, metingen"),
        ({"version": "3", "streams": ["zorg"]}, "no stream zorg in version 3", "basis, metingen"),
        ({"streams": []}, "at least one stream", "basis"),
        ({"pseudonymous": False}, "asks a reason", "impact assessment"),
        ({"pseudonymous": False, "reason": "  "}, "asks a reason", "impact assessment"),
        ({"reason": "koppeling"}, "a reason belongs to a plain configuration", "choose plain"),
        ({"name": "a:b"}, "holds ':'", "use letters"),
        ({"name": "PRODUCTIE"}, "there is a configuration 'PRODUCTIE' on account DWH already", "another name"),
    ],
)
def test_what_is_wrong_is_refused(
    configuration: Configuration, given: dict[str, Any], message: str, remedy: str
) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(Rejected, match=message) as caught:
        add(configuration.account, str(given.pop("name", "Proef")), **given)
    assert remedy in caught.value.remedy
    assert Configuration.objects.get() == configuration
    assert AuditEvent.objects.count() == before


def test_plain_keeps_its_reason_and_audits_it(account: ConnectionAccount) -> None:
    made = add(account, pseudonymous=False, reason=" DPIA 12 ")
    made.refresh_from_db()
    assert (made.pseudonymous, made.plain_reason) == (False, "DPIA 12")
    assert last_event().details["plain_reason"] == "DPIA 12"


def test_the_same_name_may_stand_on_another_account(
    configuration: Configuration, medical_account: ConnectionAccount
) -> None:
    assert add(medical_account, configuration.name).pk != configuration.pk


@pytest.mark.parametrize(("who", "error"), [("rita", PermissionDenied), ("olga", NotFound), ("xander", NotFound)])
def test_nobody_else_makes_one(people: People, account: ConnectionAccount, who: str, error: type[Rejected]) -> None:
    with pytest.raises(error):
        add(account, actor=getattr(people, who))
    assert not Configuration.objects.exists()


def test_on_a_medical_account_only_medical_rights_do(people: People, medical_account: ConnectionAccount) -> None:
    with pytest.raises(NotFound):
        add(medical_account, actor=people.sam)
    made = add(medical_account, actor=people.mia)
    calls: list[Callable[[], Configuration]] = [
        lambda: verbs.edit_configuration(people.sam, made, automatic=True),
        lambda: verbs.choose_columns(people.sam, made, "Dim_Werkgever", off=["Naam"]),
        lambda: verbs.archive(people.sam, made),
        lambda: verbs.restore(people.sam, made),
        lambda: verbs.copy_configuration(people.sam, made, "Kopie"),
        lambda: verbs.rename(people.sam, made, "Anders"),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    assert AuditEvent.objects.count() == 1


# Every verb, every person


def test_every_verb_asks_for_the_right_and_leaves_one_audit_row(people: People, configuration: Configuration) -> None:
    calls: dict[str, Callable[[Actor], Configuration]] = {
        "configuration.edit": lambda who: verbs.edit_configuration(who, configuration, automatic=True),
        "configuration.edit ": lambda who: verbs.choose_columns(who, configuration, "Dim_Werkgever", off=["Naam"]),
        "configuration.edit  ": lambda who: verbs.rename(who, configuration, "Anders"),
        "configuration.copy": lambda who: verbs.copy_configuration(who, configuration, "Kopie"),
        "configuration.archive": lambda who: verbs.archive(who, configuration),
        "configuration.restore": lambda who: verbs.restore(who, configuration),
    }
    for action, call in calls.items():
        before = AuditEvent.objects.count()
        for stranger, error in ((people.rita, PermissionDenied), (people.olga, NotFound), (people.xander, NotFound)):
            with pytest.raises(error):
                call(stranger)
        assert AuditEvent.objects.count() == before
        call(people.sam)
        assert AuditEvent.objects.count() == before + 1
        assert (last_event().actor, last_event().action) == ("sam", action.strip())


# Law 7: nothing new in a catalogue is ever on by itself


@pytest.fixture
def grown(configuration: Configuration, tmp_path: Path) -> Configuration:
    """The configuration, after its catalogue got a column in a chosen file, a file in a chosen stream, and a stream."""
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOG, folder)
    for name, old, new in (
        (
            "files/Dim_Werkgever.yaml",
            '{name: Omvang, type: integer, nl: Omvang, en: Size, since: "3"}',
            "{name: Omvang, type: integer, nl: Omvang, en: Size}",
        ),
        (
            "versions/2.yaml",
            "basis: [Dim_Werkgever, Dim_Werknemer]",
            "basis: [Dim_Werkgever, Dim_Werknemer, Fact_Nieuw]",
        ),
    ):
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")
    environment = configuration.account.environment
    environment.catalog = str(folder)
    environment.save()
    return configuration


def test_what_is_new_stays_off_through_every_edit(grown: Configuration) -> None:
    before = chosen_of(grown)
    verbs.edit_configuration(CLI, grown, automatic=True, incremental=False)
    verbs.choose_columns(CLI, grown, "Dim_Werkgever", on=["Sector"])
    verbs.edit_configuration(CLI, grown, add_streams=["metingen"])
    verbs.archive(CLI, grown)
    verbs.restore(CLI, grown)
    copy = verbs.copy_configuration(CLI, grown, "Kopie")
    for found in (chosen_of(grown), chosen_of(copy)):
        assert "Fact_Nieuw" not in found
        assert found["Dim_Werkgever"] == [*EMPLOYER, "Sector"]
        assert found["Dim_Werknemer"] == before["Dim_Werknemer"]


def test_what_is_new_can_be_chosen(grown: Configuration) -> None:
    verbs.choose_columns(CLI, grown, "Dim_Werkgever", on=["Omvang"])
    verbs.edit_configuration(CLI, grown, add_files=["Fact_Nieuw"])
    assert chosen_of(grown)["Dim_Werkgever"] == [*EMPLOYER, "Omvang"]
    assert chosen_of(grown)["Fact_Nieuw"] == ["MetingId", "Waarde"]


# Columns


def test_columns_go_on_and_off_in_the_order_of_the_catalogue(configuration: Configuration) -> None:
    verbs.choose_columns(CLI, configuration, "Dim_Werkgever", on=["Sector"], off=["Naam"])
    assert chosen_of(configuration)["Dim_Werkgever"] == ["WerkgeverId", "Sector"]
    assert last_event().details == {"files": {"changed": {"Dim_Werkgever": {"on": ["Sector"], "off": ["Naam"]}}}}
    verbs.choose_columns(CLI, configuration, "Dim_Werkgever", on=["Naam"])
    assert chosen_of(configuration)["Dim_Werkgever"] == ["WerkgeverId", "Naam", "Sector"]


def test_choosing_what_is_chosen_leaves_no_trace(configuration: Configuration) -> None:
    before = AuditEvent.objects.count()
    verbs.choose_columns(CLI, configuration, "Dim_Werkgever", on=["Naam"], off=["Sector"])
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("file", "columns", "message", "remedy"),
    [
        (
            "Dim_Werkgever",
            {"off": ["WerkgeverId"]},
            "WerkgeverId of Dim_Werkgever cannot be off",
            "leave mandatory",
        ),
        ("Dim_Werkgever", {"on": ["naam"]}, "no column naam in Dim_Werkgever", "did you mean Naam?"),
        (
            "Dim_Werkgever",
            {"on": ["Omvang"]},
            "no column Omvang in Dim_Werkgever",
            "Naam, Sector",
        ),
        ("Dim_Werkgever", {"on": ["Naam"], "off": ["Naam"]}, "both on and off", "once"),
        (
            "Fact_Meting",
            {"on": ["Waarde"]},
            "file 'Fact_Meting' is not chosen",
            "Dim_Werkgever, Dim_Werknemer",
        ),
    ],
)
def test_columns_that_cannot_be_chosen_are_refused(
    configuration: Configuration, file: str, columns: dict[str, list[str]], message: str, remedy: str
) -> None:
    before = chosen_of(configuration)
    with pytest.raises(Rejected, match=message) as caught:
        verbs.choose_columns(CLI, configuration, file, **columns)
    assert remedy in caught.value.remedy
    assert chosen_of(configuration) == before


# Streams and files


def test_a_stream_that_comes_brings_its_default_files(configuration: Configuration) -> None:
    verbs.choose_columns(CLI, configuration, "Dim_Werkgever", off=["Naam"])
    edited = verbs.edit_configuration(CLI, configuration, add_streams=["metingen"])
    assert edited.streams == ["basis", "metingen"]
    assert chosen_of(edited) == {
        "Dim_Werkgever": ["WerkgeverId"],
        "Dim_Werknemer": EMPLOYEE,
        "Fact_Meting": ["MetingId", "Waarde"],
    }
    assert last_event().details == {
        "streams": [["basis"], ["basis", "metingen"]],
        "files": {"added": {"Fact_Meting": ["MetingId", "Waarde"]}},
    }


def test_a_stream_that_goes_takes_the_files_that_no_other_has(configuration: Configuration) -> None:
    verbs.edit_configuration(CLI, configuration, add_streams=["metingen"])
    edited = verbs.edit_configuration(CLI, configuration, drop_streams=["basis"])
    assert edited.streams == ["metingen"]
    assert set(chosen_of(edited)) == {"Dim_Werkgever", "Fact_Meting"}
    assert last_event().details["files"] == {"removed": ["Dim_Werknemer"]}


def test_single_files_come_and_go(configuration: Configuration) -> None:
    verbs.edit_configuration(CLI, configuration, add_streams=["metingen"])
    edited = verbs.edit_configuration(CLI, configuration, add_files=["Fact_MetingDetail"], drop_files=["Dim_Werknemer"])
    assert set(chosen_of(edited)) == {"Dim_Werkgever", "Fact_Meting", "Fact_MetingDetail"}


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"add_streams": ["metingn"]}, "no stream metingn"),
        ({"drop_streams": ["zorg"]}, "has no stream zorg"),
        ({"drop_streams": ["basis"]}, "at least one stream"),
        ({"add_streams": ["zorg"], "drop_streams": ["zorg"]}, "has no stream zorg"),
        ({"add_streams": ["basis"], "drop_streams": ["basis"]}, "both"),
        ({"add_files": ["Fact_Meting"]}, "no file Fact_Meting in the chosen streams"),
        ({"drop_files": ["Fact_Meting"]}, "no file Fact_Meting in this configuration"),
        ({"drop_files": ["Dim_Werkgever", "Dim_Werknemer"]}, "at least one file"),
        ({"reason": "waarom niet"}, "a reason belongs to a plain configuration"),
        ({"pseudonymous": False}, "asks a reason"),
        ({"version": "1"}, "ended"),
        ({"name": "a/b"}, "holds '/'"),
    ],
)
def test_edits_that_cannot_be_are_refused_whole(
    configuration: Configuration, edit: dict[str, Any], message: str
) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(Rejected, match=message):
        verbs.edit_configuration(CLI, configuration, automatic=True, **edit)
    fresh = Configuration.objects.get()
    assert (fresh.automatic, fresh.streams, set(chosen_of(fresh))) == (
        False,
        ["basis"],
        {"Dim_Werkgever", "Dim_Werknemer"},
    )
    assert AuditEvent.objects.count() == before


# What is fixed once a receiver has a delivery

FIXED: list[dict[str, Any]] = [
    {"name": "Anders"},
    {"version": "3"},
    {"pseudonymous": False, "reason": "DPIA 12"},
]


@pytest.mark.parametrize("edit", FIXED)
@pytest.mark.parametrize("state", [None, DeliveryState.FAILED, DeliveryState.RUNNING])
def test_name_version_and_pseudonymous_can_change_before_the_first_delivery(
    configuration: Configuration, edit: dict[str, Any], state: str | None
) -> None:
    if state:
        delivered(configuration, state, sequence=None)
    edited = verbs.edit_configuration(CLI, configuration, **edit)
    field, value = next(iter(edit.items()))
    assert getattr(edited, field) == value
    assert last_event().details[field][1] == value


@pytest.mark.parametrize("edit", FIXED)
@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.PUBLISHING])
def test_and_are_fixed_after_it(configuration: Configuration, edit: dict[str, Any], state: str) -> None:
    delivered(configuration, state)
    with pytest.raises(Rejected, match=f"DWH/Productie has a delivery, so its {next(iter(edit))} cannot") as caught:
        verbs.edit_configuration(CLI, configuration, **edit)
    assert "copy" in caught.value.remedy


def test_what_is_delivered_can_still_be_edited_otherwise(configuration: Configuration) -> None:
    delivered(configuration)
    edited = verbs.edit_configuration(CLI, configuration, incremental=False, drop_files=["Dim_Werknemer"], version="2")
    assert not edited.incremental


def test_the_reason_can_be_mended_after_a_delivery(account: ConnectionAccount) -> None:
    plain = add(account, pseudonymous=False, reason="DPIA 12")
    delivered(plain)
    assert verbs.edit_configuration(CLI, plain, reason="DPIA 13").plain_reason == "DPIA 13"
    assert last_event().details == {"plain_reason": ["DPIA 12", "DPIA 13"]}
    with pytest.raises(Rejected, match="asks a reason"):
        verbs.edit_configuration(CLI, plain, reason="")


def test_going_pseudonymous_forgets_the_reason(account: ConnectionAccount) -> None:
    plain = add(account, pseudonymous=False, reason="DPIA 12")
    assert verbs.edit_configuration(CLI, plain, pseudonymous=True).plain_reason == ""


def test_another_version_keeps_the_choice_and_leaves_the_new_off(account: ConnectionAccount) -> None:
    made = add(account, streams=["basis", "zorg"])
    verbs.choose_columns(CLI, made, "Dim_Werkgever", on=["Sector"], off=["Naam"])
    edited = verbs.edit_configuration(CLI, made, version="3")
    assert edited.streams == ["basis"]
    assert chosen_of(edited) == {"Dim_Werkgever": ["WerkgeverId", "Sector"], "Dim_Werknemer": EMPLOYEE}


def test_another_version_without_any_of_the_streams_is_refused(account: ConnectionAccount) -> None:
    with pytest.raises(Rejected, match="version 3 has none of the chosen streams"):
        verbs.edit_configuration(CLI, add(account, streams=["zorg"]), version="3")


# Copy, archive, restore


def test_a_copy_has_the_same_choice_and_is_not_automatic(configuration: Configuration) -> None:
    verbs.edit_configuration(CLI, configuration, automatic=True, incremental=False, drop_files=["Dim_Werknemer"])
    delivered(configuration)
    copy = verbs.copy_configuration(CLI, configuration, "Kopie")
    assert (copy.version, copy.pseudonymous, copy.automatic, copy.incremental) == ("2", True, False, False)
    assert chosen_of(copy) == chosen_of(configuration) == {"Dim_Werkgever": EMPLOYER}
    assert not copy.deliveries.exists()
    assert last_event().details["from"] == "Productie"


def test_a_copy_can_differ_where_the_first_is_fixed(configuration: Configuration) -> None:
    delivered(configuration)
    copy = verbs.copy_configuration(CLI, configuration, "Kopie", version="3", pseudonymous=False, reason="DPIA 12")
    assert (copy.version, copy.pseudonymous, copy.plain_reason) == ("3", False, "DPIA 12")


def test_a_copy_that_becomes_plain_asks_a_reason(configuration: Configuration) -> None:
    with pytest.raises(Rejected, match="asks a reason"):
        verbs.copy_configuration(CLI, configuration, "Kopie", pseudonymous=False)


def test_a_copy_of_a_plain_one_keeps_the_reason_unless_it_becomes_pseudonymous(account: ConnectionAccount) -> None:
    plain = add(account, pseudonymous=False, reason="DPIA 12")
    assert verbs.copy_configuration(CLI, plain, "Een").plain_reason == "DPIA 12"
    assert verbs.copy_configuration(CLI, plain, "Twee", pseudonymous=True).plain_reason == ""


def test_a_version_that_ended_is_copied_to_another_only(configuration: Configuration) -> None:
    Configuration.objects.update(version="1")
    with pytest.raises(Rejected, match="ended"):
        verbs.copy_configuration(CLI, configuration, "Kopie")
    assert verbs.copy_configuration(CLI, configuration, "Kopie", version="2").version == "2"


def test_an_archived_one_is_left_as_it_is_until_it_is_restored(configuration: Configuration) -> None:
    archived = verbs.archive(CLI, configuration)
    assert archived.archived_at
    with pytest.raises(Rejected, match="is archived"):
        verbs.archive(CLI, configuration)
    with pytest.raises(Rejected, match="is archived"):
        verbs.edit_configuration(CLI, configuration, automatic=True)
    with pytest.raises(Rejected, match="is archived"):
        verbs.choose_columns(CLI, configuration, "Dim_Werkgever", off=["Naam"])
    with pytest.raises(Rejected, match="perhaps an archived one"):
        add(configuration.account, "productie")
    assert verbs.restore(CLI, configuration).archived_at is None
    with pytest.raises(Rejected, match="is not archived"):
        verbs.restore(CLI, configuration)


def test_it_is_not_archived_while_a_delivery_is_being_published(configuration: Configuration) -> None:
    delivered(configuration, DeliveryState.PUBLISHING)
    with pytest.raises(Rejected, match="being published"):
        verbs.archive(CLI, configuration)


# Lists


def test_everyone_sees_what_they_may(
    people: People, configuration: Configuration, medical_account: ConnectionAccount
) -> None:
    hidden = add(medical_account, "Medisch")
    here = configuration.account.environment
    plain, marked = delivered(configuration), delivered(hidden)
    before_the_mark_went = delivered(configuration, sequence=2, medical=True)
    assert queries.configurations(people.mia, here) == [configuration, hidden]
    assert queries.configurations(people.rita, here) == [configuration]
    assert set(queries.deliveries(people.mia, here)) == {plain, marked, before_the_mark_went}
    assert queries.deliveries(people.sam, here) == [plain]
    assert queries.deliveries(people.mia, here, hidden) == [marked]
    assert queries.find_configuration(people.sam, here, "dwh/PRODUCTIE") == configuration
    refused: tuple[Callable[[], object], ...] = (
        lambda: queries.configurations(people.xander, here),
        lambda: queries.deliveries(people.xander, here),
        lambda: queries.deliveries(people.sam, here, hidden),
        lambda: queries.find_configuration(people.sam, here, "Zorg/Medisch"),
        lambda: queries.find_configuration(people.sam, here, "DWH/Niets"),
    )
    for call in refused:
        with pytest.raises(NotFound):
            call()


@pytest.mark.parametrize("path", ["Productie", "/Productie", "DWH/", ""])
def test_a_configuration_is_named_with_its_account(configuration: Configuration, path: str) -> None:
    with pytest.raises(Rejected, match="does not name a configuration") as caught:
        queries.find_configuration(CLI, configuration.account.environment, path)
    assert caught.value.remedy == "write ACCOUNT/NAME"
