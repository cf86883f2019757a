"""Which group of a provider gives which role."""

from __future__ import annotations

import pytest

from sluis import oidc
from sluis.oidc import Given, Rule

RULES = oidc.read(
    "ops=operator, CN=beheer = superbeheerder : Noord-Holland B.V.,lezers=reader:Noord,beheer=superbeheerder:noord"
)


def test_rules_are_read() -> None:
    assert list(RULES) == [
        Rule("ops", "operator", None),
        Rule("CN=beheer", "superbeheerder", "Noord-Holland B.V."),
        Rule("lezers", "reader", "Noord"),
        Rule("beheer", "superbeheerder", "noord"),
    ]


@pytest.mark.parametrize(
    ("groups", "given"),
    [
        ([], Given(operator=False, roles={})),
        (["other", "OPS", "ops "], Given(operator=False, roles={})),
        (["ops"], Given(operator=True, roles={})),
        (["lezers"], Given(operator=False, roles={"noord": "reader"})),
        (["lezers", "beheer"], Given(operator=False, roles={"noord": "superbeheerder"})),
        (["beheer", "lezers", "ops"], Given(operator=True, roles={"noord": "superbeheerder"})),
        (["CN=beheer"], Given(operator=False, roles={"noord-holland b.v.": "superbeheerder"})),
    ],
)
def test_the_strongest_of_what_groups_give(groups: list[str], given: Given) -> None:
    assert oidc.given_by(RULES, groups) == given
    assert oidc.given_by(reversed(RULES), reversed(groups)) == given
