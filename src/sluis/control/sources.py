"""The URL of a source: the password taken out, and refused where a part of it could stay behind."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from sluis.control.urls import FORM, refuse_ambiguous
from sluis.errors import Rejected
from sluis.lake.sources import Source

_SECRET_OPTIONS = {"password", "passwd", "pwd", "sslpassword"}


def split_source(url: str, password: str | None = None) -> Source:
    """The source of a URL; ``password`` where it is not in the URL. No message shows the URL: it may hold a secret."""
    refuse_ambiguous(url, "the URL of the source")
    if any(name.lower() in _SECRET_OPTIONS for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)):
        raise Rejected("the URL of the source has a password among its options", remedy=FORM)
    source = Source.parse(url)
    if source.kind in {"sqlite", "duckdb"}:
        if not source.path.is_file():
            raise Rejected(f"there is no file {source.path}", remedy="give the path of an existing database file")
    elif not urlsplit(source.url).path.strip("/"):
        raise Rejected("the URL of the source names no database", remedy=FORM)
    if password:
        if "@" not in urlsplit(source.url).netloc:
            raise Rejected("the URL of the source names no user for the password", remedy=FORM)
        return Source(source.url, password)
    return source
