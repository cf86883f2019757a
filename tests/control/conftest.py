"""Every test here is on the embedded PostgreSQL."""

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

__all__ = [
    "account",
    "committed",
    "configuration",
    "control",
    "environment",
    "medical_account",
    "people",
    "variables",
]
