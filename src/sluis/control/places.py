"""Where an environment's parts lie: its lake, its source, the folders of its accounts."""

from __future__ import annotations

from pathlib import Path

from sluis import settings
from sluis.control.models import OPEN_STATES, Configuration, ConnectionAccount, Delivery, Environment
from sluis.control.setup import start
from sluis.lake.session import Limits, sweep
from sluis.lake.sources import Source
from sluis.lake.store import LakeLocation
from sluis.sftp.destination import Destination
from sluis.sftp.hosted import HostedFolder, discard

BUILDING = "delivery-"
"""How the names of folders begin in which deliveries are built."""


def lake(environment: Environment) -> LakeLocation:
    folder = settings.current().subfolder("lake") / environment.lake_schema
    return LakeLocation(start().database_url, environment.lake_schema, folder)


def source(environment: Environment) -> Source:
    return Source(environment.source_url, environment.source_password or None)


def scratch() -> Path:
    """For temporary files of the engine."""
    return settings.current().subfolder("work")


def building(delivery: Delivery) -> Path:
    """Where a delivery is built; beside the hosted folders, so that one rename publishes it."""
    return settings.current().subfolder("work") / f"{BUILDING}{delivery.pk}"


def hosted(account: ConnectionAccount) -> HostedFolder:
    root = settings.current().subfolder("hosted")
    return HostedFolder(root / account.environment.name / account.name)


def destination_of(account: ConnectionAccount) -> Destination:
    """Where the deliveries of an account go."""
    return hosted(account)


def destination(account: ConnectionAccount) -> str:
    """What identifies where deliveries go; another one means that the receiver has nothing yet."""
    return f"hosted:{account.pk}"


def clean(configuration: Configuration) -> None:
    """Remove what dead runs left: of this configuration at its destination, and of any run on this machine."""
    work = scratch()
    # In this order: a delivery is known before its folder is made.
    paths = list(work.glob(f"{BUILDING}*"))
    open_ones = Delivery.objects.filter(state__in=OPEN_STATES)
    keep = frozenset(f"{BUILDING}{pk}" for pk in open_ones.values_list("pk", flat=True))
    for path in paths:
        if path.name not in keep:
            discard(path)
    sweep(work)
    destination_of(configuration.account).clean(configuration.name, keep)


def limits() -> Limits:
    now = settings.current()
    return Limits(now.memory_limit, now.threads)
