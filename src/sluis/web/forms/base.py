"""The look of every form, and fields that several share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer, TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _


class Renderer(TemplatesSetting):
    """Forms by our own templates."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"


class Form(forms.Form):
    """A form as Tabler draws it; see ``web/forms/field.html``."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **named})


class TextField(forms.CharField):
    """A text that goes to an action as it was typed: what is wrong with it, the action says."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**{"max_length": 1000, "strip": True, **named})


class LongSelect(forms.Select):
    """A list of hundreds to choose from: drawn at once, not by a template for each."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 - part of every widget
    ) -> SafeString:
        chosen = self.format_value(value)
        lines = ((key, _SELECTED if str(key) in chosen else "", label) for key, label in self.choices)
        drawn = format_html_join("", '<option value="{}"{}>{}</option>', lines)
        own = self.build_attrs({**self.attrs, "name": name}, attrs)
        return format_html("<select{}>{}</select>", flatatt(own), drawn)


_SELECTED = mark_safe(" selected")


def date_field(**named: Any) -> forms.DateField:
    """A day, chosen with the browser's own calendar."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **named)


def lines_field(**named: Any) -> TextField:
    """Several values, one a line."""
    return TextField(widget=forms.Textarea(attrs={"rows": 3, "class": "font-monospace"}), **named)


def lines(text: str) -> tuple[str, ...]:
    """The values of a field with one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
REPORTS = [
    ("failures", _("Failures only")),
    ("warnings", _("Failures and warnings")),
    ("messages", _("Also messages")),
    ("metadata", _("Everything, with counts per file")),
]
