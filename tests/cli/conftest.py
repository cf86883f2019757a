"""The command line on the embedded PostgreSQL."""

from cli.running import sluis
from control.fixtures import (
    account,
    committed,
    configuration,
    control,
    django_db_modify_db_settings,
    environment,
    medical_account,
    people,
    template,
    variables,
)

__all__ = [
    "account",
    "committed",
    "configuration",
    "control",
    "django_db_modify_db_settings",
    "environment",
    "medical_account",
    "people",
    "sluis",
    "template",
    "variables",
]
