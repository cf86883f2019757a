"""Forms of environments: what is set once, what can be changed, and the schedule."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sluis.catalog.loader import builtin_names
from sluis.control.models import DEFAULT_KEEP_DAYS, Environment, Schedule
from sluis.web.forms.base import Form, LongSelect, TextField

DAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]


@functools.cache
def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zoneinfo.available_timezones())]


def _source_field(**named: Any) -> TextField:
    return TextField(
        label=_("Address of the source"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "font-monospace"}),
        **named,
    )


def _password_field(help_text: Any) -> TextField:
    return TextField(
        label=_("Password of the source"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=help_text,
    )


def _catalog_field(help_text: Any) -> TextField:
    return TextField(
        label=_("Catalogue"),
        initial=next(iter(builtin_names()), ""),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=help_text,
    )


class NewEnvironmentForm(Form):
    """What an environment begins with."""

    name = TextField(
        label=_("Name"), help_text=_("Of the customer. It is the name of a folder too, and is not changed.")
    )
    source = _source_field(
        help_text=_(
            "postgresql://user@host:5432/database, mysql://user@host:3306/database, sqlite:///file or duckdb:///file. "
            "It is only read, never written; give it a user that can do no more. It is tried before it is saved."
        )
    )
    password = _password_field(_("Kept encrypted, and never shown again."))
    catalog = _catalog_field(_("What can be delivered: the name of a built-in catalogue, or a folder on the server."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        widget=LongSelect,
        help_text=_("Of the schedule, of days in filters, and of times in the source that have no zone."),
    )

    def values(self) -> dict[str, Any]:
        """Arguments of the action."""
        given = self.cleaned_data
        return {
            "source_url": given["source"],
            "source_password": given["password"] or None,
            "catalog": given["catalog"],
            "time_zone": given["time_zone"],
        }


class SourceForm(Form):
    """Another source, or another password of the same."""

    source = _source_field(help_text=_("Another database is read from the next refresh on."))
    password = _password_field(
        _("Empty: the present one stays, if the address stays as it is. With another address it is given anew.")
    )

    def values(self, environment: Environment) -> dict[str, str | None]:
        """Arguments of an action; what stays as it is counts as not given."""
        url = self.cleaned_data["source"]
        return {
            "url": None if url == environment.source_url else url,
            "password": self.cleaned_data["password"] or None,
        }


class CatalogForm(Form):
    """Another catalogue."""

    catalog = _catalog_field(
        _(
            "The name of a built-in catalogue, or a folder on the server. First you see what it does; nothing is done "
            "before that."
        )
    )


class SettingsForm(Form):
    """What an operator changes of an environment that runs."""

    datastreams = forms.BooleanField(
        label=_("Module Datastreams"),
        required=False,
        help_text=_(
            "Off: nothing is refreshed or delivered by itself, and superbeheerders and readers see nothing inside the "
            "environment any more. What was delivered stays. What falls due meanwhile is left out."
        ),
    )
    daily_allowed = forms.BooleanField(
        label=_("Daily delivery allowed"),
        required=False,
        help_text=_("Off: a superbeheerder can choose one day of the week only."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        widget=LongSelect,
        help_text=_(
            "The schedule keeps its time of the day in it. Times in the source that have no zone are read in it: "
            "those rows then come as changed."
        ),
    )
    keep_days = forms.IntegerField(
        label=_("History in days"),
        min_value=1,
        help_text=_(
            "How far back a receiver can be given changes. A receiver whose last delivery is older gets everything in "
            "full. Shorter: what is older is removed for good, with the next upkeep."
        ),
    )
    reason = TextField(
        label=_("Reason for a longer history"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=format_lazy(
            _("Asked for more than {days} days: personal data are kept that long."), days=DEFAULT_KEEP_DAYS
        ),
    )
    brake_percent = forms.IntegerField(
        label=_("Brake: share of the rows, in percent"),
        min_value=1,
        max_value=100,
        help_text=_(
            "When a dataset or file would lose more than this share at once, nothing is changed or published until "
            "somebody has looked. 100: the brake never holds."
        ),
    )
    brake_floor = forms.IntegerField(
        label=_("Brake: never below this number of rows"),
        min_value=0,
        help_text=_("So many rows may go at once, whatever their share: small datasets do not stop everything."),
    )

    @staticmethod
    def initial_of(environment: Environment) -> dict[str, Any]:
        names = ("daily_allowed", "time_zone", "keep_days", "brake_percent", "brake_floor")
        return {
            "datastreams": environment.datastreams_enabled,
            "reason": environment.keep_reason,
            **{name: getattr(environment, name) for name in names},
        }


class SuspensionForm(Form):
    """A dataset that is set aside."""

    dataset = forms.ChoiceField(
        label=_("Dataset"),
        help_text=_("Its files are left out of every delivery until you resume it; receivers keep what they have."),
    )
    reason = TextField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Every user of the environment may read it. Say what is wrong, and until when."),
    )

    def __init__(self, datasets: Iterable[str], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["dataset"].choices = [(name, name) for name in datasets]  # type: ignore[attr-defined]  # a choice


class ScheduleForm(Form):
    """When an environment is refreshed by itself."""

    every = forms.ChoiceField(
        label=_("How often"),
        choices=[("week", _("Every week")), ("day", _("Every day"))],
        widget=forms.RadioSelect,
        help_text=_("The source is read anew, and what is automatic is delivered after it."),
    )
    weekday = forms.TypedChoiceField(label=_("Day of the week"), choices=DAYS, coerce=int)
    time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_(
            "In the environment's time zone; at night the source has most time for it. In the night that the clock "
            "goes back a time comes once, in the night that it goes forward it comes at the end of the missing hour."
        ),
    )

    def values(self) -> dict[str, Any]:
        """Arguments of the action."""
        given = self.cleaned_data
        return {"time": given["time"], "weekday": None if given["every"] == "day" else given["weekday"]}

    @staticmethod
    def initial_of(schedule: Schedule | None) -> dict[str, Any]:
        if schedule is None:
            return {"every": "week", "weekday": 7, "time": dt.time(2, 30)}
        every = "week" if schedule.weekday else "day"
        return {"every": every, "weekday": schedule.weekday or 7, "time": schedule.time}


class PostponeForm(Form):
    """Nothing by itself before a moment."""

    until = forms.DateTimeField(
        label=_("Nothing before"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("In the environment's time zone. What falls due until then is run at that moment, once."),
    )

    def moment(self, environment: Environment) -> dt.datetime:
        """The moment that was meant."""
        local: dt.datetime = self.cleaned_data["until"]
        meant = local.replace(tzinfo=zoneinfo.ZoneInfo(environment.time_zone))
        # The first days there are cannot be written in UTC; this is past too, and is refused as such.
        return max(meant, dt.datetime(1900, 1, 1, tzinfo=dt.UTC)).astimezone(dt.UTC)
