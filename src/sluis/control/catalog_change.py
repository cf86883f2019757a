"""What happens to an environment when it gets another catalogue: said before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sluis.catalog.loader import Catalog
from sluis.control.actor import Actor
from sluis.control.models import Configuration, Environment
from sluis.control.permissions import allowed
from sluis.delivery.build import projections_of
from sluis.delivery.projection import Projection, Receiver, difference
from sluis.errors import Rejected
from sluis.lake.store import Generation, added_columns, shape

Effect = Literal["query", "filled", "rebuilt"]


@dataclass(frozen=True)
class DatasetEffect:
    """What the next refresh does to a dataset.

    ``query``: its rows may differ, as ordinary changes. ``filled``: it gets ``columns``, filled in for every row.
    ``rebuilt``: its table and journal are made anew, and its files come in full.
    """

    dataset: str
    effect: Effect
    columns: tuple[str, ...]


@dataclass(frozen=True)
class CatalogChange:
    """What it does to datasets in use, and per configuration the files that come in full, with the reason.

    ``unseen``: how many configurations with such files there are besides, that the actor may not see.
    """

    datasets: tuple[DatasetEffect, ...]
    full: dict[str, dict[str, str]]
    unseen: int = 0


def foresee(actor: Actor, environment: Environment, old: Catalog, new: Catalog) -> CatalogChange:
    """What happens if ``new`` takes the place of ``old``; ``Rejected`` where a configuration cannot go on with it."""
    configurations = list(
        Configuration.objects.filter(account__environment=environment, archived_at=None)
        .select_related("account__environment")
        .prefetch_related("files")
        .order_by("account__name", "name")
    )
    effects: dict[str, DatasetEffect] = {}
    full: dict[str, dict[str, str]] = {}
    unseen = 0
    for configuration in configurations:
        seen = allowed(actor, "configuration.view", configuration)
        _refuse_lost(configuration, old, new, f"configuration {configuration}" if seen else "a configuration")
        reasons: dict[str, str] = {}
        before, now = (_projections(configuration, catalog) for catalog in (old, new))
        for name, projection in now.items():
            effect = _effect(before[name], projection)
            if effect:
                effects[effect.dataset] = effect
            reason = "rebuilt" if effect and effect.effect == "rebuilt" else None
            reason = reason or difference(before[name].fingerprint, projection.fingerprint)
            if reason:
                reasons[name] = reason
        if reasons and seen:
            full[str(configuration)] = reasons
        unseen += bool(reasons) and not seen
    return CatalogChange(tuple(effects[name] for name in sorted(effects)), full, unseen)


def _projections(configuration: Configuration, catalog: Catalog) -> dict[str, Projection]:
    chosen = {one.file: frozenset(one.columns) for one in configuration.files.all()}
    account = configuration.account
    receiver = Receiver(account.medical, configuration.pseudonymous, account.secret)
    return {one.file.file: one for one in projections_of(catalog, configuration.version, chosen, receiver)}


def _refuse_lost(configuration: Configuration, old: Catalog, new: Catalog, named: str) -> None:
    if configuration.version not in new.versions:
        raise Rejected(
            f"the new catalogue has no version {configuration.version}, which {named} is of",
            remedy="keep the version in the catalogue, or archive the configuration first",
        )
    lost = [
        one.file
        for one in configuration.files.all()
        if one.file in old.files(configuration.version) and one.file not in new.files(configuration.version)
    ]
    if lost:
        raise Rejected(
            f"version {configuration.version} of the new catalogue lacks {', '.join(sorted(lost))}, "
            f"which {named} delivers",
            remedy="a file of a released version stays: put it back, or make a new version",
        )


def _effect(before: Projection, now: Projection) -> DatasetEffect | None:
    dataset = now.dataset
    present = Generation(dataset.name, 0, shape(before.dataset), 0)
    added = added_columns(present, dataset) if before.dataset.name == dataset.name else None
    if added is None:
        return DatasetEffect(dataset.name, "rebuilt", ())
    if added:
        return DatasetEffect(dataset.name, "filled", tuple(added))
    return DatasetEffect(dataset.name, "query", ()) if before.dataset.sql != dataset.sql else None
