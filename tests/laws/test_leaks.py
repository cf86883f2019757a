"""Laws 2 and 8: what a receiver may not see stands nowhere in what it gets, nor in what Sluis writes down about it.

Every identifying and medical value of the source is a token of its own: texts that occur nowhere else, and dates and numbers
from ranges that nothing else uses, long enough that no pseudonym holds one by chance.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.db.models import Model
from procrastinate.contrib.django.models import ProcrastinateJob

from laws.world import Stream, World
from sluis import settings
from sluis.control.actions import (
    accounts,
    configurations,
    decisions,
    environments,
    mails,
    previews,
    recipients,
    refreshes,
)
from sluis.control.actor import CLI
from sluis.control.models import DeliveryState, ReportKind
from sluis.control.setup import Started
from sluis.errors import SluisError

PLANTED = """
DELETE FROM member; DELETE FROM loan; DELETE FROM note; DELETE FROM placement;
INSERT INTO member VALUES
 (770077001, 'tokenname1', '1907-03-11', '9871ZX', 'tokensex1', '98765432.125', 'tokenexact1', '2026-07-01 12:34:56', 1, 'tokencondition1', 'tokencard1'),
 (770077002, 'tokenname2', '1907-03-12', '9872ZX', 'tokensex2', '98765433.125', 'tokenexact2', '2026-07-02 12:34:56', 0, 'tokencondition2', 'tokencard2');
INSERT INTO loan VALUES (880088001, 770077001, 1, 1, 'braille', '2026-01-01', 990099001, 'tokenremark1'),
                        (880088002, 770077002, 1, 1, 'normal', '2026-01-01', 990099002, 'tokenremark2');
