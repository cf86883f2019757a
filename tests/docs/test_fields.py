"""What a field does stands at the field, and in the docs in the same words."""

from __future__ import annotations

from docs import fields_page

EVIDENT = {
    ("ExternalForm", "port"),
    ("ExternalForm", "user"),
    ("ExternalForm", "passphrase"),
    ("NewPairForm", "kind"),
    ("RecipientForm", "address"),
    ("CopyForm", "name"),
    ("ScheduleForm", "weekday"),
    ("NewUserForm", "email"),
    ("EditUserForm", "email"),
    ("NewRoleForm", "environment"),
}
"""Fields whose label says all there is to say. That of a key pair is explained by its choices."""


def test_the_page_is_what_the_forms_say() -> None:
    assert fields_page.PAGE.read_text("utf-8") == fields_page.page(), "docs/fields.md is out of date: run `make docs`"


def test_every_form_is_on_the_page() -> None:
    assert fields_page.every_form() == set(fields_page.HEADINGS) | fields_page.PARTS, "HEADINGS of fields_page.py"


def test_every_field_says_what_it_does() -> None:
    silent = {
        (form.__name__, name)
        for form in fields_page.HEADINGS
        for name, field in form.base_fields.items()  # type: ignore[attr-defined]  # every form has them
        if field.label is not None and not field.help_text
    }
    assert silent == EVIDENT, "give it a help_text, or a line in EVIDENT when its label says all"
