"""Where an environment's parts lie: its lake, its source, the folders of its accounts."""

from __future__ import annotations

from pathlib import Path

from sluis import settings
from sluis.control.models import ConnectionAccount, Delivery, Environment
from sluis.control.setup import start
from sluis.lake.session import Limits
from sluis.lake.sources import Source
from sluis.lake.store import LakeLocation
from sluis.sftp.hosted import HostedFolder


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
    return settings.current().subfolder("work") / f"delivery-{delivery.pk}"


def hosted(account: ConnectionAccount) -> HostedFolder:
    root = settings.current().subfolder("hosted")
    return HostedFolder(root / account.environment.name / account.name)


def destination(account: ConnectionAccount) -> str:
    """What identifies where deliveries go; another one means that the receiver has nothing yet."""
    return f"hosted:{account.pk}"


def limits() -> Limits:
    now = settings.current()
    return Limits(now.memory_limit, now.threads)
