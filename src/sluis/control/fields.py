"""Model fields for secrets: plain in memory, encrypted in the database."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from sluis.control import crypto


class _Unsearchable:
    name: str

    def get_internal_type(self) -> str:
        return "TextField"

    def get_lookup(self, lookup_name: str) -> Any:
        # The same value has another token each time: a search would find nothing.
        raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}")


class EncryptedTextField(_Unsearchable, models.TextField):  # type: ignore[type-arg]  # no [] at run time
    """A text; an empty one is stored as it is."""

    def get_prep_value(self, value: Any) -> str | None:
        return crypto.encrypt(value.encode()) if value else value

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return crypto.decrypt(value).decode() if value else value


class EncryptedBytesField(_Unsearchable, models.BinaryField):  # type: ignore[type-arg]  # no [] at run time
    """Bytes, at least one."""

    def get_db_prep_value(self, value: Any, *_: object, **__: object) -> str:
        if not isinstance(value, bytes) or not value:
            raise ValueError(f"{self.name} holds bytes, at least one")
        return crypto.encrypt(value)

    def from_db_value(self, value: str | None, *_: object) -> bytes | None:
        return None if value is None else crypto.decrypt(value)
