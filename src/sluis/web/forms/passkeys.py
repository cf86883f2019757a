"""Forms of passkeys: those of allauth, with our words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sluis.control.actions.users import record_log_in

_LONGEST = 100


class AddForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey; what the device made of it comes in ``credential``."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=_LONGEST,
        help_text=_("To know it by later: the phone, laptop or key that it is on."),
    )
    passwordless = forms.BooleanField(
        label=_("Log in with it alone"),
        required=False,
        initial=True,
        help_text=_(
            "The device then asks a fingerprint, face or PIN, and no password is needed. "
            "Off for a security key that knows no PIN: it comes after the password."
        ),
    )
    field_order = ("name", "passwordless", "credential")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **named})


class LoginForm(LoginWebAuthnForm):  # type: ignore[misc]  # as above
    """Log-in by a passkey alone; whoever has none may send what he likes."""

    def clean_credential(self) -> Any:
        try:
            authenticator = super().clean_credential()
        except (forms.ValidationError, AttributeError, KeyError, TypeError, ValueError):
            raise forms.ValidationError(_("This passkey is not known here, or no longer.")) from None
        if not authenticator.user.has_usable_password():
            # Who is let in by a provider is out when that says so: a passkey is the second of two then.
            raise forms.ValidationError(_("You log in elsewhere first; the passkey comes after that."))
        return authenticator


class EditForm(EditWebAuthnForm):  # type: ignore[misc]  # as above
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"), max_length=_LONGEST)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **named})

    @transaction.atomic
    def save(self) -> Any:
        saved = super().save()
        record_log_in(saved.user, "rename_second_factor", {"kind": saved.type})
        return saved
