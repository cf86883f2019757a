"""Log-in by a real provider of OpenID Connect, under the policy that says where forms may lead."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web.browser.visiting import Site, Visit, Visitor
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
