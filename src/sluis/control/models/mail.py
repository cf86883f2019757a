"""Who hears of runs, and the mails that wait for it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Lower

from sluis.control.models.account import ConnectionAccount
from sluis.control.models.runs import Delivery


class ReportKind(models.TextChoices):
    """Which levels of a log report a recipient gets; each holds those of the kinds before it."""

    FAILURES = "failures"
    WARNINGS = "warnings"
    MESSAGES = "messages"
    METADATA = "metadata"


class Recipient(models.Model):
    """A mail address that gets the log reports of an account, and its notices but those that are off."""

    account = models.ForeignKey(ConnectionAccount, models.CASCADE, related_name="recipients")
    address = models.TextField()
    report = models.TextField(choices=ReportKind.choices)
    notices_off = models.JSONField(default=list, blank=True, help_text="kinds of notices that it does not get")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("account", Lower("address"), name="recipient_address_unique"),
            models.CheckConstraint(condition=models.Q(report__in=ReportKind.values), name="recipient_report_known"),
        )

    def __str__(self) -> str:
        return self.address


class MailState(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"


class Mail(models.Model):
    """A mail of an account, about a delivery perhaps.

    Its id is in its ``Message-ID``, so that one that is sent twice can be told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(ConnectionAccount, models.CASCADE, related_name="mails")
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, blank=True, related_name="mails")
    to = models.TextField()
    language = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()
    state = models.TextField(choices=MailState.choices, default=MailState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="mail_waiting"),)
        constraints = (models.CheckConstraint(condition=models.Q(state__in=MailState.values), name="mail_state_known"),)

    def __str__(self) -> str:
        return f"mail to {self.to}: {self.subject}"
