"""Open folder: who sees what of what stands on an account, and that every look leaves a trace."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from asyncssh.sftp import SFTPName
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control.fixtures import join, person
from control.test_deliveries import House, house
from control.test_sftp import at
from sftp.receiving import Honest, Receiver, receiving
from sluis.control import places
from sluis.control.actions import accounts, configurations, deliveries, opening
from sluis.control.actions.opening import Path as Where
from sluis.control.actions.opening import download, download_all, first_rows, look
from sluis.control.actions.servers import check_connection
from sluis.control.actor import CLI, Actor
from sluis.control.errors import NotFound
from sluis.control.models import AuditEvent, ConnectionAccount, Delivery, Role
from sluis.errors import PermissionDenied, Rejected, Retryable
from sluis.sftp.destination import Absent

__all__ = ["house"]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as running:
        yield running


@pytest.fixture
def mia(house: House) -> Actor:
    mia = person("mia")
    join(mia, house.environment, Role.SUPERBEHEERDER, medical=True)
    return mia


@pytest.fixture
def sam(house: House) -> Actor:
    sam = person("sam")
    join(sam, house.environment, Role.SUPERBEHEERDER)
    return sam


def names(actor: Actor, account: ConnectionAccount, *path: str) -> list[str]:
    return [one.entry.name for one in look(actor, account, path).rows]


def trail() -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(action__in=("delivery.look", "delivery.open", "delivery.download")).order_by("pk")
    return [(row.actor, row.action, row.details["path"]) for row in rows]


def check_all_of(actor: Actor, account: ConnectionAccount, delivery: Delivery, there: Path) -> None:
    """What the actor gets of a delivery is what stands there, and all of it is in the trail."""
    path = (delivery.configuration.name, delivery.folder)
    before = len(trail())
    assert names(actor, account) == [path[0]]
    assert names(actor, account, path[0]) == [path[1]]
    assert names(actor, account, *path) == sorted(one.name for one in there.iterdir())
    held = b"".join(download(actor, account, (*path, "Dim_Member.csv")))
    assert held == (there / "Dim_Member.csv").read_bytes()
    packed = zipfile.ZipFile(io.BytesIO(b"".join(download_all(actor, account, path))))
    assert packed.testzip() is None
    assert {one: packed.read(f"{path[1]}/{one.name}") for one in there.iterdir()} == {
        one: one.read_bytes() for one in there.iterdir()
    }
    shown = first_rows(actor, account, (*path, "Dim_Member.csv"), rows=2)
    lines = held.decode().splitlines()
    assert ",".join(shown.names) == lines[0]
    assert len(shown.rows) == 2
    assert shown.rows[0][0] == lines[1].split(",")[0]
    assert shown.more
    assert shown.delivery == delivery
    folder, file = "/".join(path), "/".join((*path, "Dim_Member.csv"))
    assert trail()[before:] == [
        (actor.name, "delivery.look", ""),
        (actor.name, "delivery.look", path[0]),
        (actor.name, "delivery.look", folder),
        (actor.name, "delivery.download", file),
        (actor.name, "delivery.download", folder),
        (actor.name, "delivery.open", file),
    ]


def test_what_stands_on_a_hosted_account_is_opened(house: House, mia: Actor) -> None:
    assert names(mia, house.account, "Productie") == []
    delivery = deliveries.deliver(CLI, house.configuration)
    check_all_of(mia, house.account, delivery, house.folder / delivery.folder)


def test_what_stands_on_a_server_of_the_receiver_is_opened(house: House, mia: Actor, receiver: Receiver) -> None:
    account = accounts.add_account(
        CLI, house.environment, "Extern", account_type="external", server=at(receiver, folder="/in"), medical=True
    )
    check_connection(CLI, account, accept_host_key=True)
    configuration = configurations.add_configuration(
        CLI, account, "Productie", version="2", streams="all", pseudonymous=True
    )
    delivery = deliveries.deliver(CLI, configuration)
    there = receiver.root / "in"
    (there / "salaries").mkdir()
    (there / "Productie" / "link").symlink_to(there / "salaries")
    (there / "Productie" / ".hidden").mkdir()
    check_all_of(mia, account, delivery, there / "Productie" / delivery.folder)
    with pytest.raises(Absent):
        look(mia, account, ("salaries",))


class Crafty(Honest):
    """Names its files so that a zip of them would be unpacked elsewhere."""

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        async for one in super().scandir(path):
            yield one
            if one.filename == b"Dim_Member.csv":
                for name in (b"x/../../../evil.csv", b"x\\..\\..\\evil.csv", b"/evil.csv", b""):
                    yield SFTPName(name, attrs=one.attrs)


def test_a_name_that_is_a_path_is_not_shown_and_in_no_zip(house: House, mia: Actor, receiver: Receiver) -> None:
    account = accounts.add_account(
        CLI, house.environment, "Extern", account_type="external", server=at(receiver, folder="/in"), medical=True
    )
    check_connection(CLI, account, accept_host_key=True)
    configuration = configurations.add_configuration(
        CLI, account, "Productie", version="2", streams="all", pseudonymous=True
    )
    delivery = deliveries.deliver(CLI, configuration)
    receiver.behaviour = Crafty
    path = ("Productie", delivery.folder)
    standing = sorted(one.name for one in (receiver.root / "in" / "Productie" / delivery.folder).iterdir())
    assert names(mia, account, *path) == standing
    packed = zipfile.ZipFile(io.BytesIO(b"".join(download_all(mia, account, path))))
    assert sorted(packed.namelist()) == [f"{delivery.folder}/{name}" for name in standing]


def test_a_server_that_is_away_is_told(house: House, mia: Actor, tmp_path: Path) -> None:
    with receiving(tmp_path) as receiver:
        account = accounts.add_account(
            CLI, house.environment, "Extern", account_type="external", server=at(receiver), medical=True
        )
        check_connection(CLI, account, accept_host_key=True)
        configurations.add_configuration(CLI, account, "Productie", version="2", streams="all", pseudonymous=True)
        assert names(mia, account, "Productie") == []
    before = trail()
    for call in (
        lambda: look(mia, account, ("Productie",)),
        lambda: first_rows(mia, account, ("Productie", "x", "x.csv")),
        lambda: download(mia, account, ("Productie", "x", "x.csv")),
        lambda: download_all(mia, account, ("Productie", "x")),
    ):
        with pytest.raises(Retryable):
            call()
    assert trail() == before, "nothing was seen"


def test_many_rows_are_cut_at_a_whole_one(house: House, mia: Actor) -> None:
    delivery = deliveries.deliver(CLI, house.configuration)
    path = ("Productie", delivery.folder, "Dim_Member.csv")
    file = house.folder / delivery.folder / path[2]
    row = '"é, with ""quotes""\nand lines",' + "x" * 1000 + "\n"
    file.write_text("A,B\n" + row * 5000, encoding="utf-8")
    found = first_rows(mia, house.account, path, rows=4000)
    assert found.more
    assert {tuple(one) for one in found.rows} == {('é, with "quotes"\nand lines', "x" * 1000)}
    file.write_text("", encoding="utf-8")
    empty = first_rows(mia, house.account, path)
    assert (empty.names, empty.rows, empty.more) == ([], [], False)


@pytest.mark.parametrize(
    "path",
    [
        ("..",),
        ("Productie", ".."),
        ("Productie", "..", "x.csv"),
        ("Productie", "{folder}", "../../x.csv"),
        ("Productie", "{folder}", ".hidden"),
        ("Productie", "{folder}", "link.csv"),
        ("Productie", "{folder}", "none.csv"),
        ("Productie", "{folder}", "a\0b"),
        ("Productie", "{folder}", ""),
        ("productie", "{folder}", "Dim_Member.csv"),
        ("Productie", "{folder}", "Dim_Member.csv", "x"),
        ("Productie", "x" * 5000, "Dim_Member.csv"),
    ],
)
def test_what_is_not_a_file_of_the_account_is_absent(house: House, mia: Actor, path: Where, tmp_path: Path) -> None:
    delivery = deliveries.deliver(CLI, house.configuration)
    (tmp_path / "secret.csv").write_text("secret")
    (house.folder / delivery.folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (house.folder / delivery.folder / ".hidden").write_text("secret")
    where = tuple(name.replace("{folder}", delivery.folder) for name in path)
    for call in (first_rows, download):
        with pytest.raises(Absent) as caught:
            call(mia, house.account, where)
        assert caught.value.remedy
    assert trail() == []


@pytest.mark.parametrize(("role", "error"), [(Role.READER, PermissionDenied), (None, NotFound)])
def test_who_may_not_open_does_not(house: House, role: str | None, error: type[Rejected]) -> None:
    actor = person("iemand", operator=role is None)
    if role:
        join(actor, house.environment, role, medical=True)
    delivery = deliveries.deliver(CLI, house.configuration)
    path = ("Productie", delivery.folder)
    for call in (
        lambda: look(actor, house.account),
        lambda: look(actor, house.account, path),
        lambda: first_rows(actor, house.account, (*path, "Dim_Member.csv")),
        lambda: download(actor, house.account, (*path, "Dim_Member.csv")),
        lambda: download_all(actor, house.account, path),
    ):
        with pytest.raises(error):
            call()
    assert trail() == []


def test_what_was_delivered_with_the_medical_mark_keeps_asking_medical_rights(
    house: House, sam: Actor, mia: Actor
) -> None:
    medical = deliveries.deliver(CLI, house.configuration)
    with pytest.raises(NotFound):
        look(sam, house.account)
    accounts.edit_account(CLI, house.account, medical=False)
    house.account.refresh_from_db()
    plain = deliveries.deliver(CLI, house.configuration)
    (house.folder / "of nobody").mkdir()
    (house.folder / "of nobody" / "x.csv").write_text("a\n")
    found = {one.entry.name: one.closed for one in look(sam, house.account, ("Productie",)).rows}
    assert found == {medical.folder: True, plain.folder: False, "of nobody": True}
    assert not any(one.closed for one in look(mia, house.account, ("Productie",)).rows)
    assert names(sam, house.account, "Productie", plain.folder)
    for folder in (medical.folder, "of nobody"):
        for call in (
            lambda folder=folder: look(sam, house.account, ("Productie", folder)),
            lambda folder=folder: download_all(sam, house.account, ("Productie", folder)),
            lambda folder=folder: first_rows(sam, house.account, ("Productie", folder, "Dim_Member.csv")),
            lambda folder=folder: download(sam, house.account, ("Productie", folder, "Dim_Member.csv")),
        ):
            with pytest.raises(NotFound):
                call()
    assert b"".join(download(mia, house.account, ("Productie", "of nobody", "x.csv"))) == b"a\n"


def test_deliveries_come_by_the_page_and_each_look_is_kept(
    house: House, mia: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PER_PAGE", 2)
    standing = [deliveries.deliver(CLI, house.configuration).folder]
    for number in range(2, 6):
        standing.append(f"{number:06}_of_nobody")
        (house.folder / standing[-1]).mkdir()
    standing.reverse()
    shown = {}
    for number in (-1, 1, 2, 3, 99):
        found = look(mia, house.account, ("Productie",), number)
        assert (found.pages, found.total) == (3, 5)
        shown[number] = (found.number, [one.entry.name for one in found.rows])
    assert shown[1] == shown[-1] == (1, standing[:2])
    assert shown[2] == (2, standing[2:4])
    assert shown[3] == shown[99] == (3, standing[4:])
    [oldest] = look(mia, house.account, ("Productie",), 3).rows
    assert oldest.delivery is not None
    assert trail() == [("mia", "delivery.look", "Productie")] * 6
    files = look(mia, house.account, ("Productie", standing[-1]))
    assert (files.pages, files.total) == (1, len(files.rows))
    assert files.total > 2


def test_queries_do_not_grow_with_what_stands_there(house: House, mia: Actor) -> None:
    counts = []
    for number in range(3):
        deliveries.deliver(CLI, house.configuration)
        with CaptureQueriesContext(connection) as asked:
            assert len(look(mia, house.account, ("Productie",)).rows) == number + 1
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_a_look_does_not_hold_the_file(house: House, mia: Actor) -> None:
    delivery = deliveries.deliver(CLI, house.configuration)
    path = ("Productie", delivery.folder, "Dim_Member.csv")
    content = download(mia, house.account, path)
    next(content)
    content.close()
    places.hosted(house.account).remove("Productie", delivery.folder)
    with pytest.raises(Absent):
        download(mia, house.account, path)
