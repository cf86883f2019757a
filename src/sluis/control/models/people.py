"""Users, and what they are in an environment."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from sluis import settings
from sluis.control.models.environment import Environment


class User(AbstractUser):
    """A person who logs in. An operator keeps environments, and sees none of what is inside them."""

    is_operator = models.BooleanField(default=False)
    valid_until = models.DateField(null=True, blank=True, help_text="the last day, in the installation's time zone")
    notices_read_until = models.DateTimeField(null=True, blank=True, help_text="newer ones are unread")
    must_change_password = models.BooleanField(default=False, help_text="somebody else knows the present one")

    class Meta:
        constraints = (models.UniqueConstraint(Lower("username"), name="user_name_unique"),)

    @property
    def is_current(self) -> bool:
        """Whether this user can do anything now."""
        return self.is_active and (self.valid_until is None or self.valid_until >= _today())


def _today() -> dt.date:
    return timezone.now().astimezone(zoneinfo.ZoneInfo(settings.current().time_zone)).date()


class Role(models.TextChoices):
    SUPERBEHEERDER = "superbeheerder"
    READER = "reader"


class Membership(models.Model):
    """A user's role in an environment, from one day to another (both included) in the environment's time zone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="memberships")
    role = models.TextField(choices=Role.choices)
    medical = models.BooleanField(default=False)
    medical_asked_by = models.TextField(
        blank=True, default="", help_text="who asked for the medical right, until given"
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="membership_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.environment}"
