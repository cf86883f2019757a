"""Secrets at rest: encrypted with keys derived from ``SLUIS_SECRET_KEY``."""

from __future__ import annotations

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sluis import settings
from sluis.errors import Fatal

_PUT_BACK = (
    "put that key back, or behind the present one: SLUIS_SECRET_KEY=present,former. "
    "Where it is lost for good: `sluis secrets forget`"
)


def encrypt(value: bytes) -> str:
    """The value as a token that only these keys can read."""
    return _fernet(settings.current().secret_keys()).encrypt(value).decode("ascii")


def decrypt(token: str) -> bytes:
    """The value of a token; ``Fatal`` where no present key made it."""
    try:
        return _fernet(settings.current().secret_keys()).decrypt(token.encode("ascii"))
    except InvalidToken:
        raise Fatal(
            "a secret in the control database was encrypted with another key",
            remedy=_PUT_BACK,
        ) from None


def is_readable(token: str) -> bool:
    """Whether a present key made the token."""
    try:
        decrypt(token)
    except Fatal:
        return False
    return True


def derive(key: str, purpose: str) -> bytes:
    """32 bytes made of a key for one purpose, so that no two uses share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"sluis {purpose}".encode()).derive(key.encode())


@functools.cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive(key, "at rest"))) for key in keys])
