"""What breaks around a run: disks, the database, the lake, the clock. It is named, nothing wrong goes out, and the laws hold after."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from laws.victim import start, variables
from laws.world import Stream, World
from sluis.control import places
from sluis.control.actions import configurations, deliveries, refreshes, restoring
from sluis.control.actor import CLI
from sluis.control.locks import Kind
from sluis.control.models import Bookmark, Delivery, DeliveryState, Environment, LogLine
from sluis.control.setup import Started
from sluis.embedded import EmbeddedPostgres
from sluis.errors import Fatal, Rejected, Retryable, SluisError
from sluis.receive.verify import verify
from stores import on_disk

_MORE = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) "
MANY = _MORE + "INSERT INTO branch SELECT 'c' || i, hex(randomblob(200)) FROM n"


def reasons(delivery: Delivery | None) -> set[str | None]:
    assert delivery
    return {one.reason for one in delivery.files.all()}


# Disks


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """One megabyte, of which little is left, over a folder with what it holds."""
    kept = folder.with_name(f"{folder.name}.kept")
    shutil.copytree(folder, kept)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(folder)], check=True)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    try:
        yield
    finally:
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        shutil.rmtree(kept)


def building(stream: Stream) -> Path:
    """The folder in which its deliveries are built."""
    return places.building(Delivery(configuration=stream.configuration)).parent


@pytest.mark.needs_root
def test_a_disk_that_is_full_while_a_file_is_written(world: World, stream: Stream) -> None:
    world.change(MANY.format(9000))
    world.refresh()
    with small_disk(building(stream)), world.step(), pytest.raises(Retryable, match="disk is full"):
        deliveries.deliver(CLI, stream.configuration)
    failed = Delivery.objects.latest("created_at")
    assert (failed.state, "disk is full" in failed.failure, failed.sequence) == (DeliveryState.FAILED, True, None)
    second = world.deliver(stream)
    assert second is not None
    assert (second.sequence, second.mode) == (2, "changes")


@pytest.mark.needs_root
def test_a_disk_that_is_full_while_the_lake_is_written(world: World, stream: Stream) -> None:
    world.change(MANY.format(20000))
    lake = on_disk(places.lake(world.environment))
    with small_disk(lake), pytest.raises(SluisError):
        world.refresh()
    assert Environment.objects.get().lake_sequence == 1
    delivery = world.deliver(stream)
    assert delivery is not None
    assert sum(one.rows for one in delivery.files.all()) == 0
    world.refresh()
    assert world.deliver(stream) is not None


# The database


def drop_connections(started: Started) -> None:
    """What a restart of the server looks like to its clients."""
    with psycopg.connect(started.database_url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("at_file", [1, 3, 6])
def test_the_database_goes_away_in_the_middle(world: World, stream: Stream, committed: Started, at_file: int) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()

    def cut(name: str, number: int, many: int) -> None:
        if number == at_file:
            drop_connections(committed)

    with world.time(), pytest.raises(Retryable):
        deliveries.deliver(CLI, stream.configuration, progress=cut)
    connection.close()
    second = world.deliver(stream)
    assert second is not None
    assert (second.sequence, second.files.get(name="Dim_Branch").updated) == (2, 1)
    assert not Delivery.objects.filter(state=DeliveryState.RUNNING).exists()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_database_is_restarted_in_the_middle(
    world: World, stream: Stream, postgres: EmbeddedPostgres, mode: str
) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()

    def restart(name: str, number: int, many: int) -> None:
        if number == 3:
            postgres.control("restart", "-m", mode)

    with world.time(), pytest.raises(Retryable):
        deliveries.deliver(CLI, stream.configuration, progress=restart)
    second = world.deliver(stream)
    assert second is not None
    assert (second.sequence, second.files.get(name="Dim_Branch").updated) == (2, 1)
    assert not Delivery.objects.filter(state=DeliveryState.RUNNING).exists()


@pytest.mark.parametrize("what", ["refresh", "deliver"])
def test_the_database_goes_away_at_any_moment(world: World, stream: Stream, committed: Started, what: str) -> None:
    target = stream.configuration.pk if what == "deliver" else world.environment.pk
    for number in range(4):
        world.change(f"UPDATE branch SET town = 'x{number}' WHERE code = 'A'")
        victim = start(what, target, die_at=None, variables=variables())
        time.sleep(0.4 + 0.25 * number)
        connection.close()
        drop_connections(committed)
        victim.join(180)
        assert victim.exitcode in {0, 1}
        world.remember_lake()
        world.deliver(stream)
    assert not Delivery.objects.filter(state=DeliveryState.RUNNING).exists()


# The source


def test_a_source_that_goes_in_the_middle_of_a_refresh(world: World, stream: Stream) -> None:
    file = Path(world.environment.source_url.removeprefix("sqlite:///"))
    away = file.with_suffix(".away")
    file.rename(away)
    with pytest.raises(Rejected, match="there is no file"):
        world.refresh()
    away.rename(file)
    delivery = world.deliver(stream)
    assert delivery is not None
    assert sum(one.rows for one in delivery.files.all()) == 0


# The lake


def data_files(world: World) -> list[Path]:
    return sorted(on_disk(places.lake(Environment.objects.get())).rglob("*.parquet"))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x41
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("harm", [Path.unlink, _alter, _cut], ids=["missing", "altered", "cut short"])
def test_a_harmed_file_of_the_lake_is_named_and_nothing_goes_out(
    world: World, stream: Stream, harm: Callable[[Path], None]
) -> None:
    standing = sorted(stream.receivers.folder.iterdir())
    victim = next(path for path in data_files(world) if "d_member" in str(path))
    kept = victim.read_bytes()
    harm(victim)
    with world.step(), pytest.raises(Fatal, match=f"missing or altered: member/{victim.name}") as caught:
        deliveries.deliver(CLI, stream.configuration, since="all")
    assert "lake rebuild" in caught.value.remedy
    assert sorted(stream.receivers.folder.iterdir()) == standing
    world.change("UPDATE member SET name = 'x' WHERE id = 1")
    with pytest.raises(Fatal, match=f"member/{victim.name}"):
        world.refresh()
    victim.write_bytes(kept)
    world.refresh()
    assert world.deliver(stream) is not None


class Copy:
    """A copy of a lake: its schema and its files, to be put back."""

    def __init__(self, world: World) -> None:
        self.location = places.lake(Environment.objects.get(pk=world.environment.pk))
        self.original = on_disk(self.location)
        self.folder = self.original.with_name("copy")
        shutil.copytree(self.original, self.folder)
        with self._server() as server:
            server.execute("CREATE SCHEMA copy")
            for table in self._tables(server):
                server.execute(
                    sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                        sql.Identifier("copy", table), sql.Identifier(self.location.schema, table)
                    )
                )

    def put_back(self) -> None:
        shutil.rmtree(self.original)
        shutil.copytree(self.folder, self.original)
        with self._server() as server:
            for table in self._tables(server):
                target, origin = sql.Identifier(self.location.schema, table), sql.Identifier("copy", table)
                server.execute(sql.SQL("TRUNCATE {}").format(target))
                server.execute(sql.SQL("INSERT INTO {} TABLE {}").format(target, origin))

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(self.location.database_url, autocommit=True)

    def _tables(self, server: psycopg.Connection) -> list[str]:
        rows = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [self.location.schema])
        return [row[0] for row in rows.fetchall()]


def test_an_older_lake_that_was_put_back_is_made_anew(world: World, stream: Stream) -> None:
    copy = Copy(world)
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'; DELETE FROM edition WHERE title_id = 2")
    world.refresh()
    world.deliver(stream)
    copy.put_back()
    third = world.deliver(stream)
    assert reasons(third) == {"rebuilt"}
    assert reasons(world.deliver(stream)) == {None}


CONTROL = ("bookmark", "deliveryfile", "logline", "delivery", "refresh", "environment")


class OldControl:
    """A copy of what the control database knows of runs, to be put back."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            for table in CONTROL:
                cursor.execute(f"CREATE TABLE old_{table} AS TABLE control_{table}")

    def put_back(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in CONTROL:
                cursor.execute(f"DELETE FROM control_{table}")
                cursor.execute(f"INSERT INTO control_{table} TABLE old_{table}")
            cursor.execute("SET session_replication_role = origin")


@pytest.mark.parametrize("refresh_first", [True, False])
def test_a_control_database_that_is_older_than_the_lake(world: World, stream: Stream, *, refresh_first: bool) -> None:
    control = OldControl()
    world.change("UPDATE branch SET town = 'there and' WHERE code = 'A'")
    world.refresh()
    second = world.deliver(stream)
    world.change("UPDATE branch SET town = 'Utrecht' WHERE code = 'A'")
    world.refresh()
    shutil.rmtree(stream.receivers.folder)
    control.put_back()
    world.made.clear()
    if refresh_first:
        world.refresh()
    stream.receivers.last = 1  # the number comes again: the receiver has to be told that it does
    third = world.deliver(stream)
    assert second is not None
    assert reasons(third) == {"unknown"}, "the change there and back would be missed"
    assert LogLine.objects.filter(code="control-behind").count() == 1
    assert reasons(world.deliver(stream)) == {None}


def test_a_control_database_that_is_older_than_what_stands_at_the_receiver(world: World, stream: Stream) -> None:
    control = OldControl()
    world.deliver(stream)
    world.deliver(stream, since="all")
    control.put_back()
    world.made.clear()
    fourth = world.deliver(stream)
    assert fourth is not None
    assert (fourth.sequence, fourth.previous, reasons(fourth)) == (4, 3, {"unknown"})
    assert LogLine.objects.get(code="control-behind").delivery == fourth


def test_all_of_it_put_back_together(world: World, stream: Stream, tmp_path: Path) -> None:
    """Then nothing here tells what the receiver has: somebody says so, and no number comes twice."""
    control, lake = OldControl(), Copy(world)
    shutil.copytree(stream.receivers.folder, tmp_path / "hosted")
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'; INSERT INTO branch VALUES ('Z', 'Zwolle')")
    world.refresh()
    assert reasons(world.deliver(stream)) == {None}
    control.put_back()
    lake.put_back()
    shutil.rmtree(stream.receivers.folder)
    shutil.copytree(tmp_path / "hosted", stream.receivers.folder)
    world.change("DELETE FROM branch WHERE code = 'Z'")
    world.made.clear()
    world.snapshots.clear()
    assert [one.sequence for one in restoring.note_restore(CLI, numbers=50)] == [51]
    world.refresh()
    next_one = world.deliver(stream)
    assert next_one is not None
    assert (next_one.sequence, next_one.previous, reasons(next_one)) == (52, 51, {"unknown"})
    found = verify(stream.receivers.folder)
    assert [(one.code, one.severity) for one in found.findings] == [("gap", "warning")]
    world.change("UPDATE branch SET town = 'y' WHERE code = 'A'")
    world.refresh()
    assert reasons(world.deliver(stream)) == {None}


# The clock, and two at once


def test_a_clock_that_is_set_back(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.now += dt.timedelta(days=1)
    world.refresh()
    world.now -= dt.timedelta(days=5)
    world.change("UPDATE branch SET town = 'y' WHERE code = 'A'")
    world.refresh()
    world.deliver(stream)
    world.now += dt.timedelta(days=6)
    world.refresh()
    dated = world.deliver(stream, since="2026-10-22")
    assert dated is not None
    assert dated.files.get(name="Dim_Branch").updated == 1, "what was read by the wrong clock counts as later"


def test_a_refresh_in_the_middle_of_a_delivery_is_not_in_it(world: World, stream: Stream) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'; UPDATE note SET score = 1")
    world.refresh()

    def refresh(name: str, number: int, many: int) -> None:
        if number == 2:
            world.change(
                "UPDATE branch SET town = 'y'; UPDATE note SET score = 2; DELETE FROM edition WHERE title_id = 2"
            )
            refreshes.refresh(CLI, world.environment)

    with world.step():
        done = deliveries.deliver(CLI, stream.configuration, progress=refresh)
    assert done.snapshot == 2
    world.check(stream)
    assert world.deliver(stream) is not None


def test_two_refreshes_at_once_make_one_snapshot_each_or_one_gives_way(world: World, stream: Stream) -> None:
    victims = [start("refresh", world.environment.pk, die_at=None, variables=variables()) for _ in range(3)]
    for victim in victims:
        victim.join(180)
    codes = [victim.exitcode for victim in victims]
    assert 0 in codes
    assert set(codes) <= {0, 1}
    assert Environment.objects.get().lake_sequence == 1 + codes.count(0)
    world.remember_lake()
    assert world.deliver(stream) is not None


def test_maintenance_waits_for_a_delivery_that_reads(world: World, stream: Stream, committed: Started) -> None:
    world.change("UPDATE branch SET town = 'x' WHERE code = 'A'")
    world.refresh()
    victims: list[BaseProcess] = []

    def maintain(name: str, number: int, many: int) -> None:
        if number == 1:
            victims.append(start("maintain", world.environment.pk, die_at=None, variables=variables()))
            with psycopg.connect(committed.database_url, autocommit=True) as server:
                deadline = time.monotonic() + 60
                while not _waits_for_the_lake(server):
                    assert victims[0].is_alive(), "it removed files under the reader"
                    assert time.monotonic() < deadline
                    time.sleep(0.05)

    with world.step():
        deliveries.deliver(CLI, stream.configuration, since="all", progress=maintain)
    victims[0].join(180)
    assert victims[0].exitcode == 0
    world.check(stream)
    assert world.deliver(stream) is not None


def _waits_for_the_lake(server: psycopg.Connection) -> bool:
    found = server.execute(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND NOT granted", [int(Kind.READING)]
    )
    return found.fetchone() is not None


# Late commits


def test_a_commit_that_began_before_and_ended_after_a_refresh_is_in_the_next_changes(
    committed: Started, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    world = World.make(tmp_path)
    url = new_database()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            "CREATE TABLE branch (code text PRIMARY KEY, town text); INSERT INTO branch VALUES ('A', 'a'), ('B', 'b')"
        )
    Environment.objects.filter(pk=world.environment.pk).update(source_url=url)
    stream = world.add("Een")
    configurations.edit_configuration(
        CLI, stream.configuration, drop_files=["Dim_Member", "Dim_Edition", "Fact_Loan", "Fact_Placement", "Fact_Note"]
    )
    with psycopg.connect(url) as late, world.time():
        late.execute("UPDATE branch SET town = 'late' WHERE code = 'A'; DELETE FROM branch WHERE code = 'B'")
        late.execute("INSERT INTO branch VALUES ('C', 'c')")
        first = deliveries.deliver(CLI, stream.configuration, refresh=True)
        late.commit()
        second = deliveries.deliver(CLI, stream.configuration, refresh=True)
        third = deliveries.deliver(CLI, stream.configuration, refresh=True)
    counts = [
        (one.inserted, one.updated, one.deleted)
        for delivery in (first, second, third)
        for one in delivery.files.filter(name="Dim_Branch")
    ]
    assert counts == [(2, 0, 0), (1, 1, 1), (0, 0, 0)]
    world.close()


# Fate


def test_a_fate_that_is_never_learned_makes_the_next_full_with_the_one_gap(world: World, stream: Stream) -> None:
    world.change("DELETE FROM note; UPDATE branch SET town = 'x'")
    world.refresh()
    world.block_publication(stream)
    configurations.edit_configuration(CLI, stream.configuration, drop_files=["Fact_Note"])
    world.forget_destination(stream)
    third = world.deliver(stream)
    lost = Delivery.objects.get(state=DeliveryState.UNKNOWN)
    assert third is not None
    assert (lost.sequence, third.sequence, third.previous, reasons(third)) == (2, 3, 2, {"unknown"})
    assert third.ended == ["Fact_Note"]
    assert set(Bookmark.objects.values_list("doubt", flat=True)) == {""}
    assert LogLine.objects.filter(code="fate-unknown", level=4).count() == 1
