"""Verbs for environments."""

from __future__ import annotations

import zoneinfo

from django.db import transaction

from sluis import settings
from sluis.catalog.loader import builtin_names, load
from sluis.control import audit
from sluis.control.actor import Actor
from sluis.control.catalog_change import CatalogChange, foresee
from sluis.control.catalogs import load_with_queries
from sluis.control.models import Environment
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.control.sources import split_source
from sluis.errors import Rejected


@transaction.atomic
def add_environment(
    actor: Actor,
    name: str,
    *,
    source_url: str,
    catalog: str,
    source_password: str | None = None,
    time_zone: str | None = None,
) -> Environment:
    """Make an environment over a source and a catalogue (a built-in name or a folder).

    A password in the URL is taken out of it; ``source_password`` is for a URL without one.
    """
    require(actor, "environment.add", None)
    source = split_source(source_url, source_password)
    loaded = load_with_queries(catalog)
    environment = Environment(
        name=check_name(name),
        catalog=catalog if catalog in builtin_names() else str(loaded.folder),
        time_zone=_zone(time_zone or settings.current().time_zone),
        source_url=source.url,
        source_password=source.password or "",
    )
    save_named(environment, "environment_name_unique", f"there is an environment {name!r} already")
    audit.record(
        actor,
        "environment.add",
        f"environment {environment.name}",
        environment,
        {"catalog": environment.catalog, "source": environment.source_url, "time_zone": environment.time_zone},
    )
    return environment


@transaction.atomic
def change_catalog(actor: Actor, environment: Environment, catalog: str, *, dry_run: bool = False) -> CatalogChange:
    """Give the environment another catalogue; what it does is told, and with ``dry_run`` only told.

    It takes effect with the next refresh and delivery. Raises ``Rejected`` where a configuration cannot go on with it.
    """
    environment = Environment.objects.select_for_update().get(pk=environment.pk)
    require(actor, "environment.add", None)
    new = load_with_queries(catalog)
    change = foresee(environment, load(environment.catalog), new)
    if dry_run:
        return change
    before = environment.catalog
    environment.catalog = catalog if catalog in builtin_names() else str(new.folder)
    environment.save(update_fields=["catalog"])
    audit.record(
        actor,
        "environment.change_catalog",
        f"environment {environment.name}",
        environment,
        {
            "catalog": [before, environment.catalog],
            "digest": new.digest,
            "datasets": {one.dataset: one.effect for one in change.datasets},
            "full": change.full,
        },
    )
    return change


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Rejected(f"{name!r} is not a time zone", remedy="use a name as Europe/Amsterdam") from None
    return name
