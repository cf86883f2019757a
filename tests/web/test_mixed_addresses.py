"""An address that names a thing of one environment, or of one account, in the place of another: it is not there.

Who asks may do everything in both, so that nothing but the mixing can be the reason. A view that is added is tried here
by itself.
"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from control.fixtures import join, new_environment, person
from sluis.control.models import ConnectionAccount, Environment, Role
from web.test_every_view import ADDRESSES, VIEWS, Side, View, side
from web.visiting import client_of

THINGS = ("account", "configuration", "delivery", "key", "mail", "member", "recipient", "refresh", "user")
"""Arguments of addresses that are numbers of rows, inside what stands before them in the address."""


@pytest.fixture
def visitor(environment: Environment) -> Client:
    actor = person("ella", operator=True)
    join(actor, environment, Role.SUPERBEHEERDER, medical=True)
    return client_of(actor)


@pytest.fixture
def here(environment: Environment, account: ConnectionAccount) -> Side:
    return side(account)


def methods(view: View) -> list[str]:
    """By which an address does something."""
    return [*(["get"] if view.get != 405 else []), *(["post"] if view.post is not None else [])]


def status(visitor: Client, method: str, path: str) -> int:
    """The answer to a request of which nothing stays."""
    with transaction.atomic():
        answer = getattr(visitor, method)(path, {"remove": "1"} if method == "post" else {})
        if answer.streaming:
            answer.getvalue()
        transaction.set_rollback(True)
    return int(answer.status_code)


def tried(visitor: Client, here: Side, there: Side, outer: str) -> tuple[int, list[str]]:
    """How many addresses inside ``outer`` were tried with a thing of elsewhere, and those that were answered."""
    through, many = [], 0
    for name, arguments in ADDRESSES:
        if outer not in arguments:
            continue
        # In a folder things are called by name, and another's can have the same.
        things = {"account"} if name.startswith("folder") else set(THINGS)
        for thing in set(arguments) & things - {outer}:
            mixed = Side(here.medical, {**here.arguments, thing: there.arguments[thing]})
            for method in methods(VIEWS[name]):
                many += 1
                if (found := status(visitor, method, mixed.path(name, arguments))) != 404:
                    through.append(f"{method} {name} with another's {thing}: {found}")
    return many, through


def test_a_thing_of_another_environment_is_not_there(visitor: Client, here: Side) -> None:
    elsewhere = new_environment("Zuid")
    actor = person("eva")
    join(actor, elsewhere, Role.READER)
    there = side(ConnectionAccount.objects.create(environment=elsewhere, name="Zuid DWH", type="hosted"))
    ella = visitor.session["_auth_user_id"]
    elsewhere.memberships.create(user_id=ella, role=Role.SUPERBEHEERDER, medical=True, valid_from=elsewhere.today())
    many, through = tried(visitor, here, there, "environment")
    assert not through, "\n".join(through)
    assert many > 60


def test_a_thing_of_another_account_is_not_there(
    visitor: Client, here: Side, medical_account: ConnectionAccount
) -> None:
    there = side(medical_account)
    many, through = tried(visitor, here, there, "account")
    assert not through, "\n".join(through)
    assert many > 10
