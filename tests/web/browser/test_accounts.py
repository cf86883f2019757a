"""From log-in to the accounts, in both languages, as people do it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from web.browser.visiting import PASSWORD, Site, Visit, code

pytestmark = pytest.mark.needs("chromium")


def test_a_new_superbeheerder_gets_in_and_sets_up_an_account(visitor: Visit, site: Site) -> None:
    nina = visitor("nl")
    page = nina.page
    nina.go("/")
    nina.check("login")
    nina.log_in("nina")
    expect(page.locator("h1")).to_have_text("Wachtwoord wijzigen")
    nina.check("password")
    page.fill("#id_oldpassword", PASSWORD)
    page.fill("#id_password1", "heel geheim, en nieuw")
    page.fill("#id_password2", "heel geheim, en nieuw")
    page.click("main button.btn-primary")
    expect(page.locator("h1")).to_have_text("Authenticator-app instellen")
    nina.check("second-factor")
    page.fill("#id_code", code(page.locator(".copyable-value").inner_text()))
    page.click("main button.btn-primary")
    expect(page.locator("h1")).to_have_text("Herstelcodes")
    nina.check("recovery-codes")
    page.get_by_role("link", name="Klaar").click()
    expect(page.locator("h1")).to_have_text("Koppelingsaccounts")
    nina.check("accounts")

    page.get_by_role("link", name="Nieuw account").click()
    nina.check("account-new")
    page.get_by_label("Naam account").fill("Datawarehouse")
    page.get_by_label("E-mailadres").fill("beheer@example.org")
    page.get_by_role("button", name="Opslaan en verder naar de sleutel").click()
    expect(page.locator("h1")).to_have_text("Sleutel toevoegen")
    nina.check("key-new")
    page.get_by_role("link", name="Sleutelpaar maken").click()
    nina.check("key-make")
    page.get_by_label("Naam van de sleutel").fill("dwh-server")
    page.get_by_role("button", name="Sleutelpaar maken").click()
    expect(page.locator("#private-key")).to_have_value(re.compile("BEGIN OPENSSH PRIVATE KEY"))
    nina.check("key-made")
    with page.expect_download() as download:
        page.get_by_role("button", name="Private sleutel downloaden").click()
    assert download.value.suggested_filename == "id_noord-datawarehouse"
    page.get_by_role("link", name="Klaar, naar het account").click()
    expect(page.locator("h1")).to_have_text("Datawarehouse")
    page.get_by_role("button", name="Kopiëren: Gebruiker").click()
    expect(page.locator("#live")).to_have_text("Gekopieerd")
    assert page.evaluate("navigator.clipboard.readText()") == "noord-datawarehouse"
    nina.check("account-detail")
    page.get_by_role("button", name=re.compile("Mijn account")).click()
    page.get_by_role("button", name="Uitloggen").click()
    expect(page.locator("h1")).to_have_text("Inloggen")


def test_the_accounts_in_english_by_keyboard_dark_and_narrow(visitor: Visit, site: Site) -> None:
    mia = visitor("en", dark=True, width=390)
    page = mia.page
    mia.log_in("mia")
    expect(page.locator("h1")).to_have_text("Connection accounts")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    mia.check("accounts-dark-narrow")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_label("Search").fill("rapport")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Rapportage extern").press("Enter")
    expect(page.locator("h1")).to_have_text("Rapportage extern")
    mia.check("external-dark-narrow")
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_label("Private key", exact=True)).to_be_hidden()
    page.get_by_label("A private key of my own").check()
    expect(page.get_by_label("Private key", exact=True)).to_be_visible()
    page.get_by_label("A selection of employers").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Datastreams are made of the whole database")).to_be_visible()
    mia.check("external-edit-refused-dark-narrow")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Environments").first).to_be_visible()
    mia.check("menu-dark-narrow")


def test_language_theme_and_environment_can_be_chosen(visitor: Visit, site: Site) -> None:
    sam = visitor("nl")
    page = sam.page
    sam.log_in("sam")
    expect(page.locator("h1")).to_have_text("Omgevingen")
    sam.check("environments")
    page.get_by_role("link", name="Noord").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Connection accounts")
    page.get_by_role("button", name="As the device; choose light").click()
    page.get_by_role("button", name="Light; choose dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    sam.check("accounts-dark")
    page.get_by_role("link", name="DWH").click()
    sam.check("account-dark")
    page.get_by_role("button", name="Environment: Noord").click()
    page.get_by_role("link", name="Zuid").click()
    expect(page.get_by_text("No connection account yet")).to_be_visible()
    sam.go("/environments/1/accounts/999999/")
    expect(page.get_by_text("This page does not exist")).to_be_visible()
    sam.check("not-found-dark")
