"""``sluis web``, ``sluis worker`` and ``sluis up``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sluis import settings
from sluis.cli import supervising
from sluis.cli.common import AsJson, actor, server_only, show, warn

_WORKER = "sluis.worker.running"
_WEB = "sluis.web.serving"


def web(
    context: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the setting.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port, instead of the setting; 0: any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the web application until it is stopped (SIGTERM, or Ctrl-C)."""
    server_only(context)
    # Before the control plane starts: it has settings of its own. The doors are siblings, as below.
    from importlib import import_module

    now = settings.current()
    serving = import_module(_WEB)
    serving.serve(
        host or now.web_host,
        now.web_port if port is None else port,
        lambda address: show({"process": os.getpid(), "address": address}, as_json=as_json),
    )


def worker(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Do what is due and what was asked, until it is stopped (SIGTERM, or Ctrl-C). Any number may run."""
    server_only(context)
    actor(context)
    # The doors are siblings: this one only starts the other, by its name.
    from importlib import import_module

    from sluis.control.logs import log_to_stderr

    log_to_stderr()
    running = import_module(_WORKER)
    told = {"process": os.getpid(), "stop_seconds": settings.current().stop_seconds}
    running.work(lambda: show(told, as_json=as_json))


def up(
    context: typer.Context,
    *,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run all parts until it is stopped (SIGTERM, or Ctrl-C); what falls over is started again."""
    server_only(context)
    actor(context)
    from sluis.control.setup import start

    database = start().embedded
    if database:
        warn(f"this runs on the embedded PostgreSQL; for production set {settings.variable('database_url')}")
    names = ["web", "sftp", *(f"worker {number}" if number > 1 else "worker" for number in range(1, workers + 1))]
    parts = {name: (name.split()[0],) for name in names}
    supervising.supervise(
        parts,
        lambda: show({"process": os.getpid(), "parts": names}, as_json=as_json),
        patience=settings.current().stop_seconds + 10,
        database=database,
    )
