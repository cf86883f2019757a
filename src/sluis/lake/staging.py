"""The first half of a refresh: the queries run on one consistent read of the source, into encrypted tables."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb

from sluis.catalog.loader import Catalog, Dataset
from sluis.errors import Rejected, Retryable, SluisError
from sluis.lake import sources
from sluis.lake.queries import SNAPSHOT_DATE, Query, examine
from sluis.lake.session import Session
from sluis.lake.sources import Reading, Source
from sluis.lake.sql import canonical, ident, key, lake_type, literal, row_hash, stored

_FITS = {
    "integer": r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?",
    "date": r"DATE",
    "timestamp": r"TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE",
    "boolean": r"BOOLEAN",
    "text": r"VARCHAR|UUID|ENUM\(.*\)",
    "decimal": r"DECIMAL\(\d+,\d+\)|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE",
}
VALUE_ERRORS = (
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.InvalidInputException,
    duckdb.TypeMismatchException,
    UnicodeDecodeError,  # the driver's own, where an error quotes text that is no UTF-8
)
UNREADABLE = (
    "holds a value that cannot be read as it is, such as a date without a day, a tinyint(1) "
    "other than 0 and 1, or text that is no UTF-8"
)


@dataclass(frozen=True)
class Moment:
    """The moment of a snapshot, and the environment's time zone (IANA name) in which local times are read."""

    time: dt.datetime
    time_zone: str

    @property
    def date(self) -> dt.date:
        return self.time.astimezone(ZoneInfo(self.time_zone)).date()


def result(dataset: str) -> str:
    """Full name of the table with a dataset's fresh rows: ``_key``, ``_hash``, the columns, and what was checked."""
    return f"source.result.{ident(dataset)}"


def stage(session: Session, source: Source, catalog: Catalog, names: frozenset[str], moment: Moment) -> None:
    """Run the queries of the named datasets; afterwards ``result(name)`` holds the rows of each.

    Raises ``Rejected`` where a dataset cannot be made as the catalogue says, naming dataset, table and column, and
    ``Retryable`` where the source did not answer. Nothing but temporary tables is written.
    """
    datasets = [catalog.datasets[name] for name in sorted(names)]
    queries = {dataset.name: examine(dataset) for dataset in datasets}
    new_stage(session)
    tables = {table for query in queries.values() for table in query.tables}
    with sources.attached(session, source, tables) as schema, reading(source), session.transaction():
        sources.begin(session, source)
        session.execute("CREATE SCHEMA source.result")
        known = sources.tables(session, schema)
        _copy(session, source, schema, known, queries)
    # The source is let go first: it is held no longer than it takes to copy, and the engine plans well only over
    # tables that are committed (over fresh ones it guessed sizes, and a join took a hundred times as long).
    for dataset in datasets:
        sql = query_text(dataset, moment)
        with _explained(session, dataset, sql, queries[dataset.name], known):
            _make(session, dataset, sql, catalog, moment)


def new_stage(session: Session) -> None:
    """Attach a new encrypted database as ``source``, for copied tables and results; it goes with the session."""
    place = session.scratch / "stage.db"
    session.execute(f"ATTACH {literal(str(place))} AS source (ENCRYPTION_KEY {literal(secrets.token_hex(32))})")


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Turn the engine's errors from reading the source into ``Retryable``; none shows a value or a secret."""
    try:
        yield
    except duckdb.Error as error:
        raise Retryable(
            f"reading the source broke off: {sources.cause(error, source)}",
            remedy="check that the source is reachable and may be read, then refresh again; the lake is as it was",
        ) from None


