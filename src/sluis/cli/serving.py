"""``sluis worker`` and ``sluis up``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sluis import settings
from sluis.cli import supervising
from sluis.cli.common import AsJson, actor, server_only, show, warn

_WORKER = "sluis.worker.running"


def worker(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Do what is due and what was asked, until it is stopped (SIGTERM, or Ctrl-C). Any number may run."""
    server_only(context)
    actor(context)
    # The doors are siblings: this one only starts the other, by its name.
    from importlib import import_module

    running = import_module(_WORKER)
    running.log_to_stderr()
    told = {"process": os.getpid(), "stop_seconds": settings.current().stop_seconds}
    running.work(lambda: show(told, as_json=as_json))


def up(
    context: typer.Context,
    *,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run worker and SFTP server until it is stopped (SIGTERM, or Ctrl-C); what falls over is started again."""
    server_only(context)
    actor(context)
    from sluis.control.setup import start

    if start().embedded:
        warn(f"this runs on the embedded PostgreSQL; for production set {settings.variable('database_url')}")
    names = ["sftp", *(f"worker {number}" if number > 1 else "worker" for number in range(1, workers + 1))]
    parts = {name: (name.split()[0],) for name in names}
    supervising.supervise(
        parts,
        lambda: show({"process": os.getpid(), "parts": names}, as_json=as_json),
        patience=settings.current().stop_seconds + 10,
    )
