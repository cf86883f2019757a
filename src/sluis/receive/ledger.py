"""What a database holds: the table ``_sluis_loaded``, written in the transaction of each delivery."""

from __future__ import annotations

from typing import Any, Literal

import duckdb

from sluis.errors import Rejected
from sluis.receive.manifest import Manifest

_TABLE = """
CREATE TABLE IF NOT EXISTS main._sluis_loaded (
    sequence BIGINT NOT NULL PRIMARY KEY, id VARCHAR NOT NULL, loaded_at TIMESTAMP NOT NULL, mode VARCHAR NOT NULL,
    environment VARCHAR NOT NULL, account VARCHAR NOT NULL, configuration VARCHAR NOT NULL, version VARCHAR,
    snapshot BIGINT NOT NULL, snapshot_time TIMESTAMP NOT NULL, files INTEGER NOT NULL, rows BIGINT NOT NULL,
    ended VARCHAR[] NOT NULL
)"""
_RECORD = """
INSERT INTO main._sluis_loaded
VALUES (?, ?, now() AT TIME ZONE 'UTC', ?, ?, ?, ?, ?, ?, ?::TIMESTAMPTZ AT TIME ZONE 'UTC', ?, ?, ?)"""
_OF_CONFIGURATION = "SELECT environment, account, configuration FROM main._sluis_loaded ORDER BY sequence DESC LIMIT 1"

Standing = Literal["next", "loaded", "older", "gap"]


class Ledger:
    """The deliveries that a database holds, all of one configuration."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute(_TABLE)

    @property
    def last(self) -> int:
        """The newest sequence number, 0 if none."""
        return int(self._value("SELECT coalesce(max(sequence), 0) FROM main._sluis_loaded"))

    def standing(self, manifest: Manifest) -> Standing:
        """Where a delivery stands to what is loaded. Raises ``Rejected`` for one of another configuration."""
        info, last = manifest.sluis, self.last
        self._check_configuration(manifest)
        known = self._value("SELECT any_value(id) FROM main._sluis_loaded WHERE sequence = ?", info.sequence)
        if known is not None and known != info.id:
            raise Rejected(
                f"another delivery with number {info.sequence} is loaded",
                remedy="load this folder into a new file, beginning with a full delivery",
            )
        if known is not None:
            return "loaded"
        if info.sequence < last:
            return "older"
        follows = manifest.every_file_full or (info.previous or 0) == last
        return "next" if follows else "gap"

    def record(self, manifest: Manifest, *, rows: int) -> None:
        """Write a delivery down; ``rows`` is how many its files held."""
        info = manifest.sluis
        stream = [info.environment, info.account, info.configuration]
        moment = info.snapshot_time.isoformat()
        self._connection.execute(
            _RECORD,
            [
                *(info.sequence, info.id, info.mode, *stream, info.version, info.snapshot, moment),
                *(len(manifest.files), rows, list(info.ended)),
            ],
        )

    def _check_configuration(self, manifest: Manifest) -> None:
        info = manifest.sluis
        here = self._connection.execute(_OF_CONFIGURATION).fetchone()
        stream = (info.environment, info.account, info.configuration)
        if here and here != stream:
            raise Rejected(
                f"the database holds {' / '.join(here)}, and this delivery is of {' / '.join(stream)}",
                remedy="give each configuration its own file; was it renamed, load a full delivery into a new one",
            )

    def _value(self, query: str, *parameters: object) -> Any:
        row = self._connection.execute(query, list(parameters)).fetchone()
        return row[0] if row else None
