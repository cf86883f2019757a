"""Workers run on a control plane that commits, with the world of the laws in it."""

from control.fixtures import committed, django_db_modify_db_settings, template, variables
from laws.conftest import world

__all__ = ["committed", "django_db_modify_db_settings", "template", "variables", "world"]
