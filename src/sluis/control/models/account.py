"""Where deliveries go, and what is in them."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Lower

from sluis.control.fields import EncryptedBytesField
from sluis.control.models.environment import Environment


class AccountType(models.TextChoices):
    HOSTED = "hosted"
    EXTERNAL = "external"


class Language(models.TextChoices):
    DUTCH = "nl"
    ENGLISH = "en"


def new_secret() -> bytes:
    """The secret that pseudonyms are made with: 32 random bytes."""
    return secrets.token_bytes(32)


class ConnectionAccount(models.Model):
    """Where deliveries go and who hears of them."""

    environment = models.ForeignKey(Environment, models.PROTECT, related_name="accounts")
    name = models.TextField()
    type = models.TextField(choices=AccountType.choices)
    language = models.TextField(choices=Language.choices, default=Language.DUTCH)
    medical = models.BooleanField(default=False)
    authorisation = models.TextField(default="all_employers", editable=False)
    secret = EncryptedBytesField(default=new_secret, editable=False)
    login = models.TextField(null=True, blank=True, unique=True)
    may_delete = models.BooleanField(default=False, help_text="the receiver may remove what it has fetched")
    addresses = models.JSONField(default=list, help_text="networks that may log in; empty for all")
    retention_days = models.PositiveSmallIntegerField(default=30)
    retention_count = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("environment", Lower("name"), name="account_name_unique"),
            models.CheckConstraint(condition=models.Q(type__in=AccountType.values), name="account_type_known"),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="account_language_known"),
            models.CheckConstraint(condition=models.Q(authorisation="all_employers"), name="account_all_employers"),
            models.CheckConstraint(
                condition=models.Q(login__isnull=True) | models.Q(type=AccountType.HOSTED),
                name="account_login_is_hosted",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Configuration(models.Model):
    """What is delivered: version, pseudonymous, streams, and explicit lists of files and columns."""

    account = models.ForeignKey(ConnectionAccount, models.PROTECT, related_name="configurations")
    name = models.TextField()
    version = models.TextField()
    pseudonymous = models.BooleanField()
    plain_reason = models.TextField(blank=True, default="")
    automatic = models.BooleanField(default=False)
    incremental = models.BooleanField(default=True)
    streams = models.JSONField(default=list, help_text="codes of the chosen streams, in the order of the version")
    known = models.JSONField(
        default=dict, help_text="streams, and columns by file, that its version had when it was last saved"
    )
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("account", Lower("name"), name="configuration_name_unique"),
            models.CheckConstraint(
                condition=models.Q(pseudonymous=True, plain_reason="")
                | (models.Q(pseudonymous=False) & ~models.Q(plain_reason="")),
                name="configuration_plain_has_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account.name}/{self.name}"

    @property
    def environment(self) -> Environment:
        return self.account.environment


class ConfigurationFile(models.Model):
    """A chosen file with exactly its chosen columns, so that nothing new in a catalogue is ever on by itself."""

    configuration = models.ForeignKey(Configuration, models.CASCADE, related_name="files")
    file = models.TextField()
    columns = models.JSONField(help_text="names of the chosen columns, in the order of the catalogue")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["configuration", "file"], name="configuration_file_unique"),)

    def __str__(self) -> str:
        return self.file
