"""Datasets that are set aside: the rest of an environment goes on without them."""

from __future__ import annotations

from django.db import transaction

from sluis.catalog.loader import load
from sluis.control import audit, choices
from sluis.control.actor import Actor
from sluis.control.models import Environment, Suspension
from sluis.control.permissions import require
from sluis.errors import Rejected

_LONGEST_REASON = 500


@transaction.atomic
def suspend(actor: Actor, environment: Environment, dataset: str, *, reason: str) -> Suspension:
    """Set a dataset aside, because of a ``reason`` that every user of the environment may read.

    Refreshes do not read it and keep what the lake has of it; deliveries leave its files out and say so, and what the
    receivers have of them stays as it is. Raises ``Rejected`` for a dataset that the catalogue does not have, one that
    is suspended already, and without a reason.
    """
    # A delivery that is about to be numbered looks once more, under the same lock.
    environment = Environment.objects.select_for_update().get(pk=environment.pk)
    require(actor, "environment.suspend", environment)
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise Rejected(
            "a suspension asks a reason",
            remedy=f"say in at most {_LONGEST_REASON} characters why the dataset is set aside, and until when",
        )
    choices.refuse_unknown(
        "dataset", [dataset], list(load(environment.catalog).datasets), f"catalogue {environment.catalog}"
    )
    made, new = Suspension.objects.get_or_create(
        environment=environment, dataset=dataset, defaults={"reason": reason, "actor": actor.name}
    )
    if not new:
        raise Rejected(f"dataset {dataset} is suspended already", remedy="resume it first to give another reason")
    details = {"dataset": dataset, "reason": reason}
    audit.record(actor, "environment.suspend", f"environment {environment.name}", environment, details)
    return made


@transaction.atomic
def resume(actor: Actor, environment: Environment, dataset: str) -> None:
    """Take a dataset up again: the next refresh reads it, and what differs from what receivers have is delivered.

    A delivery that comes before that refresh makes it itself.
    """
    environment = Environment.objects.select_for_update().get(pk=environment.pk)
    require(actor, "environment.suspend", environment)
    gone, _ = environment.suspensions.filter(dataset=dataset).delete()
    if not gone:
        raise Rejected(f"dataset {dataset} is not suspended", remedy="see `sluis env suspensions` for those that are")
    audit.record(actor, "environment.resume", f"environment {environment.name}", environment, {"dataset": dataset})
