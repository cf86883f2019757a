"""Secrets at rest."""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from control.fixtures import KEY, forget
from sluis.control import crypto
from sluis.control.models import ConnectionAccount, Environment
from sluis.errors import Fatal

NEW_KEY = "fedcba9876543210fedcba9876543210"


def _stored(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return str(cursor.fetchone()[0])


def test_secrets_are_encrypted_in_the_database(environment: Environment, account: ConnectionAccount) -> None:
    environment.source_password = "geheim"
    environment.save()
    environment.refresh_from_db()
    account.refresh_from_db()
    assert environment.source_password == "geheim"
    assert len(account.secret) == 32
    assert "geheim" not in _stored("control_environment", "source_password")
    assert account.secret.hex() not in _stored("control_connectionaccount", "secret")


def test_every_account_has_a_secret_of_its_own(account: ConnectionAccount, medical_account: ConnectionAccount) -> None:
    assert account.secret != medical_account.secret


def test_keys_rotate(variables: pytest.MonkeyPatch) -> None:
    token = crypto.encrypt(b"geheim")
    variables.setenv("SLUIS_SECRET_KEY", f"{NEW_KEY},{KEY}")
    forget()
    assert crypto.decrypt(token) == b"geheim"
    renewed = crypto.encrypt(b"geheim")
    variables.setenv("SLUIS_SECRET_KEY", NEW_KEY)
    forget()
    assert crypto.decrypt(renewed) == b"geheim"
    with pytest.raises(Fatal, match="another key") as caught:
        crypto.decrypt(token)
    assert "SLUIS_SECRET_KEY" in caught.value.remedy


def test_a_secret_cannot_be_searched(environment: Environment) -> None:
    with pytest.raises(FieldError, match="source_password is encrypted"):
        Environment.objects.filter(source_password="geheim").exists()


def test_an_account_without_a_secret_is_a_fault_of_the_program(account: ConnectionAccount) -> None:
    account.secret = b""
    with pytest.raises(ValueError, match="secret holds bytes"):
        account.save()
