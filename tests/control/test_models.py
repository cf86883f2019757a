"""What the database itself holds to."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, models, transaction

from control.fixtures import delivered, new_environment, person
from sluis.control.models import (
    OPEN_STATES,
    Bookmark,
    Configuration,
    ConfigurationFile,
    ConnectionAccount,
    Delivery,
    DeliveryFile,
    DeliveryState,
    LogLine,
    Refresh,
    User,
)


def refused(make: Callable[[], models.Model], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


@pytest.mark.parametrize("state", OPEN_STATES)
@pytest.mark.parametrize("other", OPEN_STATES)
def test_a_configuration_has_one_open_delivery(configuration: Configuration, state: str, other: str) -> None:
    delivered(configuration, state, sequence=None)
    refused(lambda: delivered(configuration, other, sequence=None), "delivery_one_open")


def test_settled_deliveries_are_no_hindrance(configuration: Configuration) -> None:
    for state in set(DeliveryState) - set(OPEN_STATES) - {DeliveryState.DELIVERED}:
        delivered(configuration, state, sequence=None)
    delivered(configuration)
    assert delivered(configuration, DeliveryState.QUEUED, sequence=None).pk


def test_a_number_is_given_once(configuration: Configuration) -> None:
    delivered(configuration)
    refused(lambda: delivered(configuration), "delivery_sequence_unique")


@pytest.mark.parametrize("missing", ["sequence", "snapshot", "published_at"])
def test_what_is_delivered_has_its_number_snapshot_and_moment(configuration: Configuration, missing: str) -> None:
    refused(
        lambda: delivered(configuration, DeliveryState.DELIVERED, **{missing: None}), "delivery_delivered_is_complete"
    )


def test_a_plain_configuration_has_a_reason(account: ConnectionAccount) -> None:
    def make(reason: str, *, hidden: bool) -> Configuration:
        return Configuration.objects.create(
            account=account, name="P", version="2", pseudonymous=hidden, plain_reason=reason
        )

    refused(lambda: make("", hidden=False), "configuration_plain_has_reason")
    refused(lambda: make("DPIA 12", hidden=True), "configuration_plain_has_reason")


def test_a_log_line_is_of_exactly_one_run(configuration: Configuration) -> None:
    refresh = Refresh.objects.create(environment=configuration.environment, actor="cli")
    delivery = delivered(configuration)
    refused(lambda: LogLine.objects.create(level=1, code="x", text="x"), "log_line_of_exactly_one")
    refused(
        lambda: LogLine.objects.create(refresh=refresh, delivery=delivery, level=1, code="x", text="x"),
        "log_line_of_exactly_one",
    )
    refused(lambda: LogLine.objects.create(refresh=refresh, level=5, code="x", text="x"), "log_line_level_known")
    assert LogLine.objects.create(refresh=refresh, level=4, code="x", text="x").pk


def test_names_are_unique_without_regard_to_case(configuration: Configuration) -> None:
    account = configuration.account
    person("sam")
    refused(lambda: new_environment("NOORD"), "environment_name_unique")
    refused(lambda: User.objects.create(username="SAM"), "user_name_unique")
    refused(
        lambda: ConnectionAccount.objects.create(environment=account.environment, name="dwh", type="hosted"),
        "account_name_unique",
    )
    refused(
        lambda: Configuration.objects.create(account=account, name="PRODUCTIE", version="2", pseudonymous=True),
        "configuration_name_unique",
    )


def test_a_file_is_chosen_marked_and_sent_once(configuration: Configuration) -> None:
    delivery = delivered(configuration)
    sent = {"mode": "full", "rows": 1, "inserted": 1, "updated": 0, "deleted": 0, "bytes": 9, "sha256": "0"}

    def mark() -> Bookmark:
        return Bookmark.objects.create(configuration=configuration, file="A", sequence=1, generation=1)

    def send() -> DeliveryFile:
        return DeliveryFile.objects.create(delivery=delivery, name="A", generation=1, fingerprint="f", **sent)

    mark()
    send()
    refused(mark, "bookmark_unique")
    refused(send, "delivery_file_unique")
    refused(
        lambda: ConfigurationFile.objects.create(configuration=configuration, file="Dim_Werkgever", columns=[]),
        "configuration_file_unique",
    )


def test_deliveries_of_before_get_the_sums_of_their_files(configuration: Configuration) -> None:
    filled, empty = delivered(configuration), delivered(configuration, sequence=2)
    sent = {"mode": "full", "rows": 7, "inserted": 4, "updated": 2, "deleted": 1, "bytes": 9, "sha256": "0"}
    for name in ("A", "B", "C"):
        DeliveryFile.objects.create(delivery=filled, name=name, generation=1, fingerprint="f", **sent)
    migration = importlib.import_module("sluis.control.migrations.0009_deliveries_know_their_sums")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)
    for row, sums in ((filled, (21, 12, 6, 3, 27)), (empty, (0, 0, 0, 0, 0))):
        row.refresh_from_db()
        assert (row.rows, row.inserted, row.updated, row.deleted, row.bytes) == sums


def test_what_was_delivered_cannot_be_removed_with_its_configuration(configuration: Configuration) -> None:
    delivered(configuration)
    with pytest.raises(models.ProtectedError):
        configuration.delete()
    assert Delivery.objects.exists()
