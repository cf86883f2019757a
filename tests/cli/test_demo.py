"""The demo stays up with all parts: people log in, and everything has happened once."""

from __future__ import annotations

import http.cookiejar
import re
import signal
import urllib.parse
import urllib.request
from pathlib import Path

from cli.running import start_process

STATES = ("Delivered", "Held", "Failed")


class Browser:
    """Follows links and posts forms, as people do."""

    def __init__(self, address: str) -> None:
        self._address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self._opener.addheaders = [("Accept-Language", "en")]

    def get(self, path: str) -> str:
        with self._opener.open(self._address + path, timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, **fields: str) -> str:
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        assert token
        given = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        with self._opener.open(self._address + path, given, timeout=60) as answer:
            text: str = answer.read().decode()
            return text


def test_people_log_in_to_a_demo_in_which_everything_has_happened(tmp_path: Path) -> None:
    variables = {"SLUIS_DATA_DIR": str(tmp_path / "data")}
    with start_process("demo", "--employees", "20", "--weeks", "1", variables=variables) as process:
        assert process.stdout
        told: dict[str, str] = {}
        for line in process.stdout:
            name, _, rest = line.strip().partition(" ")
            told[name] = rest.strip()
            if name == "sftp":
                break
        stderr = process.stderr
        assert stderr
        assert "sftp" in told, stderr.read()
        started = "".join(iter(lambda: _until_served(stderr.readline()), ""))
        assert "fell over" not in started
        address = told["web"].removeprefix("application: ")
        browser = Browser(address)
        browser.post("/login/", login="sam", password=told["sam"].split()[0])
        page = browser.get("/environments/1/deliveries/")
        for state in STATES:
            assert f"{state}</span>" in page, state
        assert "1 archived configuration" in browser.get("/environments/1/accounts/1/")
        assert "Overview of datastreams" in browser.get("/environments/1/datastreams/7.36/")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0


def _until_served(line: str) -> str:
    """Empty once the web application has told its address, which ends the reading."""
    return "" if line.startswith("web: address") else line
