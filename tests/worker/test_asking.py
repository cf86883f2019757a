"""What people ask a worker to do about deliveries: done in their name, refused at once where it cannot be."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import delivered, join, person
from control.test_deliveries import House, house
from sluis.control import jobs, queries
from sluis.control.actions import asking, configurations, decisions, deliveries, environments, refreshes
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, Delivery, DeliveryState, Membership, Role
from sluis.errors import Rejected, SluisError
from sluis.lake.brake import Braked
from sluis.worker import tasks

__all__ = ["house"]


@pytest.fixture
def mia(house: House) -> Actor:
    actor = person("mia")
    join(actor, house.environment, Role.SUPERBEHEERDER, medical=True)
    return actor


def waiting() -> ProcrastinateJob:
    job: ProcrastinateJob = ProcrastinateJob.objects.get(status="todo", task_name__in=jobs.DELIVERING)
    return job


def done() -> None:
    """Do the job that waits, as a worker would."""
    job = waiting()
    ProcrastinateJob.objects.all()._raw_delete("default")  # the rows are read only
    getattr(tasks, job.task_name)(**job.args)


def test_a_run_is_done_by_a_worker_in_the_name_of_who_asked(house: House, mia: Actor) -> None:
    asking.ask_delivery(mia, house.configuration, since="all")
    assert waiting().priority == jobs.BY_HAND
    [told] = queries.under_way(mia, house.environment, house.configuration)
    assert (told.what, told.state) == ("DWH/Productie", "waiting")
    done()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.actor, delivery.since, delivery.trigger) == ("delivered", "mia", "all", "manual")
    assert len(house.listing()) == 1
    assert AuditEvent.objects.filter(action="configuration.ask", actor="mia").count() == 1


def test_it_is_asked_once_and_can_be_taken_back(house: House, mia: Actor) -> None:
    asking.ask_delivery(mia, house.configuration)
    with pytest.raises(Rejected, match="waits for a worker already"):
        asking.ask_delivery(mia, house.configuration)
    assert decisions.cancel_all(mia, house.configuration).jobs == 1
    asking.ask_delivery(mia, house.configuration)


@pytest.mark.parametrize("since", ["never", "2999-01-01"])
def test_what_cannot_run_is_refused_at_once(house: House, mia: Actor, since: str) -> None:
    with pytest.raises(Rejected):
        asking.ask_delivery(mia, house.configuration, since=since)
    configurations.archive(CLI, house.configuration)
    with pytest.raises(Rejected, match="archived"):
        asking.ask_delivery(mia, house.configuration)
    assert not ProcrastinateJob.objects.exists()


def test_who_lost_the_right_meanwhile_gets_nothing(house: House, mia: Actor) -> None:
    asking.ask_delivery(mia, house.configuration)
    Membership.objects.all().delete()
    with pytest.raises(SluisError):
        done()
    assert not Delivery.objects.exists()


def test_a_held_delivery_is_released_by_a_worker(house: House, mia: Actor) -> None:
    deliveries.deliver(CLI, house.configuration)
    environments.edit_environment(CLI, house.environment, brake_percent=40, brake_floor=0)
    house.change("DELETE FROM branch WHERE code <> 'A'")
    with pytest.raises(Braked):
        refreshes.refresh(CLI, house.environment)
    refreshes.refresh(CLI, house.environment, release=True)
    held = deliveries.deliver(CLI, house.configuration)
    assert held.state == DeliveryState.HELD
    with pytest.raises(Rejected, match="nothing to retry"):
        asking.ask_retry(mia, held)
    asking.ask_release(mia, held)
    done()
    held.refresh_from_db()
    assert held.state == DeliveryState.DELIVERED
    with pytest.raises(Rejected, match="cannot be released"):
        asking.ask_release(mia, held)


def test_a_failed_delivery_is_tried_again_with_what_it_was_asked_for(house: House, mia: Actor) -> None:
    failed = delivered(house.configuration, DeliveryState.FAILED, sequence=None, since="all")
    asking.ask_retry(mia, failed)
    done()
    newest = Delivery.objects.exclude(pk=failed.pk).get()
    assert (newest.state, newest.since, newest.actor) == ("delivered", "all", "mia")
