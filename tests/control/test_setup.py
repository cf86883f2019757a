"""The start of every door."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection

from control.fixtures import KEY, forget
from sluis.control import setup
from sluis.control.models import Environment
from sluis.embedded import EmbeddedPostgres
from sluis.errors import Rejected, Retryable


def test_models_and_migrations_agree(control: setup.Started) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_database_of_ones_own_is_migrated_on_purpose(
    committed: setup.Started, variables: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> None:
    connection.close()
    variables.setenv("SLUIS_DATABASE_URL", postgres.ensure_database("unmigrated"))
    forget()
    with pytest.raises(Rejected, match="not up to date") as caught:
        setup.start()
    assert caught.value.remedy == "run `sluis migrate`"
    assert {"control.0001_first", "socialaccount.0001_initial"} <= set(setup.migrate())
    assert setup.migrate() == []
    assert setup.start().embedded is None
    assert not Environment.objects.exists()
    connection.close()
    postgres.drop_database("unmigrated")


def test_a_database_of_a_newer_sluis_is_refused(committed: setup.Started) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('control', '9999_later', now())")
    forget()
    with pytest.raises(Rejected, match="made by a newer Sluis"):
        setup.start()


def test_a_database_that_may_forget_what_it_confirmed_is_refused(committed: setup.Started) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    connection.close()
    forget()
    with pytest.raises(Rejected, match="synchronous_commit is off") as caught:
        setup.start()
    assert "ALTER DATABASE" in caught.value.remedy


def test_a_database_that_cannot_be_reached_is_told_without_the_password(
    committed: setup.Started, variables: pytest.MonkeyPatch
) -> None:
    connection.close()
    variables.setenv("SLUIS_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/d?connect_timeout=2")
    forget()
    with pytest.raises(Retryable, match="cannot be reached") as caught:
        setup.start()
    assert "geheim" not in f"{caught.value} {caught.value.remedy}"
    assert "SLUIS_DATABASE_URL" in caught.value.remedy
    variables.setenv("SLUIS_DATABASE_URL", committed.database_url)
    forget()
    assert setup.start().database_url == committed.database_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:geheim@h:port/d",
        "postgresql://u:x@geheim@h/d",
        "postgresql://u:geheim/x@h/d",
        "postgresql://u:geheim@h/%zz",
        "postgresql://h",
    ],
)
def test_a_url_that_cannot_be_read_is_told_without_the_password(url: str) -> None:
    with pytest.raises(Rejected, match="SLUIS_DATABASE_URL") as caught:
        setup.django_database(url)
    assert "geheim" not in f"{caught.value} {caught.value.remedy} {caught.value.__cause__}"


def test_the_url_reaches_django_whole() -> None:
    found = setup.django_database(
        "postgresql://u:p%40ss@h:6432/d?sslmode=require&keepalives_idle=7&options=-c%20a.b%3Dc"
    )
    options = found.pop("OPTIONS")
    assert (options["sslmode"], options["keepalives_idle"], options["options"].endswith(" -c a.b=c")) == (
        "require",
        "7",
        True,
    )
    assert found == {
        "NAME": "d",
        "USER": "u",
        "PASSWORD": "p@ss",
        "HOST": "h",
        "PORT": "6432",
    }


def test_a_machine_that_is_gone_is_noticed(control: setup.Started) -> None:
    with connection.cursor() as cursor:
        # Over a socket on this machine the server shows none of their values.
        cursor.execute("SELECT name, source FROM pg_settings WHERE name LIKE 'tcp_%'")
        assert dict(cursor.fetchall()) == dict.fromkeys(
            ("tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout"), "client"
        )


def test_django_signs_with_a_key_of_its_own(control: setup.Started) -> None:
    assert len(django_settings.SECRET_KEY) == 64
    assert KEY not in django_settings.SECRET_KEY


def test_another_process_can_hold_the_database_while_it_starts(committed: setup.Started) -> None:
    with psycopg.connect(committed.database_url) as other:
        other.execute("SELECT count(*) FROM control_environment")
        forget()
        assert setup.start().database_url == committed.database_url
