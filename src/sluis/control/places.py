"""Where an environment's parts lie: its lake, its source, the folders of its accounts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sluis import settings
from sluis.control.models import (
    OPEN_STATES,
    AccountType,
    ConnectionAccount,
    Delivery,
    Environment,
    ExternalServer,
)
from sluis.control.setup import start
from sluis.lake.files import Folder, StoreFolder
from sluis.lake.session import Limits, sweep
from sluis.lake.sources import Source
from sluis.lake.store import LakeLocation
from sluis.sftp import external, keys
from sluis.sftp import hosted as hosts
from sluis.sftp.connecting import Server
from sluis.sftp.destination import Destination
from sluis.sftp.hosted import WITHDRAWN, HostedFolder, discard

BUILDING = "delivery-"
"""How the names of folders begin in which deliveries are built."""


def lake(environment: Environment) -> LakeLocation:
    return LakeLocation(start().database_url, environment.lake_schema, _lakes() / environment.lake_schema)


def _lakes() -> Folder:
    now = settings.current()
    if now.lake_url is None:
        return now.subfolder("lake")
    if now.lake_key is None or now.lake_secret is None:
        return Path(now.lake_url)
    return StoreFolder(
        now.lake_url,
        region=now.lake_region,
        key=now.lake_key.get_secret_value(),
        secret=now.lake_secret.get_secret_value(),
        endpoint=now.lake_endpoint or "",
    )


def source(environment: Environment) -> Source:
    return Source(environment.source_url, environment.source_password or None)


def scratch() -> Path:
    """For temporary files of the engine."""
    return settings.current().subfolder("work")


def building(delivery: Delivery) -> Path:
    """Where a delivery is built; beside the hosted folders, so that one rename publishes it.

    Every machine that has those sees it there; one for a server of the receiver lies on the machine that built it.
    """
    of_hosted = delivery.configuration.account.type == AccountType.HOSTED
    return (hosts.building(_hosted()) if of_hosted else scratch()) / f"{BUILDING}{delivery.pk}"


def hosted(account: ConnectionAccount) -> HostedFolder:
    return HostedFolder(_hosted() / account.environment.name / account.name)


def _hosted() -> Path:
    return settings.current().hosted_folder()


def host_keys() -> Path:
    """The keys that the hosted server shows of itself."""
    return settings.current().subfolder("sftp")


def server_of(row: ExternalServer) -> Server:
    """The server of an external account, as it is logged in to."""
    return Server(
        host=row.host,
        port=row.port,
        user=row.user,
        folder=row.folder,
        password=row.password,
        private_key=row.private_key,
        pins=tuple(keys.read_pin(text) for text in row.host_keys),
        legacy=row.legacy,
        renames_folders=row.renames_folders,
    )


def destination_of(account: ConnectionAccount, sent: Callable[[str, int], None] = lambda _, __: None) -> Destination:
    """Where the deliveries of an account go; what is learned of a server is kept.

    ``sent``: told how many bytes of a file a server of the receiver has.
    """
    if account.type == AccountType.HOSTED:
        return hosted(account)
    row = _server(account)

    def learned(renames: bool) -> None:  # noqa: FBT001 - called by the destination with what it found
        ExternalServer.objects.filter(pk=row.pk).update(renames_folders=renames)

    return external.ExternalServer(server_of(row), learned, sent)


def destination(account: ConnectionAccount) -> str:
    """What identifies where deliveries go; another one means that the receiver has nothing yet."""
    if account.type == AccountType.HOSTED:
        # A folder that is not the one of before, or of another machine, holds nothing of what was delivered.
        return f"hosted:{account.pk}:{hosts.identity(_hosted())}"
    return str(_server(account))


def standing(delivery: Delivery) -> str:
    """Where a delivery was published, as people read it."""
    configuration = delivery.configuration
    if configuration.account.type == AccountType.HOSTED:
        return str(hosted(configuration.account).place(configuration.name, delivery.folder))
    return f"{str(_server(configuration.account)).rstrip('/')}/{configuration.name}/{delivery.folder}"


def _server(account: ConnectionAccount) -> ExternalServer:
    # Read anew: a run compares where it began with where it is now.
    return ExternalServer.objects.get(account=account)


def under_way() -> frozenset[str]:
    """Names of the folders in which the open deliveries are built."""
    open_ones = Delivery.objects.filter(state__in=OPEN_STATES)
    return frozenset(f"{BUILDING}{pk}" for pk in open_ones.values_list("pk", flat=True))


def clean() -> None:
    """Remove what dead runs left on this machine."""
    work = scratch()
    # In this order: a delivery is known before its folder is made.
    paths = [path for folder in (work, hosts.building(_hosted())) for path in folder.glob(f"{BUILDING}*")]
    keep = under_way() if paths else frozenset()
    for path in paths:
        if path.name.removesuffix(WITHDRAWN) not in keep:
            discard(path)
    sweep(work)


def limits() -> Limits:
    now = settings.current()
    return Limits(now.memory_limit, now.threads)
