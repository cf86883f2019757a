"""What ``sluis demo`` shows when it stays up: people to log in as, and data in which everything has happened once."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from sluis import settings
from sluis.errors import SluisError

if TYPE_CHECKING:
    from sluis.cli.demo import StageOf
    from sluis.control.models import Configuration, Environment

_LOST = "DELETE FROM verzuim_verloop WHERE verzuim_id % 3 > 0"
"""Something that the brake is for."""


@dataclass(frozen=True)
class Persona:
    """Somebody to log in as. ``role``: empty for none; ``does``: what one sees through these eyes."""

    name: str
    role: str
    does: str
    operator: bool = False
    medical: bool = False


PERSONAS = (
    Persona("olga", "", "operator: environments and users", operator=True),
    Persona("sam", "superbeheerder", "superbeheerder"),
    Persona("mia", "superbeheerder", "superbeheerder with medical rights", medical=True),
    Persona("rita", "reader", "reader: sees, and changes nothing"),
)


def furnish(source_url: str, configuration: Configuration, weeks: int, stage: StageOf) -> dict[str, str]:
    """Make the people and the data, of so many weeks after the first; name → password."""
    environment = configuration.environment
    with stage("make people, accounts and configurations"):
        passwords = _people(environment)
        old = _configurations(environment, configuration)
    with stage(f"live {weeks} weeks more, and deliver each"):
        _weeks(source_url, configuration, weeks)
    with stage("let a delivery fail, and one be held"):
        _trouble(source_url, old, configuration)
    return passwords


def _people(environment: Environment) -> dict[str, str]:
    from sluis.control.actions.users import add_user, ask_medical, give_role, grant_medical
    from sluis.control.actor import CLI, Actor

    made = {}
    operator: Actor | None = None
    for persona in PERSONAS:
        user, made[persona.name] = add_user(CLI, persona.name, operator=persona.operator)
        # Only here: who tries Sluis out logs in with what is printed.
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
        operator = operator or Actor(user=user)
        if persona.role:
            give_role(CLI, user, environment, persona.role)
        if persona.role:
            # Of those without it a second person can still say yes or no.
            ask_medical(CLI, user, environment)
        if persona.medical:
            grant_medical(operator, user, environment)
    return made


def _configurations(environment: Environment, configuration: Configuration) -> Configuration:
    """One of an older version, which is delivered; an archived one; a medical account; an external one."""
    import datetime as dt

    from sluis.control.actions import accounts, configurations, deliveries, schedules
    from sluis.control.actions.servers import ServerSettings
    from sluis.control.actor import CLI

    account = configuration.account
    old = configurations.add_configuration(
        CLI, account, "Productie 7.30", version="7.30", streams=["werknemers", "verzuim"], pseudonymous=True
    )
    deliveries.deliver(CLI, old)
    trial = configurations.add_configuration(
        CLI, account, "Proef", version="7.36", streams=["werkgevers"], pseudonymous=False, reason="proef met BI"
    )
    configurations.archive(CLI, trial)
    care = accounts.add_account(CLI, environment, "Bedrijfsarts", account_type="hosted", medical=True)
    configurations.add_configuration(CLI, care, "Zorg", version="7.36", streams="all", pseudonymous=True)
    server = ServerSettings(host="sftp.ontvanger.example", user="sluis", folder="in", make_key=True)
    accounts.add_account(CLI, environment, "Rapportage", account_type="external", server=server)
    configurations.edit_configuration(CLI, configuration, automatic=True)
    schedules.set_schedule(CLI, environment, time=dt.time(2, 30), weekday=7)
    return old


def _weeks(source_url: str, configuration: Configuration, weeks: int) -> None:
    from sluis.control.actions import deliveries, refreshes
    from sluis.control.actor import CLI
    from sluis.demo import life

    for _ in range(weeks):
        life.live(source_url, days=5)
        refreshes.refresh(CLI, configuration.environment)
        deliveries.deliver(CLI, configuration)


def _trouble(source_url: str, old: Configuration, configuration: Configuration) -> None:
    from sluis.control.actions import deliveries, environments, refreshes
    from sluis.control.actor import CLI

    environment = configuration.environment
    with psycopg.connect(source_url, autocommit=True) as source:
        source.execute("ALTER TABLE verzuim RENAME TO verzuim_weg")
        with contextlib.suppress(SluisError):
            deliveries.deliver(CLI, configuration, refresh=True)
        source.execute("ALTER TABLE verzuim_weg RENAME TO verzuim")
        source.execute(_LOST)
    # Few rows are much where there are few employees.
    usual = environment.brake_floor
    environments.edit_environment(CLI, environment, brake_floor=1)
    environment.refresh_from_db()
    with contextlib.suppress(SluisError):
        refreshes.refresh(CLI, environment)
    refreshes.refresh(CLI, environment, release=True)
    deliveries.deliver(CLI, old)
    environments.edit_environment(CLI, environment, brake_floor=usual)


def open_doors() -> str:
    """Give the parts free ports and no second factor, for this process and its children; where the pages are."""
    with _free_port() as web, _free_port() as sftp:
        values = {"WEB_HOST": "127.0.0.1", "WEB_PORT": str(web), "SFTP_HOST": "127.0.0.1", "SFTP_PORT": str(sftp)}
    for name in ("BASE_URL", *values):
        os.environ.pop(f"{settings.PREFIX}{name}", None)
    os.environ |= {f"{settings.PREFIX}{name}": value for name, value in values.items()}
    os.environ[f"{settings.PREFIX}SECOND_FACTOR"] = "0"
    settings.current.cache_clear()
    return f"http://127.0.0.1:{web}"


@contextlib.contextmanager
def _free_port() -> Iterator[int]:
    """A port that nobody listens at now, kept until another was found too."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found.getsockname()[1]
