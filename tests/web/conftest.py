"""The web application on the embedded PostgreSQL."""

from control.fixtures import (
    account,
    committed,
    configuration,
    control,
    environment,
    medical_account,
    people,
    variables,
)
from web.visiting import visit, visit_committed

__all__ = [
    "account",
    "committed",
    "configuration",
    "control",
    "environment",
    "medical_account",
    "people",
    "variables",
    "visit",
    "visit_committed",
]
