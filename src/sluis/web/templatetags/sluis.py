"""What templates need: icons, badges, moments."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django import forms, template
from django.utils import formats
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sluis import settings
from sluis.catalog.model import Text
from sluis.catalog.site.views import Row
from sluis.control.composing import ColumnOffer
from sluis.control.models import Environment, User
from sluis.web import oidc_settings, words

register = template.Library()


@register.simple_tag
@functools.lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """A sign of Tabler; it says nothing to who cannot see it: the words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false" width="24" height="24" viewBox="0 0 24 24" '
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{}</svg>',
        css,
        _drawing(name),
    )


def _drawing(name: str) -> SafeString:
    text = (resources.files("sluis.web") / "icons" / f"{name}.svg").read_text("utf-8")
    inner = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    return mark_safe(" ".join(inner.split()))  # noqa: S308 - a file of the package


@register.simple_tag
def moment(value: dt.datetime | None, environment: Environment | None = None) -> SafeString | str:
    """A moment in the time zone of the environment or else of the installation, with the exact one for machines."""
    if value is None:
        return format_html('<span class="text-secondary">{}</span>', "–")
    zone = zoneinfo.ZoneInfo(environment.time_zone if environment else settings.current().time_zone)
    local = value.astimezone(zone)
    # Months have small letters in Dutch.
    shown = formats.date_format(local, _("j M Y H:i"))
    return format_html('<time datetime="{}" class="text-nowrap">{}</time>', value.isoformat(), shown)


@register.simple_tag
def said(text: Text) -> str:
    """A text of the catalogue in the language of the page."""
    return text.nl if words.page_language() == "nl" else text.en


@register.simple_tag
def linked(user: User) -> bool:
    """Whether a user can log in with the provider that there is now."""
    return bool(SocialAccount.objects.filter(user=user, provider=oidc_settings.provider_id()).exists())


@register.filter
def spoken(text: str) -> str:
    """What the layers below said, in the language of the page."""
    return words.in_language(text, get_language() or "en")


@register.simple_tag
def lookup(values: Mapping[str, Any], name: str) -> Any:
    """The value of a name that is a variable too."""
    return values[name]


@register.simple_tag
def column_rows(file: str, columns: Iterable[tuple[ColumnOffer, Row]]) -> SafeString:
    """Columns to be chosen, as rows of a table. Not a template of their own: a page has many hundreds of them."""
    return SafeString("\n".join(_column_row(file, offer, row) for offer, row in columns))


def _column_row(file: str, offer: ColumnOffer, row: Row) -> str:
    box, name, meaning, rest = _column_parts(file, row, mandatory=offer.column.mandatory)
    checked = _CHECKED if offer.on else ""
    new = _traits((("new", _("new")),)) if offer.new else ""
    return "".join((box, checked, name, new, meaning, _why_not(offer.hidden), rest))


_CHECKED = mark_safe(" checked")


@functools.lru_cache(maxsize=8192)
def _column_parts(file: str, row: Row, *, mandatory: bool) -> tuple[SafeString, SafeString, SafeString, SafeString]:
    """What is the same every time, around what is not."""
    disabled, lock = mark_safe(" disabled"), format_html(" {}", icon("lock", "icon-inline text-secondary"))
    return (
        format_html(
            '<tr data-text="{} {}"><td><input class="form-check-input" type="checkbox" name="column" value="{}.{}" '
            'aria-label="{}"',
            *(row.name.lower(), row.meaning.lower(), file, row.name, row.name),
        ),
        format_html(
            '{}></td><td><span class="name fw-bold">{}</span>{}',
            *((disabled, row.name, lock) if mandatory else ("", row.name, "")),
        ),
        format_html('<div class="text-secondary">{}</div>', row.meaning),
        format_html(
            '</td><td class="text-nowrap">{}</td><td>{}</td></tr>',
            row.type,
            _traits(tuple((mark.kind, mark.text) for mark in row.marks)),
        ),
    )


def _why_not(hidden: str) -> SafeString | str:
    if not hidden:
        return ""
    why = {
        "medical": _("Is not delivered: the account has no access to medical data."),
        "identifying": _("Is not delivered: the configuration is pseudonymous."),
    }
    return format_html('<div class="small">{}</div>', why[hidden])


@functools.lru_cache(maxsize=512)
def _traits(marks: tuple[tuple[str, str], ...]) -> SafeString:
    """Kinds and texts of marks; there are few that differ."""
    return format_html_join("", ' <span class="trait trait-{}">{}</span>', marks)


@register.simple_tag
def badge(colour: str, label: str, sign: str = "") -> SafeString:
    """A state: its words, a colour, and a sign, so that colour alone never says it."""
    return _badge(colour, str(label), sign)


@functools.lru_cache(maxsize=512)
def _badge(colour: str, label: str, sign: str) -> SafeString:
    drawn = icon(sign, "icon-inline") if sign else ""
    return format_html('<span class="badge state state-{}">{}{}</span>', colour, drawn, label)


@register.simple_tag
def options(pairs: Iterable[tuple[int, str]], chosen: str) -> SafeString:
    """Keys and names to choose from in a list, of which there can be a thousand."""
    lines = (
        f'<option value="{key}"{" selected" if str(key) == chosen else ""}>{escape(name)}</option>'
        for key, name in pairs
    )
    return mark_safe("".join(lines))  # noqa: S308 - keys are numbers, and names are escaped


@register.inclusion_tag("web/parts/copy.html")
def copyable(label: str, value: str) -> dict[str, Any]:
    """A value that people copy elsewhere, with a button for it."""
    return {"label": label, "value": value, "button": _("Copy")}


_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


@register.filter
def dressed(field: forms.BoundField) -> forms.BoundField:
    """The field with the class that Tabler knows its widget by, so that the forms of others look like ours."""
    widget = field.field.widget
    css = next(css for kind, css in _CLASSES if isinstance(widget, kind))
    given = widget.attrs.get("class", "").split()
    invalid = ["is-invalid"] if field.errors else []
    widget.attrs["class"] = " ".join(dict.fromkeys([*given, css, *invalid]))
    return field


@register.filter
def of_kind(field: forms.BoundField) -> str:
    """How the layout treats a field: ``switch``, ``choices`` or ``plain``."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect):
        return "choices"
    return "switch" if isinstance(widget, forms.CheckboxInput) else "plain"