INSERT INTO note VALUES ('member', 770077001, 5), ('loan', 880088001, 4);
INSERT INTO placement VALUES (1, 1, 'A', 3);
"""
EDITED = """
UPDATE member SET name = 'tokenname3', condition = 'tokencondition3', fine = '98765434.125' WHERE id = 770077001;
UPDATE loan SET remark = 'tokenremark3', kind = 'braille' WHERE id = 880088002;
DELETE FROM member WHERE id = 770077002;
"""
IDENTIFYING = (
    "tokenname", "1907-03", "9871Z", "9872Z", "tokensex", "98765432", "98765433", "98765434", "tokenexact", "12:34:56", "tokencard", "77007700", "88008800",
    "99009900", "tokenremark",
)  # fmt: skip
MEDICAL = ("tokencondition", "tokenremark", "braille")


def forbidden(stream: Stream, *, medical: bool) -> set[str]:
    hidden = set() if medical else set(MEDICAL)
    return hidden | (set(IDENTIFYING) if stream.configuration.pseudonymous else set())


def found(texts: list[tuple[str, str]], tokens: set[str]) -> list[tuple[str, str]]:
    return [(where, token) for where, text in texts for token in sorted(tokens) if token in text]


def delivered(stream: Stream) -> list[tuple[str, str]]:
    return [
        (str(path), path.read_bytes().decode()) for path in sorted(stream.receivers.folder.rglob("*")) if path.is_file()
    ]


def written_down() -> list[tuple[str, str]]:
    """Every row of the control database, jobs among them; in it all that runs leave."""
    models: list[type[Model]] = [*apps.get_app_config("control").get_models(), ProcrastinateJob]
    return [(model.__name__, serializers.serialize("json", model._default_manager.all())) for model in models]


def hear_all(world: World) -> None:
    """Let everything that happens be mailed."""
    for kind in ReportKind.values:
        recipients.add_recipient(CLI, world.account, f"{kind}@noord.example", report=kind)


def mailed() -> list[tuple[str, str]]:
    """Every mail, as it goes out."""
    mails.send_due_mails(CLI)
    folder = settings.current().data_folder() / "mail"
    # Read as a mail program does: what is encoded would hide a token.
    messages = [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in folder.iterdir()]
    assert messages
    # Without its id and boundary: numbers drawn at random may hold a token.
    return [
        ("mail", "".join([str(one["Subject"]), *(str(part.get_content()) for part in one.iter_parts())]))
        for one in messages
    ]


@pytest.fixture
def world(committed: Started, tmp_path: Path) -> Iterator[World]:
    made = World.make(tmp_path)
    made.change(PLANTED)
    yield made
    made.close()


@pytest.mark.parametrize("medical", [True, False])
@pytest.mark.parametrize("pseudonymous", [True, False])
def test_no_hidden_value_is_anywhere(
    committed: Started, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], *,
    medical: bool, pseudonymous: bool,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    world = World.make(tmp_path, medical=medical)
    world.change(PLANTED)
    hear_all(world)
    two, one = world.add("Twee", pseudonymous=pseudonymous), world.add("Een", version="1", pseudonymous=pseudonymous)
    errors: list[str] = []
    for statement in ("", EDITED):
        world.change(statement)
        world.refresh()
        for stream in (two, one):
            with world.step():
                preview = previews.preview(CLI, stream.configuration, rows=9)
            assert found([("preview", json.dumps(preview.first_rows))], forbidden(stream, medical=medical)) == []
            world.deliver(stream)
    for broken in (
        "INSERT INTO note VALUES ('tokenname9 that is far too long', 770077001, 1)",
        "UPDATE member SET born = 'tokencondition9' WHERE id = 770077001",
        "DROP TABLE loan",
    ):
        world.change(broken)
        with pytest.raises(SluisError) as caught:
            world.refresh()
        errors.append(f"{caught.value} {caught.value.remedy}")
    for stream in (two, one):
        texts = delivered(stream)
        assert len(texts) > 8
        assert found(texts, forbidden(stream, medical=medical)) == []
        whole = "".join(text for _, text in texts)
        assert medical == ("tokencondition3" in whole), "what may be seen is there"
        assert pseudonymous != ("tokenname3" in whole)
    shown = [
        ("log", caplog.text),
        ("output", "".join(capfd.readouterr())),
        ("errors", " ".join(errors)),
        *written_down(),
        *mailed(),
    ]
    assert found(shown, {*IDENTIFYING, *MEDICAL, world.account.secret.hex()}) == []
    world.close()


HIDDEN = {
    "medical": "UPDATE member SET condition = 'other' WHERE id = 770077001",
    "identifying": "UPDATE member SET name = 'other', exact = '1' WHERE id = 770077001",
    "inside its band, year and day": (
        "UPDATE member SET fine = '98765438.5', born = '1907-09-09', joined = '2026-07-01 23:00:00' WHERE id = 770077001"
    ),
    "a kind that is medical": "UPDATE loan SET remark = 'x' WHERE id = 880088001",
}


@pytest.mark.parametrize("statement", HIDDEN.values(), ids=HIDDEN)
def test_not_even_the_moment_of_a_hidden_change_leaks(world: World, statement: str) -> None:
    with world.time():
        world.account = accounts.edit_account(CLI, world.account, medical=False)
    stream = world.add("Een")
    world.deliver(stream)
    world.change(statement)
    world.refresh()
    second = world.deliver(stream)
    assert second is not None
    assert (second.mode, sum(one.rows for one in second.files.all())) == ("changes", 0)


def test_a_column_that_is_off_makes_no_row(world: World) -> None:
    stream = world.add("Een", pseudonymous=False)
    with world.time():
        configurations.choose_columns(CLI, stream.configuration, "Dim_Member", off=["Postcode", "Condition"])
    world.deliver(stream)
    world.change("UPDATE member SET postcode = '1111AA', condition = 'z' WHERE id = 770077001")
    world.refresh()
    second = world.deliver(stream)
    assert second is not None
    assert second.files.get(name="Dim_Member").rows == 0


def test_what_the_brake_says_holds_names_and_numbers_only(world: World) -> None:
    stream = world.add("Een", pseudonymous=False)
    hear_all(world)
    with world.time():
        environments.edit_environment(CLI, world.environment, brake_percent=10, brake_floor=0)
    world.deliver(stream)
    world.change("DELETE FROM member")
    with pytest.raises(SluisError) as caught:
        world.refresh()
    with world.step():
        refreshes.refresh(CLI, world.environment, release=True)
    held = world.deliver(stream)
    assert held is not None
    assert held.state == DeliveryState.HELD
    with world.step():
        decisions.refuse(CLI, held)
    shown = [("error", f"{caught.value} {caught.value.remedy}"), *written_down(), *mailed()]
    assert found(shown, {*IDENTIFYING, *MEDICAL}) == []
