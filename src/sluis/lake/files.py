"""Where the files of a lake lie: in a folder, or in an S3-compatible store."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from sluis.errors import Fatal, Rejected, Retryable, SluisError
from sluis.lake.session import Session, open_session
from sluis.lake.sql import literal

_PART_FILES = "50GB"
"""The largest file that can be sent. The engine cuts files in parts of a 10,000th of it, and keeps those in memory."""
_PARTS_AT_ONCE = 8
_UNREACHABLE = re.compile(r"Could not (connect|resolve)|Connection|[Tt]imed? ?out|Timeout|SSL|Failed to (read|send)")
_STATUS = re.compile(r"HTTP code (\d{3})|HTTP (\d{3})")
_DENIED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed")
_FORBIDDEN, _NOT_FOUND, _BUSY, _SERVER_FAULT = 403, 404, 429, 500


@dataclass(frozen=True)
class StoreFolder:
    """A folder in an S3-compatible store: ``s3://bucket/prefix``, and how the store is reached.

    ``endpoint``: its address as ``https://host:port``, empty for that of Amazon in the ``region``.
    """

    url: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    endpoint: str = ""

    def __str__(self) -> str:
        return f"{self.url} at {self.endpoint}" if self.endpoint else self.url

    def __truediv__(self, name: str) -> StoreFolder:
        return StoreFolder(f"{self.url.rstrip('/')}/{name}", self.region, self.key, self.secret, self.endpoint)


Folder = Path | StoreFolder


def prepare(session: Session, folder: Folder) -> str:
    """Make a folder ready for the session to read and write in; how the engine calls it."""
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return str(folder)
    place = urlsplit(folder.endpoint)
    given = {"KEY_ID": folder.key, "SECRET": folder.secret, "REGION": folder.region}
    if folder.endpoint:
        # Stores of one's own seldom have a name for each bucket.
        given |= {"ENDPOINT": place.netloc, "URL_STYLE": "path", "USE_SSL": str(place.scheme == "https").lower()}
    listed = "".join(f", {name} {literal(value)}" for name, value in given.items())
    session.execute(f"CREATE OR REPLACE TEMPORARY SECRET lake_store (TYPE s3, SCOPE {literal(folder.url)}{listed})")
    session.execute(f"SET s3_uploader_max_filesize = '{_PART_FILES}'")
    session.execute(f"SET s3_uploader_thread_limit = {_PARTS_AT_ONCE}")
    return folder.url


def remove_all(folder: Folder, scratch: Path) -> None:
    """Remove every file of a lake, whether its catalog still knows of it or not."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=not folder.exists())
        return
    with open_session(scratch) as session:
        session.load("ducklake")
        place = prepare(session, folder)
        # To a lake that knows of no file every file there is an orphan.
        empty = literal(f"ducklake:{session.scratch / 'empty.ducklake'}")
        try:
            session.execute(f"ATTACH {empty} AS empty (DATA_PATH {literal(place)})")
            session.execute("CALL ducklake_delete_orphaned_files('empty', cleanup_all => true)").fetchall()
        except duckdb.Error as error:
            raise fault(folder, error, "removing the lake") or Fatal(
                f"removing the lake: unexpected error of the engine: {type(error).__name__}", remedy="report this"
            ) from None


def is_missing(file: str) -> bool:
    """Whether a file of a lake in a folder is not there; of one in a store that shows when it is read."""
    return "://" not in file and not Path(file).is_file()


def fault(folder: Folder, error: duckdb.Error, what: str) -> SluisError | None:
    """What an error of the engine says of the store as a whole; None where it is not about that."""
    if isinstance(folder, Path) or not isinstance(error, duckdb.IOException):
        return None
    text, status = str(error), _status(error)
    if status == _FORBIDDEN or any(sign in text for sign in _DENIED):
        return Rejected(
            f"{what}: the store of the lake denies it ({folder})",
            remedy="check SLUIS_LAKE_KEY, SLUIS_LAKE_SECRET and SLUIS_LAKE_REGION, and that the key may list, read, "
            "write and delete there",
        )
    if "NoSuchBucket" in text:
        return Rejected(
            f"{what}: the store has no such bucket ({folder})",
            remedy="make the bucket, or mend SLUIS_LAKE_URL or SLUIS_LAKE_ENDPOINT",
        )
    if (status is None and _UNREACHABLE.search(text)) or status == _BUSY or (status or 0) >= _SERVER_FAULT:
        return Retryable(
            f"{what}: the store of the lake cannot be reached ({folder})",
            remedy="check that it runs and that SLUIS_LAKE_ENDPOINT is its address, and try again; nothing was lost",
        )
    return None


def _status(error: duckdb.Error) -> int | None:
    found = _STATUS.search(str(error))
    return int(found[1] or found[2]) if found else None
