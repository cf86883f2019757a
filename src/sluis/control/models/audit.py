"""Who did what. The database itself refuses to change or remove it (see the migrations)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast, Concat, Lower


class Scope(models.TextChoices):
    """What an event is about; who may read it follows from it."""

    INSTALLATION = "installation"
    ENVIRONMENT = "environment"
    ACCOUNT = "account"
    """An account without the medical mark, or what hangs on it."""
    MEDICAL = "medical"
    """The same with the mark."""


class AuditEvent(models.Model):
    """One thing that was done. Holds neither a secret nor a row's content, and outlives what it is about."""

    moment = models.DateTimeField(auto_now_add=True)
    actor = models.TextField()
    actor_kind = models.TextField()
    action = models.TextField()
    environment_name = models.TextField(blank=True, default="")
    scope = models.TextField(blank=True, default="", help_text="empty in events of before there was one")
    subject = models.TextField()
    details = models.JSONField(default=dict)
    searched = models.GeneratedField(
        # Written once: to make it at every search takes five times as long.
        expression=Lower(Concat("subject", models.Value(" ", models.TextField()), Cast("details", models.TextField()))),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = (
            models.Index(fields=["environment_name", "moment"], name="audit_by_environment"),
            models.Index(fields=["moment"], name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.moment:%Y-%m-%d %H:%M:%S} {self.actor}: {self.action} {self.subject}"