def _copy(
    session: Session, source: Source, schema: str, known: dict[str, dict[str, str]], queries: dict[str, Query]
) -> None:
    """Copy to ``source.<table>`` what the queries need of each table, once."""
    readers: dict[str, dict[str, set[str]]] = {}
    for name, query in queries.items():
        for written in query.tables:
            table = known_table(known, written)
            if table is None:
                raise Rejected(
                    f"dataset {name} reads source.{written}, which the source does not have (any more)",
                    remedy="restore the table, give its reader the right to read it, or change the catalogue",
                )
            needed = {column for column in known[table] if query.needs(written, column)}
            readers.setdefault(table, {}).setdefault(name, set()).update(needed)
    readings = [Reading(table, needed_columns(known[table], by.values()), tuple(by)) for table, by in readers.items()]
    selects = sources.selects(session, source, schema, readings)
    for one in readings:
        try:
            session.execute(f"CREATE TABLE source.main.{ident(one.table)} AS {selects[one.table]}")
        except VALUE_ERRORS:
            raise _unreadable(session, one, selects[one.table]) from None


def known_table(known: dict[str, dict[str, str]], written: str) -> str | None:
    """The table that a query means by a name: exactly so, or with other capitals."""
    alike = [table for table in known if table.lower() == written.lower()]
    return written if written in alike else next(iter(alike), None)


def needed_columns(columns: dict[str, str], needs: Iterable[set[str]]) -> dict[str, str]:
    """The columns that someone needs; the first one where nobody names any, as in ``count(*)``."""
    needed = set().union(*needs) or set(list(columns)[:1])
    return {column: kind for column, kind in columns.items() if column in needed}


def _unreadable(session: Session, table: Reading, select: str) -> Rejected:
    """The error for a table that could not be copied: with the column, found by reading each by itself."""
    column = next(unreadable_columns(session, table, select), None)
    if column is None:
        return table.refused(" or ".join(table.columns), "held a value that cannot be read as it is")
    return table.refused(column, UNREADABLE)


def unreadable_columns(session: Session, table: Reading, select: str) -> Iterator[str]:
    """The columns that cannot be copied, found by reading each by itself."""
    with closing(session.connection.cursor()) as cursor:
        for column in table.columns:
            try:
                cursor.execute(f"CREATE OR REPLACE TEMPORARY TABLE tried AS SELECT {ident(column)} FROM ({select})")
            except VALUE_ERRORS:
                yield column


@contextmanager
def _explained(
    session: Session, dataset: Dataset, sql: str, query: Query, known: dict[str, dict[str, str]]
) -> Iterator[None]:
    """Turn the engine's errors into ones that name dataset, table and column, and that hold no value of a row."""
    try:
        yield
    except SluisError:
        raise
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        gone = _missing_columns(query, known, str(error))
        what = f"dataset {dataset.name}: {gone or str(error).splitlines()[0]}"
        raise Rejected(what, remedy=f"restore it in the source, or change datasets/{dataset.name}.sql") from None
    except VALUE_ERRORS as error:
        where = _failing_column(session, dataset, sql)
        raise Rejected(
            f"dataset {dataset.name}: {where} a value in the source does not fit ({type(error).__name__}; "
            "the value is not shown here)",
            remedy=f"look for a cast in datasets/{dataset.name}.sql that the data do not allow",
        ) from None
    except duckdb.OutOfMemoryException:
        raise Retryable(
            f"dataset {dataset.name}: the query needs more memory than it may use",
            remedy=f"give it more with SLUIS_MEMORY_LIMIT, or make datasets/{dataset.name}.sql smaller",
        ) from None
    except duckdb.Error as error:
        raise Rejected(
            f"dataset {dataset.name}: the query cannot be run: {type(error).__name__}",
            remedy=f"change datasets/{dataset.name}.sql",
        ) from None


def _failing_column(session: Session, dataset: Dataset, sql: str) -> str:
    """Where a query that failed on a value does so, found by asking each column by itself."""
    for column in dataset.columns:
        try:
            session.execute(f"CREATE OR REPLACE TEMPORARY TABLE tried AS SELECT {ident(column)} FROM (\n{sql}\n)")
        except VALUE_ERRORS:
            return f"in column {column}"
        except duckdb.Error:
            break
    return "in a condition of the query"


