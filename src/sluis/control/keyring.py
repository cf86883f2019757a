"""Which secrets are in the control database, and whether the present keys read them."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models

from sluis import settings
from sluis.control import crypto
from sluis.control.fields import EncryptedBytesField, EncryptedTextField
from sluis.errors import Fatal


def encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    """The models with secrets of their own, with the name of each field."""
    for model in apps.get_app_config("control").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedTextField | EncryptedBytesField):
                yield model, field.name


def check() -> None:
    """``Fatal`` where the present keys cannot read the oldest secrets that there are."""
    for token in _oldest():
        crypto.decrypt(token)


def refuse_new_key() -> None:
    """``Fatal`` where there are secrets already: with a key that is made now nobody could read them."""
    tables = set(connection.introspection.table_names())
    if all(model._meta.db_table in tables for model, _ in encrypted_fields()) and _oldest():
        raise Fatal(
            "there is no secret key, and the control database holds secrets that were encrypted with one",
            remedy=f"put {settings.current().key_file()} back, or set {settings.variable('secret_key')}. "
            "Where the key is lost for good: `sluis secrets forget`",
        )


def unreadable(model: type[models.Model], field: str) -> list[int]:
    """The primary keys of the rows whose secret no present key made."""
    rows = with_tokens(model, field).values_list("pk", "token").order_by("pk")
    return [key for key, token in rows.iterator() if not crypto.is_readable(token)]


def with_tokens(model: type[models.Model], field: str) -> models.QuerySet[models.Model]:
    """The rows that have the secret, with it as it is stored in ``token``."""
    stored = models.functions.Cast(field, models.TextField())
    return model._default_manager.annotate(token=stored).exclude(token="")


def _oldest() -> list[str]:
    """The oldest token of every field, of those that have one."""
    parts = [with_tokens(model, field).order_by("pk").values_list("token")[:1] for model, field in encrypted_fields()]
    return [token for (token,) in parts[0].union(*parts[1:], all=True)]
