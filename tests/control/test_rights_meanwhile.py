"""Who loses a right while something that he began is under way: it ends without what the right was needed for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from control.fixtures import join, person
from control.test_deliveries import House, house
from sluis.control.actions import accounts, deliveries, previews, users
from sluis.control.actor import CLI, Actor
from sluis.control.models import AuditEvent, DeliveryState, Role, User
from sluis.control.permissions import remembering
from sluis.errors import SluisError

__all__ = ["house"]

Loss = Callable[[House, Actor], object]
Progress = Callable[[str, int, int], None]
LOSSES: dict[str, Loss] = {
    "is no longer active": lambda _, mia: users.edit_user(CLI, _user(mia), active=False),
    "is out of the environment": lambda house, mia: users.take_role(CLI, _user(mia), house.environment),
    "is a reader now": lambda house, mia: users.give_role(CLI, _user(mia), house.environment, Role.READER),
    "lost the medical right": lambda house, mia: users.withdraw_medical(CLI, _user(mia), house.environment),
}


def _user(actor: Actor) -> User:
    assert actor.user
    # As another process has it.
    return User.objects.get(pk=actor.user.pk)


def during(loss: Loss, house: House, actor: Actor) -> Progress:
    """The loss happens while files are made."""

    def told(file: str, number: int, total: int) -> None:
        del file, total
        if number == 1:
            loss(house, actor)

    return told


@pytest.fixture
def mia(house: House) -> Actor:
    actor = person("mia")
    join(actor, house.environment, Role.SUPERBEHEERDER, medical=True)
    accounts.edit_account(CLI, house.account, medical=True)
    house.account.refresh_from_db()
    house.configuration.refresh_from_db()
    return actor


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_what_runs_for_who_lost_the_right_is_not_published(house: House, mia: Actor, loss: Loss) -> None:
    with pytest.raises(SluisError):
        deliveries.deliver(mia, house.configuration, progress=during(loss, house, mia))
    assert house.configuration.deliveries.get().state == DeliveryState.FAILED
    assert not house.folder.exists()


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_dry_run_tells_nothing_to_who_lost_the_right(house: House, mia: Actor, loss: Loss) -> None:
    # As during a request, in which roles are read once.
    with remembering(), pytest.raises(SluisError):
        previews.preview(mia, house.configuration, progress=during(loss, house, mia))
    assert not AuditEvent.objects.filter(action="configuration.preview").exists()
