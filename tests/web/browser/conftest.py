"""A served site and a browser, each started once for the tests in this folder.

The browser's library keeps an event loop running in this thread while it lives: nothing here may call what runs one of
its own (``asyncio.run``), as deliveries over SFTP do; have a process do it. The folder's end ends the browser.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from cli.running import start_process
from control.fixtures import KEY, copy_database, forget
from needs import find
from sluis.control import setup
from sluis.embedded import EmbeddedPostgres
from web.browser.visiting import Site, populate, visitor
from web.providing import Provider, running

__all__ = ["visitor"]


@pytest.fixture(scope="package")
def site(
    template: str,
    django_db_blocker: DjangoDbBlocker,
    postgres: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """``sluis web`` on a free port, over a database of its own with people and accounts in it."""
    variables = {
        "SLUIS_DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "SLUIS_SECRET_KEY": KEY,
        "SLUIS_DATABASE_URL": copy_database(postgres, template, "site"),
    }
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        for name in [name for name in os.environ if name.startswith("SLUIS_")]:
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        connection.close()
        present = connection.settings_dict.get("NAME")
        forget()
        setup.start()
        people = populate(Path(variables["SLUIS_DATA_DIR"]))
        connection.close()
        connection.settings_dict["NAME"] = present
        forget()
    with served(variables, people) as site:
        yield site
    postgres.drop_database("site")


@contextmanager
def served(variables: Mapping[str, str], people: dict[str, str]) -> Iterator[Site]:
    """``sluis web`` while this lasts; afterwards its log is searched for people."""
    with start_process("web", "--port", "0", variables=variables) as process:
        assert process.stdout
        told = next((line for line in process.stdout if line.startswith("address")), "")
        assert told, process.stderr.read() if process.stderr else ""
        yield Site(told.split()[1], people, variables)
        process.terminate()
        assert process.wait(timeout=30) == 0
        assert process.stderr
        log = process.stderr.read()
    for name in people:
        assert name not in log, "the log names a user"


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture(scope="package")
def provided(site: Site, provider: Provider) -> Iterator[Site]:
    """The same site, served with log-in by a provider, who sees to the second factor."""
    variables = {**site.variables, "SLUIS_OIDC_SECOND_FACTOR": "1", **provider.variables}
    with served(variables, {"willem": "", "wilma": "", "pieter": ""}) as site_of_provider:
        yield site_of_provider


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        # Root has no sandbox; in a container the shared memory is small.
        browser = playwright.chromium.launch(
            executable_path=find("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
