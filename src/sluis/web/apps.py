"""The Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sluis.web"
    label = "web"

    def ready(self) -> None:
        from sluis.web import authentication  # noqa: PLC0415 - it needs the models, which are there only now

        authentication.listen()
