"""Nothing outside an account's folder can be read, seen, changed or removed, whatever is asked or planted."""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncssh
import pytest

from sftp.hosting import FOLDER, Hosted, deliver, hashes, write_key
from sftp.visiting import visiting
from sluis.sftp.files import Files
from sluis.sftp.tree import Tree, absolute, names_of

SECRET = b"outside: nobody may read this"
FORMS = [
    "..", "../", "../..", "../../..", "../../../../../../../../../..", "/..", "/../..", "//..", "/./..", "/./../..",
    "Productie/..", "Productie/../..", "Productie/../../..", "./..", "././../.", "..//..//", "...", "..../", ".../...",
    "/", "//", "///", ".", "./", "", "~", "~root", "~/..", "$HOME", "%2e%2e", "%2e%2e%2f", "..%2f", "..\\", "..\\..\\",
    "C:\\", "\\\\host\\share", "Productie\\..\\..", "Productie/./../../", "Productie//../..//", "\u2025", "\uff0e\uff0e",
    "..\u2044..", "Productie/\u2215..", ".. /..", " ..", "../hosted/../..", "Productie/../../dwh/../..", ".git", ".ssh",
]  # fmt: skip
"""Ways to write a way out, or what some program takes for one."""


@pytest.fixture
def outside(hosted: Hosted) -> Path:
    """A file beside the account's folder, and another account's delivery."""
    (hosted.root.parent / "secret.txt").write_bytes(SECRET)
    (hosted.root.parent.parent / "secret.txt").write_bytes(SECRET)
    deliver(hosted.root.parent / "other", "Productie", "000009_of_the_other", **{"Theirs.csv": SECRET})
    return hosted.root.parent / "secret.txt"


async def answers(call: Awaitable[object]) -> object:
    """What comes back, None for an error that the protocol has."""
    try:
        return await call
    except asyncssh.SFTPError:
        return None


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_path_leads_out(hosted: Hosted, outside: Path, form: str) -> None:
    targets = [
        f"{form}/{name}" for name in ("secret.txt", "other/Productie/000009_of_the_other/Theirs.csv", "etc/passwd")
    ]

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            names = await answers(sftp.listdir(form.encode()))
            if names is not None:
                assert set(names) <= {b".", b"..", b"Productie", FOLDER.encode()}, names  # type: ignore[call-overload]  # asyncssh gives no type here
            for target in targets:
                assert await answers(sftp.stat(target)) is None, target
                assert await answers(sftp.lstat(target)) is None, target
                assert await answers(sftp.readlink(target)) is None, target
                assert await answers(sftp.open(target, "rb")) is None, target
                assert await answers(sftp.open(target, "wb")) is None, target
                assert await answers(sftp.remove(target)) is None, target
            real = await answers(sftp.realpath(form.encode()))
            assert real is None or (isinstance(real, bytes) and real.startswith(b"/") and b"/../" not in real + b"/")

    hosted.accounts.change("dwh", may_delete=True)
    hosted.loop.run(attempt())
    assert outside.read_bytes() == SECRET


def test_there_are_at_least_forty_forms() -> None:
    assert len(set(FORMS)) >= 40


@pytest.mark.parametrize("path", [b"a\0b", b"\0", b"/".join([b"d"] * 17), b"x" * 256, b"/x" * 3000])
def test_paths_that_are_no_paths_are_refused(path: bytes) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the path
        names_of(path)


def test_the_top_is_the_top() -> None:
    assert absolute(b"/../../a/./b//../c/") == b"/a/c"
    assert absolute(b"..") == b"/"


PLANTED: dict[str, Callable[[Path, Path], object]] = {
    "a link to a file": lambda at, outside: at.symlink_to(outside),
    "a relative link": lambda at, outside: at.symlink_to("../../../secret.txt"),
    "a link to a folder": lambda at, outside: at.symlink_to(outside.parent),
    "a link to the root": lambda at, outside: at.symlink_to("/"),
    "a link to itself": lambda at, outside: at.symlink_to(at.name),
    "a link to what is not there": lambda at, outside: at.symlink_to("/nowhere"),
    "a hard link": lambda at, outside: at.hardlink_to(outside),
    "a pipe": lambda at, outside: os.mkfifo(at),
    "a hidden file": lambda at, outside: (at.parent / f".{at.name}").write_bytes(SECRET),
}


@pytest.mark.parametrize("what", PLANTED)
@pytest.mark.parametrize("where", ["", "Productie", f"Productie/{FOLDER}"])
def test_what_is_planted_is_not_there(hosted: Hosted, outside: Path, what: str, where: str) -> None:
    PLANTED[what](hosted.root / where / "planted", outside)

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            assert not {name for name in await sftp.listdir(where or "/") if "planted" in str(name)}
            for name in ("planted", ".planted", "planted/secret.txt", "planted/etc/passwd", "planted/.."):
                path = f"{where}/{name}"
                if name != "planted/..":
                    assert await answers(sftp.stat(path)) is None, path
                assert await answers(sftp.open(path, "rb")) is None, path
                assert await answers(sftp.readlink(path)) is None, path

    hosted.loop.run(attempt())


