"""The laws are tried on a control plane that commits, in a world of which everything is delivered once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from control.fixtures import committed, variables
from laws.world import Stream, World
from sluis.control.setup import Started

__all__ = ["committed", "variables"]


@pytest.fixture
def world(committed: Started, tmp_path: Path) -> Iterator[World]:
    made = World.make(tmp_path)
    yield made
    made.close()


@pytest.fixture
def stream(world: World) -> Stream:
    made = world.add("Een")
    world.deliver(made)
    return made
