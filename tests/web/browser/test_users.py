"""Users and rights, as an operator and the second person of a medical right see them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web.browser.visiting import PASSWORD, Site, Visit

pytestmark = pytest.mark.needs("chromium")


def test_an_operator_makes_a_user_who_logs_in(visitor: Visit, site: Site) -> None:
    otto = visitor("nl")
    page = otto.page
    otto.log_in("otto")
    page.get_by_role("link", name="Gebruikers").click()
    expect(page.locator("h1")).to_have_text("Gebruikers")
    otto.check("users")
    page.get_by_label("Zoeken").fill("mirjam")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Nieuwe gebruiker").click()
    otto.check("user-new")
    page.get_by_label("Inlognaam").fill("nora")
    page.get_by_label("E-mailadres").fill("nora@example.org")
    page.get_by_role("button", name="Gebruiker maken").click()
    expect(page.locator("h1")).to_have_text("Eerste wachtwoord")
    otto.check("user-made")
    page.get_by_role("button", name="Kopiëren: Wachtwoord").click()
    expect(page.locator("#live")).to_have_text("Gekopieerd")
    first = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("link", name="Klaar, naar de gebruiker").click()
    page.get_by_role("link", name="Rol geven").click()
    otto.check("role-new")
    page.get_by_label("Omgeving").select_option(label="Noord")
    page.get_by_label("Lezer").check()
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("De rol is gegeven.")).to_be_visible()
    page.get_by_role("button", name="Medisch recht voorstellen").click()
    expect(page.get_by_text("Door u voorgesteld: iemand anders geeft het.")).to_be_visible()
    expect(page.get_by_role("button", name="Medisch recht geven")).to_have_count(0)
    otto.check("user")

    nora = visitor("nl")
    site.people["nora"] = ""
    nora.log_in("nora", first)
    expect(nora.page.locator("h1")).to_have_text("Wachtwoord wijzigen")
    nora.page.fill("#id_oldpassword", first)
    nora.page.fill("#id_password1", PASSWORD)
    nora.page.fill("#id_password2", PASSWORD)
    nora.page.click("main button.btn-primary")
    expect(nora.page.locator("h1")).to_have_text("Koppelingsaccounts")

    page.get_by_role("link", name="Alle sessies beëindigen").click()
    otto.check("sessions")
    page.get_by_role("button", name="Alle sessies beëindigen").click()
    expect(page.get_by_text("De sessies eindigen bij hun volgende pagina.")).to_be_visible()
    nora.page.reload()
    expect(nora.page.locator("h1")).to_have_text("Inloggen")
    for name, shot in (
        ("Bewerken", "user-edit"),
        ("Nieuw eerste wachtwoord", "password-new"),
        ("Tweede factor wissen", "factor-reset"),
    ):
        page.get_by_role("link", name=name, exact=True).click()
        otto.check(shot)
        page.get_by_role("link", name="Annuleren").click()


def test_the_second_person_in_english_dark_and_narrow(visitor: Visit, site: Site) -> None:
    martha = visitor("en", dark=True, width=390)
    page = martha.page
    martha.log_in("martha")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Rights").click()
    expect(page.locator("h1")).to_have_text("Rights in this environment")
    expect(page.get_by_text("Proposed by olga.")).to_be_visible()
    martha.check("rights-dark-narrow")
    page.get_by_role("button", name="Give the medical right: ruben").click()
    expect(page.get_by_text("The medical right is given.")).to_be_visible()
    expect(page.get_by_text("Proposed by olga.")).to_have_count(0)


def test_the_users_in_english_dark_and_narrow(visitor: Visit, site: Site) -> None:
    ona = visitor("en", dark=True, width=390)
    page = ona.page
    ona.log_in("ona")
    ona.check("environments-dark-narrow")
    page.get_by_role("button", name="Menu").click()
    ona.check("menu-operator-dark-narrow")
    page.get_by_role("link", name="Users").click()
    ona.check("users-dark-narrow")
    page.get_by_role("link", name="mia", exact=True).click()
    expect(page.locator("h1")).to_have_text("mia")
    ona.check("user-dark-narrow")
    page.get_by_role("link", name="Edit: Noord").click()
    ona.check("role-dark-narrow")
    ona.go("/users/")
    page.get_by_role("link", name="ona", exact=True).click()
    expect(page.get_by_text("Nobody gives himself a right")).to_be_visible()
    ona.check("user-self-dark-narrow")
