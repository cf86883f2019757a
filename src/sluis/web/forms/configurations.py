"""Forms of configurations. Streams, files and columns are read beside them: see ``Picked``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sluis.control.composing import VersionOffer
from sluis.control.models import Configuration
from sluis.web.forms.base import Form, TextField, date_field

FORMS = [("pseudonymous", _("Pseudonymous")), ("plain", _("Plain: with names and other personal data"))]


class SettingsForm(Form):
    """What can be changed of every configuration."""

    name = TextField(
        label=_("Name"), help_text=_("It is the name of the folder too, and fixed after the first delivery.")
    )
    automatic = forms.BooleanField(
        label=_("Automatic"),
        required=False,
        help_text=_("Delivered after every refresh, at the moments of the schedule."),
    )
    incremental = forms.BooleanField(
        label=_("Incremental"),
        required=False,
        initial=True,
        help_text=_("After the first delivery only what changed. Off: everything, every time."),
    )

    @classmethod
    def initial_of(cls, configuration: Configuration) -> dict[str, Any]:
        return {name: getattr(configuration, name) for name in ("name", "automatic", "incremental")}


class NewForm(SettingsForm):
    """What is chosen once, too. Nothing is preselected between pseudonymous and plain."""

    version = forms.ChoiceField(
        label=_("Version"),
        widget=forms.RadioSelect,
        help_text=_(
            "The version fixes which streams, files and columns there are. "
            "Choose the newest unless the receiver is bound to an older one."
        ),
    )
    form = forms.ChoiceField(
        label=_("Pseudonymous or plain?"),
        choices=FORMS,
        widget=forms.RadioSelect,
        help_text=_("Fixed after the first delivery. Keys of a pseudonymous and a plain delivery cannot be joined."),
    )
    reason = TextField(
        label=_("Reason for plain delivery"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example the goal, and the reference of the privacy impact assessment."),
    )

    def __init__(self, *arguments: Any, versions: Iterable[VersionOffer], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["version"].choices = [(one.version, one.version) for one in versions]  # type: ignore[attr-defined]  # a choice

    def values(self) -> dict[str, Any]:
        """Arguments of the action. A reason that was typed before pseudonymous was chosen does not count."""
        values = self.cleaned_data
        pseudonymous = values["form"] == "pseudonymous"
        return {
            **{name: values[name] for name in ("name", "version", "automatic", "incremental")},
            "pseudonymous": pseudonymous,
            "reason": "" if pseudonymous else values["reason"],
        }


class CopyForm(Form):
    """A copy in this or another version."""

    name = TextField(label=_("Name of the copy"))
    version = forms.ChoiceField(
        label=_("Version"), help_text=_("What stands there under the same names comes along; what is new there is off.")
    )

    def __init__(self, *arguments: Any, versions: Iterable[VersionOffer], **named: Any) -> None:
        super().__init__(*arguments, **named)
        choices = [(one.version, one.version) for one in versions if not one.ended]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]  # a choice


SINCE = [
    ("last", _("Since the last successful delivery")),
    ("all", _("Everything")),
    ("date", _("Since a date")),
]


class RunForm(Form):
    """What to deliver now."""

    since = forms.ChoiceField(
        label=_("What to deliver"),
        choices=SINCE,
        widget=forms.RadioSelect,
        initial="last",
        help_text=_(
            "Whatever is chosen, the next delivery builds on this one. Everything is for a receiver who begins anew."
        ),
    )
    date = date_field(label=_("Date"), required=False, help_text=_("What changed from 00:00 of that day on."))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("since") == "date" and not values.get("date") and "date" not in self.errors:
            self.add_error("date", _("Choose a date."))
        return values

    @property
    def asked(self) -> str:
        """As an action takes it: ``last``, ``all`` or a date."""
        values = self.cleaned_data
        return values["date"].isoformat() if values["since"] == "date" else str(values["since"])


@dataclass(frozen=True)
class Picked:
    """What somebody ticked. ``before``: the streams that the page showed the files of."""

    before: list[str]
    streams: list[str]
    files: dict[str, list[str]]

    @classmethod
    def of(cls, given: QueryDict) -> Picked:
        """From fields ``before``, ``stream``, ``file``, and ``column`` as ``File.Column``."""
        columns: dict[str, list[str]] = defaultdict(list)
        for value in given.getlist("column"):
            file, _dot, column = value.partition(".")
            columns[file].append(column)
        files = {file: columns[file] for file in given.getlist("file")}
        return cls(given.getlist("before"), given.getlist("stream"), files)
