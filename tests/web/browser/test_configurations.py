"""A configuration from nothing to a run that waits for a worker, as people do it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web.browser.visiting import Site, Visit

pytestmark = pytest.mark.needs("chromium")


def test_a_configuration_is_made_edited_run_and_archived(visitor: Visit, site: Site) -> None:
    sofie = visitor("nl")
    page = sofie.page
    sofie.log_in("sofie")
    page.get_by_role("link", name="Noord").click()
    page.get_by_role("link", name="DWH").click()
    page.get_by_role("link", name="Nieuwe configuratie").click()
    page.get_by_label("Naam").fill("Stuurinformatie")
    expect(page.get_by_role("checkbox", name="Zorg")).to_be_hidden()
    page.get_by_role("radio", name="2 ondersteund").check()
    expect(page.get_by_role("checkbox", name="Zorg")).to_be_visible()
    page.get_by_role("radio", name="Niet pseudoniem").check()
    expect(page.get_by_label("Reden om niet pseudoniem aan te leveren")).to_be_visible()
    page.get_by_role("radio", name="Pseudoniem", exact=True).check()
    expect(page.get_by_label("Reden om niet pseudoniem aan te leveren")).to_be_hidden()
    page.get_by_role("checkbox", name="Basis").check()
    sofie.check("configuration-new")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.locator("h1")).to_have_text("Stuurinformatie")
    sofie.check("configuration-detail")

    page.get_by_role("link", name="Bewerken").click()
    expect(page.locator("#file-Fact_Meting")).to_have_count(0)
    page.get_by_role("checkbox", name="Metingen").check()
    expect(page.locator("#file-Fact_Meting")).to_be_checked()
    page.get_by_label("Zoeken in bestanden en kolommen").fill("zorgvraag")
    expect(page.get_by_role("checkbox", name="Zorgvraag")).to_be_visible()
    expect(page.locator("#file-Fact_Meting")).to_be_hidden()
    expect(page.locator("[data-found]")).to_have_text("1 bestand")
    sofie.check("configuration-edit-search")
    page.get_by_role("button", name="Alleen de verplichte").click()
    expect(page.get_by_role("checkbox", name="Zorgvraag")).not_to_be_checked()
    page.get_by_label("Zoeken in bestanden en kolommen").fill("zorgvraag die er niet is")
    expect(page.locator("[data-found]")).to_have_text("0 bestanden")
    page.get_by_label("Zoeken in bestanden en kolommen").fill("")
    expect(page.get_by_role("checkbox", name="WerknemerId")).to_be_disabled()
    sofie.check("configuration-edit")
    page.get_by_role("button", name="Verder naar de samenvatting").click()
    expect(page.locator("h1")).to_have_text("Wat de ontvanger ervan merkt")
    expect(page.get_by_text("Datastream Metingen komt erbij.")).to_be_visible()
    sofie.check("configuration-summary")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("De wijzigingen zijn opgeslagen")).to_be_visible()

    page.get_by_role("link", name="Nu uitvoeren").click()
    page.get_by_label("Sinds een datum").check()
    page.get_by_label("Datum", exact=True).fill("2026-01-01")
    page.get_by_role("button", name="Nu uitvoeren").click()
    expect(page.get_by_text("wacht op een worker")).to_be_visible()
    sofie.check("configuration-run")
    page.get_by_role("button", name="Annuleren wat loopt").click()
    expect(page.get_by_text("wacht op een worker")).to_have_count(0)
    page.get_by_role("link", name="Stuurinformatie").click()
    page.get_by_role("button", name="Archiveren").click()
    expect(page.get_by_role("button", name="Terugzetten")).to_be_visible()
    sofie.check("configuration-archived")


def test_the_editor_in_english_dark_and_narrow(visitor: Visit, site: Site) -> None:
    mirjam = visitor("en", dark=True, width=390)
    page = mirjam.page
    mirjam.log_in("mirjam")
    page.get_by_role("link", name="DWH").click()
    page.get_by_role("link", name="Productie").click()
    mirjam.check("configuration-dark-narrow")
    page.get_by_role("link", name="Edit").click()
    page.get_by_text("Columns:").first.click()
    mirjam.check("configuration-edit-dark-narrow")
    page.get_by_role("button", name="On to the summary").click()
    expect(page.locator("h1")).to_have_text("What the receiver will notice")
    mirjam.check("configuration-summary-dark-narrow")
