"""The history of an environment: kept in order, partly expunged, or made anew."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db import transaction
from django.utils import timezone
from psycopg import sql

from sluis.catalog import loader
from sluis.catalog.loader import Dataset
from sluis.control import audit, choices, locks, places
from sluis.control.actions.deliveries import end
from sluis.control.actor import Actor
from sluis.control.models import AccountType, Configuration, Delivery, DeliveryState, Environment
from sluis.control.models.environment import new_lake_schema
from sluis.control.permissions import require
from sluis.delivery import pseudonyms
from sluis.errors import Rejected
from sluis.lake import files, upkeep
from sluis.lake.upkeep import Expunged, Maintained

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Holding:
    """A delivery that stands at a destination and holds a key, or of which that cannot be told (another secret)."""

    configuration: str
    folder: str
    certain: bool


def maintain(actor: Actor, environment: Environment) -> Maintained:
    """Drop the history that is older than agreed, merge small files, and remove files no longer used."""
    require(actor, "environment.maintain", environment)
    with _alone(environment):
        oldest = timezone.now() - dt.timedelta(days=environment.keep_days)
        done = upkeep.maintain(
            places.lake(environment), keep_since=oldest, scratch=places.scratch(), limits=places.limits()
        )
        details = {"journal_rows": done.journal_rows, "files": [done.files_before, done.files]}
        environment.maintained_at = timezone.now()
        environment.save(update_fields=["maintained_at"])
        _tell(actor, "environment.maintain", environment, details)
    return done


def expunge(
    actor: Actor,
    environment: Environment,
    dataset: str,
    *,
    parts: Sequence[str] = (),
    primary_key: str | None = None,
    whole: bool = False,
) -> tuple[Expunged, list[Holding]]:
    """Remove all that the history keeps of one key of a dataset, or the ``whole`` dataset, for good.

    ``parts``: the raw values of the key's parts. ``primary_key``: the key itself, as a plain delivery shows it. Gives
    what was removed, and the deliveries that still hold the key. Those that the brake holds are thrown away; those made
    later are right: a file that can no longer be told as changes comes in full.
    """
    require(actor, "environment.expunge", environment)
    if [bool(parts), primary_key is not None, whole].count(True) != 1:
        raise Rejected("what is to go is to be said once", remedy="give the parts of a key, a primary key, or all")
    definition = _dataset(environment, dataset)
    scratch, limits = places.scratch(), places.limits()
    key = "" if primary_key is None else _key(primary_key)
    if parts:
        key = upkeep.key_of(definition, parts, scratch=scratch, limits=limits)
    with _alone(environment):
        # First: whatever was built before is not published any more.
        environment.expunged_at = timezone.now()
        environment.save(update_fields=["expunged_at"])
        location = places.lake(environment)
        if key:
            done = upkeep.expunge_key(location, dataset, key, scratch=scratch, limits=limits)
        else:
            done = upkeep.expunge_dataset(location, dataset, scratch=scratch, limits=limits)
        # The key stays out of the trail: it is that of a person who is to be forgotten.
        details = {"dataset": dataset, "whole": not key, "journal_rows": done.journal_rows, "rows": done.rows}
        _end_held(environment)
        _tell(actor, "environment.expunge", environment, details)
    return done, holdings(environment, key) if key else []


def rebuild_lake(actor: Actor, environment: Environment) -> None:
    """Throw the history away; the next refresh makes a new one, and everything comes in full."""
    require(actor, "environment.rebuild", environment)
    with (
        locks.writing(environment.pk, environment.name),
        locks.alone(environment.pk),
    ):
        environment.refresh_from_db()
        old = places.lake(environment)
        # First, and again where it broke off: what is left behind here nobody would ever find.
        with psycopg.connect(old.database_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(old.schema)))
        files.remove_all(old.folder, places.scratch())
        with transaction.atomic():
            environment.lake_schema, environment.lake_id, environment.lake_sequence = new_lake_schema(), "", None
            environment.snapshot_time, environment.catalog_digest = None, ""
            environment.save(
                update_fields=["lake_schema", "lake_id", "lake_sequence", "snapshot_time", "catalog_digest"]
            )
            audit.record(actor, "environment.rebuild", f"environment {environment.name}", environment)


@transaction.atomic
def _tell(actor: Actor, action: str, environment: Environment, details: dict[str, object]) -> None:
    # The lake has a transaction of its own, so this one holds nothing but the trail.
    audit.record(actor, action, f"environment {environment.name}", environment, details)


def holdings(environment: Environment, key: str) -> list[Holding]:
    """The hosted deliveries in which a key occurs, as itself or as the account's pseudonym."""
    found = []
    hosted = Configuration.objects.filter(account__environment=environment, account__type=AccountType.HOSTED)
    for configuration in hosted.select_related("account__environment"):
        secret = configuration.account.secret
        shown = pseudonyms.pseudonym_of(secret, key) if configuration.pseudonymous else key
        root = places.hosted(configuration.account)
        for folder in root.standing(configuration.name):
            place = root.place(configuration.name, folder)
            text = (place / "datapackage.json").read_text("utf-8") if (place / "datapackage.json").is_file() else ""
            other_secret = configuration.pseudonymous and pseudonyms.fingerprint(secret) not in text
            if other_secret or _any_holds(place, shown):
                found.append(Holding(str(configuration), folder, certain=not other_secret))
        # What may have been sent is settled as itself, and goes out perhaps.
        publishing = configuration.deliveries.filter(state=DeliveryState.PUBLISHING)
        stuck = [one for one in publishing if _any_holds(places.building(one), shown)]
        found += [Holding(str(configuration), one.folder, certain=True) for one in stuck]
    return found


def _any_holds(folder: Path, key: str) -> bool:
    return any(_holds(path, key.encode()) for path in sorted(folder.glob("*.csv")))


def _holds(path: Path, key: bytes) -> bool:
    before = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if key in before + chunk:
                return True
            before = chunk[-len(key) :]
    return False


def _dataset(environment: Environment, name: str) -> Dataset:
    datasets = loader.load(environment.catalog).datasets
    choices.refuse_unknown("dataset", [name], list(datasets), f"catalogue {environment.catalog}")
    return datasets[name]


def _key(text: str) -> str:
    key = text.strip().lower()
    if not re.fullmatch("[0-9a-f]{32}", key):
        raise Rejected(
            "that is not a primary key", remedy="give 32 hexadecimal characters, as a plain delivery shows it"
        )
    return key


def _end_held(environment: Environment) -> None:
    """What the brake holds was built from rows that are to go."""
    held = Delivery.objects.filter(configuration__account__environment=environment, state=DeliveryState.HELD)
    for delivery in held:
        end(delivery, DeliveryState.SUPERSEDED, "superseded", "its history was expunged; run it again")


@contextmanager
def _alone(environment: Environment) -> Iterator[None]:
    """Hold the environment's lake against refreshes and deliveries; ``Rejected`` where there is none yet."""
    with (
        locks.writing(environment.pk, environment.name),
        locks.alone(environment.pk),
    ):
        environment.refresh_from_db()
        if not environment.lake_id:
            raise Rejected(f"environment {environment.name} has no history yet", remedy="refresh it first")
        yield
