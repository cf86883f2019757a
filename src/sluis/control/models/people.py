"""Users, and what they are in an environment."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from sluis import settings
from sluis.control.models.environment import Environment


class User(AbstractUser):
    """A person who logs in. An operator keeps environments, and sees none of what is inside them."""

    is_operator = models.BooleanField(default=False)
    operator_provided = models.BooleanField(default=False, help_text="an operator by a group of the provider")
    valid_until = models.DateField(null=True, blank=True, help_text="the last day, in the installation's time zone")
    notices_read_until = models.DateTimeField(null=True, blank=True, help_text="newer ones are unread")
    must_change_password = models.BooleanField(default=False, help_text="somebody else knows the present one")
    session_round = models.PositiveIntegerField(default=0, help_text="sessions of an earlier round have ended")

    class Meta:
        constraints = (models.UniqueConstraint(Lower("username"), name="user_name_unique"),)

    @property
    def is_current(self) -> bool:
        """Whether this user can do anything now."""
        return self.is_active and (self.valid_until is None or self.valid_until >= _today())

    @property
    def is_past(self) -> bool:
        """Whether the last day is over."""
        return self.valid_until is not None and self.valid_until < _today()

    def end_sessions(self) -> None:
        """Make every session that there is now end with its next page; the caller saves ``session_round``."""
        self.session_round += 1

    def get_session_auth_hash(self) -> str:
        """What a session keeps of the password, and of the round that it was begun in."""
        return f"{super().get_session_auth_hash()}.{self.session_round}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same, by each secret key of before."""
        for one in super().get_session_auth_fallback_hash():
            yield f"{one}.{self.session_round}"


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
    provided = models.BooleanField(default=False, help_text="given by a group of the provider, which it follows")
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
