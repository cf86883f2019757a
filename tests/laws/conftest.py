"""The laws are tried on a control plane that commits."""

from control.fixtures import committed, django_db_modify_db_settings, template, variables

__all__ = ["committed", "django_db_modify_db_settings", "template", "variables"]
