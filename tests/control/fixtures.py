"""Django on the embedded PostgreSQL, with people in it. A conftest imports what its tests need."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from sluis import settings
from sluis.control import setup
from sluis.control.actions.configurations import add_configuration
from sluis.control.actor import CLI, Actor
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    Membership,
    Role,
    User,
)
from sluis.embedded import EmbeddedPostgres

CATALOG = str(Path(__file__).parent / "catalog")
KEY = "0123456789abcdef0123456789abcdef"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: EmbeddedPostgres, template: str) -> None:
    """Django makes its test database on the server of this test process, as a copy, and can reach no other."""
    django_settings.DATABASES["default"].update(setup.django_database(postgres.url("sluis")))
    connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """No ``SLUIS_*`` variable but a data folder of this test and a key."""
    for name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SLUIS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SLUIS_SECRET_KEY", KEY)
    forget()
    yield monkeypatch
    forget()


def forget() -> None:
    """Make the next call read the variables again."""
    settings.current.cache_clear()
    setup.start.cache_clear()
    setup.start_without_former_keys.cache_clear()
    setup.reach.cache_clear()


@pytest.fixture
def control(db: None, variables: pytest.MonkeyPatch, postgres: EmbeddedPostgres) -> setup.Started:
    """A started control plane in a transaction that is rolled back."""
    return _started(variables, postgres.url("test_sluis"))


def _started(variables: pytest.MonkeyPatch, url: str) -> setup.Started:
    variables.setenv("SLUIS_DATABASE_URL", url)
    # Tables of a few rows are read by one thread in any case; more only get in each other's way.
    variables.setenv("SLUIS_THREADS", "1")
    return setup.start()


@pytest.fixture(scope="session")
def template(
    django_db_blocker: DjangoDbBlocker, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Name of a migrated, empty control database, to be copied."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setenv("SLUIS_DATA_DIR", str(tmp_path_factory.mktemp("template")))
        patch.setenv("SLUIS_SECRET_KEY", KEY)
        patch.setenv("SLUIS_DATABASE_URL", postgres.ensure_database("template_sluis"))
        connection.close()
        present = connection.settings_dict.get("NAME")
        forget()
        setup.migrate()
        connection.close()
        connection.settings_dict["NAME"] = present
        forget()
    return "template_sluis"


def copy_database(postgres: EmbeddedPostgres, template: str, name: str) -> str:
    """Make a database as a copy, in a tenth of the time that its migrations take; its connection string."""
    # Its files, of which nothing has to reach a disk here: writing all they hold to the log takes twice the work.
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
    return postgres.url(name)


@pytest.fixture
def committed(
    template: str, django_db_blocker: DjangoDbBlocker, variables: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> Iterator[setup.Started]:
    """A started control plane in a database of its own, for tests with several connections or processes.

    Django's way of emptying tables between tests is TRUNCATE, which the audit trail refuses.
    """
    name = f"control_{next(_NUMBERS)}"
    with django_db_blocker.unblock():
        connection.close()
        present = connection.settings_dict.get("NAME")
        yield _started(variables, copy_database(postgres, template, name))
        connection.close()
        connection.settings_dict["NAME"] = present
        postgres.drop_database(name)


@dataclass(frozen=True)
class People:
    """Who is who: an operator, a superbeheerder, one with medical rights, a reader, and one of another environment."""

    olga: Actor
    sam: Actor
    mia: Actor
    rita: Actor
    xander: Actor


def person(name: str, *, operator: bool = False) -> Actor:
    return Actor(user=User.objects.create(username=name, is_operator=operator))


def join(actor: Actor, environment: Environment, role: str, *, medical: bool = False) -> Membership:
    """Make a user a member from yesterday on."""
    assert actor.user
    return Membership.objects.create(
        user=actor.user,
        environment=environment,
        role=role,
        medical=medical,
        valid_from=environment.today() - dt.timedelta(days=1),
    )


@pytest.fixture
def environment(control: setup.Started) -> Environment:
    return new_environment("Noord")


def new_environment(name: str) -> Environment:
    return Environment.objects.create(
        name=name, catalog=CATALOG, time_zone="Europe/Amsterdam", source_url="postgresql://reader@db/app"
    )


@pytest.fixture
def people(environment: Environment) -> People:
    elsewhere = new_environment("Zuid")
    found = People(person("olga", operator=True), person("sam"), person("mia"), person("rita"), person("xander"))
    join(found.sam, environment, Role.SUPERBEHEERDER)
    join(found.mia, environment, Role.SUPERBEHEERDER, medical=True)
    join(found.rita, environment, Role.READER)
    join(found.xander, elsewhere, Role.SUPERBEHEERDER, medical=True)
    return found


@pytest.fixture
def account(environment: Environment) -> ConnectionAccount:
    return ConnectionAccount.objects.create(environment=environment, name="DWH", type="hosted")


@pytest.fixture
def medical_account(environment: Environment) -> ConnectionAccount:
    return ConnectionAccount.objects.create(environment=environment, name="Zorg", type="hosted", medical=True)


@pytest.fixture
def configuration(account: ConnectionAccount) -> Configuration:
    return add_configuration(CLI, account, "Productie", version="2", streams=["basis"], pseudonymous=True)


def delivered(configuration: Configuration, state: str = DeliveryState.DELIVERED, **more: Any) -> Delivery:
    """A delivery as a run leaves it."""
    values: dict[str, Any] = {
        "configuration": configuration,
        "state": state,
        "actor": "cli",
        "sequence": 1,
        "snapshot": 7,
        "published_at": dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
        "pseudonymous": configuration.pseudonymous,
        "medical": configuration.account.medical,
        "version": configuration.version,
    }
    return Delivery.objects.create(**{**values, **more})
