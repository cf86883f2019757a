"""Take the pictures of the README anew, of `sluis demo` in Debian's Chromium. `make screenshots`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
EMPLOYEES = "300"
_URL, _LOGIN = re.compile(r"(http://127\.0\.0\.1:\d+)"), re.compile(r"^\s*(mia)\s+(\S+)", re.MULTILINE)


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with demo() as (address, name, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for language, dark, width, take in (("en-GB", False, 1280, wide), ("nl-NL", True, 390, narrow)):
            context = browser.new_context(
                locale=language, color_scheme="dark" if dark else "light", viewport={"width": width, "height": 800}
            )
            page = context.new_page()
            page.goto(f"{address}/login/")
            page.fill("#id_login", name)
            page.fill("#id_password", password)
            page.click("main button.btn-primary")
            take(page)
        browser.close()


def wide(page: Page) -> None:
    """The main path, on a desk."""
    page.get_by_role("link", name="Deliveries", exact=True).click()
    picture(page, "deliveries")
    page.get_by_role("link", name="Connection accounts", exact=True).first.click()
    page.get_by_role("link", name="DWH", exact=True).click()
    page.get_by_role("link", name="Productie", exact=True).click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("searchbox").fill("ziekte")
    picture(page, "columns")
    page.go_back()
    page.get_by_role("link", name="Open folder").click()
    page.locator("tbody").get_by_role("link", name=re.compile("_changes")).first.click()
    page.get_by_role("link", name="Fact_Verzuim.csv", exact=True).click()
    picture(page, "file")


def narrow(page: Page) -> None:
    """On a phone, dark, in Dutch."""
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Status", exact=True).click()
    picture(page, "phone")


def picture(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(IMAGES / f"{name}.png"))


def _wait(address: str) -> None:
    """The parts are started when their addresses have been told."""
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/health").close()  # noqa: S310 - ours
        except OSError:
            time.sleep(1)
        else:
            return
    raise SystemExit("the web application does not answer")


@contextmanager
def demo() -> Iterator[tuple[str, str, str]]:
    """A demo that stays up while this lasts: its address, and a name and password to log in with."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", "sluis", "demo", "--employees", EMPLOYEES],
            env={**os.environ, "SLUIS_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            told = ""
            for line in process.stdout or ():
                told += line
                if (url := _URL.search(told)) and (login := _LOGIN.search(told)):
                    _wait(url[1])
                    yield url[1], login[1], login[2]
                    return
            raise SystemExit(f"the demo ended:\n{told}")
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


if __name__ == "__main__":
    main()
