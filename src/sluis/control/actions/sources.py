"""Verbs for the source of an environment: change it, and try it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from sluis.catalog.loader import Catalog, load
from sluis.control import audit, places
from sluis.control.actor import Actor
from sluis.control.errors import explain
from sluis.control.models import Environment
from sluis.control.permissions import require, require_still
from sluis.control.sources import split_source
from sluis.errors import Rejected, SluisError
from sluis.lake.checking import Plan, plan_queries, reach
from sluis.lake.sources import Source
from sluis.lake.staging import Moment


def change_source(
    actor: Actor, environment: Environment, *, url: str | None = None, password: str | None = None
) -> Environment:
    """Have the environment read another database, or log in with another password; only where it can be reached.

    With another URL the password is given anew: the old one is not sent to another place. Takes effect with the next
    refresh. Raises ``Rejected`` or ``Retryable`` where the source cannot be read; then nothing has changed.
    """
    require(actor, "environment.edit", environment)
    if url is None and password is None:
        raise Rejected("there is nothing to change", remedy="give what is to change")
    before = places.source(environment)
    source = _source(before, url, password)
    # Not in a transaction: another's server may take its time.
    reach(source, scratch=places.scratch(), limits=places.limits())
    with transaction.atomic():
        environment = Environment.objects.select_for_update().get(pk=environment.pk)
        require_still(actor, "environment.edit", environment)
        if places.source(environment) != before:
            raise Rejected(f"the source of {environment.name} was changed meanwhile", remedy="look at it again")
        environment.source_url, environment.source_password = source.url, source.password or ""
        environment.save(update_fields=["source_url", "source_password"])
        audit.record(
            actor,
            "environment.change_source",
            f"environment {environment.name}",
            environment,
            {
                **audit.difference({"source": before.url}, {"source": source.url}),
                "password": _told(before.password, source.password),
            },
        )
    return environment


def check_source(
    actor: Actor, environment: Environment, *, url: str | None = None, password: str | None = None
) -> Plan:
    """Try the source, or what would come in its place: it is connected to, and each query of the catalogue is planned.

    Nothing is kept but a row of the trail. Raises ``Rejected`` or ``Retryable`` where the source cannot be read.
    """
    require(actor, "environment.edit", environment)
    source = _source(places.source(environment), url, password)
    try:
        plan = plan_source(load(environment.catalog), source, environment.time_zone)
    except SluisError as error:
        _record_check(actor, environment, source, {"failed": explain(error)})
        raise
    _record_check(actor, environment, source, {"failing": sorted(plan.failing)})
    return plan


def plan_source(catalog: Catalog, source: Source, time_zone: str) -> Plan:
    """Plan the queries of a catalogue on a source."""
    moment = Moment(timezone.now(), time_zone)
    return plan_queries(catalog, source, moment, scratch=places.scratch(), limits=places.limits())


def _source(present: Source, url: str | None, password: str | None) -> Source:
    wanted = split_source(present.url if url is None else url, password)
    kept = present.password if wanted.url == present.url else None
    return wanted if wanted.password else Source(wanted.url, kept)


def _told(before: str | None, after: str | None) -> str:
    if before == after:
        return "kept"
    return "changed" if after else "removed"


@transaction.atomic
def _record_check(actor: Actor, environment: Environment, source: Source, details: dict[str, object]) -> None:
    subject = f"environment {environment.name}"
    audit.record(actor, "environment.check_source", subject, environment, {"source": source.url, **details})
