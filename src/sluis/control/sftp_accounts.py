"""The hosted accounts as the SFTP server asks for them: its bridge to the control database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, close_old_connections, transaction
from django.utils import timezone

from sluis.control import audit, days, logins, permissions, places, receipts
from sluis.control.actor import SFTP
from sluis.control.models import (
    AccountType,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    DownloadReceipt,
    SftpKey,
)
from sluis.errors import Retryable
from sluis.sftp.accounts import Account, AccountKey, Receipt


class ControlAccounts:
    """Implements ``sluis.sftp.accounts.Accounts``. Its connection to the database lasts for one call."""

    def find(self, login: str) -> Account | None:
        """The account as it is now; None where the module is off, too."""
        with _database():
            row = _row(login)
            if row is None or not permissions.allowed(SFTP, "account.view", row):
                return None
            return Account(
                login=login,
                root=places.hosted(row).root,
                keys=tuple(_key(key, row.environment.time_zone) for key in receipts.valid_keys(row)),
                addresses=logins.networks(row.addresses),
                may_delete=row.may_delete,
            )

    def used(self, login: str, fingerprint: str, address: str) -> None:
        """A key has logged in; the address is in the server's own log."""
        del address
        with _database():
            SftpKey.objects.filter(account__login=login, fingerprint=fingerprint).update(last_used_at=timezone.now())

    def fetched(self, receipt: Receipt) -> None:
        """Keep the receipt, where what was read is of a delivery."""
        with _database():
            delivery, file = _delivery(receipt.login, receipt.path)
            if delivery is None:
                return
            key = SftpKey.objects.filter(account__login=receipt.login, fingerprint=receipt.fingerprint).first()
            DownloadReceipt.objects.create(
                delivery=delivery,
                file=file,
                sent=receipt.sent,
                complete=receipt.complete,
                address=receipt.address,
                key_name=key.name if key else "",
            )

    def has_fetched(self, login: str, path: tuple[str, ...]) -> bool:
        """Whether the receiver has had every byte of the file."""
        with _database():
            delivery, file = _delivery(login, path)
            return delivery is not None and file in receipts.fetched_files(delivery)

    def removed(self, login: str, path: tuple[str, ...], address: str) -> None:
        """The receiver removed a file or an empty folder: for the audit trail."""
        with _database(), transaction.atomic():
            row = _row(login)
            if row is not None:
                details = {"account": row.name, "address": address}
                # What was delivered with the medical mark keeps it when the account loses it.
                delivery, _ = _delivery(login, (*path[:2], ""))
                medical = delivery is not None and delivery.medical
                audit.record(SFTP, "receiver.remove", "/".join(path), row, details, medical=medical)


@contextmanager
def _database() -> Iterator[None]:
    close_old_connections()
    try:
        yield
    except Error as error:
        raise Retryable(
            f"the control database does not answer ({type(error).__name__})", remedy="check that it runs"
        ) from error
    finally:
        close_old_connections()


def _row(login: str) -> ConnectionAccount | None:
    rows = ConnectionAccount.objects.filter(login=login, type=AccountType.HOSTED)
    return rows.select_related("environment").first()


def _key(key: SftpKey, time_zone: str) -> AccountKey:
    ends = None if key.valid_until is None else days.end(key.valid_until, time_zone)
    return AccountKey(key.public_key, key.fingerprint, ends)


def _delivery(login: str, path: tuple[str, ...]) -> tuple[Delivery | None, str]:
    """The delivery that a path (configuration, folder, file) is of, and the name of the file."""
    if len(path) != 3:  # noqa: PLR2004 - the three that the docstring names
        return None, ""
    configuration, folder, file = path
    rows = Delivery.objects.filter(
        configuration__account__login=login,
        configuration__name=configuration,
        folder=folder,
        state__in=(DeliveryState.DELIVERED, DeliveryState.PUBLISHING),
    )
    return rows.first(), file
