"""Publishing to a receiver's server: whatever the server does, the laws hold, and the reader knows what to do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from sftp import receiving as servers
from sftp.hosting import hashes
from sftp.receiving import FOLDER, PASSWORD, Receiver, build, receiving
from sluis.errors import Fatal, Rejected, Retryable, SluisError
from sluis.sftp import external, keys
from sluis.sftp.checking import check
from sluis.sftp.connecting import HostKeyRefused, LoginRefused
from sluis.sftp.destination import Fate
from sluis.sftp.external import STATE, State


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as running:
        yield running


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build(tmp_path)


def published(receiver: Receiver, built: Path, configuration: str = "Productie") -> bool:
    """Whether the delivery stands there, whole; nothing else may stand there."""
    there = receiver.root / "in" / configuration
    visible = [path for path in there.iterdir() if not path.name.startswith(".")] if there.exists() else []
    if not visible:
        return False
    assert [path.name for path in visible] == [FOLDER]
    expected = {name: value for name, value in hashes(built).items() if name != STATE}
    assert hashes(visible[0]) == expected
    return True


def leftovers(receiver: Receiver) -> list[str]:
    return [path.name for path in (receiver.root / "in" / "Productie").iterdir() if path.name.startswith(".")]


def fails(receiver: Receiver, built: Path, kind: type[SluisError], text: str, **more: object) -> SluisError:
    with pytest.raises(kind, match=text) as caught:
        receiver.destination(**more).publish(built, "Productie", FOLDER)
    assert caught.value.remedy
    assert PASSWORD not in f"{caught.value} {caught.value.remedy}"
    return caught.value


def test_a_delivery_appears_under_its_final_name_by_one_rename(receiver: Receiver, built: Path) -> None:
    destination = receiver.destination()
    assert destination.fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    destination.publish(built, "Productie", FOLDER)
    assert published(receiver, built)
    assert leftovers(receiver) == []
    assert destination.fate(built, "Productie", FOLDER) is Fate.PUBLISHED
    assert destination.standing("Productie") == [FOLDER]
    assert receiver.paused == []


def test_bytes_are_told_as_the_server_has_them(receiver: Receiver, tmp_path: Path) -> None:
    built = build(tmp_path, files={"Big.csv": bytes(range(256)) * 4000, "datapackage.json": b"{}"})
    told: list[tuple[str, int]] = []
    destination = receiver.destination()
    destination.sent = lambda file, size: told.append((file, size))
    destination.publish(built, "Productie", FOLDER)
    assert dict(told) == {"Big.csv": 256 * 4000, "datapackage.json": 2}
    assert len([size for file, size in told if file == "Big.csv"]) > 1


def test_a_receiver_that_moved_it_has_it(receiver: Receiver, built: Path) -> None:
    destination = receiver.destination()
    destination.publish(built, "Productie", FOLDER)
    (receiver.root / "in" / "Productie" / FOLDER).rename(receiver.root / "away")
    assert destination.fate(built, "Productie", FOLDER) is Fate.PUBLISHED


def test_what_stands_there_is_never_overwritten(receiver: Receiver, built: Path) -> None:
    there = receiver.root / "in" / "Productie" / FOLDER
    there.mkdir(parents=True)
    (there / "mine.txt").write_text("of the receiver")
    fails(receiver, built, Retryable, "already")
    assert [path.name for path in there.iterdir()] == ["mine.txt"]
    assert receiver.destination().fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED


def test_a_delivery_that_is_removed_is_gone(receiver: Receiver, built: Path) -> None:
    destination = receiver.destination()
    destination.publish(built, "Productie", FOLDER)
    destination.remove("Productie", FOLDER)
    destination.remove("Productie", FOLDER)
    assert destination.standing("Productie") == []


def test_cleaning_spares_what_is_under_way(receiver: Receiver) -> None:
    for name in (".sluis-delivery-1", ".sluis-delivery-2", ".other", FOLDER):
        (receiver.root / "in" / "Productie" / name).mkdir(parents=True)
    receiver.destination().clean("Productie", frozenset({"delivery-2"}))
    left = {path.name for path in (receiver.root / "in" / "Productie").iterdir()}
    assert left == {FOLDER, ".other", ".sluis-delivery-2"}


def test_a_broken_connection_is_taken_up_where_it_was(receiver: Receiver, tmp_path: Path) -> None:
    receiver.behaviour = servers.DropsOnce
    built = build(tmp_path, files={"Big.csv": bytes(range(256)) * 20_000, "datapackage.json": b"{}"})
    receiver.destination().publish(built, "Productie", FOLDER)
    assert published(receiver, built)
    assert receiver.paused == [1.0]
    assert receiver.sessions == 2
    assert min(receiver.offsets) > 0, "what the server had confirmed was sent again"


def test_a_connection_that_breaks_every_time_ends_the_run_after_growing_pauses(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.DropsAlways
    fails(receiver, built, Retryable, "broke off")
    assert receiver.paused == sorted(external.PAUSES)
    assert not published(receiver, built)
    assert receiver.destination().fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    receiver.behaviour = servers.Honest
    receiver.destination().publish(built, "Productie", FOLDER)
    assert published(receiver, built)


def test_a_rename_whose_reply_is_lost_has_happened_once(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.LosesTheReply
    receiver.destination().publish(built, "Productie", FOLDER)
    assert published(receiver, built)
    assert len(receiver.renames) == 1


def test_a_reply_that_is_lost_for_good_is_found_out_later(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.LosesTheReply
    destination = receiver.destination()
    destination.pauses = ()
    with pytest.raises(Retryable):
        destination.publish(built, "Productie", FOLDER)
    assert State.read(built, "").sent
    (receiver.root / "in" / "Productie" / FOLDER).rename(receiver.root / "away")
    assert destination.fate(built, "Productie", FOLDER) is Fate.PUBLISHED


def test_a_rename_that_never_arrived_has_not_happened(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.LosesTheRequest
    fails(receiver, built, Retryable, "broke off")
    assert State.read(built, "").sent
    assert not published(receiver, built)
    assert receiver.destination().fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    receiver.behaviour = servers.Honest
    receiver.destination().publish(built, "Productie", FOLDER)
    assert published(receiver, built)


def test_the_fate_at_a_former_server_is_not_asked_of_the_new_one(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.LosesTheRequest
    fails(receiver, built, Retryable, "broke off")
    receiver.behaviour = servers.Honest
    (receiver.root / "new").mkdir()
    moved = receiver.destination(folder="/new")
    assert moved.fate(built, "Productie", FOLDER) is Fate.UNKNOWN
    moved.publish(built, "Productie", FOLDER)
    assert hashes(receiver.root / "new" / "Productie" / FOLDER).keys() == hashes(built).keys() - {STATE}


def test_what_is_staged_is_hidden_and_published_quickly(receiver: Receiver, built: Path) -> None:
    destination = receiver.destination()
    manifest = (built / "datapackage.json").read_bytes()
    (built / "datapackage.json").unlink()
    (receiver.root / "in" / "Productie" / ".sluis-delivery-dead").mkdir(parents=True)
    destination.stage(built, "Productie", frozenset())
    assert destination.standing("Productie") == []
    assert leftovers(receiver) == [f".sluis-{built.name}"], "what a dead run left is gone"
    (receiver.root / "in" / "Productie" / f".sluis-{built.name}" / "Old.csv").write_text("of an earlier try")
    (built / "datapackage.json").write_bytes(manifest)
    destination.stage(built, "Productie", frozenset({"delivery-other"}))
    destination.publish(built, "Productie", FOLDER)
    assert published(receiver, built)


@pytest.mark.parametrize("flat", [False, True])
def test_what_is_withdrawn_is_never_published(receiver: Receiver, built: Path, *, flat: bool) -> None:
    receiver.behaviour = servers.LosesTheRequest
    destination = receiver.destination(renames_folders=not flat)
    destination.pauses = ()
    with pytest.raises(Retryable):
        destination.publish(built, "Productie", FOLDER)
    receiver.behaviour = servers.Honest
    assert destination.withdraw(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    assert list((receiver.root / "in" / "Productie").iterdir()) == []


def test_a_connection_that_breaks_while_it_is_withdrawn_leaves_it_withdrawn(receiver: Receiver, built: Path) -> None:
    class DiesRemoving(servers.Honest):
        def remove(self, path: bytes) -> Any:
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("gone")

    receiver.behaviour = servers.LosesTheRequest
    destination = receiver.destination()
    destination.pauses = ()
    with pytest.raises(Retryable):
        destination.publish(built, "Productie", FOLDER)
    receiver.behaviour = DiesRemoving
    with pytest.raises(SluisError):
        destination.withdraw(built, "Productie", FOLDER)
    receiver.behaviour = servers.Honest
    assert destination.fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    assert destination.withdraw(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    assert list((receiver.root / "in" / "Productie").iterdir()) == []


def test_a_connection_that_breaks_on_the_way_to_flat_has_published_nothing(receiver: Receiver, built: Path) -> None:
    class Falls(servers.RefusesFolders):
        def mkdir(self, path: bytes, attrs: Any) -> Any:
            if path.endswith(FOLDER.encode()):
                self.connection.abort()
                raise asyncssh.SFTPConnectionLost("gone")
            return super().mkdir(path, attrs)

    receiver.behaviour = Falls
    destination = receiver.destination()
    destination.pauses = ()
    with pytest.raises(Retryable):
        destination.publish(built, "Productie", FOLDER)
    assert receiver.destination(renames_folders=False).fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED


def test_what_somebody_removed_while_it_was_sent_is_not_taken_for_published(receiver: Receiver, built: Path) -> None:
    class Cleaned(servers.Honest):
        def rename(self, oldpath: bytes, newpath: bytes) -> Any:
            shutil.rmtree(receiver.root / os.fsdecode(oldpath).lstrip("/"))
            return super().rename(oldpath, newpath)

    receiver.behaviour = Cleaned
    destination = receiver.destination()
    destination.pauses = ()
    with pytest.raises(Retryable, match="is gone from"):
        destination.publish(built, "Productie", FOLDER)
    receiver.behaviour = servers.Honest
    assert destination.fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    destination.publish(built, "Productie", FOLDER)
    assert published(receiver, built)


def test_flat_what_was_never_sent_can_be_withdrawn(receiver: Receiver, built: Path) -> None:
    class Full(servers.RefusesFolders):
        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            raise OSError(28, "No space left on device")

    receiver.behaviour = Full
    destination = receiver.destination(renames_folders=False)
    destination.pauses = ()
    with pytest.raises(SluisError):
        destination.publish(built, "Productie", FOLDER)
    assert destination.withdraw(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED


def test_what_was_published_cannot_be_withdrawn(receiver: Receiver, built: Path) -> None:
    destination = receiver.destination()
    destination.publish(built, "Productie", FOLDER)
    assert destination.withdraw(built, "Productie", FOLDER) is Fate.PUBLISHED
    assert published(receiver, built)


def test_the_fate_is_not_guessed_where_the_server_is_away(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.LosesTheRequest
    fails(receiver, built, Retryable, "broke off")
    receiver.loop.run(receiver.stop())
    with pytest.raises(Retryable):
        receiver.destination().fate(built, "Productie", FOLDER)
    receiver.loop.run(receiver.start())


def test_what_was_never_sent_needs_no_server(receiver: Receiver, built: Path) -> None:
    receiver.loop.run(receiver.stop())
    fails(receiver, built, Retryable, "refused|broke off")
    assert receiver.destination().fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    receiver.loop.run(receiver.start())


@pytest.mark.parametrize("behaviour", [servers.RefusesFolders, servers.RefusesRenames])
def test_without_renames_the_manifest_comes_last(
    receiver: Receiver, built: Path, behaviour: type[servers.Honest]
) -> None:
    opened: list[bytes] = []

    class Watched(behaviour):  # type: ignore[misc, valid-type]  # a parameter as base
        def open(self, path: bytes, pflags: int, attrs: object) -> object:
            opened.append(path)
            return super().open(path, pflags, attrs)

    receiver.behaviour = Watched
    destination = receiver.destination()
    destination.publish(built, "Productie", FOLDER)
    assert published(receiver, built)
    assert receiver.learned == [False]
    flat = [path for path in opened if b"/.sluis-" not in path]
    assert all(b"datapackage.json" in path for path in flat[2:]), flat
    assert len(flat) == 3 + (behaviour is servers.RefusesRenames)
    assert destination.fate(built, "Productie", FOLDER) is Fate.PUBLISHED
    assert leftovers(receiver) == []


@pytest.mark.parametrize(
    ("behaviour", "kind", "text"),
    [(servers.MayNotRename, Fatal, "does not allow"), (servers.RenamesNothingNow, Retryable, "refused")],
)
def test_a_server_that_renames_nothing_at_the_moment_is_not_taken_for_one_that_cannot(
    receiver: Receiver, built: Path, behaviour: type[servers.Honest], kind: type[SluisError], text: str
) -> None:
    receiver.behaviour = behaviour
    fails(receiver, built, kind, text)
    assert receiver.learned == []
    checked = check(receiver.server())
    assert (checked.results[-1].name, checked.results[-1].ok) == ("renaming", False)
    assert checked.renames_folders is None
    receiver.behaviour = servers.Honest
    receiver.destination().publish(built, "Productie", FOLDER)
    assert published(receiver, built)
    assert leftovers(receiver) == []


def test_flat_the_fate_is_told_by_the_manifest(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.RefusesFolders
    destination = receiver.destination(renames_folders=False)
    there = receiver.root / "in" / "Productie" / FOLDER
    there.mkdir(parents=True)
    State(destination.place, flat=True, sent=True).save(built)
    assert destination.fate(built, "Productie", FOLDER) is Fate.UNKNOWN
    (there / "Dim_Werknemer.csv").write_bytes(b"half")
    (there / "Old.csv").write_bytes(b"of a delivery that was dropped")
    assert destination.fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    destination.publish(built, "Productie", FOLDER)
    assert published(receiver, built)
    assert destination.fate(built, "Productie", FOLDER) is Fate.PUBLISHED
    destination.publish(built, "Productie", FOLDER)
    assert receiver.learned == []


def test_flat_a_delivery_with_a_manifest_is_not_overwritten(receiver: Receiver, built: Path) -> None:
    there = receiver.root / "in" / "Productie" / FOLDER
    there.mkdir(parents=True)
    (there / "datapackage.json").write_bytes(b"of another")
    fails(receiver, built, Retryable, "already", renames_folders=False)
    assert [path.name for path in there.iterdir()] == ["datapackage.json"]


@pytest.mark.parametrize(
    ("behaviour", "kind", "text"),
    [
        (servers.DiskFull, Retryable, "disk of the server is full|No space left"),
        (servers.NoPermission, Fatal, "does not allow sluis to do this: Permission denied"),
        (servers.WritesShort, Retryable, "the server kept"),
    ],
)
def test_a_server_that_cannot_take_it_leaves_nothing_visible(
    receiver: Receiver, built: Path, behaviour: type[servers.Honest], kind: type[SluisError], text: str
) -> None:
    receiver.behaviour = behaviour
    fails(receiver, built, kind, text)
    assert not published(receiver, built)
    assert receiver.paused == ([] if kind is Fatal else list(external.PAUSES))
    assert receiver.destination().fate(built, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    receiver.behaviour = servers.Honest
    receiver.destination().publish(built, "Productie", FOLDER)
    assert published(receiver, built)


def test_a_server_that_hangs_is_given_up(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.Hangs
    destination = receiver.destination(timeout=0.3)
    destination.pauses = (1.0,)
    with pytest.raises(Retryable, match="does not answer"):
        destination.publish(built, "Productie", FOLDER)
    assert not published(receiver, built)


def test_a_server_without_capitals_takes_it(receiver: Receiver, built: Path) -> None:
    receiver.behaviour = servers.IgnoresCase
    receiver.destination().publish(built, "Productie", FOLDER)
    there = receiver.root / "in" / "productie" / FOLDER.lower()
    assert {path.name for path in there.iterdir()} == {name.lower() for name in hashes(built) if name != STATE}
    other = receiver.destination()
    with pytest.raises(Retryable, match="already"):
        other.publish(build(built.parent, "delivery-2"), "PRODUCTIE", FOLDER.upper())


def test_another_host_key_stops_the_delivery_before_the_log_in(receiver: Receiver, built: Path) -> None:
    other = keys.make_pair(protected=False).public
    error = fails(receiver, built, HostKeyRefused, "another host key", pins=(keys.read_pin(other.line),))
    assert receiver.host_keys[0].public.fingerprint in str(error)
    assert receiver.logins == 0
    assert receiver.paused == []


def test_a_second_pin_is_for_a_change_that_is_planned(receiver: Receiver, built: Path) -> None:
    old, new = keys.make_pair(protected=False).public, receiver.host_keys[0].public
    pins = (keys.read_pin(old.line), keys.read_pin(new.line))
    receiver.destination(pins=pins).publish(built, "Productie", FOLDER)
    assert published(receiver, built)


@pytest.mark.parametrize("form", ["line", "fingerprint"])
def test_a_pinned_key_that_the_server_does_not_show_first(receiver: Receiver, built: Path, form: str) -> None:
    receiver.loop.run(receiver.stop())
    rsa = keys.make_pair("rsa", protected=False)
    receiver.host_keys.append(rsa)
    receiver.loop.run(receiver.start())
    pin = keys.read_pin(rsa.public.line if form == "line" else rsa.public.fingerprint)
    receiver.destination(pins=(pin,)).publish(built, "Productie", FOLDER)
    assert published(receiver, built)


def test_without_a_pin_nothing_is_sent(receiver: Receiver, built: Path) -> None:
    fails(receiver, built, Rejected, "not known yet", pins=())
    assert receiver.logins == 0


def test_a_wrong_password_is_told_without_showing_it(receiver: Receiver, built: Path) -> None:
    fails(receiver, built, LoginRefused, "does not let sluis in", password="fout en geheim")
    assert receiver.logins == 1
    assert "fout en geheim" not in repr(receiver.server(password="fout en geheim"))


def test_the_check_tells_each_step(receiver: Receiver) -> None:
    checked = check(receiver.server())
    assert [(one.name, one.ok) for one in checked.results] == [
        ("host key", True),
        ("log-in", True),
        ("folder", True),
        ("writing", True),
        ("renaming", True),
        ("deleting", True),
        ("free space", True),
    ]
    assert checked.ok
    assert checked.renames_folders is True
    assert list((receiver.root / "in").iterdir()) == []


def test_the_check_learns_that_folders_cannot_be_renamed(receiver: Receiver) -> None:
    receiver.behaviour = servers.RefusesFolders
    checked = check(receiver.server())
    assert checked.ok
    assert checked.renames_folders is False
    assert list((receiver.root / "in").iterdir()) == []


def test_the_check_shows_the_host_key_and_logs_in_only_when_it_is_accepted(receiver: Receiver) -> None:
    checked = check(receiver.server(pins=()))
    fingerprint = receiver.host_keys[0].public.fingerprint
    assert checked.host_key is not None
    assert checked.host_key.fingerprint == fingerprint
    assert not checked.ok
    assert fingerprint in checked.results[0].text
    assert receiver.logins == 0
    assert check(receiver.server(pins=()), accept_host_key=True).ok
    assert receiver.logins == 1


@pytest.mark.parametrize(
    ("behaviour", "step"),
    [(servers.NoPermission, "writing"), (servers.DiskFull, "writing"), (servers.WritesShort, "writing")],
)
def test_the_check_tells_where_it_stops(receiver: Receiver, behaviour: type[servers.Honest], step: str) -> None:
    receiver.behaviour = behaviour
    checked = check(receiver.server())
    assert not checked.ok
    assert checked.results[-1].name == step
    assert checked.results[-1].ok is False


def test_the_check_tells_a_wrong_password(receiver: Receiver) -> None:
    checked = check(receiver.server(password="fout"))
    assert [(one.name, one.ok) for one in checked.results] == [("log-in", False)]


def test_the_state_survives_and_holds_no_secret(receiver: Receiver, built: Path) -> None:
    receiver.destination().publish(built, "Productie", FOLDER)
    state = json.loads((built / STATE).read_text())
    assert state["sent"] is True
    assert state["done"] == sorted(name for name in hashes(built) if name != STATE)
    assert PASSWORD not in (built / STATE).read_text()


# Built on another machine


IDENTITY = "5f0c2d8e-0000-4000-8000-3f1b6e7a9c11"


@pytest.fixture
def elsewhere(tmp_path: Path) -> tuple[Path, Path]:
    """What was built on one machine, and where it would lie on another."""
    manifest = json.dumps({"sluis": {"id": IDENTITY}}).encode()
    built = build(tmp_path, f"delivery-{IDENTITY}", {"A.csv": b"a" * 1000, "datapackage.json": manifest})
    return built, tmp_path / "other" / built.name


def test_another_machine_knows_what_was_published_by_its_manifest(
    receiver: Receiver, elsewhere: tuple[Path, Path]
) -> None:
    built, other = elsewhere
    destination = receiver.destination()
    destination.stage(built, "Productie", frozenset())
    assert destination.fate(other, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    destination.publish(built, "Productie", FOLDER)
    assert destination.fate(other, "Productie", FOLDER) is Fate.PUBLISHED
    there = receiver.root / "in" / "Productie" / FOLDER
    manifest = (there / "datapackage.json").read_bytes()
    for content in (manifest[:-3], b"[1]", b'{"sluis": {"id": "5f0c2d8e-0000-4000-8000-000000000000"}}'):
        (there / "datapackage.json").write_bytes(content)
        assert destination.fate(other, "Productie", FOLDER) is Fate.UNKNOWN
    there.rename(receiver.root / "away")
    assert destination.fate(other, "Productie", FOLDER) is Fate.UNKNOWN, "moved by the receiver, or never there"


def test_what_another_machine_withdrew_is_not_brought_up_again(
    receiver: Receiver, elsewhere: tuple[Path, Path]
) -> None:
    built, other = elsewhere
    destination = receiver.destination()
    destination.stage(built, "Productie", frozenset())
    assert destination.withdraw(other, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    with pytest.raises(Retryable, match="is gone from"):
        destination.publish(built, "Productie", FOLDER)
    assert receiver.paused == []
    assert destination.standing("Productie") == []
    assert destination.fate(other, "Productie", FOLDER) is Fate.NOT_PUBLISHED
    fresh = build(receiver.root, "delivery-next")
    destination.stage(fresh, "Productie", frozenset())
    assert leftovers(receiver) == [".sluis-delivery-next"]


@pytest.mark.parametrize("moved", [False, True])
def test_what_goes_out_while_another_machine_withdraws_it(
    receiver: Receiver, elsewhere: tuple[Path, Path], *, moved: bool
) -> None:
    built, other = elsewhere
    destination = receiver.destination()
    destination.publish(built, "Productie", FOLDER)
    if moved:
        (receiver.root / "in" / "Productie" / FOLDER).rename(receiver.root / "away")
    fate = destination.withdraw(other, "Productie", FOLDER)
    assert fate is (Fate.UNKNOWN if moved else Fate.PUBLISHED)
