"""A generated application of 1,000 employees, and copies of it to change."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from control.fixtures import copy_database
from sluis.demo.generate import generate
from sluis.embedded import EmbeddedPostgres

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def application(postgres: EmbeddedPostgres) -> str:
    """Connection string of an application that no test changes."""
    url = postgres.ensure_database("demo_template")
    generate(url, employees=1_000)
    return url


@pytest.fixture
def new_copy(postgres: EmbeddedPostgres, application: str) -> Iterator[Callable[[], str]]:
    """Call it for the connection string of a copy of the application."""
    made: list[str] = []

    def make() -> str:
        made.append(f"demo_{next(_NUMBERS)}")
        return copy_database(postgres, "demo_template", made[-1])

    yield make
    for name in made:
        postgres.drop_database(name)
