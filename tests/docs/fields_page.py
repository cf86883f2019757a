"""Writes ``docs/fields.md``: what each field of a form does, in the words that stand at the field (`make docs`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from django import forms
from django.utils import translation

import sluis.web.forms
from sluis.web.forms import accounts, base, configurations, environments, passkeys, users

PAGE = Path(__file__).parents[2] / "docs" / "fields.md"
HEADINGS: dict[type[forms.BaseForm], tuple[str, str]] = {
    environments.NewEnvironmentForm: ("Nieuwe omgeving", "New environment"),
    environments.SourceForm: ("Bron", "Source"),
    environments.CatalogForm: ("Catalogus", "Catalogue"),
    environments.SettingsForm: ("Instellingen van een omgeving", "Settings of an environment"),
    environments.SuspensionForm: ("Dataset opschorten", "Suspend a dataset"),
    environments.ScheduleForm: ("Schema", "Schedule"),
    environments.PostponeForm: ("Uitstellen", "Postpone"),
    accounts.HostedForm: ("Koppelingsaccount op deze server", "Connection account on this server"),
    accounts.ExternalForm: ("Koppelingsaccount op een server van de ontvanger", "Account on a server of the receiver"),
    accounts.KeyForm: ("Publieke sleutel van de ontvanger", "Public key of the receiver"),
    accounts.NewPairForm: ("Sleutelpaar", "Key pair"),
    accounts.RecipientForm: ("Ontvanger van logverslagen", "Recipient of log reports"),
    configurations.NewForm: ("Datastreamconfiguratie", "Configuration"),
    configurations.CopyForm: ("Kopie van een configuratie", "Copy of a configuration"),
    configurations.RunForm: ("Nu aanleveren", "Run now"),
    users.NewUserForm: ("Nieuwe gebruiker", "New user"),
    users.EditUserForm: ("Gebruiker", "User"),
    users.NewRoleForm: ("Rol", "Role"),
    passkeys.AddForm: ("Passkey", "Passkey"),
}
PARTS: set[type[forms.BaseForm]] = {
    base.Form,
    accounts.AccountForm,
    configurations.SettingsForm,
    users.UserForm,
    users.RoleForm,
    passkeys.LoginForm,
    passkeys.EditForm,
}
"""Forms of which another has every field, and those without a field that says more than its name."""
_WORDS = {"nl": ("Veld", "Wat het doet"), "en": ("Field", "What it does")}


def every_form() -> set[type[forms.BaseForm]]:
    """All forms of the web application."""
    modules = [importlib.import_module(f"sluis.web.forms.{one.name}") for one in pkgutil.iter_modules(_folder())]
    return {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, forms.BaseForm) and value.__module__ == module.__name__
    }


def _folder() -> list[str]:
    return list(sluis.web.forms.__path__)


def page() -> str:
    """The text of the page, Dutch first."""
    lines = [
        "# Velden · Fields",
        "",
        "Wat elk veld in de webapplicatie doet, in de woorden die bij het veld staan. English below.",
        "Made from the forms themselves by `make docs`.",
        "",
    ]
    for index, language in enumerate(("nl", "en")):
        with translation.override(language):
            lines += [f"# {('Nederlands', 'English')[index]}", ""]
            for form, heading in HEADINGS.items():
                lines += [f"## {heading[index]}", "", *_table(form, language), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(form: type[forms.BaseForm], language: str) -> Iterator[str]:
    yield "| {} | {} |".format(*_WORDS[language])
    yield "|---|---|"
    for field in form.base_fields.values():  # type: ignore[attr-defined]  # every form has them
        if field.label is not None:
            yield f"| {_cell(field.label)} | {_cell(field.help_text)} |"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|")


def write() -> None:
    """Write the page anew; Django must have been started with the settings of the web application."""
    PAGE.write_text(page(), "utf-8")
