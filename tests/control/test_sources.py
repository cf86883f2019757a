"""The URL of a source: the password taken out, whatever shape the URL has."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluis.control.sources import split_source
from sluis.errors import Rejected


@pytest.mark.parametrize(
    ("url", "stored", "password"),
    [
        ("postgresql://u:geheim@h:5432/d", "postgresql://u@h:5432/d", "geheim"),
        ("postgresql://u:geheim@h/d?sslmode=require", "postgresql://u@h/d?sslmode=require", "geheim"),
        ("postgresql://u:ge%40h%2Fe%23im@h/d", "postgresql://u@h/d", "ge@h/e#im"),
        ("mysql://u:geheim@h:3306/d", "mysql://u@h:3306/d", "geheim"),
        ("postgresql://u@h/d", "postgresql://u@h/d", None),
    ],
)
def test_the_password_is_taken_out(url: str, stored: str, password: str | None) -> None:
    source = split_source(url)
    assert (source.url, source.password) == (stored, password)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:geh#eim@h/d",
        "postgresql://u:12/geheim@h/d",
        "postgresql://u:geheim/x@h/d",
        "postgresql://u:1?geheim@h/d",
        "postgresql://u:a@geheim@h/d",
        "postgresql://u@h/d?password=geheim",
        "mysql://u@h/d?PASSWD=geheim",
        "postgresql://u:geheim@h:port/d",
        "postgresql://u:geheim@h",
        "postgresql://u:geheim@h/",
        "oracle://u:geheim@h/d",
        "u:geheim@h/d",
        "geheim",
        "",
    ],
)
def test_a_url_that_could_leave_a_password_behind_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(Rejected) as caught:
        split_source(url)
    assert "geheim" not in f"{caught.value} {caught.value.remedy} {caught.value.__cause__}"


def test_a_password_can_come_apart(variables: pytest.MonkeyPatch) -> None:
    assert split_source("postgresql://u@h/d", "geheim").password == "geheim"
    with pytest.raises(Rejected, match="names no user"):
        split_source("postgresql://h/d", "geheim")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_file_is_kept_by_its_absolute_path(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.db").touch()
    monkeypatch.chdir(tmp_path)
    assert split_source(f"{kind}:///app.db").path == tmp_path / "app.db"
    assert split_source(f"{kind}:///app.db").url == f"{kind}:///{tmp_path}/app.db"
    with pytest.raises(Rejected, match="there is no file"):
        split_source(f"{kind}:///other.db")