def _missing_columns(query: Query, known: dict[str, dict[str, str]], message: str) -> str | None:
    lower = {table.lower(): {column.lower() for column in columns} for table, columns in known.items()}
    gone = sorted((t, c) for t, c in query.columns if c.lower() not in lower.get(t.lower(), set()))
    if gone:
        return "; ".join(f"table {table} has no column {column} (any more)" for table, column in gone)
    present = {column for table in query.tables for column in lower.get(table.lower(), set())}
    bare = sorted(c for c in query.bare_columns if c.lower() not in present and f'"{c.lower()}"' in message.lower())
    if not bare:
        return None
    where = " and ".join(f"table {table}" for table in sorted(query.tables))
    return f"{where} {'has' if len(query.tables) == 1 else 'have'} no column {', '.join(bare)} (any more)"


def query_text(dataset: Dataset, moment: Moment) -> str:
    """The query as it is run, with the date of the snapshot in it."""
    return re.sub(rf"\${SNAPSHOT_DATE}\b", f"DATE '{moment.date.isoformat()}'", dataset.sql.strip().rstrip(";"))


def _make(session: Session, dataset: Dataset, sql: str, catalog: Catalog, moment: Moment) -> None:
    given = {row[0]: row[1] for row in session.execute(f"DESCRIBE {sql}").fetchall()}
    columns = _columns(dataset, given, moment.time_zone)
    faults = row_faults(dataset, given, columns)
    whens = " ".join(f"WHEN {condition} THEN {number}" for number, (_, condition) in enumerate(faults))
    fault = f"CAST(CASE {whens} END AS SMALLINT)" if faults else "NULL"
    select = select_rows(dataset, sql, columns, f"{fault} AS _fault")
    session.sparing(f"CREATE TABLE {result(dataset.name)} AS {select}")
    _refuse_faults(session, dataset, [message for message, _ in faults])
    _refuse_duplicates(session, dataset, catalog)


def select_rows(dataset: Dataset, sql: str, columns: dict[str, str], extra: str) -> str:
    """A SELECT of a dataset's rows: ``_key``, ``_hash``, something extra over the query's own values, the columns."""
    listed = ", ".join(f"{expression} AS {ident(name)}" for name, expression in columns.items())
    texts = [canonical(f"typed.{ident(name)}", kind) for name, kind in dataset.columns.items()]
    parts = [(f"typed.{ident(part.column)}", part.type) for part in dataset.key]
    return (
        f"SELECT {stored(key(dataset.entity, parts))} AS _key, {stored(row_hash(texts))} AS _hash, typed.* "
        f"FROM (SELECT {extra}, {listed} FROM (\n{sql}\n) AS given) AS typed"
    )


def _columns(dataset: Dataset, given: dict[str, str], time_zone: str) -> dict[str, str]:
    """Expression per column that brings the query's value to the lake's type."""
    missing = [name for name in dataset.columns if name not in given]
    if missing:
        raise Rejected(
            f"dataset {dataset.name}: the query gives no column {', '.join(missing)}",
            remedy=f"add it to datasets/{dataset.name}.sql, written exactly so",
        )
    expressions = {}
    for name, kind in dataset.columns.items():
        if not fits(given[name], kind):
            raise Rejected(
                f"dataset {dataset.name}: column {name} is {given[name]}, the catalogue says {kind}",
                remedy=f"cast it in datasets/{dataset.name}.sql, or mend the type in the catalogue",
            )
        expressions[name] = typed(f"given.{ident(name)}", given[name], kind, time_zone)
    return expressions


def fits(given: str, kind: str) -> bool:
    """Whether values of a DuckDB type can be those of a catalogue type."""
    return re.fullmatch(_FITS[kind.split("(", maxsplit=1)[0]], given) is not None


def typed(expression: str, given: str, kind: str, time_zone: str) -> str:
    """Expression that brings a query's value to the lake's type; NULL where it does not fit."""
    if kind == "timestamp":
        # A local time that the clock skips is read as if the change had not come yet; one that it shows twice, as
        # the second.
        moment = (
            expression if "TIME ZONE" in given else f"timezone({literal(time_zone)}, CAST({expression} AS TIMESTAMP))"
        )
        # The same as timezone('UTC', …), which looks the zone up for every row.
        return f"CASE WHEN isfinite({expression}) THEN make_timestamp(epoch_us({moment})) END"
    return f"TRY_CAST({expression} AS {lake_type(kind)})"


