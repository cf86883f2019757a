"""Forms of users and their roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sluis.control.models import Environment, Membership, Role, User
from sluis.web.forms.base import Form, TextField, date_field

ROLES: list[tuple[str, Any]] = [(Role.SUPERBEHEERDER, _("Superbeheerder")), (Role.READER, _("Reader"))]


class UserForm(Form):
    """What every user has."""

    email = TextField(label=_("E-mail address"), required=False)
    operator = forms.BooleanField(
        label=_("Operator"),
        required=False,
        help_text=_("Keeps the environments and the users of this installation, and sees nothing inside them."),
    )
    valid_until = date_field(
        label=_("Last day"), required=False, help_text=_("After this day nobody logs in with it. Empty: no end.")
    )


class NewUserForm(UserForm):
    """A new user."""

    name = TextField(label=_("Log-in name"), help_text=_("Letters, digits and @ . + - _; it is fixed after this."))

    field_order = ("name", "email", "operator", "valid_until")


class EditUserForm(UserForm):
    """A user that exists. ``own``: one's own rights are not to be changed."""

    active = forms.BooleanField(
        label=_("Active"), required=False, help_text=_("Off: cannot log in, and sessions end with their next page.")
    )

    field_order = ("email", "operator", "active", "valid_until")

    def __init__(self, *arguments: Any, own: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("operator", "active", "valid_until") if own else ():
            self.fields[name].disabled = True

    @staticmethod
    def initial_of(user: User) -> dict[str, Any]:
        return {
            "email": user.email,
            "operator": user.is_operator,
            "active": user.is_active,
            "valid_until": user.valid_until,
        }

    def values(self) -> dict[str, Any]:
        """As the action takes it."""
        return {**self.cleaned_data, "for_ever": self.cleaned_data["valid_until"] is None}


class RoleForm(Form):
    """A role, and from when to when."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=ROLES,
        widget=forms.RadioSelect,
        help_text=_("A superbeheerder keeps accounts and configurations, and opens files. A reader sees how it goes."),
    )
    valid_from = date_field(label=_("First day"), required=False, help_text=_("Empty: today."))
    valid_until = date_field(label=_("Last day"), required=False, help_text=_("Empty: no end."))

    @staticmethod
    def initial_of(membership: Membership) -> dict[str, Any]:
        return {name: getattr(membership, name) for name in ("role", "valid_from", "valid_until")}


class NewRoleForm(RoleForm):
    """A role in an environment that is chosen."""

    environment = forms.TypedChoiceField(label=_("Environment"), coerce=int)

    field_order = ("environment", "role", "valid_from", "valid_until")

    def __init__(self, *arguments: Any, environments: Iterable[Environment], **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["environment"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(one.pk, one.name) for one in environments]
