"""URLs with a password in them, read so that no part of it can end up elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from sluis.errors import Rejected

FORM = "write scheme://user:password@host:port/database, special characters percent-encoded (@ is %40, / is %2F)"


def refuse_ambiguous(url: str, what: str) -> None:
    """``Rejected`` where a password with a bare @ / ? or # would be read as host, port, path, query or fragment.

    The message has ``what`` and never the URL.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where what stands for the port is no number
    except ValueError:
        raise Rejected(f"{what} cannot be read", remedy=FORM) from None
    misplaced = parts.netloc and "@" in f"{parts.path}{parts.query}"
    if "#" in url or parts.netloc.count("@") > 1 or misplaced:
        raise Rejected(f"{what} has a bare @ or # in a place where none can be", remedy=FORM)
