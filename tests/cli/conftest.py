"""The command line on the embedded PostgreSQL."""

from cli.running import sluis
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
    "sluis",
    "variables",
]
