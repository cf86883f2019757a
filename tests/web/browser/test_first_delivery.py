"""From log-in to a delivery whose file is read in the browser, with a worker that does the work; and what tells of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from cli.running import start_process
from web.browser.visiting import Site, Visit

pytestmark = pytest.mark.needs("chromium")

MOST_CLICKS = 25
"""What a superbeheerder's patience is for: an account, its key, a configuration, a run, and a look at a file."""


class Clicker:
    """Counts the clicks of somebody who sets up a connection."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def choice(self, role: str, name: str) -> None:
        self.click(self.page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]  # a role it is

    def write(self, label: str, text: str) -> None:
        """A field is clicked in before it is written in."""
        self.page.get_by_label(label, exact=True).fill(text)
        self.clicks += 1

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    with start_process("worker", variables=site.variables) as process:
        yield
        process.terminate()
        process.communicate(timeout=60)


def test_a_first_delivery_is_set_up_made_and_read(visitor: Visit, site: Site, worker: None) -> None:
    bert = visitor("nl")
    page = bert.page
    bert.log_in("bert")
    expect(page.locator("h1")).to_have_text("Koppelingsaccounts")
    clicker = Clicker(page)
    clicker.link("Nieuw account")
    clicker.write("Naam account", "BI-team")
    clicker.button("Opslaan en verder naar de sleutel")
    clicker.link("Sleutelpaar maken")
    clicker.write("Naam van de sleutel", "bi")
    clicker.button("Sleutelpaar maken")
    with page.expect_download():
        clicker.button("Private sleutel downloaden")
    clicker.link("Klaar, naar het account")
    clicker.link("Nieuwe configuratie")
    clicker.write("Naam", "Maandcijfers")
    clicker.choice("radio", "Pseudoniem")
    page.get_by_role("checkbox", name=re.compile("Uitleningen")).check()
    clicker.clicks += 1
    clicker.button("Opslaan")
    clicker.link("Nu uitvoeren")
    clicker.button("Nu uitvoeren")
    made = page.get_by_role("row", name="Aangeleverd").get_by_role("link")
    expect(made).to_have_count(1)
    bert.check("run-delivered")
    clicker.click(made)
    expect(page.locator("h1")).to_have_text("Aanlevering 1")
    clicker.link("Open map")
    bert.check("folder-delivery")
    clicker.link("Dim_Member.csv")
    expect(page.get_by_role("columnheader", name="PrimaryKey")).to_be_visible()
    # Pseudonymous: whose row it is cannot be read from it.
    expect(page.get_by_role("columnheader", name=re.compile("Name"))).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(5)
    bert.check("folder-file")
    assert clicker.clicks <= MOST_CLICKS
    with page.expect_download() as download:
        page.get_by_role("link", name="Downloaden").click()
    assert download.value.suggested_filename == "Dim_Member.csv"


def test_what_tells_of_it_in_english_dark_and_narrow(visitor: Visit, site: Site) -> None:
    mona = visitor("en", dark=True, width=390)
    page = mona.page
    mona.log_in("mona")
    page.get_by_role("link", name=re.compile("Notices, [0-9]+ unread")).click()
    expect(page.get_by_text("Key BI ends on")).to_be_visible()
    mona.check("notices-dark-narrow")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Key BI ends on").click()
    page.get_by_role("link", name="Open folder").click()
    mona.check("folder-dark-narrow")
    page.get_by_role("link", name="Productie", exact=True).click()
    mona.check("folder-empty-dark-narrow")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Mails").click()
    mona.check("mails-dark-narrow")
    page.get_by_role("link", name=re.compile("Sleutel BI")).first.click()
    expect(page.frame_locator("iframe").get_by_text("Sleutel BI").first).to_be_visible()
    # What is in the frame is for mail programs; its account is in Dutch.
    mona.check("mail-dark-narrow", without="iframe")
    mona.go("/environments/1/state/")
    expect(page.get_by_role("link", name="DWH/Productie")).to_be_visible()
    mona.check("state-dark-narrow")


def test_the_operator_sees_how_it_goes(visitor: Visit, site: Site) -> None:
    onno = visitor("nl")
    page = onno.page
    onno.log_in("onno")
    onno.go("/state/")
    expect(page.get_by_role("cell", name="Noord")).to_be_visible()
    onno.check("installation")
