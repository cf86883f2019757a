"""One customer database and all that hangs on it."""

from __future__ import annotations

import datetime as dt
import secrets
import zoneinfo

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from sluis.control.fields import EncryptedTextField

DEFAULT_KEEP_DAYS = 400
"""Days of history that need no reason."""


def new_lake_schema() -> str:
    """A schema name that no lake has had."""
    return f"lake_{secrets.token_hex(6)}"


class Environment(models.Model):
    """One customer database: its source, entitlements, and a mirror of its lake's head (the lake is the truth)."""

    name = models.TextField()
    catalog = models.TextField(help_text="name of a built-in catalogue, or an absolute path")
    time_zone = models.TextField()
    source_url = models.TextField(help_text="without password")
    source_password = EncryptedTextField(blank=True, default="")
    datastreams_enabled = models.BooleanField(default=True)
    daily_allowed = models.BooleanField(default=False)
    lake_schema = models.TextField(unique=True, default=new_lake_schema, editable=False)
    lake_id = models.TextField(blank=True, default="")
    lake_sequence = models.BigIntegerField(null=True, blank=True)
    snapshot_time = models.DateTimeField(null=True, blank=True)
    catalog_digest = models.TextField(blank=True, default="")
    brake_percent = models.PositiveSmallIntegerField(default=20, help_text="share of rows that may go at once")
    brake_floor = models.PositiveIntegerField(default=100, help_text="rows that may go at once whatever their share")
    expunged_at = models.DateTimeField(null=True, blank=True, help_text="when something was last removed for good")
    keep_days = models.PositiveSmallIntegerField(default=DEFAULT_KEEP_DAYS, help_text="how long the journals go back")
    keep_reason = models.TextField(blank=True, default="")
    maintained_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("name"), name="environment_name_unique"),
            models.CheckConstraint(
                condition=models.Q(brake_percent__gte=1, brake_percent__lte=100), name="environment_brake_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(keep_days__lte=DEFAULT_KEEP_DAYS) | ~models.Q(keep_reason=""),
                name="environment_long_history_has_reason",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def next_run_at(self) -> dt.datetime | None:
        """When it is next refreshed by itself; None without a schedule, or while that is paused or the module off."""
        schedule = getattr(self, "schedule", None)
        return schedule.next_run_at if schedule and self.datastreams_enabled else None

    def today(self) -> dt.date:
        """The present day in the environment's time zone."""
        return timezone.now().astimezone(zoneinfo.ZoneInfo(self.time_zone)).date()


class Suspension(models.Model):
    """A dataset that an operator has set aside: refreshes leave it as it is, and deliveries leave its files out."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="suspensions")
    dataset = models.TextField()
    reason = models.TextField()
    actor = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("dataset",)
        constraints = (
            models.UniqueConstraint(fields=["environment", "dataset"], name="suspension_unique"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="suspension_has_reason"),
        )

    def __str__(self) -> str:
        return self.dataset
