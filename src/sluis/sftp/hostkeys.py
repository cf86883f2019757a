"""The keys that the hosted server shows of itself: made at the first start, and kept."""

from __future__ import annotations

import functools
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from sluis.errors import Fatal, Rejected
from sluis.sftp import keys

KINDS = ("ed25519", "rsa")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class HostKey:
    """One of the server's keys. ``private``: in OpenSSH form; ``public``: its line."""

    kind: str
    public: str
    fingerprint: str
    private: str = field(repr=False)


def host_keys(folder: Path) -> list[HostKey]:
    """The server's keys in that folder, ed25519 first; made where they are not there yet (0600).

    ``Fatal`` where one cannot be read: a new one would make every receiver's client refuse the server.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [_host_key(folder / f"host_{kind}", kind) for kind in KINDS]


def _host_key(path: Path, kind: str) -> HostKey:
    if not path.exists():
        _make(path, kind)
    if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        raise Rejected(f"others can read {path}", remedy=f"close it with `chmod 600 {path}`")
    text = path.read_text("ascii", errors="replace")
    try:
        read = _public_of(text)
    except (ValueError, TypeError, Rejected):
        raise Fatal(
            f"{path} holds no usable host key",
            remedy="put it back from a backup; if it is lost, remove the file, and tell every receiver the new key",
        ) from None
    return HostKey(kind, read.line, read.fingerprint, text)


@functools.lru_cache(maxsize=4)
def _public_of(text: str) -> keys.PublicKey:
    # Whenever an RSA key is loaded it is proved again, which takes a third of a second.
    private = serialization.load_ssh_private_key(text.encode(), None)
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return keys.read_public(public.decode("ascii"))


def _make(path: Path, kind: str) -> None:
    # Linked under its name when whole: two servers that start at once must end with the same key.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".host-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(keys.make_pair(kind, protected=False).private)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        Path(temporary).unlink()
