"""Workers as real processes: a schedule from end to end, deaths, and stops."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from cli.running import finish, start_process
from laws.victim import variables
from laws.world import Stream, World
from sftp.receiving import PASSWORD, Receiver, receiving
from sluis import settings
from sluis.control import jobs
from sluis.control.actions import decisions, schedules
from sluis.control.actions.accounts import add_account
from sluis.control.actions.configurations import add_configuration
from sluis.control.actions.keys import make_key
from sluis.control.actions.recipients import add_recipient
from sluis.control.actions.refreshes import refresh
from sluis.control.actions.servers import ServerSettings
from sluis.control.actor import CLI
from sluis.control.locks import Kind
from sluis.control.models import (
    Configuration,
    ConnectionAccount,
    Delivery,
    Environment,
    Mail,
    Notice,
    Refresh,
    RefreshState,
    RunProgress,
    Schedule,
    Stage,
    Trigger,
)
from sluis.control.setup import Started
from worker.crew import Crew

_LONGEST = 180


def until(true: Callable[[], bool], what: str = "") -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + _LONGEST
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture
def due(world: World) -> Stream:
    """An automatic configuration in an environment whose moment passed while no worker ran."""
    stream = world.add("Een")
    Configuration.objects.filter(pk=stream.configuration.pk).update(automatic=True)
    schedules.set_schedule(CLI, world.environment, time=dt.time(2, 30), weekday=1)
    world.now = timezone.now()
    Schedule.objects.update(next_run_at=timezone.now() - dt.timedelta(days=8))
    return stream


def test_a_due_schedule_from_end_to_end(world: World, due: Stream) -> None:
    worker = start_process("worker", "--json", variables=variables())
    until(lambda: Environment.objects.exclude(maintained_at=None).exists(), "no upkeep")
    until(lambda: not ProcrastinateJob.objects.exists(), "a job is left")
    worker.send_signal(signal.SIGTERM)
    ended = finish(worker)
    assert (ended.code, ended.json) == (0, {"process": worker.pid, "stop_seconds": 60}), ended.err
    world.remember()
    world.check(due)
    delivery, refresh = Delivery.objects.get(), Refresh.objects.get()
    assert (delivery.state, delivery.trigger, delivery.actor) == ("delivered", "schedule", "worker")
    assert delivery.planned_at == refresh.planned_at == Schedule.objects.get().last_run_at
    next_run = Environment.objects.get().next_run_at()
    assert next_run
    assert next_run > timezone.now()


@contextmanager
def stuck(started: Started) -> Iterator[None]:
    """A refresh that begins meanwhile stops at its first row."""
    with psycopg.connect(started.database_url) as blocker:
        blocker.execute("LOCK TABLE control_refresh IN SHARE MODE")
        yield


def is_doing() -> bool:
    return ProcrastinateJob.objects.filter(task_name="refresh", status="doing").exists()


def test_a_database_that_goes_away_while_a_worker_starts_is_told(committed: Started) -> None:
    end = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    server = psycopg.connect(committed.database_url, autocommit=True)
    with server, psycopg.connect(committed.database_url) as blocker:
        blocker.execute("LOCK TABLE control_schedule")
        worker = start_process("worker", variables=variables())
        until(lambda: server.execute(end).fetchone() is not None, "the worker does not look at what is due")
        ended = finish(worker)
    assert (ended.code, "error: the control database went away" in ended.err) == (1, True), ended.err


def test_the_job_of_a_killed_worker_goes_on_in_another(world: World, due: Stream, committed: Started) -> None:
    first = start_process("worker", variables=variables())
    with stuck(committed):
        until(is_doing)
        first.kill()
        finish(first)
    assert is_doing()
    with psycopg.connect(committed.database_url, autocommit=True) as server:
        # As if half a minute passed, after which a worker that gives no sign counts as dead.
        server.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '31 seconds'")
    second = start_process("worker", variables=variables())
    until(lambda: Delivery.objects.filter(state="delivered").exists(), "nothing delivered")
    until(lambda: not ProcrastinateJob.objects.exists(), "a job is left")
    second.send_signal(signal.SIGTERM)
    ended = finish(second)
    assert ended.code == 0, ended.err
    assert "taken over" in ended.err
    world.remember()
    world.check(due)
    assert Refresh.objects.filter(state=RefreshState.SUCCEEDED).count() == Delivery.objects.count() == 1


def test_a_job_that_a_living_worker_lost_is_done_all_the_same(world: World, committed: Started, tmp_path: Path) -> None:
    """As when the database went away between the end of a job and the word of it."""
    world.add("Een")
    crew = Crew(variables(), tmp_path / "worker.log", many=1)
    crew.keep()
    try:
        until(ProcrastinateWorker.objects.exists, "no worker")
        with transaction.atomic(), connection.cursor() as cursor:
            jobs.refresh(world.environment, timezone.now(), Trigger.MANUAL)
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)"
            )
        until(lambda: Refresh.objects.filter(state=RefreshState.SUCCEEDED).exists(), "the job was never done")
        until(lambda: not ProcrastinateJob.objects.filter(task_name="refresh").exists(), "the job is left")
    finally:
        crew.kill_all()
    assert crew.started == 1
    assert "or lost them" in crew.told()


def test_a_worker_that_cannot_finish_in_time_hands_back(world: World, due: Stream, committed: Started) -> None:
    worker = start_process("worker", variables={**variables(), "SLUIS_STOP_SECONDS": "1"})
    with stuck(committed):
        until(is_doing)
        os.kill(worker.pid, signal.SIGTERM)
        ended = finish(worker)
    assert ended.code == 0, ended.err
    assert "handing back 1 job(s)" in ended.err
    job = ProcrastinateJob.objects.get()
    assert (job.status, job.attempts) == ("todo", 1)


@pytest.fixture
def told(due: Stream) -> Stream:
    """With somebody who hears of every run."""
    add_recipient(CLI, due.configuration.account, "beheer@noord.example", report="metadata")
    return due


def test_mails_and_notices_go_by_themselves(world: World, told: Stream) -> None:
    last = world.environment.today() + dt.timedelta(days=3)
    make_key(CLI, told.configuration.account, "bi", valid_until=last, protected=False)
    worker = start_process("worker", variables=variables())
    until(lambda: Mail.objects.filter(state="sent").count() >= 2, "no mail")
    worker.send_signal(signal.SIGTERM)
    ended = finish(worker)
    assert ended.code == 0, ended.err
    assert "notice(s) made" in ended.err
    assert "mail(s) sent" in ended.err
    assert Notice.objects.filter(form="key-ends").count() == 1
    assert len(list((settings.current().data_folder() / "mail").iterdir())) == Mail.objects.count()


def test_a_mail_server_that_says_nothing_holds_up_neither_jobs_nor_the_end(world: World, told: Stream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        worker = start_process("worker", variables={**variables(), "SLUIS_SMTP_URL": url})
        until(lambda: Mail.objects.filter(tries=1).exists(), "no mail")
        until(lambda: not ProcrastinateJob.objects.exists(), "a job is left")
        worker.send_signal(signal.SIGTERM)
        ended = finish(worker)
    assert ended.code == 0, ended.err
    assert Delivery.objects.get().state == "delivered"
    assert set(Mail.objects.values_list("state", flat=True)) == {"waiting"}


@contextmanager
def lake_in_use(started: Started, environment: Environment) -> Iterator[None]:
    """A delivery that begins meanwhile waits for the lake."""
    with psycopg.connect(started.database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(Kind.READING), environment.pk])
        yield


def test_a_delivery_of_a_worker_is_shown_and_cancelled_while_it_runs(
    world: World, due: Stream, committed: Started
) -> None:
    Schedule.objects.update(next_run_at=timezone.now() + dt.timedelta(days=1))
    refresh(CLI, world.environment)
    with transaction.atomic():
        jobs.follow_refresh(world.environment, timezone.now(), Trigger.SCHEDULE)
    with lake_in_use(committed, world.environment):
        worker = start_process("worker", variables=variables())
        until(lambda: RunProgress.objects.filter(stage=Stage.PREPARING).exists(), "no progress")
        decisions.cancel_all(CLI, due.configuration)
    until(lambda: Delivery.objects.filter(state="cancelled").exists(), "not cancelled")
    until(lambda: not ProcrastinateJob.objects.filter(task_name="deliver").exists(), "the job is left")
    worker.send_signal(signal.SIGTERM)
    assert finish(worker).code == 0
    assert not RunProgress.objects.exists()
    assert Delivery.objects.count() == 1


def test_workers_together_keep_to_the_limit_of_a_server(world: World, committed: Started, tmp_path: Path) -> None:
    names = ("Een", "Twee", "Drie")
    with receiving(tmp_path) as receiver:
        account = at_server(world, receiver)
        for name in names:
            add_configuration(CLI, account, name, version="2", streams="all", pseudonymous=True, automatic=True)
        refresh(CLI, world.environment)
        with transaction.atomic():
            jobs.follow_refresh(world.environment, timezone.now(), Trigger.SCHEDULE)
        limit = {**variables(), "SLUIS_DELIVERIES_PER_SERVER": "1"}
        workers = [start_process("worker", variables=limit) for _ in range(2)]
        until(lambda: not ProcrastinateJob.objects.filter(task_name="deliver").exists(), "a delivery is left")
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            assert finish(worker).code == 0
    runs = list(Delivery.objects.order_by("started_at"))
    assert [one.state for one in runs] == ["delivered"] * len(names)
    for before, after in itertools.pairwise(runs):
        assert before.published_at
        assert after.started_at
        assert before.published_at <= after.started_at, "two went to the server at once"


def at_server(world: World, receiver: Receiver) -> ConnectionAccount:
    """An account on a server of a receiver."""
    server = ServerSettings(
        host="127.0.0.1",
        port=receiver.port,
        user="sluis",
        folder="/in",
        password=PASSWORD,
        host_keys=(receiver.host_keys[0].public.line,),
    )
    return add_account(CLI, world.environment, "Extern", account_type="external", medical=True, server=server)
