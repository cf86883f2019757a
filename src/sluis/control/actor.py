"""Who does something: a user, or the machine. Every action takes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sluis.control.models import User

Machine = Literal["cli", "worker", "sftp", "oidc", "web"]


@dataclass(frozen=True)
class Actor:
    """A user, or a part of the machine: exactly one of the two."""

    user: User | None = None
    machine: Machine | None = None

    def __post_init__(self) -> None:
        if (self.user is None) == (self.machine is None):
            raise ValueError("an actor is either a user or a machine")

    @property
    def name(self) -> str:
        """The name that audit and logs show."""
        return self.user.get_username() if self.user else str(self.machine)

    @property
    def kind(self) -> Literal["user", "machine"]:
        return "user" if self.user else "machine"


CLI = Actor(machine="cli")
"""Whoever has a shell on the server, and with it the data folder and its keys."""
WORKER = Actor(machine="worker")
SFTP = Actor(machine="sftp")
OIDC = Actor(machine="oidc")
"""The provider that says in which groups somebody is who logs in; it may do nothing else."""
WEB = Actor(machine="web")
"""Somebody who has not logged in."""
