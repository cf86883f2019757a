"""Pseudonyms: HMAC-SHA-256, 128 bits, over a key with the account's secret (RFC 2104, in SQL)."""

from __future__ import annotations

import hashlib
import hmac

from sluis.lake.session import Session

_BLOCK = 64
_INNER, _OUTER = 0x36, 0x5C


def set_secret(session: Session, secret: bytes) -> None:
    """Give the session the secret; it stays out of the text of every statement, and so out of every error."""
    padded = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    session.execute("SET VARIABLE pseudonym_inner = ?", [bytes(byte ^ _INNER for byte in padded)])
    session.execute("SET VARIABLE pseudonym_outer = ?", [bytes(byte ^ _OUTER for byte in padded)])


def pseudonym(key_hex: str) -> str:
    """The pseudonym, as 32 hex characters, of a key given as an expression of 32 hex characters; NULL stays NULL."""
    inner = f"sha256(getvariable('pseudonym_inner') || unhex({key_hex}))"
    return f"sha256(getvariable('pseudonym_outer') || unhex({inner}))[1:32]"


def pseudonym_of(secret: bytes, key_hex: str) -> str:
    """The pseudonym of one key, outside the engine."""
    return hmac.new(secret, bytes.fromhex(key_hex), hashlib.sha256).hexdigest()[:32]


def fingerprint(secret: bytes) -> str:
    """What may be told of a secret: that it is the same one. 16 hex characters."""
    return hashlib.sha256(b"sluis pseudonym secret\0" + secret).hexdigest()[:16]
