"""The web application on the embedded PostgreSQL."""

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
from web.visiting import visit, visit_committed

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
    "visit",
    "visit_committed",
]
