"""Public keys of receivers: read and judged; pairs of keys: made; fingerprints, and the pins of host keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from sluis.errors import Rejected

RSA_BITS = 3072
"""Fewer are refused: what the Dutch and German authorities call good today, and every client can make them."""
NEW_RSA_BITS = 4096
TYPES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
LONGEST = 16_384
"""Characters of a public key that are looked at."""

_MAKE = "make one with `ssh-keygen -t ed25519`, and give the line of the .pub file"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
# Without letters and digits that look alike: people copy it from one screen to another.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class PublicKey:
    """A public key that is good enough. ``line``: type and key as OpenSSH writes them, without the comment."""

    line: str
    type: str
    bits: int
    fingerprint: str
    comment: str


@dataclass(frozen=True)
class KeyPair:
    """A new pair. ``private``: in OpenSSH form, encrypted where there is a passphrase."""

    public: PublicKey
    private: str = field(repr=False)
    passphrase: str = field(repr=False, default="")


def fingerprint(blob: bytes) -> str:
    """``SHA256:…`` of a public key as it goes over the line, as OpenSSH shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def read_public(text: str) -> PublicKey:
    """Read and judge one public key in OpenSSH form; ``Rejected`` says what is wrong, and how to mend it."""
    text = text.strip()
    _refuse_other_forms(text)
    words = text.split(maxsplit=2)
    kind = next((word for word in words[:2] if word in TYPES or word == "ssh-dss"), words[0])
    if kind != words[0]:
        raise Rejected("there are options before the key", remedy=f"leave them out: begin with {kind}")
    if kind == "ssh-dss":
        raise Rejected("DSA keys are too weak", remedy=_MAKE)
    if kind.endswith("-cert-v01@openssh.com"):
        raise Rejected("this is a certificate, not a public key", remedy="give the .pub file it was made of")
    if kind not in TYPES:
        raise Rejected("this is not a public key in OpenSSH form", remedy=_MAKE)
    blob = _blob(words[1] if len(words) > 1 else "", kind)
    return PublicKey(
        line=f"{kind} {base64.b64encode(blob).decode('ascii')}",
        type=kind,
        bits=_bits(kind, blob),
        fingerprint=fingerprint(blob),
        comment=words[2].strip() if len(words) > 2 else "",  # noqa: PLR2004 - type, key, comment
    )


def _refuse_other_forms(text: str) -> None:
    if not text:
        raise Rejected("the key is empty", remedy=_MAKE)
    if len(text) > LONGEST:
        raise Rejected(f"this is longer than {LONGEST} characters", remedy="give one public key, on one line")
    if "PRIVATE KEY" in text or "PuTTY-User-Key-File" in text:
        raise Rejected(
            "this is a private key; it was not kept",
            remedy="it has been shown to another party: make a new pair, and give the public key only",
        )
    if text.startswith("---- BEGIN SSH2 PUBLIC KEY"):
        raise Rejected(
            "this is a public key in the form of RFC 4716 (PuTTY and SSH Tectia write it)",
            remedy="convert it with `ssh-keygen -i -m RFC4716 -f key.pub`, and give the line that it prints; "
            "or copy the field at the top of PuTTYgen",
        )
    if text.startswith("-----BEGIN"):
        kind = "RSA PUBLIC KEY" if "RSA PUBLIC KEY" in text[:40] else "PUBLIC KEY"
        form = "PEM" if kind.startswith("RSA") else "PKCS8"
        raise Rejected(
            "this is a public key in PEM form",
            remedy=f"convert it with `ssh-keygen -i -m {form} -f key.pem`, and give the line that it prints",
        )
    if "\n" in text:
        raise Rejected("this is more than one line", remedy="give one key, on one line")


def _blob(text: str, kind: str) -> bytes:
    broken = Rejected(
        "the key is cut off or damaged", remedy="copy the whole line of the .pub file again, without line breaks"
    )
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise broken from None
    length = int.from_bytes(blob[:4], "big")
    if not blob or blob[4 : 4 + length] != kind.encode("ascii"):
        raise broken
    return blob


