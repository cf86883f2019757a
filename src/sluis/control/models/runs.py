"""Refreshes and deliveries: the one truth about their progress."""

from __future__ import annotations

import uuid

from django.db import models

from sluis.control.models.account import Configuration
from sluis.control.models.environment import Environment


class RefreshState(models.TextChoices):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DeliveryState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHING = "publishing"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


SETTLED_STATES = (DeliveryState.DELIVERED, DeliveryState.PUBLISHING, DeliveryState.UNKNOWN)
"""States in which a receiver has, or may have, a delivery: from then on names and keys cannot change."""

OPEN_STATES = (DeliveryState.QUEUED, DeliveryState.RUNNING, DeliveryState.PUBLISHING, DeliveryState.HELD)
"""States of a delivery that is not settled; a configuration has at most one."""


class Trigger(models.TextChoices):
    MANUAL = "manual"
    SCHEDULE = "schedule"


class Mode(models.TextChoices):
    FULL = "full"
    CHANGES = "changes"


class LogLevel(models.IntegerChoices):
    METADATA = 1
    MESSAGE = 2
    WARNING = 3
    FAILURE = 4


class Refresh(models.Model):
    """One reading of the source into the lake."""

    environment = models.ForeignKey(Environment, models.PROTECT, related_name="refreshes")
    state = models.TextField(choices=RefreshState.choices, default=RefreshState.RUNNING)
    trigger = models.TextField(choices=Trigger.choices, default=Trigger.MANUAL)
    planned_at = models.DateTimeField(null=True, blank=True, help_text="the moment that its job is for")
    actor = models.TextField()
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    sequence = models.BigIntegerField(null=True, blank=True)
    snapshot_time = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    gone = models.JSONField(default=dict, help_text="dataset: rows that would have gone, where the brake stopped it")
    failure = models.TextField(blank=True, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=RefreshState.values), name="refresh_state_known"),
        )

    def __str__(self) -> str:
        return f"refresh {self.pk} of {self.environment}"


class Delivery(models.Model):
    """One run of a configuration. Its id is fixed before the first byte; ``sequence`` right before it is published."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    configuration = models.ForeignKey(Configuration, models.PROTECT, related_name="deliveries")
    state = models.TextField(choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    trigger = models.TextField(choices=Trigger.choices, default=Trigger.MANUAL)
    planned_at = models.DateTimeField(null=True, blank=True, help_text="the moment that its job is for")
    actor = models.TextField()
    mode = models.TextField(choices=Mode.choices, blank=True, default="")
    since = models.TextField(default="last", help_text="last, all, or a date")
    sequence = models.BigIntegerField(null=True, blank=True)
    previous = models.BigIntegerField(null=True, blank=True)
    destination = models.TextField(blank=True, default="")
    folder = models.TextField(blank=True, default="")
    lake_id = models.TextField(blank=True, default="")
    snapshot = models.BigIntegerField(null=True, blank=True)
    snapshot_time = models.DateTimeField(null=True, blank=True)
    baseline = models.BigIntegerField(null=True, blank=True)
    baseline_time = models.DateTimeField(null=True, blank=True)
    projection_digest = models.TextField(blank=True, default="")
    pseudonymous = models.BooleanField()
    medical = models.BooleanField()
    version = models.TextField()
    ended = models.JSONField(default=list, help_text="files that left the configuration since the last delivery")
    released = models.JSONField(default=dict, help_text="file: rows that it may take away from the receiver")
    cancel_asked = models.BooleanField(default=False)
    failure = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # Lists and figures tell them of very many deliveries at once.
    rows = models.BigIntegerField(default=0, help_text="of all files together")
    inserted = models.BigIntegerField(default=0, help_text="of all files together")
    updated = models.BigIntegerField(default=0, help_text="of all files together")
    deleted = models.BigIntegerField(default=0, help_text="of all files together")
    bytes = models.BigIntegerField(default=0, help_text="of all files together")

    class Meta:
        indexes = (
            models.Index(fields=["configuration", "-created_at"], name="delivery_newest"),
            models.Index(fields=["-created_at"], name="delivery_by_time"),
            models.Index(
                fields=["created_at"],
                include=["configuration", "medical", "started_at", "published_at", "rows", "bytes"],
                condition=models.Q(state=DeliveryState.DELIVERED),
                name="delivery_figures",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["configuration", "sequence"], name="delivery_sequence_unique"),
            models.UniqueConstraint(
                fields=["configuration"], condition=models.Q(state__in=OPEN_STATES), name="delivery_one_open"
            ),
            models.CheckConstraint(condition=models.Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=DeliveryState.DELIVERED)
                | models.Q(sequence__isnull=False, snapshot__isnull=False, published_at__isnull=False),
                name="delivery_delivered_is_complete",
            ),
        )

    def __str__(self) -> str:
        return f"delivery {self.sequence or self.id} of {self.configuration}"


class DeliveryFile(models.Model):
    """One file of a delivery, as it was sent."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="files")
    name = models.TextField()
    mode = models.TextField(choices=Mode.choices)
    reason = models.TextField(null=True, blank=True)  # noqa: DJ001 - null in the manifest too: changes have no reason
    rows = models.BigIntegerField()
    inserted = models.BigIntegerField()
    updated = models.BigIntegerField()
    deleted = models.BigIntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.TextField()
    total = models.BigIntegerField(default=0, help_text="rows that the receiver has afterwards")
    gone = models.BigIntegerField(default=0, help_text="rows that it loses, at least")
    generation = models.BigIntegerField()
    fingerprint = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "name"], name="delivery_file_unique"),)

    def __str__(self) -> str:
        return self.name


class Doubt(models.TextChoices):
    """Why a bookmark cannot be trusted, so that its file comes in full."""

    UNKNOWN = "unknown"
    HISTORY = "history"


class Bookmark(models.Model):
    """What the receiver has of one file: where the last published delivery of it started from."""

    configuration = models.ForeignKey(Configuration, models.CASCADE, related_name="bookmarks")
    file = models.TextField()
    lake_id = models.TextField()
    sequence = models.BigIntegerField()
    generation = models.BigIntegerField()
    fingerprint = models.TextField()
    destination = models.TextField()
    rows = models.BigIntegerField(default=0, help_text="of the file, as the receiver has it")
    doubt = models.TextField(choices=Doubt.choices, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["configuration", "file"], name="bookmark_unique"),)

    def __str__(self) -> str:
        return f"{self.file} at {self.sequence}"


class LogLine(models.Model):
    """One line of the log of a refresh or a delivery. Never a row's content."""

    refresh = models.ForeignKey(Refresh, models.CASCADE, null=True, blank=True, related_name="log")
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, blank=True, related_name="log")
    level = models.PositiveSmallIntegerField(choices=LogLevel.choices)
    moment = models.DateTimeField(auto_now_add=True)
    code = models.TextField()
    text = models.TextField()
    details = models.JSONField(default=dict, help_text="what the text is made of, to say it in another language")
    reported = models.BooleanField(default=False, help_text="a log report has told it")

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=["-moment"], condition=models.Q(level=LogLevel.FAILURE), name="log_failures_by_time"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(refresh__isnull=True, delivery__isnull=False)
                | models.Q(refresh__isnull=False, delivery__isnull=True),
                name="log_line_of_exactly_one",
            ),
            models.CheckConstraint(condition=models.Q(level__in=LogLevel.values), name="log_line_level_known"),
        )

    def __str__(self) -> str:
        return f"{self.level} {self.code}: {self.text}"
