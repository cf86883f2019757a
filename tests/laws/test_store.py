"""The lake in an S3-compatible store: all that is done with a lake in a folder goes, and what breaks is named."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from laws.world import Stream, World
from sluis import settings
from sluis.control import places
from sluis.control.actions import deliveries, refreshes, upkeep
from sluis.control.actor import CLI
from sluis.control.models import Environment
from sluis.control.setup import Started
from sluis.errors import Fatal, Rejected, Retryable, SluisError
from sluis.lake.store import LakeLocation
from stores import Bucket, bucket, store_server

__all__ = ["bucket", "store_server"]


@pytest.fixture
def world(committed: Started, variables: pytest.MonkeyPatch, bucket: Bucket, tmp_path: Path) -> Iterator[World]:
    bucket.use(variables)
    made = World.make(tmp_path)
    yield made
    bucket.use(variables)
    made.close()
    assert bucket.names() == []


@pytest.fixture
def stream(world: World) -> Stream:
    made = world.add("Een", pseudonymous=False)
    world.deliver(made)
    return made


def modes(world: World, stream: Stream, since: str = "last") -> set[tuple[str, str | None]]:
    done = world.deliver(stream, since=since)
    assert done
    return {(one.mode, one.reason) for one in done.files.all()}


def test_the_files_lie_in_the_store_and_what_is_delivered_is_right(
    world: World, stream: Stream, bucket: Bucket
) -> None:
    assert not (settings.current().data_folder() / "lake").exists()
    schema = Environment.objects.get().lake_schema
    assert {name.rsplit(".", 1)[1] for name in bucket.names()} == {"parquet"}
    assert all(name.startswith(f"lakes/{schema}/main/") for name in bucket.names())
    world.change("UPDATE member SET name = 'x' WHERE id = 1; DELETE FROM note WHERE about_id = 1")
    world.refresh()
    assert modes(world, stream) == {("changes", None)}
    assert modes(world, stream, since="all") == {("full", "asked")}


def test_upkeep_leaves_few_files_and_deliveries_right(world: World, stream: Stream, bucket: Bucket) -> None:
    for number in range(4):
        world.change(f"UPDATE member SET name = 'n{number}'; UPDATE branch SET town = 't{number}'")
        world.refresh()
    before = len(bucket.names())
    with world.step():
        done = upkeep.maintain(CLI, world.environment)
    assert done.files < done.files_before
    assert len(bucket.names()) < before
    assert modes(world, stream) == {("changes", None)}


def objects(bucket: Bucket) -> dict[str, bytes]:
    return {name: bucket.client.get_object(Bucket=bucket.name, Key=name)["Body"].read() for name in bucket.names()}


def keys(location: LakeLocation) -> set[str]:
    """The keys with which the catalog can open files."""
    with psycopg.connect(location.database_url) as server:
        found = set()
        for table in ("ducklake_data_file", "ducklake_delete_file"):
            rows = server.execute(
                sql.SQL("SELECT encryption_key FROM {}").format(sql.Identifier(location.schema, table))
            )
            found |= {row[0] for row in rows.fetchall()}
        return found


def test_nothing_of_who_is_expunged_stays_in_the_store(world: World, stream: Stream, bucket: Bucket) -> None:
    world.change("UPDATE member SET name = 'another name' WHERE id = 5")
    world.refresh()
    world.change("DELETE FROM member WHERE id = 5; DELETE FROM loan WHERE member_id = 5")
    world.refresh()
    location = places.lake(Environment.objects.get())
    before, known = objects(bucket), keys(location)
    with world.step():
        done, _ = upkeep.expunge(CLI, world.environment, "member", parts=["5"])
    assert (done.journal_rows, done.present) == (3, False)
    after = objects(bucket)
    of_member = {name for name in before if "_member_" in name}
    assert of_member
    assert not any(name in after for name in of_member), "a file from before stands there still"
    assert not any(content in after.values() for name, content in before.items() if name in of_member)
    assert known - keys(location), "their keys are gone from the catalog, too"
    assert b"another name" not in b"".join(after.values())
    world.change("UPDATE member SET name = 'y' WHERE id = 1")
    world.refresh()
    assert modes(world, stream) == {("changes", None), ("full", "history")}


def test_a_rebuild_empties_the_store_and_all_comes_in_full(world: World, stream: Stream, bucket: Bucket) -> None:
    stray = f"lakes/{Environment.objects.get().lake_schema}/main/d_member_1/of-a-dead-refresh.parquet"
    bucket.client.put_object(Bucket=bucket.name, Key=stray, Body=b"x")
    with world.step():
        upkeep.rebuild_lake(CLI, world.environment)
    assert bucket.names() == []
    world.refresh()
    assert modes(world, stream) == {("full", "rebuilt")}


@pytest.mark.parametrize("harm", ["missing", "altered"])
def test_a_harmed_file_is_named_and_nothing_goes_out(world: World, stream: Stream, bucket: Bucket, harm: str) -> None:
    victim = next(name for name in bucket.names() if "/d_member_" in name)
    kept = bucket.client.get_object(Bucket=bucket.name, Key=victim)["Body"].read()
    if harm == "missing":
        bucket.client.delete_object(Bucket=bucket.name, Key=victim)
    else:
        middle = len(kept) // 2
        spoilt = kept[:middle] + bytes([kept[middle] ^ 0x41]) + kept[middle + 1 :]
        bucket.client.put_object(Bucket=bucket.name, Key=victim, Body=spoilt)
    with world.step(), pytest.raises(Fatal, match=f"missing or altered: member/{Path(victim).name}$") as caught:
        deliveries.deliver(CLI, stream.configuration, since="all")
    assert "lake rebuild" in caught.value.remedy
    world.change("UPDATE member SET name = 'x' WHERE id = 1")
    with pytest.raises(Fatal, match="missing or altered: member/"):
        world.refresh()
    bucket.client.put_object(Bucket=bucket.name, Key=victim, Body=kept)
    world.refresh()
    assert modes(world, stream) == {("changes", None)}


def everything_that_uses_the_lake(world: World, stream: Stream) -> Iterator[SluisError]:
    """What each says."""
    acts = (
        lambda: refreshes.refresh(CLI, world.environment),
        lambda: deliveries.deliver(CLI, stream.configuration, since="all"),
        lambda: upkeep.maintain(CLI, world.environment),
        lambda: upkeep.expunge(CLI, world.environment, "branch", parts=["A"]),
    )
    for act in acts:
        with world.step(), pytest.raises(SluisError) as caught:
            act()
        yield caught.value


def test_a_store_that_cannot_be_reached_is_named(
    world: World, stream: Stream, variables: pytest.MonkeyPatch, bucket: Bucket
) -> None:
    world.change("UPDATE branch SET town = 'x'")
    variables.setenv("SLUIS_LAKE_ENDPOINT", "http://127.0.0.1:9")
    settings.current.cache_clear()
    for error in everything_that_uses_the_lake(world, stream):
        assert isinstance(error, Retryable)
        assert "the store of the lake cannot be reached" in str(error)
        assert "http://127.0.0.1:9" in str(error)
        assert "SLUIS_LAKE_ENDPOINT" in error.remedy
    bucket.use(variables)
    world.refresh()
    assert modes(world, stream) == {("changes", None)}


def test_a_bucket_that_is_not_there_is_named(
    world: World, stream: Stream, variables: pytest.MonkeyPatch, bucket: Bucket
) -> None:
    kept = objects(bucket)
    world.change("UPDATE branch SET town = 'x'")
    bucket.empty()
    bucket.client.delete_bucket(Bucket=bucket.name)
    for error in everything_that_uses_the_lake(world, stream):
        assert isinstance(error, Rejected)
        assert f"no such bucket (s3://{bucket.name}/lakes" in str(error)
        assert "SLUIS_LAKE_URL" in error.remedy
    bucket.client.create_bucket(Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name, content in kept.items():
        bucket.client.put_object(Bucket=bucket.name, Key=name, Body=content)
    world.refresh()
    assert modes(world, stream) == {("changes", None)}


def test_a_store_that_denies_is_named_without_the_secret(world: World, stream: Stream, bucket: Bucket) -> None:
    world.change("UPDATE branch SET town = 'x'")

    def free(requests: int) -> None:
        request = urllib.request.Request(f"{bucket.endpoint}/moto-api/reset-auth", data=str(requests).encode())
        request.add_header("Content-Type", "text/plain")
        urllib.request.urlopen(request).close()

    free(0)
    try:
        for error in everything_that_uses_the_lake(world, stream):
            assert isinstance(error, Rejected)
            assert "the store of the lake denies it" in str(error)
            assert "SLUIS_LAKE_KEY" in error.remedy
            assert "of-the-store" not in str(error)
    finally:
        free(1 << 40)
    world.refresh()
    assert modes(world, stream) == {("changes", None)}


def test_a_lake_that_is_sought_elsewhere_is_not_made_anew(
    world: World, stream: Stream, variables: pytest.MonkeyPatch, bucket: Bucket, tmp_path: Path
) -> None:
    for url in (f"s3://{bucket.name}/elsewhere", None):
        if url:
            variables.setenv("SLUIS_LAKE_URL", url)
        else:
            for name in bucket.variables():
                variables.delenv(name)
        settings.current.cache_clear()
        for error in everything_that_uses_the_lake(world, stream):
            assert isinstance(error, Rejected)
            assert "this lake does not lie in" in str(error)
            assert "SLUIS_LAKE_URL" in error.remedy
    bucket.use(variables)
    world.refresh()
    assert modes(world, stream) == {("changes", None)}