def row_faults(dataset: Dataset, given: dict[str, str], columns: dict[str, str]) -> list[tuple[str, str]]:
    """What can be wrong with a row, as (message, condition), the first that holds being told."""
    faults: list[tuple[str, str]] = []
    nullable = {part.column for part in dataset.key if part.nullable}
    faults += [
        (f"{part.column} is part of the key and empty", f"given.{ident(part.column)} IS NULL")
        for part in dataset.key
        if part.column not in nullable
    ]
    for name, kind in dataset.columns.items():
        faults += _value_faults(name, f"given.{ident(name)}", given[name], kind, columns[name])
    return faults


def _value_faults(name: str, value: str, given: str, kind: str, typed: str) -> Iterator[tuple[str, str]]:
    family = kind.split("(", maxsplit=1)[0]
    if given in {"FLOAT", "DOUBLE"}:
        yield f"{name} is infinite or not a number", f"NOT isfinite({value})"
    if family in {"date", "timestamp"}:
        yield f"{name} is infinite", f"NOT isfinite({value})"
        when = "" if family == "date" else " (in UTC)"
        yield f"{name} lies before the year 1 or after the year 9999{when}", f"year({typed}) NOT BETWEEN 1 AND 9999"
    if given == "TIMESTAMP_NS":
        yield f"{name} is finer than a microsecond", f"nanosecond({value}) % 1000 <> 0"
    if family in {"integer", "decimal"}:
        if _scale(given) > _scale(kind):
            yield f"{name} has more decimals than {kind}", f"{typed} <> {value}"
        yield f"{name} does not fit {kind}", f"{value} IS NOT NULL AND {typed} IS NULL"
    length = re.fullmatch(r"text\((\d+)\)", kind)
    if length:
        yield f"{name} is longer than {length[1]} characters", f"length(CAST({value} AS VARCHAR)) > {length[1]}"


def _scale(kind: str) -> int:
    match = re.fullmatch(r"decimal\(\d+,(\d+)\)", kind.lower())
    return int(match[1]) if match else 0


def _refuse_faults(session: Session, dataset: Dataset, messages: list[str]) -> None:
    rows = session.execute(
        f"SELECT _fault, count(*) FROM {result(dataset.name)} WHERE _fault IS NOT NULL GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if rows:
        told = "; ".join(f"column {messages[number]} in {count} row(s)" for number, count in rows)
        raise Rejected(
            f"dataset {dataset.name}: {told}",
            remedy=f"mend the rows in the source, or say in datasets/{dataset.name}.sql what comes in their place",
        )


def _refuse_duplicates(session: Session, dataset: Dataset, catalog: Catalog) -> None:
    table = result(dataset.name)
    row = session.row(
        f"SELECT count(*), sum(times), min(_key) FROM (SELECT _key, count(*) AS times FROM {table} GROUP BY _key "
        "HAVING count(*) > 1)"
    )
    if not row or not row[0]:
        return
    shown = ", ".join(f"{ident(part.column)}" for part in dataset.key)
    if _sensitive_key(dataset, catalog):
        example = str(row[2]).replace("-", "")
    else:
        values = session.execute(f"SELECT {shown} FROM {table} WHERE _key = ? LIMIT 1", [row[2]]).fetchone() or ()
        example = ", ".join(f"{part.column} = {value}" for part, value in zip(dataset.key, values, strict=True))
    raise Rejected(
        f"dataset {dataset.name}: {row[0]} key(s) occur more than once, in {row[1]} rows; for example {example}",
        remedy=f"make the key of datasets/{dataset.name}.sql unique, or add a key part to the file",
    )


def _sensitive_key(dataset: Dataset, catalog: Catalog) -> bool:
    return any(
        file.medical
        or any((column.identifying, column.quasi, column.pseudonym, column.reference, column.match))
        or bool(column.medical or column.medical_when)
        for file in catalog.definitions
        if file.dataset == dataset.name
        for column in file.key_columns
    )
