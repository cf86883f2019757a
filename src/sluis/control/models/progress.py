"""What runs are doing at this moment."""

from __future__ import annotations

from django.db import models

from sluis.control.models.runs import Delivery, Refresh


class Stage(models.TextChoices):
    """What a run does: a refresh reads; a delivery prepares, builds its files, sends and publishes them."""

    READING = "reading"
    PREPARING = "preparing"
    BUILDING = "building"
    SENDING = "sending"
    PUBLISHING = "publishing"


class RunProgress(models.Model):
    """How far a run was at a moment, as far as it is known. There is none of a run that ended.

    Of a stage: ``file`` it is at, its ``number`` of ``total``; ``rows`` and ``bytes``: built or sent so far.
    """

    refresh = models.OneToOneField(Refresh, models.CASCADE, null=True, blank=True, related_name="progress")
    delivery = models.OneToOneField(Delivery, models.CASCADE, null=True, blank=True, related_name="progress")
    stage = models.TextField(choices=Stage.choices)
    file = models.TextField(blank=True, default="")
    number = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    moment = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(refresh__isnull=True, delivery__isnull=False)
                | models.Q(refresh__isnull=False, delivery__isnull=True),
                name="progress_of_exactly_one",
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="progress_stage_known"),
        )

    def __str__(self) -> str:
        return f"{self.stage} {self.file}"
