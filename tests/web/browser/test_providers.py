"""Log-in by a real provider of OpenID Connect, under the policy that says where forms may lead."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web.browser.test_passkeys import device, on_localhost
from web.browser.visiting import PASSWORD, Site, Visit, Visitor
from web.providing import Provider

pytestmark = pytest.mark.needs("chromium")


def authorize(visitor: Visitor, number: str) -> None:
    """What somebody does at the provider."""
    expect(visitor.page.get_by_role("heading", name="Authorize Client")).to_be_visible()
    visitor.page.get_by_placeholder("sub").fill(number)
    visitor.page.get_by_role("button", name="Authorize", exact=True).click()


def test_a_reader_comes_in_by_the_provider(visitor: Visit, provided: Site, provider: Provider) -> None:
    provider.put("w1", "willem", "noord-lezers")
    willem = visitor("nl")
    willem.site = provided
    page = willem.page
    willem.go("/")
    willem.check("login-provider")
    page.get_by_role("button", name="Inloggen met Waterschap").click()
    authorize(willem, "w1")
    expect(page.locator("h1")).to_have_text("Koppelingsaccounts")
    willem.check("accounts-of-provider")
    page.get_by_role("button", name="Mijn account").click()
    expect(page.get_by_role("link", name="Wachtwoord wijzigen")).to_have_count(0)
    page.get_by_role("link", name="Tweede factor").click()
    willem.check("second-factors-of-provider")
    page.get_by_role("button", name="Mijn account").click()
    page.get_by_role("button", name="Uitloggen").click()
    expect(page.locator("h1")).to_have_text("Inloggen")


def test_an_operator_of_a_group_in_english_dark_and_narrow(visitor: Visit, provided: Site, provider: Provider) -> None:
    provider.put("w2", "wilma", "sluis-operators", "noord-beheer")
    wilma = visitor("en", dark=True, width=390)
    wilma.site = provided
    page = wilma.page
    wilma.go("/login/?next=/users/")
    wilma.check("login-provider-dark-narrow")
    page.get_by_role("button", name="Log in with Waterschap").click()
    authorize(wilma, "w2")
    expect(page.locator("h1")).to_have_text("Users")
    page.get_by_role("link", name="wilma", exact=True).click()
    expect(page.get_by_text("by a group").first).to_be_visible()
    wilma.check("user-of-provider-dark-narrow")
    page.get_by_role("link", name="Take the link away").click()
    wilma.check("unlink-dark-narrow")


def test_a_user_of_before_links_the_two_in_english_dark_and_narrow(
    visitor: Visit, provided: Site, provider: Provider
) -> None:
    provider.put("w4", "pieter")
    pieter = visitor("en", dark=True, width=390)
    pieter.site = provided
    on_localhost(pieter)
    device(pieter)
    page = pieter.page
    pieter.go("/login/")
    page.fill("#id_login", "pieter")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    expect(page.locator("h1")).to_have_text("Connection accounts")
    pieter.go("/second-factor/")
    pieter.check("second-factors-dark-narrow")
    page.get_by_role("link", name="Add a passkey").click()
    pieter.check("passkey-new-dark-narrow")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("h1")).to_have_text("Recovery codes")
    pieter.check("recovery-codes-dark-narrow")
    pieter.go("/second-factor/")
    expect(page.get_by_text("Logs in alone.")).to_be_visible()
    pieter.check("second-factors-with-passkey-dark-narrow")
    page.get_by_role("button", name="Link").click()
    authorize(pieter, "w4")
    expect(page.get_by_text("The two are linked")).to_be_visible()
    expect(page.get_by_text("You can log in with Waterschap.")).to_be_visible()


def test_who_has_no_group_is_told(visitor: Visit, provided: Site, provider: Provider) -> None:
    provider.put("w3", "wouter", "voetbal")
    wouter = visitor("nl")
    wouter.site = provided
    wouter.go("/login/oidc/")
    wouter.check("provider-start")
    wouter.page.get_by_role("button", name="Inloggen met Waterschap").click()
    authorize(wouter, "w3")
    expect(wouter.page.get_by_text("Geen van uw groepen mag Sluis gebruiken.")).to_be_visible()
    wouter.check("provider-no-group")
    wouter.go("/login/oidc/callback/")
    expect(wouter.page.get_by_text("Het inloggen is niet gelukt.")).to_be_visible()
    wouter.check("provider-error")
