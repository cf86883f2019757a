"""The Django app."""

from django.apps import AppConfig


class ControlConfig(AppConfig):
    name = "sluis.control"
    label = "control"
    default_auto_field = "django.db.models.BigAutoField"
