"""What the recipients of an account are told besides the log reports: facts about its future, each once."""

from __future__ import annotations

from django.db import models

from sluis.control.models.account import Configuration, ConnectionAccount


class NoticeKind(models.TextChoices):
    """What a notice is about; a recipient can switch each off."""

    VERSION_END = "version-end"
    CATALOG_NEWS = "catalog-news"
    KEY_END = "key-end"
    NOT_FETCHED = "not-fetched"
    REFRESH_LATE = "refresh-late"


class Notice(models.Model):
    """A fact that was told. ``fact``: what makes it one, so that any number of workers tell it once.

    ``form``: which text tells it, a name in ``words.NOTICES``; ``details``: what the text is made of.
    """

    account = models.ForeignKey(ConnectionAccount, models.CASCADE, related_name="notices")
    configuration = models.ForeignKey(Configuration, models.CASCADE, null=True, blank=True, related_name="notices")
    kind = models.TextField(choices=NoticeKind.choices)
    fact = models.TextField()
    form = models.TextField()
    details = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "kind", "fact"], name="notice_once_per_fact"),
            models.CheckConstraint(condition=models.Q(kind__in=NoticeKind.values), name="notice_kind_known"),
        )

    def __str__(self) -> str:
        return f"{self.form} of {self.configuration or self.account}"


class Offered(models.Model):
    """What the catalogue had for a configuration when it was last looked at: the rest is new since then."""

    configuration = models.OneToOneField(Configuration, models.CASCADE, related_name="offered")
    version = models.TextField()
    streams = models.JSONField(help_text="codes of the streams of the version")
    columns = models.JSONField(help_text="file of the version: names of its columns")

    def __str__(self) -> str:
        return f"{self.configuration} in version {self.version}"
