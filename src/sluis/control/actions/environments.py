"""Verbs for environments."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.db import transaction

from sluis import settings
from sluis.catalog.loader import builtin_names, load
from sluis.control import audit, places
from sluis.control.actions.schedules import replan
from sluis.control.actor import Actor
from sluis.control.catalog_change import CatalogChange, foresee
from sluis.control.catalogs import load_with_queries
from sluis.control.models import DEFAULT_KEEP_DAYS, Environment, Schedule
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.control.sources import split_source
from sluis.errors import Rejected
from sluis.lake.checking import reach


def add_environment(
    actor: Actor,
    name: str,
    *,
    source_url: str,
    catalog: str,
    source_password: str | None = None,
    time_zone: str | None = None,
    reachable: bool = False,
) -> Environment:
    """Make an environment over a source and a catalogue (a built-in name or a folder).

    A password in the URL is taken out of it; ``source_password`` is for a URL without one. ``reachable``: only where
    the source can be read now; raises ``Rejected`` or ``Retryable`` where it cannot.
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
    if reachable:
        # Not in a transaction: another's server may take its time.
        reach(source, scratch=places.scratch(), limits=places.limits())
    with transaction.atomic():
        save_named(environment, "environment_name_unique", f"there is an environment {name!r} already")
        details = {
            "catalog": environment.catalog,
            "source": environment.source_url,
            "time_zone": environment.time_zone,
        }
        audit.record(actor, "environment.add", f"environment {environment.name}", environment, details)
    return environment


@transaction.atomic
def change_catalog(actor: Actor, environment: Environment, catalog: str, *, dry_run: bool = False) -> CatalogChange:
    """Give the environment another catalogue; what it does is told, and with ``dry_run`` only told.

    It takes effect with the next refresh and delivery. Raises ``Rejected`` where a configuration cannot go on with it.
    """
    environment = Environment.objects.select_for_update().get(pk=environment.pk)
    require(actor, "environment.add", None)
    new = load_with_queries(catalog)
    change = foresee(actor, environment, load(environment.catalog), new)
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
            # How many: who may read this may not see every account.
            "full": len(change.full) + change.unseen,
        },
    )
    return change


@transaction.atomic
def edit_environment(
    actor: Actor,
    environment: Environment,
    *,
    brake_percent: int | None = None,
    brake_floor: int | None = None,
    keep_days: int | None = None,
    reason: str | None = None,
    daily_allowed: bool | None = None,
    time_zone: str | None = None,
    datastreams: bool | None = None,
) -> Environment:
    """Change what is given; what is None stays.

    ``brake_percent`` and ``brake_floor``: what may go at once, as a share and in rows. ``keep_days``: how long the
    history goes back; longer than usual asks a reason. ``daily_allowed``: whether it may be scheduled
    daily. ``time_zone``: the schedule keeps its time of the day in it. ``datastreams``: the module; while it is off
    nobody but operators sees the environment from inside and no worker runs anything in it, and what falls due
    meanwhile is left out.
    """
    environment = Environment.objects.select_for_update().get(pk=environment.pk)
    require(actor, "environment.edit", environment)
    given = {
        "brake_percent": brake_percent,
        "brake_floor": brake_floor,
        "keep_days": keep_days,
        "keep_reason": reason,
        "daily_allowed": daily_allowed,
        "time_zone": None if time_zone is None else _zone(time_zone),
        "datastreams_enabled": datastreams,
    }
    after: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    if not after:
        raise Rejected("there is nothing to change", remedy="give what is to change")
    changed = audit.difference({field: getattr(environment, field) for field in after}, after)
    for field, value in after.items():
        setattr(environment, field, value)
    _check(environment)
    if changed:
        environment.save(update_fields=list(after))
        audit.record(actor, "environment.edit", f"environment {environment.name}", environment, changed)
    if "datastreams_enabled" in changed:
        replan(environment, anew=True)
    elif "time_zone" in changed:
        replan(environment)
    return environment


def _check(environment: Environment) -> None:
    if not 1 <= environment.brake_percent <= _WHOLE:
        raise Rejected("the share of the brake is not from 1 to 100", remedy="give a percentage")
    if environment.brake_floor < 0:
        raise Rejected("the floor of the brake is below 0", remedy="give a number of rows")
    if not 1 <= environment.keep_days <= _LONGEST_HISTORY:
        raise Rejected(f"the history is not from 1 to {_LONGEST_HISTORY} days", remedy="give a number of days")
    if environment.keep_days > DEFAULT_KEEP_DAYS and not environment.keep_reason.strip():
        raise Rejected(
            f"a history of more than {DEFAULT_KEEP_DAYS} days asks a reason",
            remedy="say why personal data must be kept so long",
        )
    if not environment.daily_allowed and Schedule.objects.filter(environment=environment, weekday=None).exists():
        raise Rejected(
            f"environment {environment.name} is scheduled daily",
            remedy="choose a day of the week first, with `sluis schedule set`",
        )


_WHOLE = 100
_LONGEST_HISTORY = 3660


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Rejected(f"{name!r} is not a time zone", remedy="use a name as Europe/Amsterdam") from None
    return name
