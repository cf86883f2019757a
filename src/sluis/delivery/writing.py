"""Writes the CSV of one file: everything, or the changes since a bookmark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sluis.delivery.plan import FilePlan, Mode
from sluis.delivery.projection import Projection
from sluis.lake.session import Session
from sluis.lake.sql import ident, literal

_CHUNK = 1 << 20
FEW = 100_000
"""So many rows of a journal are kept in memory while a file is made of them."""
MANY_ROWS, TIMES, MOST_KEYS = 50_000, 4, 1_000_000
"""In a file of so many rows, keys that occur so many times each are made once, where they are no more than so many."""


@dataclass(frozen=True)
class Written:
    """One CSV that stands in the folder: its counts (rows of the file, and of them I, U, D), size and hash.

    ``total``: rows that the receiver has of the file afterwards; ``gone``: at least how many it loses. ``deletes``: in
    a version without ``Mutatie`` the file whose deleted keys this one holds.
    """

    name: str
    path: str
    mode: Mode
    reason: str | None
    rows: int
    inserted: int
    updated: int
    deleted: int
    bytes: int
    sha256: str
    total: int = 0
    gone: int = 0
    deletes: str | None = None


def write(session: Session, plan: FilePlan, folder: Path) -> list[Written]:
    """Write the file, and in a version without ``Mutatie`` the file with its deleted keys, into ``folder``."""
    if plan.mode == "changes" and not plan.touched:
        return _untouched(plan, folder)
    plan = _with_history(session, plan)
    if plan.mode == "full":
        with _keys_made_once(session, plan) as made:
            return _files(session, plan, folder, _full(plan, made), _deleted(plan))
    # Rows and deleted keys come from one table, so that the changes are projected once.
    session.execute(f"CREATE OR REPLACE TEMPORARY TABLE changes AS {_changes(plan)}")
    rows, deleted = "FROM changes WHERE _change <> 'D'", "SELECT _pk FROM changes WHERE _change = 'D'"
    return _files(session, plan, folder, rows, deleted)


def _files(session: Session, plan: FilePlan, folder: Path, rows: str, deleted: str) -> list[Written]:
    projection = plan.projection
    if not projection.has_change_column:
        main = _copy(session, plan, folder, _lines(projection, rows, None))
        keys = _copy(session, plan, folder, _key_lines(projection, deleted), deletes=plan.name)
        return [_with_loss(session, plan, main, keys.rows), keys]
    one = _copy(session, plan, folder, _lines(projection, rows, deleted))
    return [_with_loss(session, plan, one, one.deleted)]


def _untouched(plan: FilePlan, folder: Path) -> list[Written]:
    """Only headers: most files of most deliveries, so the engine is not asked to find nothing in them."""
    projection = plan.projection
    own = projection.file.own_key
    change = ["Mutatie"] if projection.has_change_column else []
    header = ["PrimaryKey", "RecordKey", *change, own, *(field.name for field in projection.fields)]
    one = replace(_header(plan, folder, header), total=plan.had or 0)
    return [one] if change else [one, _header(plan, folder, ["PrimaryKey", own], deletes=plan.name)]


def _header(plan: FilePlan, folder: Path, names: list[str], deletes: str | None = None) -> Written:
    path = _path(plan, folder, deletes)
    # Names of a catalogue are letters, digits and _: no field has to be quoted.
    path.write_bytes(f"{','.join(names)}\n".encode())
    size, digest = _size_and_hash(path)
    return Written(path.stem, path.name, plan.mode, plan.reason, 0, 0, 0, 0, size, digest, deletes=deletes)


def _path(plan: FilePlan, folder: Path, deletes: str | None) -> Path:
    return folder / (f"{deletes}_verwijderd.csv" if deletes else f"{plan.name}.csv")


def _with_loss(session: Session, plan: FilePlan, written: Written, deleted: int) -> Written:
    """What the receiver has afterwards, and what it loses: of a full file also what it no longer names.

    A run since a date names deleted keys that the receiver does not have any more: it loses nothing by them.
    """
    had = plan.had or 0
    if plan.mode == "changes":
        gone = session.number("SELECT count(*) FROM changes WHERE _change = 'D' AND _had") if deleted else 0
        return replace(written, total=had + written.inserted - gone, gone=gone)
    return replace(written, total=written.inserted, gone=max(deleted, had - written.inserted))


def _texts(projection: Projection) -> list[str]:
    return [f"f{number}" for number in range(len(projection.fields))]


def _projected(projection: Projection, source: str, made: Mapping[int, str] | None = None) -> str:
    """Rows of the dataset as this receiver sees them: ``_key``, PrimaryKey as ``_pk``, the fields as f0, f1, …

    ``made``: per number of a field the column of ``source`` in which it stands already.
    """
    fields = "".join(
        f", {(made or {}).get(number, field.expression)} AS f{number}" for number, field in enumerate(projection.fields)
    )
    return f"SELECT _key, {projection.primary_key} AS _pk{fields} FROM {source}"


def _full(plan: FilePlan, made: Mapping[int, tuple[str, ...]]) -> str:
    """Every row. ``made``: per number of a field the columns whose keys stand in a table of their own."""
    joins = "".join(
        f" LEFT JOIN keys_{number} ON "
        + " AND ".join(f"{ident(name)} IS NOT DISTINCT FROM _part_{number}_{at}" for at, name in enumerate(names))
        for number, names in made.items()
    )
    projected = _projected(plan.projection, f"{plan.generation.table}{joins}", {n: f"_made_{n}" for n in made})
    return f"SELECT 'I' AS _change, * FROM ({projected})"


@contextmanager
def _keys_made_once(session: Session, plan: FilePlan) -> Iterator[dict[int, tuple[str, ...]]]:
    """The fields, by number, whose keys occur many times each; while it lasts, ``keys_<number>`` holds each once.

    To look a key up takes a tenth of the time that it takes to make it, and of a pseudonym a thirtieth.
    """
    fields, table = plan.projection.fields, plan.generation.table
    asked = {number: field.key_of for number, field in enumerate(fields) if field.key_of}
    # A file of few rows takes less time than the question.
    made = _repeated(session, table, asked) if asked and plan.rows >= MANY_ROWS else {}
    for number, names in made.items():
        parts = ", ".join(f"{ident(name)} AS _part_{number}_{at}" for at, name in enumerate(names))
        different = f"SELECT DISTINCT {', '.join(map(ident, dict.fromkeys(names)))} FROM {table}"
        session.execute(
            f"CREATE OR REPLACE TEMPORARY TABLE keys_{number} AS "
            f"SELECT {parts}, {fields[number].expression} AS _made_{number} FROM ({different})"
        )
    try:
        yield made
    finally:
        for number in made:
            session.execute(f"DROP TABLE IF EXISTS keys_{number}")


def _repeated(session: Session, table: str, asked: dict[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    counts = "".join(f", approx_count_distinct(({', '.join(map(ident, names))}))" for names in asked.values())
    rows, *different = map(int, map(str, session.row(f"SELECT count(*){counts} FROM {table}") or (0,)))
    most = min(rows // TIMES, MOST_KEYS)
    return {number: asked[number] for number, many in zip(asked, different, strict=False) if many <= most}


def _with_history(session: Session, plan: FilePlan) -> FilePlan:
    """The plan with a copy of what is asked of the journal, where that is little.

    What changed is looked at five times over, and opening a table of the lake takes longer than so few rows do.
    """
    after = _oldest(plan) if plan.mode == "changes" else plan.deletions_since
    if after is None or not plan.touched:
        return plan
    rows = session.number(
        "CREATE OR REPLACE TEMPORARY TABLE history AS "
        f"SELECT * FROM {plan.generation.journal} WHERE _sequence > {after} LIMIT {FEW + 1}"
    )
    return replace(plan, copied="history") if rows <= FEW else plan


def _oldest(plan: FilePlan) -> int:
    """The sequence after which changes are looked for."""
    baseline = plan.baseline or 0
    return min(baseline, plan.since) if plan.since is not None else baseline


def _state(plan: FilePlan, after: int) -> str:
    """Per key that changed after a sequence: its row at that sequence, where it had one then."""
    return _edge(plan, after, "min", "B")


def _newest(plan: FilePlan, after: int) -> str:
    """Per key that changed after a sequence: its row now, where it has one."""
    return _edge(plan, after, "max", "A")


def _edge(plan: FilePlan, after: int, which: str, image: str) -> str:
    journal = plan.history
    edge = f"SELECT _key, {which}(_sequence) AS at_edge FROM {journal} WHERE _sequence > {after} GROUP BY _key"
    images = (
        f"SELECT journal.* FROM {journal} AS journal SEMI JOIN ({edge}) AS edge "
        f"ON journal._key = edge._key AND journal._sequence = edge.at_edge WHERE journal._image = '{image}'"
    )
    return _projected(plan.projection, f"({images})")


def _changes(plan: FilePlan) -> str:
    """Keys whose row differs, as this receiver sees it, from the one it has (and, when asked, from the one at a date).

    Gives ``_change`` (relative to what the receiver has), ``_pk`` and the fields as they are now.
    """
    baseline, oldest = plan.baseline or 0, _oldest(plan)
    texts = _texts(plan.projection)
    differs = _differs("now", "had", texts)
    joins = "LEFT JOIN had ON had._key = touched._key"
    parts = [
        f"touched AS (SELECT DISTINCT _key FROM {plan.history} WHERE _sequence > {oldest})",
        f"now AS ({_newest(plan, oldest)})",
        f"had AS ({_at(plan, baseline, oldest)})",
    ]
    if plan.since is not None:
        parts.append(f"dated AS ({_at(plan, plan.since, oldest)})")
        joins += " LEFT JOIN dated ON dated._key = touched._key"
        differs = f"({differs}) OR ({_differs('now', 'dated', texts)})"
    change = "CASE WHEN now._key IS NULL THEN 'D' WHEN had._key IS NULL THEN 'I' ELSE 'U' END"
    pk = "coalesce(now._pk, had._pk" + (", dated._pk)" if plan.since is not None else ")")
    fields = "".join(f", now.{text}" for text in texts)
    return (
        f"WITH {', '.join(parts)} SELECT {change} AS _change, had._key IS NOT NULL AS _had, {pk} AS _pk{fields} "
        f"FROM touched LEFT JOIN now ON now._key = touched._key {joins} WHERE {differs}"
    )


def _at(plan: FilePlan, sequence: int, oldest: int) -> str:
    """Rows at ``sequence`` of every key that changed after ``oldest``: also of those that did not change after it."""
    if sequence == oldest:
        return _state(plan, sequence)
    unchanged = f"SELECT _key FROM {plan.history} WHERE _sequence > {sequence}"
    return f"{_state(plan, sequence)} UNION ALL SELECT * FROM ({_newest(plan, oldest)}) WHERE _key NOT IN ({unchanged})"


def _differs(now: str, then: str, texts: list[str]) -> str:
    fields = "".join(f" OR {now}.{text} IS DISTINCT FROM {then}.{text}" for text in texts)
    return f"({now}._key IS NULL) <> ({then}._key IS NULL) OR ({now}._key IS NOT NULL AND (FALSE{fields}))"


def _deleted(plan: FilePlan) -> str:
    """Keys that the receiver of a full file has and that are gone."""
    if plan.deletions_since is None or not plan.touched:
        return "SELECT NULL AS _pk WHERE FALSE"
    return (
        f"SELECT had._pk FROM ({_state(plan, plan.deletions_since)}) AS had "
        f"ANTI JOIN ({_newest(plan, plan.deletions_since)}) AS now ON now._key = had._key"
    )


def _lines(projection: Projection, rows: str, deleted: str | None) -> str:
    """The lines of the CSV: system columns, own key, fields; all text."""
    texts = _texts(projection)
    change = '_change AS "Mutatie", ' if projection.has_change_column else ""
    own = ident(projection.file.own_key)
    fields = "".join(f", {text} AS {ident(field.name)}" for text, field in zip(texts, projection.fields, strict=True))
    record = projection.record_key(texts)
    lines = f'SELECT _pk AS "PrimaryKey", {record} AS "RecordKey", {change}_pk AS {own}{fields} FROM ({rows})'
    if deleted is None:
        return lines
    empty = ", NULL" * len(texts)
    return f"{lines} UNION ALL SELECT _pk, NULL, 'D', _pk{empty} FROM ({deleted})"


def _key_lines(projection: Projection, deleted: str) -> str:
    return f'SELECT _pk AS "PrimaryKey", _pk AS {ident(projection.file.own_key)} FROM ({deleted})'


def _copy(session: Session, plan: FilePlan, folder: Path, lines: str, deletes: str | None = None) -> Written:
    path = _path(plan, folder, deletes)
    if plan.projection.receiver.pseudonymous:
        # In the order of the lake the lines of a plain and a pseudonymous delivery would be those of the same rows.
        lines = f'SELECT * FROM ({lines}) ORDER BY "PrimaryKey"'
    session.execute(f"SET preserve_insertion_order = {plan.projection.receiver.pseudonymous}")
    rows = session.number(
        f"COPY ({lines}) TO {literal(str(path))} (FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', NULLSTR '')"
    )
    inserted, updated, deleted = _counts(session, plan, rows, deletes)
    size, digest = _size_and_hash(path)
    return Written(
        path.stem, path.name, plan.mode, plan.reason, rows, inserted, updated, deleted, size, digest, deletes=deletes
    )


def _counts(session: Session, plan: FilePlan, rows: int, deletes: str | None) -> tuple[int, int, int]:
    if deletes:
        return 0, 0, rows
    separate = not plan.projection.has_change_column
    if plan.mode == "full":
        told = plan.deletions_since is not None and plan.touched and not separate
        gone = session.number(f"SELECT count(*) FROM ({_deleted(plan)})") if told else 0
        return rows - gone, 0, gone
    found = dict(session.execute("SELECT _change, count(*) FROM changes GROUP BY _change").fetchall())
    return found.get("I", 0), found.get("U", 0), 0 if separate else found.get("D", 0)


def _size_and_hash(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return path.stat().st_size, digest.hexdigest()
