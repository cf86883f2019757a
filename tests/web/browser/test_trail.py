"""The audit trail, as people look at it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web.browser.visiting import Site, Visit

pytestmark = pytest.mark.needs("chromium")


def test_the_trail_is_filtered_and_kept(visitor: Visit, site: Site) -> None:
    milou = visitor("nl")
    page = milou.page
    milou.log_in("milou")
    page.get_by_role("link", name="Auditspoor").click()
    expect(page.locator("h1")).to_have_text("Auditspoor")
    milou.check("trail")
    page.get_by_label("Wat", exact=True).select_option("configuration.add")
    page.get_by_label("Tekst").fill("Acceptatie")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_text("Reden om niet pseudoniem aan te leveren: testdata")).to_be_visible()
    with page.expect_download() as caught:
        page.get_by_role("link", name="Exporteren als CSV").click()
    assert caught.value.suggested_filename == "audit.csv"


def test_the_trail_in_english_dark_and_narrow(visitor: Visit, site: Site) -> None:
    olga = visitor("en", dark=True, width=390)
    page = olga.page
    olga.log_in("olga")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_role("cell", name="User made").first).to_be_visible()
    olga.check("trail-dark-narrow")
