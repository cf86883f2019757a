"""Checks of a delivery that need no look at its rows: what lies in the folder, sizes, hashes, headers."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from sluis.receive.findings import Finding
from sluis.receive.manifest import MANIFEST, Manifest, Resource

_LONGEST_HEADER = 1_000_000


def check_folder(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """Names and modes of the delivery, and files that lie there unasked."""
    info = manifest.sluis
    name = f"{info.sequence:06}_{info.snapshot_time.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}_{info.mode}"
    if folder.name != name:
        yield Finding("name", f"by its manifest the folder should be called {name}", folder.name)
    if info.mode == "full" and not manifest.every_file_full:
        yield Finding("mode", "the delivery is called full, but not every file in it is", folder.name)
    listed = {resource.path for resource in manifest.resources} | {MANIFEST}
    for path in sorted(folder.iterdir()):
        if path.name not in listed:
            yield Finding("extra", "not in the manifest; it is not read", folder.name, path.name)


def check_file(folder: Path, resource: Resource) -> Iterator[Finding]:
    """Presence, size, hash and header of one file, up to the first fault: what comes after it would mean nothing."""
    path = folder / resource.path
    if path.is_symlink() or not path.is_file():
        yield Finding("missing", "in the manifest, but not in the folder as a plain file", folder.name, resource.path)
        return
    size = path.stat().st_size
    if size != resource.bytes:
        yield Finding("size", f"{size} bytes, and {resource.bytes} in the manifest", folder.name, resource.path)
        return
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if f"sha256:{digest}" != resource.hash:
        yield Finding("hash", "the content is not what was delivered: its SHA-256 differs", folder.name, resource.path)
        return
    try:
        header = _header(path, resource.dialect.delimiter)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error):
        yield Finding("csv", "the first line cannot be read as UTF-8 CSV", folder.name, resource.path)
        return
    if header != resource.names:
        yield Finding("header", _difference(header, resource.names), folder.name, resource.path)


def _header(path: Path, delimiter: str) -> list[str]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        line = stream.readline(_LONGEST_HEADER).decode("utf-8-sig")
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, strict=True), [])


def _difference(header: list[str], names: list[str]) -> str:
    missing = [name for name in names if name not in header]
    if missing:
        return f"the column {missing[0]} of the manifest is not in the header"
    if len(header) > len(names):
        return "the header has columns that the manifest does not know"
    return "the header has the columns in another order than the manifest"
