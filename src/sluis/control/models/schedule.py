"""When an environment is refreshed by itself."""

from __future__ import annotations

from django.db import models

from sluis.control.models.environment import Environment


class Schedule(models.Model):
    """A time of the day, every day or on one day of the week, in the environment's time zone.

    ``next_run_at`` is moved on in the transaction that enqueues the refresh; none while it is paused.
    """

    environment = models.OneToOneField(Environment, models.PROTECT, related_name="schedule")
    weekday = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 is Monday; null is every day")
    time = models.TimeField(help_text="in the environment's time zone")
    paused = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_run_at = models.DateTimeField(null=True, blank=True, help_text="the planned moment that was run last")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True) | models.Q(weekday__gte=1, weekday__lte=7),
                name="schedule_weekday_is_one",
            ),
            models.CheckConstraint(
                condition=models.Q(paused=True, next_run_at__isnull=True)
                | models.Q(paused=False, next_run_at__isnull=False),
                name="schedule_has_next_unless_paused",
            ),
        )

    def __str__(self) -> str:
        return f"schedule of {self.environment}"
