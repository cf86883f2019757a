"""An S3-compatible store: moto's server, in this process, over real HTTP."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from sluis import settings
from sluis.lake.session import Limits
from sluis.lake.store import LakeLocation

REGION = "eu-west-1"
ONE_THREAD = Limits(threads=1)
"""For lakes of a few rows: a second thread finds nothing to do there, and takes as much time as the first."""
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own in a running store."""

    endpoint: str
    name: str
    client: Any

    def variables(self) -> dict[str, str]:
        """The settings with which lakes lie in it."""
        return {
            "SLUIS_LAKE_URL": f"s3://{self.name}/lakes",
            "SLUIS_LAKE_ENDPOINT": self.endpoint,
            "SLUIS_LAKE_REGION": REGION,
            "SLUIS_LAKE_KEY": "key-of-the-store",
            "SLUIS_LAKE_SECRET": "secret-of-the-store",
        }

    def use(self, patch: pytest.MonkeyPatch) -> None:
        for name, value in self.variables().items():
            patch.setenv(name, value)
        settings.current.cache_clear()

    def names(self) -> list[str]:
        """Every object that the bucket holds."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def empty(self) -> None:
        for name in self.names():
            self.client.delete_object(Bucket=self.name, Key=name)


@pytest.fixture(scope="session")
def store_server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store_server: str) -> Bucket:
    client = boto3.client(
        "s3",
        endpoint_url=store_server,
        region_name=REGION,
        aws_access_key_id="key-of-the-store",
        aws_secret_access_key="secret-of-the-store",
    )
    name = f"bucket-{next(_NUMBERS)}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return Bucket(store_server, name, client)


def on_disk(location: LakeLocation) -> Path:
    """The folder of a lake that does not lie in a store."""
    assert isinstance(location.folder, Path)
    return location.folder
