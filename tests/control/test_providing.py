"""Only the provider does what the provider does, and it may do nothing else."""

from __future__ import annotations

import pytest

from control.fixtures import People
from sluis.control.actions import providing, users
from sluis.control.actor import CLI, OIDC, WORKER
from sluis.control.models import AuditEvent, Environment, User
from sluis.control.permissions import PERMISSIONS, allowed, has_medical_rights
from sluis.errors import PermissionDenied, SluisError
from sluis.oidc import Given

READER = Given(operator=False, roles={"noord": "reader"})


@pytest.mark.parametrize("who", ["olga", "mia", "rita", "cli", "worker"])
def test_nobody_else_speaks_for_the_provider(people: People, who: str) -> None:
    actor = {**vars(people), "cli": CLI, "worker": WORKER}[who]
    with pytest.raises(PermissionDenied):
        providing.provide_user(actor, "nina", READER)
    assert people.sam.user
    with pytest.raises(PermissionDenied):
        providing.follow_groups(actor, people.sam.user, READER)
    assert not AuditEvent.objects.exists()


def test_the_provider_does_nothing_else(people: People, environment: Environment) -> None:
    may = {name for name in PERMISSIONS if any(allowed(OIDC, name, subject) for subject in (None, environment))}
    assert may == {"user.provide"}
    assert not has_medical_rights(OIDC, environment)
    sam = people.sam.user
    assert sam
    with pytest.raises(SluisError):
        users.give_role(OIDC, sam, environment, "reader")
    for verb in (users.ask_medical, users.grant_medical):
        with pytest.raises(SluisError):
            verb(OIDC, sam, environment)


def test_a_refused_user_leaves_nothing(people: People) -> None:
    with pytest.raises(PermissionDenied, match="none of your groups"):
        providing.provide_user(OIDC, "nina", Given(operator=False, roles={"nowhere": "reader"}))
    assert not User.objects.filter(username="nina").exists()
    assert not AuditEvent.objects.exists()
