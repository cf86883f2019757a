"""Dry run: what a delivery would be, file by file, without making it."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from sluis.control import audit, permissions
from sluis.control.actions.deliveries import Since, build_in, lake_of
from sluis.control.actions.publishing import fit_run, held_back
from sluis.control.actor import Actor
from sluis.control.models import Configuration
from sluis.delivery import manifest
from sluis.delivery.build import Built, Progress
from sluis.errors import Rejected, Retryable
from sluis.lake.session import Session


@dataclass(frozen=True)
class Preview:
    """What would go.

    ``held``: the files for which the brake would hold it. ``left_out``: those that are not in it because their
    datasets are suspended. ``first_rows``: by file, its header and first rows as texts.
    """

    built: Built
    mode: str
    held: tuple[str, ...]
    left_out: tuple[str, ...]
    first_rows: dict[str, list[list[str]]]


def preview(
    actor: Actor, configuration: Configuration, *, since: str = "last", rows: int = 0, progress: Progress | None = None
) -> Preview:
    """What a run would deliver of the newest snapshot. Nothing is published and no bookmark moves.

    ``rows``: how many first rows of each file to show, to an actor who may open files. Reads the source where the lake
    lacks a dataset, as a run would. Raises what a run would raise.
    """
    permissions.require(actor, "configuration.run", configuration)
    if rows < 0:
        raise Rejected("a number of rows cannot be negative", remedy="ask 0 or more rows")
    if rows:
        permissions.require(actor, "delivery.open", configuration)
    asked = Since.parse(since)
    asked.refuse_future(configuration.environment.today())
    run = fit_run(configuration)
    # As it is now: the account may have been given the medical mark since it was read.
    _require(actor, run.configuration, rows)
    with lake_of(actor, run) as lake:
        if lake is None:
            raise Retryable("what the receiver has is in doubt: everything would come in full", remedy="run it again")
        folder = _folder(lake.session)
        built = build_in(lake, run, folder, asked, progress)
        shown = {one.name: _first(folder / one.path, rows) for one in built.written} if rows else {}
    # And again: it may have taken long, and who lost the right meanwhile sees nothing of it.
    _require(actor, run.configuration, rows)
    details = {"since": asked.text, "files_shown": sorted(shown)}
    with transaction.atomic():
        subject = f"configuration {configuration}"
        audit.record(actor, "configuration.preview", subject, run.configuration, details)
    held = tuple(held_back(run.configuration.environment, built, {}))
    return Preview(built, manifest.mode_of(built.written), held, tuple(run.left_out), shown)


def _require(actor: Actor, configuration: Configuration, rows: int) -> None:
    for permission in ("configuration.run", *(["delivery.open"] if rows else [])):
        permissions.require_still(actor, permission, configuration)


def _folder(session: Session) -> Path:
    return session.scratch / "preview"


def _first(path: Path, rows: int) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(itertools.islice(csv.reader(stream), rows + 1))
