"""A run that died on one machine is judged right on another, which has a disk of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from laws.receivers import Receivers
from laws.victim import dies
from laws.world import Stream, World
from sftp.receiving import PASSWORD, Receiver, receiving
from sluis import settings
from sluis.control import places
from sluis.control.actions import accounts, configurations
from sluis.control.actions.servers import ServerSettings
from sluis.control.actor import CLI
from sluis.control.models import Delivery, DeliveryState
from sluis.errors import Retryable

BORDERS = ("return build_in", "return _number", "return _write_manifest", "call _confirm", "return _move_bookmarks")


@pytest.fixture
def machines(variables: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """This machine shares the folder of the lakes; gives what is another on the other one."""
    (tmp_path / "lakes").mkdir()
    variables.setenv("SLUIS_LAKE_URL", str(tmp_path / "lakes"))
    settings.current.cache_clear()
    return {"SLUIS_DATA_DIR": str(tmp_path / "data of the other")}


@pytest.fixture
def shared(machines: dict[str, str], variables: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """The folder of the hosted accounts is shared, too."""
    (tmp_path / "hosted").mkdir(mode=0o700)
    variables.setenv("SLUIS_HOSTED_DIR", str(tmp_path / "hosted"))
    settings.current.cache_clear()
    return machines


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as running:
        yield running


def run_elsewhere(world: World, stream: Stream, other: dict[str, str], border: str, number: int) -> None:
    """A delivery of a change that dies at a border, on the other machine."""
    world.change(f"UPDATE branch SET town = 't{number}'; DELETE FROM loan WHERE id = {9 + number}")
    world.refresh()
    assert dies("deliver", stream.configuration.pk, border, **other), border
    world.remember_lake()


def states() -> list[tuple[int | None, str, str]]:
    return list(Delivery.objects.order_by("sequence").values_list("sequence", "state", "mode"))


def test_hosted_deliveries_are_built_in_the_shared_folder(shared: dict[str, str], world: World, tmp_path: Path) -> None:
    stream = world.add("Een")
    world.deliver(stream)
    for number, border in enumerate(BORDERS):
        run_elsewhere(world, stream, shared, border, number)
        if number % 2:
            world.check(stream)
        assert world.deliver(stream) is not None
    assert {state for _, state, _ in states()} == {DeliveryState.DELIVERED, DeliveryState.FAILED}
    numbers = [number for number, _, _ in states() if number]
    assert numbers == list(range(1, len(numbers) + 1)), "nothing is doubted, no number is lost"
    assert [mode for number, _, mode in states() if number and number > 1] == ["changes"] * (len(numbers) - 1)
    places.clean()
    assert [path.name for path in (tmp_path / "hosted" / ".building").iterdir()] == ["identity"]


def test_what_another_machine_built_on_a_disk_of_its_own_is_not_taken_for_published(
    machines: dict[str, str], world: World
) -> None:
    stream = world.add("Een")
    world.deliver(stream)
    run_elsewhere(world, stream, machines, "return _write_manifest", 1)
    done = world.deliver(stream)
    assert done is not None
    assert states()[1] == (2, DeliveryState.UNKNOWN, "full")
    assert (done.sequence, done.mode) == (3, "full")
    world.change("UPDATE branch SET town = 'again'")
    world.refresh()
    after = world.deliver(stream)
    assert after is not None
    assert after.mode == "changes"


def test_a_shared_folder_that_is_not_mounted_is_named(
    shared: dict[str, str], world: World, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stream = world.add("Een")
    world.deliver(stream)
    (tmp_path / "hosted").rename(tmp_path / "unmounted")
    with pytest.raises(Retryable, match="SLUIS_HOSTED_DIR: there is no folder"):
        world.deliver(stream)
    assert not (tmp_path / "hosted").exists()
    (tmp_path / "unmounted").rename(tmp_path / "hosted")
    assert world.deliver(stream) is not None


def test_deliveries_to_a_server_of_the_receiver(machines: dict[str, str], world: World, receiver: Receiver) -> None:
    server = ServerSettings(
        host="127.0.0.1",
        port=receiver.port,
        user="sluis",
        folder="/in",
        password=PASSWORD,
        host_keys=(receiver.host_keys[0].public.line,),
    )
    world.account = accounts.add_account(
        CLI, world.environment, "Extern", account_type="external", medical=True, server=server
    )
    made = configurations.add_configuration(CLI, world.account, "Twee", version="2", streams="all", pseudonymous=True)
    stream = Stream(made, Receivers(receiver.root / "in" / "Twee"))
    world.streams.append(stream)
    world.deliver(stream)
    for number, border in enumerate(BORDERS):
        run_elsewhere(world, stream, machines, border, number)
        if number % 2:
            world.check(stream)
        assert world.deliver(stream) is not None
    assert {state for _, state, _ in states()} == {DeliveryState.DELIVERED, DeliveryState.FAILED}
    numbers = [number for number, _, _ in states() if number]
    assert numbers == list(range(1, len(numbers) + 1))
    standing = sorted(path.name for path in (receiver.root / "in" / "Twee").iterdir())
    assert len(standing) == len(numbers)
    assert not [name for name in standing if name.startswith(".")]
