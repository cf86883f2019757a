"""The audit trail: the database itself refuses to change or remove it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from sluis.control import audit
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Environment
from sluis.control.setup import Started

REFUSED = "audit events can be added, never changed or removed"


@pytest.fixture
def event(environment: Environment) -> AuditEvent:
    return audit.record(CLI, "environment.add", "environment Noord", environment)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE control_auditevent SET actor = 'nobody'",
        "UPDATE control_auditevent SET actor = 'nobody' WHERE false",
        "DELETE FROM control_auditevent",
        "TRUNCATE control_auditevent",
    ],
)
def test_the_database_refuses_to_change_or_remove(event: AuditEvent, statement: str) -> None:
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get() == event


def test_the_trigger_also_works_for_a_replica_session(event: AuditEvent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            cursor.execute("DELETE FROM control_auditevent")


def test_django_cannot_change_or_remove_either(event: AuditEvent) -> None:
    event.actor = "nobody"
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        event.save()
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        event.delete()


def test_an_event_outlives_what_it_is_about(event: AuditEvent, environment: Environment) -> None:
    environment.delete()
    assert AuditEvent.objects.get().environment_name == "Noord"


def test_an_event_outside_a_transaction_is_a_fault_of_the_program(committed: Started) -> None:
    with pytest.raises(RuntimeError, match="in the transaction"):
        audit.record(CLI, "environment.add", "environment Noord", None)
    assert not AuditEvent.objects.exists()
