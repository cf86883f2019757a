"""Forms of connection accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sluis.control.actions.accounts import HostedSettings
from sluis.control.actions.servers import ServerSettings
from sluis.control.models import ConnectionAccount, ExternalServer
from sluis.web.forms.base import LANGUAGES, REPORTS, Form, TextField, lines, lines_field

AUTHORISATIONS = [("all_employers", _("All employers")), ("some", _("A selection of employers"))]
WAYS = [
    ("keep", _("Leave as it is")),
    ("make_key", _("A key that is made here")),
    ("key", _("A private key of my own")),
    ("password", _("A password")),
]


class AccountForm(Form):
    """What every account has. ``medical_rights``: whether this user may touch the medical mark."""

    name = TextField(
        label=_("Account name"),
        help_text=_("Free to choose. It is a folder's name too, and fixed after the first delivery."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("Of the log reports that go out by e-mail.")
    )
    medical = forms.BooleanField(
        label=_("Account has access to medical data"),
        required=False,
        help_text=_("Streams then also hold what is marked medical. Leave it off when in doubt."),
    )
    authorisation = forms.ChoiceField(
        label=_("Authorisations"),
        choices=AUTHORISATIONS,
        widget=forms.RadioSelect,
        initial="all_employers",
        help_text=_("Datastreams hold the whole database, so only all employers can be chosen."),
    )
    user_import = forms.BooleanField(
        label=_("User import"), required=False, disabled=True, help_text=_("Has no effect on datastreams.")
    )

    def __init__(self, *arguments: Any, medical_rights: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if not medical_rights:
            field = self.fields["medical"]
            field.disabled = True
            field.help_text = _("Only a user with medical rights can change this.")

    def clean_authorisation(self) -> str:
        value = str(self.cleaned_data["authorisation"])
        if value != "all_employers":
            raise forms.ValidationError(
                _(
                    "Datastreams are made of the whole database; a selection of employers would have no effect. "
                    "Choose all employers."
                )
            )
        return value

    def values(self) -> dict[str, Any]:
        """As the actions take it."""
        return {name: self.cleaned_data[name] for name in ("name", "language", "medical")}


class HostedForm(AccountForm):
    """A hosted account."""

    login = TextField(
        label=_("Log-in name"),
        required=False,
        help_text=_(
            "Of the receiver on our SFTP server; made from the account name when left empty. Fixed once there is a key."
        ),
    )
    addresses = lines_field(
        label=_("Allowed addresses"),
        required=False,
        help_text=_("IP addresses or networks that may log in, one a line; empty for all. Example: 192.0.2.0/24"),
    )
    retention_days = forms.IntegerField(
        label=_("Keep deliveries (days)"),
        initial=30,
        min_value=1,
        help_text=_(
            "Older ones are removed from the server. One that goes before it was fetched makes the next one full."
        ),
    )
    retention_count = forms.IntegerField(
        label=_("Keep at most (deliveries)"),
        required=False,
        min_value=1,
        help_text=_("Of all configurations of the account together; empty for no limit."),
    )
    may_delete = forms.BooleanField(
        label=_("Receiver may remove files after fetching them"),
        required=False,
        help_text=_("Off: it can only read. On: what it removes is in the audit trail, and cannot be fetched again."),
    )

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        hosted = HostedSettings(
            login=given["login"] or None,
            may_delete=given["may_delete"],
            addresses=lines(given["addresses"]),
            retention_days=given["retention_days"],
            retention_count=given["retention_count"] or 0,
        )
        return {**super().values(), "hosted": hosted}

    @staticmethod
    def initial_of(account: ConnectionAccount) -> dict[str, Any]:
        return {
            **_common(account),
            "login": account.login or "",
            "addresses": "\n".join(account.addresses),
            "retention_days": account.retention_days,
            "retention_count": account.retention_count,
            "may_delete": account.may_delete,
        }


class ExternalForm(AccountForm):
    """An account on a server of the receiver."""

    host = TextField(label=_("Host"), help_text=_("As the receiver gave it, without sftp://"))
    port = forms.IntegerField(label=_("Port"), initial=22, min_value=1, max_value=65535)
    user = TextField(label=_("User"))
    folder = TextField(label=_("Folder"), initial=".", help_text=_("On that server; . for where the user comes in."))
    way_in = forms.ChoiceField(
        label=_("Log in with"),
        choices=WAYS[1:],
        widget=forms.RadioSelect,
        initial="make_key",
        help_text=_(
            "Of a key that is made here, the receiver puts the public half on its server; the private half never "
            "leaves this one."
        ),
    )
    password = TextField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Never shown again."),
    )
    private_key = TextField(
        label=_("Private key"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 4, "class": "font-monospace", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=_("In OpenSSH or PEM form. Never shown again."),
    )
    passphrase = TextField(
        label=_("Passphrase of the key"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    host_keys = lines_field(
        label=_("Pinned host keys"),
        required=False,
        help_text=_(
            "Fingerprints (SHA256:…) or whole keys that the server may show, at most two. "
            "Empty: test the connection and pin what it shows."
        ),
    )
    legacy = forms.BooleanField(
        label=_("Allow older algorithms"),
        required=False,
        help_text=_("Only for a server that knows no others: they are weaker against who listens in."),
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.initial.get("way_in") == "keep":
            self.fields["way_in"].choices = WAYS  # type: ignore[attr-defined]  # a choice

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        way = given["way_in"]
        server = ServerSettings(
            host=given["host"],
            port=given["port"],
            user=given["user"],
            folder=given["folder"],
            password=given["password"] if way == "password" else None,
            private_key=given["private_key"] if way == "key" else None,
            passphrase=given["passphrase"] if way == "key" else "",
            make_key=way == "make_key",
            host_keys=lines(given["host_keys"]),
            legacy=given["legacy"],
        )
        return {**super().values(), "server": server}

    @staticmethod
    def initial_of(account: ConnectionAccount) -> dict[str, Any]:
        server: ExternalServer = account.server
        return {
            **_common(account),
            **{name: getattr(server, name) for name in ("host", "port", "user", "folder", "legacy")},
            "host_keys": "\n".join(server.host_keys),
            "way_in": "keep",
        }


FORMS: Mapping[str, type[HostedForm | ExternalForm]] = {"hosted": HostedForm, "external": ExternalForm}


def _common(account: ConnectionAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "language": account.language,
        "medical": account.medical,
        "authorisation": account.authorisation,
    }


class RecipientForm(Form):
    """Who gets the log reports."""

    address = TextField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    report = forms.ChoiceField(
        label=_("Log report"),
        choices=REPORTS,
        initial="warnings",
        help_text=_(
            "A run that fails is always mailed. Other runs are when they have something to tell of the chosen kind; "
            "with everything, each run is. A report holds counts and names of files, never the content of a row."
        ),
    )


class KeyForm(Form):
    """A public key of the receiver."""

    key_name = TextField(label=_("Name of the key"), help_text=_("Of its holder or machine, as: dwh-server"))
    public_key = TextField(
        label=_("Public key"),
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 4, "class": "font-monospace", "placeholder": "ssh-ed25519 AAAA…", "spellcheck": "false"}
        ),
        help_text=_("One line, from a file that ends in .pub"),
    )
    valid_until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("After it the key can no longer log in; empty for ever."),
    )


class NewPairForm(Form):
    """A pair that is made here."""

    key_name = KeyForm.base_fields["key_name"]
    kind = forms.ChoiceField(label=_("Kind"), choices=[("ed25519", "Ed25519"), ("rsa", _("RSA, for old programs"))])
    valid_until = KeyForm.base_fields["valid_until"]