def _bits(kind: str, blob: bytes) -> int:
    if kind.startswith("sk-"):
        # The part after the curve's point names the application; the key itself is of the fixed size.
        return 256
    try:
        key = serialization.load_ssh_public_key(f"{kind} {base64.b64encode(blob).decode('ascii')}".encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        raise Rejected(
            "the key is cut off or damaged", remedy="copy the whole line of the .pub file again, without line breaks"
        ) from None
    if not isinstance(key, rsa.RSAPublicKey):
        return key.key_size if isinstance(key, ec.EllipticCurvePublicKey) else 256
    if key.key_size < RSA_BITS:
        raise Rejected(
            f"an RSA key of {key.key_size} bits is too weak: at least {RSA_BITS} are asked",
            remedy=f"{_MAKE}; for a client that knows only RSA: `ssh-keygen -t rsa -b {NEW_RSA_BITS}`",
        )
    return key.key_size


def make_pair(kind: str = "ed25519", *, protected: bool = True) -> KeyPair:
    """A new pair, ``ed25519`` or ``rsa`` (for old clients); ``protected``: with a new passphrase."""
    private: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
    if kind == "ed25519":
        private = ed25519.Ed25519PrivateKey.generate()
    elif kind == "rsa":
        private = rsa.generate_private_key(public_exponent=65537, key_size=NEW_RSA_BITS)
    else:
        raise Rejected(f"there is no kind of key {kind!r}", remedy="use ed25519, or rsa for old clients")
    passphrase = _passphrase() if protected else ""
    return KeyPair(read_public(_public_line(private)), _openssh(private, passphrase), passphrase)


def _public_line(private: PrivateKeyTypes) -> str:
    form = serialization.PublicFormat.OpenSSH
    return private.public_key().public_bytes(serialization.Encoding.OpenSSH, form).decode("ascii")


def _openssh(private: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey, passphrase: str) -> str:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase.encode("ascii"))
    form = serialization.PrivateFormat.OpenSSH
    return private.private_bytes(serialization.Encoding.PEM, form, protection).decode("ascii")


def _passphrase() -> str:
    """Six groups of four out of 31 letters and digits: 118 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(6))


def read_private(text: str, passphrase: str = "") -> tuple[str, PublicKey]:
    """A private key that Sluis is to log in with: as it is kept (OpenSSH form), and its public half.

    ``Rejected`` where it cannot be read, is weak, or asks a passphrase that was not given.
    """
    if "PuTTY-User-Key-File" in text:
        raise Rejected(
            "this is a private key of PuTTY",
            remedy="convert it with `puttygen key.ppk -O private-openssh-new -o key`, and give that file",
        )
    data = text.strip().encode() + b"\n"
    secret = passphrase.encode() if passphrase else None
    load = serialization.load_ssh_private_key if b"OPENSSH PRIVATE" in data else serialization.load_pem_private_key
    try:
        key = load(data, secret)
    except TypeError:
        raise Rejected(
            "the passphrase of the private key is missing, or there is one too many",
            remedy="give the passphrase of the key, and none for a key that has none",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise Rejected(
            "the private key cannot be read: it is damaged, of an unknown form, or the passphrase is wrong",
            remedy="give a private key as `ssh-keygen -t ed25519` makes it",
        ) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Rejected("private keys of this kind are too weak or not supported", remedy="use ed25519 or RSA")
    public = read_public(_public_line(key))
    form = serialization.PrivateFormat.OpenSSH
    kept = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return kept.decode("ascii"), public


@dataclass(frozen=True)
class Pin:
    """A host key that is trusted: its fingerprint, and its line and type where the whole key is known."""

    fingerprint: str
    line: str = ""

    @property
    def type(self) -> str:
        """Type of the key, empty where only the fingerprint is known."""
        return self.line.partition(" ")[0]

    def __str__(self) -> str:
        return self.line or self.fingerprint


def read_pin(text: str) -> Pin:
    """A host key as people give it: ``SHA256:…``, a public key, or a line of ``known_hosts`` or ``ssh-keyscan``."""
    text = text.strip()
    if _FINGERPRINT.fullmatch(text):
        return Pin(text.rstrip("="))
    words = text.split()
    start = next((number for number, word in enumerate(words[:3]) if word in TYPES), None)
    if text.startswith("@") or start is None or len(words) < start + 2:
        raise Rejected(
            "this is not a host key",
            remedy="give its fingerprint (SHA256:…), or the line that `ssh-keyscan HOST` prints, and check it with "
            "the administrator of the server",
        )
    blob = _blob(words[start + 1], words[start])
    # An old server may well have a small RSA key: it is pinned as it is, not judged.
    return Pin(fingerprint(blob), f"{words[start]} {base64.b64encode(blob).decode('ascii')}")
