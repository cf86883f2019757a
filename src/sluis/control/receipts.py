"""What receivers have fetched, and whether they can."""

from __future__ import annotations

from django.db.models import Q

from sluis.control.models import (
    AccountType,
    ConnectionAccount,
    Delivery,
    DownloadReceipt,
    LogLevel,
    LogLine,
    SftpKey,
)
from sluis.delivery import manifest


def valid_keys(account: ConnectionAccount) -> list[SftpKey]:
    """The keys that may log in today."""
    today = account.environment.today()
    return list(account.keys.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today)).order_by("name"))


def files_of(delivery: Delivery) -> list[str]:
    """Names of the files in the delivery's folder."""
    return [*(f"{name}.csv" for name in delivery.files.values_list("name", flat=True)), manifest.FILE_NAME]


def fetched_files(delivery: Delivery) -> set[str]:
    """Names of the files that a receiver has every byte of."""
    return set(DownloadReceipt.objects.filter(delivery=delivery, complete=True).values_list("file", flat=True))


def is_fetched(delivery: Delivery) -> bool:
    """Whether a receiver has all of it."""
    return set(files_of(delivery)) <= fetched_files(delivery)


def warn_without_key(delivery: Delivery) -> None:
    """Say in the log of a delivery to a hosted account that nobody can fetch it."""
    account = delivery.configuration.account
    if account.type == AccountType.HOSTED and not valid_keys(account):
        LogLine.objects.create(
            delivery=delivery,
            level=LogLevel.WARNING,
            code="no-key",
            text=f"account {account.name} has no valid key: nobody can fetch this delivery over SFTP",
        )
