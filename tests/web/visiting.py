"""Clients of the web application that are logged in as somebody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from sluis.control import setup
from sluis.control.actor import Actor

Visit = Callable[..., Client]


@pytest.fixture
def visit(control: setup.Started) -> Visit:
    """A client of an actor, with a second factor; in Dutch unless told."""
    return client_of


@pytest.fixture
def visit_committed(committed: setup.Started) -> Visit:
    """The same on a database of the test's own."""
    return client_of


def client_of(actor: Actor, *, language: str = "nl", second_factor: bool = True) -> Client:
    assert actor.user
    if second_factor:
        TOTP.activate(actor.user, generate_totp_secret())
    client = Client(headers={"accept-language": language})
    client.force_login(actor.user)
    return client
