"""Servers that receivers have: OpenSSH with a chroot, and ProFTPD. Each takes a delivery whose hashes are right."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from needs import find
from sftp.hosting import hashes, write_key
from sftp.receiving import FOLDER, build
from sluis.sftp import keys
from sluis.sftp.checking import check
from sluis.sftp.connecting import Server
from sluis.sftp.destination import Fate
from sluis.sftp.external import STATE, ExternalServer

AS_ROOT = os.geteuid() == 0
NOBODY = 65534


@contextmanager
def listening(command: Sequence[str]) -> Iterator[int]:
    """Run a program per connection, as inetd does, on a free port."""
    children: list[subprocess.Popen[bytes]] = []

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                children.append(
                    subprocess.Popen(
                        command, stdin=connection.fileno(), stdout=connection.fileno(), stderr=subprocess.DEVNULL
                    )
                )

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for child in children:
                child.kill()
                child.wait()


@pytest.fixture
def jail() -> Iterator[Path]:
    """A folder that a server may lock its users up in: all above it belongs to root, as a chroot asks."""
    with tempfile.TemporaryDirectory(prefix="sluis-test-", dir="/run" if AS_ROOT else None) as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "in").mkdir()
        yield Path(folder)


@pytest.fixture
def pair(tmp_path: Path) -> keys.PublicKey:
    """A key to log in with, in ``id``, and one of the server, in ``host``."""
    write_key(tmp_path / "host")
    return write_key(tmp_path / "id")


def server(tmp_path: Path, port: int, user: str, folder: str) -> Server:
    pin = keys.read_pin((tmp_path / "host.pub").read_text())
    private = (tmp_path / "id").read_text()
    return Server("127.0.0.1", user, port, folder, private_key=private, pins=(pin,), timeout=20)


def delivers(where: Server, root: Path, built: Path) -> None:
    destination = ExternalServer(where, pauses=())
    checked = check(where)
    assert checked.ok, checked.results
    assert checked.renames_folders is True
    destination.publish(built, "Productie", FOLDER)
    there = root / "Productie" / FOLDER
    assert hashes(there) == {name: value for name, value in hashes(built).items() if name != STATE}
    assert destination.fate(built, "Productie", FOLDER) is Fate.PUBLISHED
    assert destination.standing("Productie") == [FOLDER]
    assert [path.name for path in (root / "Productie").iterdir()] == [FOLDER]
    again = build(built.parent, "delivery-2")
    with pytest.raises(Exception, match="already"):
        destination.publish(again, "Productie", FOLDER)
    destination.clean("Productie", frozenset())
    destination.remove("Productie", FOLDER)
    assert list((root / "Productie").iterdir()) == []


@pytest.mark.needs("sshd")
def test_openssh_with_a_chroot(jail: Path, tmp_path: Path, pair: keys.PublicKey) -> None:
    if AS_ROOT:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd asks for it; its own service makes it at boot
    (tmp_path / "authorized").write_text(pair.line + "\n")
    config = tmp_path / "sshd_config"
    config.write_text(
        f"HostKey {tmp_path / 'host'}\nAuthorizedKeysFile {tmp_path / 'authorized'}\nStrictModes no\nUsePAM no\n"
        f"PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nForceCommand internal-sftp\nLogLevel DEBUG3\n"
        + (f"ChrootDirectory {jail}\n" if AS_ROOT else "")
    )
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    log = tmp_path / "sshd.log"
    with listening([find("sshd"), "-i", "-f", str(config), "-E", str(log)]) as port:
        where = server(tmp_path, port, user, "/in" if AS_ROOT else str(jail / "in"))
        delivers(where, jail / "in", build(tmp_path))
    assert "SSH2_MSG_NEWKEYS received" in log.read_text()
    assert "SSH2_MSG_IGNORE" not in log.read_text(), "packets that do nothing are sent again"


@pytest.mark.needs("proftpd", "ssh-keygen")
def test_proftpd(jail: Path, tmp_path: Path, pair: keys.PublicKey) -> None:
    uid = NOBODY if AS_ROOT else os.getuid()
    shutil.chown(jail / "in", uid)
    export = [find("ssh-keygen"), "-e", "-m", "RFC4716", "-f", str(tmp_path / "id.pub")]
    (jail / "authorized").write_text(subprocess.run(export, capture_output=True, text=True, check=True).stdout)
    (jail / "users").write_text(f"receiver:*:{uid}:{uid}::{jail}:/bin/false\n")
    (jail / "users").chmod(0o600)
    config = tmp_path / "proftpd.conf"
    config.write_text(
        f"""
ServerType inetd
ModulePath /usr/lib/proftpd
LoadModule mod_sftp.c
UseIPv6 off
UseReverseDNS off
User nobody
Group nogroup
WtmpLog off
SystemLog none
TransferLog none
DelayEngine off
ScoreboardFile {tmp_path / "scoreboard"}
AuthOrder mod_auth_file.c
AuthUserFile {jail / "users"}
RequireValidShell off
DefaultRoot {jail}
SFTPEngine on
SFTPHostKey {tmp_path / "host"}
SFTPAuthMethods publickey
SFTPAuthorizedUserKeys file:{jail / "authorized"}
"""
    )
    with listening([find("proftpd"), "-n", "-c", str(config)]) as port:
        delivers(server(tmp_path, port, "receiver", "/in"), jail / "in", build(tmp_path))
