"""How receivers reach their deliveries: keys, servers of their own, and what they have fetched."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from sluis.control.fields import EncryptedTextField
from sluis.control.models.account import ConnectionAccount
from sluis.control.models.runs import Delivery


class SftpKey(models.Model):
    """A public key that may log in to a hosted account. ``valid_until``: the last day, in the environment's zone."""

    account = models.ForeignKey(ConnectionAccount, models.CASCADE, related_name="keys")
    name = models.TextField()
    public_key = models.TextField(help_text="type and key in OpenSSH form, without the comment")
    fingerprint = models.TextField()
    valid_until = models.DateField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("account", Lower("name"), name="key_name_unique"),
            models.UniqueConstraint(fields=["account", "fingerprint"], name="key_fingerprint_unique"),
        )

    def __str__(self) -> str:
        return self.name


class ExternalServer(models.Model):
    """The server that an external account delivers to, and how Sluis logs in there."""

    account = models.OneToOneField(ConnectionAccount, models.CASCADE, related_name="server")
    host = models.TextField()
    port = models.PositiveIntegerField(default=22)
    user = models.TextField()
    folder = models.TextField(default=".")
    password = EncryptedTextField(blank=True, default="")
    private_key = EncryptedTextField(blank=True, default="")
    public_key = models.TextField(blank=True, default="", help_text="of the private key, to be given to the receiver")
    host_keys = models.JSONField(default=list, help_text="one or two pins: lines or fingerprints")
    legacy = models.BooleanField(default=False)
    renames_folders = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(host="") & ~models.Q(user="") & models.Q(port__gte=1, port__lte=65535),
                name="server_has_an_address",
            ),
        )

    def __str__(self) -> str:
        return f"sftp://{self.user}@{self.host}:{self.port}/{self.folder}"


class DownloadReceipt(models.Model):
    """A file of a delivery that a receiver has read. ``sent``: bytes; ``complete``: it has every byte now."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="receipts")
    file = models.TextField(help_text="name in the folder of the delivery")
    sent = models.BigIntegerField()
    complete = models.BooleanField()
    moment = models.DateTimeField(auto_now_add=True)
    address = models.TextField()
    key_name = models.TextField(blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=["delivery", "file"], name="receipt_by_file"),)

    def __str__(self) -> str:
        return f"{self.file} of {self.delivery}"
