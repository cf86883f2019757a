"""Passkeys with the browser's own virtual authenticator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from web.browser.visiting import Site, Visit, Visitor

pytestmark = pytest.mark.needs("chromium")


def on_localhost(visitor: Visitor) -> Visitor:
    """Passkeys know no sites with a number for a name."""
    visitor.site = replace(visitor.site, address=visitor.site.address.replace("127.0.0.1", "localhost"))
    return visitor


def device(visitor: Visitor) -> tuple[CDPSession, str]:
    """A phone or laptop that asks a fingerprint, and gets it."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added: dict[str, Any] = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(added["authenticatorId"])


def test_a_passkey_is_added_and_logs_in(visitor: Visit, site: Site) -> None:
    paula = on_localhost(visitor("nl"))
    page = paula.page
    session, authenticator = device(paula)
    paula.log_in("paula")
    expect(page.locator("h1")).to_have_text("Authenticator-app instellen")
    paula.check("second-factor-first")
    page.get_by_role("link", name="Liever een passkey").click()
    expect(page.locator("h1")).to_have_text("Passkey toevoegen")
    paula.check("passkey-new")
    page.get_by_label("Naam").fill("Laptop van Paula")
    page.get_by_role("button", name="Toevoegen").click()
    expect(page.locator("h1")).to_have_text("Herstelcodes")
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1
    page.get_by_role("link", name="Klaar").click()
    expect(page.locator("h1")).to_have_text("Koppelingsaccounts")
    paula.go("/second-factor/")
    expect(page.get_by_text("Laptop van Paula")).to_be_visible()
    paula.check("second-factors")

    page.get_by_role("button", name="Mijn account").click()
    page.get_by_role("button", name="Uitloggen").click()
    expect(page.locator("h1")).to_have_text("Inloggen")
    paula.check("login-passkey")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    expect(page.locator("h1")).to_have_text("Koppelingsaccounts")

    # The password is the first of two: the passkey is asked too.
    page.get_by_role("button", name="Mijn account").click()
    page.get_by_role("button", name="Uitloggen").click()
    paula.log_in("paula")
    expect(page.locator("h1")).to_have_text("Tweede factor")
    paula.check("second-factor-passkey")
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.locator("h1")).to_have_text("Koppelingsaccounts")

    paula.go("/second-factor/")
    page.get_by_role("link", name="Naam wijzigen: Laptop van Paula").click()
    paula.check("passkey-name")
    page.get_by_label("Naam").fill("Oude laptop")
    page.get_by_role("button", name="Opslaan").click()
    page.get_by_role("link", name="Verwijderen: Oude laptop").click()
    paula.check("passkey-remove")
    page.get_by_role("button", name="Verwijderen").click()
    expect(page.get_by_text("stel eerst een andere in")).to_be_visible()


def test_without_a_passkey_the_page_says_so(visitor: Visit, site: Site) -> None:
    somebody = on_localhost(visitor("en", dark=True, width=390))
    page = somebody.page
    session, authenticator = device(somebody)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    somebody.go("/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work.")
    somebody.check("login-passkey-refused-dark-narrow")
