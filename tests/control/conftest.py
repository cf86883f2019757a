"""Every test here is on the embedded PostgreSQL."""

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
    "template",
    "variables",
]
