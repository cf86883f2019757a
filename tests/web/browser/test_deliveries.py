"""Deliveries and the overview of datastreams, as people look at them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web.browser.visiting import Site, Visit

pytestmark = pytest.mark.needs("chromium")


def test_deliveries_are_found_and_a_held_one_is_refused(visitor: Visit, site: Site) -> None:
    sander = visitor("nl")
    page = sander.page
    sander.log_in("sander")
    page.get_by_role("link", name="Noord").click()
    page.get_by_role("link", name="Aanleveringen").click()
    expect(page.get_by_text("Bestanden maken")).to_be_visible()
    sander.check("deliveries")
    page.get_by_label("Status").select_option("delivered")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody tr").first.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Aanlevering 2")
    sander.check("delivery")
    page.get_by_label("Uitval").check()
    expect(page.locator(".log-line")).to_have_count(1)
    page.go_back()
    page.get_by_label("Status").select_option("held")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody tr").first.get_by_role("link").click()
    sander.check("delivery-held")
    page.get_by_role("button", name="Weigeren").click()
    expect(page.get_by_text("De aanlevering is geweigerd")).to_be_visible()


def test_progress_and_datastreams_in_english_dark_and_narrow(visitor: Visit, site: Site) -> None:
    marijke = visitor("en", dark=True, width=390)
    page = marijke.page
    marijke.log_in("marijke")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Deliveries").click()
    marijke.check("deliveries-dark-narrow")
    page.get_by_role("link", name="Open the delivery").click()
    with page.expect_response(lambda answer: "/progress/" in answer.url):
        expect(page.locator("progress")).to_be_visible()
    marijke.check("delivery-running-dark-narrow")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Overview of datastreams").click()
    page.get_by_role("link", name="Version 2").click()
    marijke.check("catalogue-dark-narrow")
    page.get_by_label("Search in streams").fill("care need")
    expect(page.get_by_role("cell", name="Has a care need")).to_be_visible()
    page.get_by_role("link", name="Dim_Werknemer").first.click()
    marijke.check("catalogue-file-dark-narrow")
    page.get_by_role("link", name="Basics").click()
    marijke.check("catalogue-stream-dark-narrow")
    marijke.go("/environments/1/datastreams/3/changes/")
    marijke.check("catalogue-changes-dark-narrow")


def test_a_folder_in_which_many_deliveries_stand(visitor: Visit, site: Site) -> None:
    stella = visitor("nl")
    page = stella.page
    stella.log_in("stella")
    page.get_by_role("link", name="DWH").click()
    page.get_by_role("link", name="Open map").click()
    page.get_by_role("link", name="Productie", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.get_by_text("pagina 1 van 2")).to_be_visible()
    page.get_by_role("link", name="Ouder").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.get_by_role("link", name="000001_x").first).to_be_visible()
    stella.check("folder-many")
    page.set_viewport_size({"width": 390, "height": 844})
    stella.check("folder-many-narrow")
