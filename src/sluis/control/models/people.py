"""Users, and what they are in an environment."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from sluis.control.models.environment import Environment


class User(AbstractUser):
    """A person who logs in. An operator keeps environments, and sees none of what is inside them."""

    is_operator = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("username"), name="user_name_unique"),)


class Role(models.TextChoices):
    SUPERBEHEERDER = "superbeheerder"
    READER = "reader"


class Membership(models.Model):
    """A user's role in an environment, from one day to another (both included) in the environment's time zone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="memberships")
    role = models.TextField(choices=Role.choices)
    medical = models.BooleanField(default=False)
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