def test_the_folder_itself_may_not_be_a_link(hosted: Hosted, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(outside.parent)
    hosted.accounts.change("dwh", root=tmp_path / "elsewhere")

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            assert await answers(sftp.listdir("/")) is None
            assert await answers(sftp.open("/secret.txt", "rb")) is None

    hosted.loop.run(attempt())


def test_a_name_that_changes_while_it_is_opened_leads_nowhere_else(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "file").write_bytes(b"inside")
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "file").write_bytes(SECRET)
    secret.write_bytes(SECRET)
    tree, stop = Tree(root), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "folder").rename(root / "aside")
            (root / "folder").symlink_to(tmp_path / "evil")
            (root / "folder").unlink()
            (root / "aside").rename(root / "folder")
            (root / "folder" / "file").rename(root / "folder" / "away")
            (root / "folder" / "file").symlink_to(secret)
            (root / "folder" / "file").unlink()
            (root / "folder" / "away").rename(root / "folder" / "file")

    thread = threading.Thread(target=swap)
    thread.start()
    found = 0
    try:
        while found < 300:
            try:
                handle = tree.open((b"folder", b"file"))
            except FileNotFoundError:
                continue
            try:
                assert os.read(handle, 100) == b"inside"
                found += 1
            finally:
                os.close(handle)
    finally:
        stop.set()
        thread.join()


def test_two_accounts_with_the_same_names_see_their_own(hosted: Hosted, outside: Path, tmp_path: Path) -> None:
    other = hosted.root.parent / "other"
    hosted.accounts.add("other", other, write_key(tmp_path / "id_other"))

    async def attempt() -> None:
        async with visiting(hosted, "other", tmp_path / "id_other") as (_, sftp):
            assert sorted(map(str, await sftp.listdir("Productie"))) == [".", "..", "000009_of_the_other"]
        async with visiting(hosted) as (_, sftp):
            assert sorted(map(str, await sftp.listdir("Productie"))) == [".", "..", FOLDER]
        with pytest.raises(asyncssh.PermissionDenied):
            async with visiting(hosted, "other", hosted.key):
                pass

    hosted.loop.run(attempt())


def test_everything_that_would_change_something_is_refused(hosted: Hosted) -> None:
    before = hashes(hosted.root / "Productie" / FOLDER)
    file = f"Productie/{FOLDER}/Dim_Werknemer.csv"

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            attributes = asyncssh.SFTPAttrs(permissions=0o777, size=0)
            calls: list[Awaitable[object]] = [
                sftp.open("new", "wb"), sftp.open(file, "r+b"), sftp.open(file, "ab"), sftp.open(file, "xb"),
                sftp.mkdir("folder"), sftp.rename("Productie", "Anders"), sftp.posix_rename("Productie", "Anders"),
                sftp.setstat(file, attributes), sftp.truncate(file, 0), sftp.chmod(file, 0o777), sftp.utime(file),
                sftp.symlink("/etc/passwd", "link"), sftp.link(file, "hard"), sftp.remove(file),
                sftp.rmdir(f"Productie/{FOLDER}"), sftp.rmdir("Productie"), sftp.statvfs("/"),
            ]  # fmt: skip
            for call in calls:
                with pytest.raises(asyncssh.SFTPPermissionDenied):
                    await call
            async with sftp.open(file, "rb") as opened:
                for refused in (opened.write(b"x", 0), opened.truncate(0), opened.chmod(0o777), opened.fsync()):
                    with pytest.raises(asyncssh.SFTPPermissionDenied):
                        await refused

    hosted.loop.run(attempt())
    assert hashes(hosted.root / "Productie" / FOLDER) == before
    assert sorted(path.name for path in hosted.root.iterdir()) == ["Productie"]


def test_no_method_of_the_base_class_that_touches_files_is_left() -> None:
    harmless = {
        "channel", "connection", "env", "logger", "convert_attrs", "format_longname",
    }  # fmt: skip
    inherited = {name for name in vars(asyncssh.SFTPServer) if not name.startswith("_") and name not in vars(Files)}
    assert inherited == harmless


def test_attributes_tell_nothing_of_the_server(hosted: Hosted) -> None:
    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            found = await sftp.stat(f"Productie/{FOLDER}/Dim_Werknemer.csv")
            assert (found.uid, found.gid, found.permissions) == (0, 0, 0o100644)
            names = [str(one.longname) async for one in sftp.scandir("Productie")]
            assert all(line.split()[2:4] == ["sluis", "sluis"] for line in names), names

    hosted.loop.run(attempt())


def test_what_was_fetched_can_be_removed_where_that_is_allowed(hosted: Hosted) -> None:
    folder = f"Productie/{FOLDER}"

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            names = [str(name) for name in await sftp.listdir(folder) if str(name) not in {".", ".."}]
            with pytest.raises(asyncssh.SFTPPermissionDenied, match="fetched all of it"):
                await sftp.remove(f"{folder}/{names[0]}")
            async with sftp.open(f"{folder}/{names[0]}", "rb") as file:
                await file.read(10)
            with pytest.raises(asyncssh.SFTPPermissionDenied, match="fetched all of it"):
                await sftp.remove(f"{folder}/{names[0]}")
            with pytest.raises(asyncssh.SFTPError):
                await sftp.rmdir(folder)
            for name in names:
                async with sftp.open(f"{folder}/{name}", "rb") as file:
                    await file.read()
                await sftp.remove(f"{folder}/{name}")
            await sftp.rmdir(folder)
            for path in ("Productie", "/"):
                with pytest.raises(asyncssh.SFTPPermissionDenied):
                    await sftp.rmdir(path)

    hosted.accounts.change("dwh", may_delete=True)
    hosted.loop.run(attempt())
    assert list((hosted.root / "Productie").iterdir()) == []
    assert hosted.accounts.removals[-1] == ("dwh", ("Productie", FOLDER))


def test_an_account_without_a_delivery_is_an_empty_folder(hosted: Hosted, tmp_path: Path) -> None:
    hosted.accounts.change("dwh", root=tmp_path / "nothing")

    async def attempt() -> None:
        async with visiting(hosted) as (_, sftp):
            assert sorted(map(str, await sftp.listdir("/"))) == [".", ".."]
            assert await answers(sftp.stat("Productie")) is None

    hosted.loop.run(attempt())
    assert not (tmp_path / "nothing").exists()
