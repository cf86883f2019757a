"""OpenID Connect as an installation sets it up: which group of the provider gives which role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_ROLES = ("reader", "superbeheerder")
_OPERATOR = "operator"
_FORM = "write sluis-operators=operator, noord-beheer=superbeheerder:Noord, noord-lezers=reader:Noord"


@dataclass(frozen=True)
class Rule:
    """A group gives a role; without environment that of operator. The medical right comes of no group."""

    group: str
    role: str
    environment: str | None


@dataclass(frozen=True)
class Given:
    """What somebody gets of groups. ``roles``: name of the environment, in small letters → the strongest role."""

    operator: bool
    roles: dict[str, str]


def read(text: str) -> tuple[Rule, ...]:
    """The rules of ``SLUIS_OIDC_GROUPS``; ``ValueError`` says what is wrong with one."""
    return tuple(_rule(part.strip()) for part in text.split(","))


def _rule(text: str) -> Rule:
    group, sign, given = (part.strip() for part in text.rpartition("="))
    role, colon, environment = (part.strip() for part in given.partition(":"))
    if not sign or not group:
        raise ValueError(f"it has a part that is no group=role; {_FORM}")
    if role == _OPERATOR and not colon:
        return Rule(group, role, None)
    if role in _ROLES and environment:
        return Rule(group, role, environment)
    raise ValueError(f"a group gives operator, superbeheerder:ENV or reader:ENV; {_FORM}")


def given_by(rules: Iterable[Rule], groups: Iterable[str]) -> Given:
    """What the groups that somebody is in give."""
    names = set(groups)
    found = [rule for rule in rules if rule.group in names]
    roles: dict[str, str] = {}
    for rule in sorted(found, key=lambda rule: rule.role):
        if rule.environment is not None:
            # Sorted by name, which puts the stronger one last.
            roles[rule.environment.lower()] = rule.role
    return Given(any(rule.role == _OPERATOR for rule in found), roles)
