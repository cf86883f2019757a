"""What people ask a worker to do about deliveries: done in their name, refused at once where it cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import delivered, join, person
from control.test_deliveries import House, house
from sluis.control import jobs, queries
from sluis.control.actions import asking, configurations, decisions, deliveries, environments, refreshes, schedules
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, Delivery, DeliveryState, Membership, Refresh, Role
from sluis.errors import PermissionDenied, Rejected, SluisError
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


# Refreshes


def stopped(house: House) -> Refresh:
    """A refresh that the brake stopped."""
    environments.edit_environment(CLI, house.environment, brake_percent=40, brake_floor=0)
    refreshes.refresh(CLI, house.environment)
    house.change("DELETE FROM loan")
    with pytest.raises(Braked):
        refreshes.refresh(CLI, house.environment)
    return Refresh.objects.latest("pk")


def refresh_job() -> dict[str, Any]:
    arguments: dict[str, Any] = ProcrastinateJob.objects.get(status="todo", task_name="refresh").args
    ProcrastinateJob.objects.all()._raw_delete("default")  # the rows are read only
    return arguments


def test_a_refresh_by_hand_is_done_in_the_name_of_who_asked(house: House, mia: Actor) -> None:
    schedules.refresh_now(mia, house.environment)
    tasks.refresh(**refresh_job())
    done_one = Refresh.objects.get()
    assert (done_one.state, done_one.actor, done_one.trigger) == ("succeeded", "mia", "manual")


def test_what_the_brake_stopped_is_let_go_by_a_worker(house: House, mia: Actor) -> None:
    refresh = stopped(house)
    asking.ask_refresh_release(mia, refresh)
    with pytest.raises(Rejected, match="waits already"):
        asking.ask_refresh_release(mia, refresh)
    job = refresh_job()
    tasks.refresh(**job)
    newest = Refresh.objects.latest("pk")
    assert (newest.state, newest.actor, newest.counts["loan"]["rows"]) == ("succeeded", "mia", 0)
    tasks.refresh(**job)
    assert Refresh.objects.latest("pk") == newest, "a job that is done twice does it once"
    actions = list(AuditEvent.objects.filter(actor="mia").order_by("pk").values_list("action", flat=True))
    assert actions[:3] == ["environment.ask_release", "environment.release", "environment.refresh"]
    with pytest.raises(Rejected, match="not the last, or the brake did not stop it"):
        asking.ask_refresh_release(mia, refresh)


def test_a_release_that_something_else_went_before_does_nothing(house: House, mia: Actor) -> None:
    refresh = stopped(house)
    asking.ask_refresh_release(mia, refresh)
    refreshes.refresh(CLI, house.environment, release=True)
    newest = Refresh.objects.latest("pk")
    tasks.refresh(**refresh_job())
    assert Refresh.objects.latest("pk") == newest


def test_who_may_not_release_asks_in_vain(house: House, mia: Actor) -> None:
    refresh = stopped(house)
    reader = person("rita")
    join(reader, house.environment, Role.READER)
    with pytest.raises(PermissionDenied):
        asking.ask_refresh_release(reader, refresh)
    environments.edit_environment(CLI, house.environment, datastreams=False)
    refresh = Refresh.objects.get(pk=refresh.pk)
    with pytest.raises(PermissionDenied, match="module Datastreams is off"):
        asking.ask_refresh_release(CLI, refresh)
    assert not ProcrastinateJob.objects.filter(task_name="refresh").exists()
