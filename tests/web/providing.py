"""A provider of OpenID Connect, and somebody who logs in with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client
from django.urls import reverse

_SERVER = """
import time
from oidc_provider_mock import run_server_in_thread
with run_server_in_thread() as server:
    print(server.server_port, flush=True)
    time.sleep(1e6)
"""
GROUPS = "sluis-operators=operator, noord-beheer=superbeheerder:Noord, noord-lezers=reader:noord, zuid-lezers=reader:Zuid, west=reader:West"


@dataclass(frozen=True)
class Provider:
    """Who is who there: ``put`` says it. ``number`` is what the provider knows somebody by."""

    address: str

    @property
    def variables(self) -> dict[str, str]:
        """The settings of an installation that uses it."""
        return {
            "SLUIS_OIDC_ISSUER": self.address,
            "SLUIS_OIDC_CLIENT_ID": "sluis",
            "SLUIS_OIDC_CLIENT_SECRET": "geheim van sluis",
            "SLUIS_OIDC_NAME": "Waterschap",
            "SLUIS_OIDC_GROUPS": GROUPS,
        }

    def put(self, number: str, name: str, /, *groups: str, **claims: Any) -> None:
        told = {"preferred_username": name, "email": f"{name}@example.org", "groups": list(groups), **claims}
        requests.put(f"{self.address}/users/{number}", json=told, timeout=30).raise_for_status()

    def log_in(self, number: str, client: Client | None = None, **posted: str) -> tuple[Client, Any]:
        """A client that logged in there, and what Sluis answered when it came back."""
        client = client or Client()
        sent = client.post(reverse("openid_connect_login", kwargs={"provider_id": "oidc"}), posted)
        assert sent.status_code == 302, sent.content
        back = requests.post(sent.headers["location"], data={"sub": number}, allow_redirects=False, timeout=30)
        parts = urlsplit(back.headers["location"])
        return client, client.get(f"{parts.path}?{parts.query}")


@contextmanager
def running() -> Iterator[Provider]:
    """In a process of its own: what it is built of is not to the taste of our tests."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        yield Provider(f"http://localhost:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.communicate()
