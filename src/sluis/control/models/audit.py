"""Who did what. The database itself refuses to change or remove it (see the migrations)."""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """One thing that was done. Holds neither a secret nor a row's content, and outlives what it is about."""

    moment = models.DateTimeField(auto_now_add=True)
    actor = models.TextField()
    actor_kind = models.TextField()
    action = models.TextField()
    environment_name = models.TextField(blank=True, default="")
    subject = models.TextField()
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["environment_name", "moment"], name="audit_by_environment"),)

    def __str__(self) -> str:
        return f"{self.moment:%Y-%m-%d %H:%M:%S} {self.actor}: {self.action} {self.subject}"
