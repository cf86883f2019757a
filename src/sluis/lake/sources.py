"""The databases that are read, each in one consistent read, never written."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

import duckdb
import psycopg
from psycopg import conninfo

from sluis.catalog.model import MOST_DIGITS
from sluis.errors import Rejected, Retryable
from sluis.lake.session import Session, scheme
from sluis.lake.sql import ident, literal

UPSTREAM = "upstream"
"""Name under which the source itself is attached; queries see ``source``, in front of it."""

_SCHEMES = ("postgresql", "postgres", "mysql", "sqlite", "duckdb")
_MYSQL_OPTIONS = frozenset(
    {"socket", "ssl_mode", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_cipher", "ssl_crl", "ssl_crlpath", "ssl_key"}
)
_LONGEST_WAIT_SECONDS = 30.0
_EXACT_IN_A_DOUBLE = 2**53


@dataclass(frozen=True)
class Source:
    """A database to read: its URL without password, and the password.

    ``postgresql://user@host:5432/database?schema=public``, ``mysql://user@host:3306/database``,
    ``sqlite:///relative/or//absolute/file``, ``duckdb:///file``. Other options of a PostgreSQL URL are libpq's
    (``host`` for the folder of a socket, ``sslmode`` …), those of a MySQL URL are ``socket`` and ``ssl_…``.
    """

    url: str
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> Source:
        """A source from a URL, the password taken out of it; ``Rejected`` where the form is not known."""
        kind = scheme(url)
        if kind not in _SCHEMES:
            raise Rejected(
                f"a source of the kind {kind or 'without scheme'!r} is not known",
                remedy="use postgresql://, mysql://, sqlite:///file or duckdb:///file",
            )
        parts = urlsplit(url)
        if kind in {"sqlite", "duckdb"} and (parts.netloc or len(parts.path) <= 1):
            raise Rejected("the URL of a file has three slashes", remedy=f"write {kind}:///path/to/file")
        password = unquote(parts.password) if parts.password is not None else None
        if password is not None:
            netloc = re.sub(r":[^@]*@", "@", parts.netloc, count=1)
            url = urlunsplit(parts._replace(netloc=netloc))
        if kind in {"sqlite", "duckdb"}:
            url = f"{kind}:///{quote(str(cls(url).path.resolve()))}"
        return cls(url, password)

    @property
    def kind(self) -> str:
        return {"postgres": "postgresql"}.get(scheme(self.url), scheme(self.url))

    @property
    def path(self) -> Path:
        """The file of an SQLite or DuckDB source."""
        return Path(unquote(urlsplit(self.url).path.removeprefix("/")))

    def with_password(self) -> str:
        """The URL with the password in it; for drivers only."""
        parts = urlsplit(self.url)
        if self.password is None or "@" not in parts.netloc:
            return self.url
        user, _, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(self.password, safe='')}@{host}"))


@dataclass(frozen=True)
class Reading:
    """What is read of one table: its columns (name → DuckDB type), and the datasets that need it."""

    table: str
    columns: dict[str, str]
    datasets: tuple[str, ...]

    def refused(self, column: str, what: str, remedy: str = "") -> Rejected:
        """The error for a column that cannot be read exactly; it shows no value."""
        return Rejected(
            f"dataset {', '.join(self.datasets)}: column {column} of table {self.table} {what}",
            remedy=remedy
            or "mend the rows in the source, or read them through a view there that says what comes in their place",
        )


@contextmanager
def attached(session: Session, source: Source, names: Iterable[str]) -> Iterator[str]:
    """Attach a source to read the named tables; gives the schema that its tables are in.

    The caller opens the transaction in which it reads, and calls ``begin`` first: what is read then shows one moment.
    """
    opener: Callable[[Session, Source, Iterable[str]], str] = {
        "postgresql": _postgresql,
        "mysql": _mysql,
        "sqlite": _sqlite,
        "duckdb": _duckdb,
    }[source.kind]
    try:
        schema = opener(session, source, names)
    except (duckdb.Error, sqlite3.Error) as error:
        raise Retryable(
            f"the source cannot be opened: {' '.join(without_secret(str(error), source).split())}",
            remedy="check that it runs, and that address, user, password and rights are right",
        ) from None
    try:
        yield schema
    finally:
        session.execute(f"DETACH DATABASE IF EXISTS {UPSTREAM}")


def begin(session: Session, source: Source) -> None:
    """The start of the consistent read, first in the caller's transaction."""
    if source.kind == "mysql":
        # The server's default may be READ COMMITTED, where every statement sees another moment.
        for statement in (
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ):
            session.execute(f"CALL mysql_execute('{UPSTREAM}', {literal(statement)})")


def selects(session: Session, source: Source, schema: str, readings: Iterable[Reading]) -> dict[str, str]:
    """Per table a SELECT that gives its columns exactly as the source has them; run it in the same transaction.

    Raises ``Rejected``, naming dataset, table and column, where that cannot be had: values that the engine would
    silently change, a column that may not be read, a table without consistent reads.
    """
    makers = {"postgresql": _postgresql_selects, "mysql": _mysql_selects, "sqlite": _sqlite_selects}
    maker = makers.get(source.kind, _plain_selects)
    return maker(session, schema, list(readings))


def refuse_unreadable(session: Session, source: Source, schema: str, table: Reading) -> None:
    """Raise ``Rejected`` where a table may not be read; no more than one of its rows is asked, and thrown away."""
    if source.kind == "postgresql":
        # It may be empty, and then nothing is asked of the server at all.
        list(_postgresql_facts(session, schema, [table]))
        return
    try:
        session.execute(f"{_plain(schema, table)} LIMIT 1").fetchall()
    except duckdb.ConversionException:
        return
    except duckdb.Error as error:
        raise Rejected(
            f"table {table.table} cannot be read: {cause(error, source)}",
            remedy="give the reader of the source the right to read it",
        ) from None


def cause(error: Exception, source: Source) -> str:
    """What an error from reading says, up to the first quote: what stands in quotes can be a value of a row."""
    text = without_secret(str(error), source).rsplit("ERROR:", maxsplit=1)[-1].strip()
    return re.split(r"[\"'`\n]", text, maxsplit=1)[0].rstrip(" :(") or "no reason was given"


def without_secret(text: str, source: Source) -> str:
    """The text without the source's password, however it is written."""
    for secret in {source.password or "", quote(source.password or "", safe="")} - {""}:
        text = text.replace(secret, "***")
    return text


def tables(session: Session, schema: str) -> dict[str, dict[str, str]]:
    """Every table and view of the attached source: name → column → DuckDB type."""
    rows = session.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? "
        "ORDER BY table_name, column_index",
        [UPSTREAM, schema],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def upstream(schema: str, table: str) -> str:
    """Full name of a table of the attached source."""
    return f"{UPSTREAM}.{ident(schema)}.{ident(table)}"


def _plain(schema: str, reading: Reading, expressions: dict[str, str] | None = None) -> str:
    listed = ", ".join(
        f"{expressions[c]} AS {ident(c)}" if expressions and c in expressions else ident(c) for c in reading.columns
    )
    return f"SELECT {listed} FROM {upstream(schema, reading.table)}"


def _plain_selects(session: Session, schema: str, readings: list[Reading]) -> dict[str, str]:
    del session  # nothing to ask
    return {reading.table: _plain(schema, reading) for reading in readings}


def _options(source: Source) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(source.url).query).items()}


def _postgresql(session: Session, source: Source, names: Iterable[str]) -> str:
    del names  # nothing to prepare
    options = _options(source)
    schema = options.pop("schema", "public")
    url = urlunsplit(urlsplit(source.with_password())._replace(scheme="postgresql", query=urlencode(options)))
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise Rejected(
            "the URL of the source has an option that PostgreSQL does not know",
            remedy="use schema, or an option of libpq such as sslmode, sslrootcert or host (the folder of a socket)",
        ) from None
    in_secret = {"host", "port", "user", "password", "dbname"}
    rest = {"connect_timeout": "10"} | {key: str(value) for key, value in given.items() if key not in in_secret}
    session.load("postgres_scanner")
    session.secret_for_postgres("source_database", url)
    session.execute(
        f"ATTACH {literal(conninfo.make_conninfo(**rest))} AS {UPSTREAM} "
        "(TYPE postgres, SECRET source_database, READ_ONLY)"
    )
    return schema


_NUMERIC = "'numeric'::regtype IN (t.oid, t.typbasetype)"
_PRECISION = "(((a.atttypmod - 4) >> 16) & 65535)"
_SCALE = "((((a.atttypmod - 4) & 2047) # 1024) - 1024)"


def _postgresql_selects(session: Session, schema: str, readings: list[Reading]) -> dict[str, str]:
    made = {}
    for reading, facts in _postgresql_facts(session, schema, readings):
        _refuse_nan(session, schema, reading, [column for column, (numeric, _) in facts.items() if numeric])
        inexact = {column for column, (_, as_text) in facts.items() if as_text}
        made[reading.table] = _remote(schema, reading, inexact) if inexact else _plain(schema, reading)
    return made


def _postgresql_facts(
    session: Session, schema: str, readings: list[Reading]
) -> Iterator[tuple[Reading, dict[str, tuple[bool, bool]]]]:
    """Of each column whether it is a numeric, and whether one that the engine reads wrongly; all may be read."""
    # DuckDB reads a numeric that is no DECIMAL(1…38, 0…) as a double, or with its point misplaced.
    query = (
        "SELECT c.relname, a.attname, has_schema_privilege(n.oid, 'USAGE') AND "
        f"has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable, {_NUMERIC} AS is_numeric, {_NUMERIC} AND "
        f"(a.atttypmod = -1 OR {_PRECISION} > 38 OR {_SCALE} NOT BETWEEN 0 AND {_PRECISION}) AS is_inexact "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"JOIN pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND n.nspname = {literal(schema)} "
        f"AND c.relname IN ({_listed(readings)})"
    )
    found = {(table, column): rest for table, column, *rest in _ask("postgres_query", session, query)}
    for reading in readings:
        facts = {column: found.get((reading.table, column), [True, False, False]) for column in reading.columns}
        for column, (readable, _, _) in facts.items():
            if not readable:
                raise reading.refused(column, "may not be read", f"GRANT SELECT ON {reading.table} to its reader")
        yield reading, {column: (numeric, as_text) for column, (_, numeric, as_text) in facts.items()}


def _remote(schema: str, reading: Reading, inexact: set[str]) -> str:
    """A SELECT that PostgreSQL runs, some columns as text; the others have the types of a plain one."""
    as_text = inexact | {column for column, kind in reading.columns.items() if kind == "VARCHAR"}
    remote = ", ".join(f"{ident(c)}::text AS {ident(c)}" if c in as_text else ident(c) for c in reading.columns)
    query = f"SELECT {remote} FROM {ident(schema)}.{ident(reading.table)}"
    listed = ", ".join(
        ident(c) if c in as_text else f"CAST({ident(c)} AS {kind}) AS {ident(c)}" for c, kind in reading.columns.items()
    )
    return f"SELECT {listed} FROM postgres_query('{UPSTREAM}', {literal(query)})"


def _refuse_nan(session: Session, schema: str, reading: Reading, columns: list[str]) -> None:
    # DuckDB reads the NaN of a numeric as 0. Of a finite number x, and of no other, x - x is 0.
    if not columns:
        return
    counts = ", ".join(f"count(*) FILTER (WHERE {ident(c)} - {ident(c)} <> 0)" for c in columns)
    query = f"SELECT ARRAY[{counts}] FROM {ident(schema)}.{ident(reading.table)}"
    for column, count in zip(columns, _ask("postgres_query", session, query)[0][0], strict=True):
        if count:
            raise reading.refused(column, f"is infinite or not a number in {count} row(s)")


def _ask(function: str, session: Session, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query that the source runs."""
    return session.execute(f"FROM {function}('{UPSTREAM}', {literal(query)})").fetchall()


def _listed(readings: list[Reading]) -> str:
    return ", ".join(literal(reading.table) for reading in readings) or literal("")


def _mysql(session: Session, source: Source, names: Iterable[str]) -> str:
    del names  # nothing to prepare
    parts = urlsplit(source.url)
    database = unquote(parts.path.removeprefix("/"))
    options = _options(source)
    if options.keys() - _MYSQL_OPTIONS:
        raise Rejected(
            f"the URL of the source has the option {min(options.keys() - _MYSQL_OPTIONS)}, which MySQL sources lack",
            remedy=f"use {', '.join(sorted(_MYSQL_OPTIONS))}",
        )
    values = {
        "host": parts.hostname or "localhost",
        "port": str(parts.port or 3306),
        "user": unquote(parts.username or ""),
        "password": source.password or "",
        "database": database,
        **options,
    }
    listed = "".join(f", {key} {literal(value)}" for key, value in values.items() if value)
    session.load("mysql_scanner")
    for setting, value in _MYSQL_SETTINGS.items():
        session.execute(f"SET GLOBAL {setting} = {literal(value)}")
    session.execute(f"CREATE OR REPLACE TEMPORARY SECRET source_database (TYPE mysql{listed})")
    # Without READ_ONLY, which refuses the statements of `begin`; these make the transaction read-only instead.
    session.execute(f"ATTACH '' AS {UPSTREAM} (TYPE mysql, SECRET source_database)")
    return database


_MYSQL_SETTINGS = {
    # A TIMESTAMP is a moment, which the server shows in the time zone of the connection.
    "mysql_session_time_zone": "+00:00",
    "mysql_tinyint1_as_boolean": "false",
    "mysql_query_timeout_enabled": "false",
}


def _mysql_selects(session: Session, schema: str, readings: list[Reading]) -> dict[str, str]:
    _refuse_other_engines(session, readings)
    query = (
        "SELECT table_name, column_name, CAST(column_type AS CHAR(40)), numeric_precision "
        f"FROM information_schema.columns WHERE table_schema = database() AND table_name IN ({_listed(readings)})"
    )
    types = {(table, column): (kind, digits) for table, column, kind, digits in _ask("mysql_query", session, query)}
    made = {}
    for reading in readings:
        expressions = {}
        for column in reading.columns:
            kind, digits = types.get((reading.table, column), ("", None))
            if kind.startswith("decimal") and digits > MOST_DIGITS:
                what = f"is {kind}, and no more than {MOST_DIGITS} digits can be read"
                raise reading.refused(column, what, "read it through a view that gives it as text")
            if kind.startswith("timestamp"):
                expressions[column] = f"timezone('UTC', {ident(column)})"
            if kind.startswith("tinyint(1)"):
                expressions[column] = _boolean(ident(column))
        made[reading.table] = _plain(schema, reading, expressions)
    return made


def _boolean(column: str) -> str:
    return f"CASE WHEN {column} IN (0, 1) THEN {column} = 1 WHEN {column} IS NOT NULL THEN error('no boolean') END"


def _refuse_other_engines(session: Session, readings: list[Reading]) -> None:
    query = (
        "SELECT table_name, CAST(table_type AS CHAR(40)), engine FROM information_schema.tables "
        "WHERE table_schema = database() ORDER BY table_name"
    )
    rows = _ask("mysql_query", session, query)
    read = {reading.table for reading in readings}
    # Which tables a view reads cannot be told on every server: then all must be InnoDB.
    of_all = any(table in read and kind.endswith("VIEW") for table, kind, _ in rows)
    others = [t for t, kind, engine in rows if kind == "BASE TABLE" and engine != "InnoDB" and (of_all or t in read)]
    if others:
        raise Rejected(
            f"the source has tables that are not InnoDB: {', '.join(others[:5])}",
            remedy="change them to InnoDB: other engines have no consistent read",
        )


def _sqlite(session: Session, source: Source, names: Iterable[str]) -> str:
    _must_exist(source)
    # Read directly, DuckDB shows another connection's commit half-way; the copy is one moment.
    copy = _sqlite_copy(session)
    copy.touch(mode=0o600)
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS

    def give_up(status: int, remaining: int, total: int) -> None:
        del remaining, total  # only the time counts
        if status != sqlite3.SQLITE_DONE and time.monotonic() > deadline:
            raise sqlite3.OperationalError("the database is locked")

    with (
        # A short wait at a lock, so that `give_up` is asked often.
        closing(sqlite3.connect(f"{source.path.resolve().as_uri()}?mode=ro", uri=True, timeout=0.2)) as origin,
        closing(sqlite3.connect(copy)) as target,
    ):
        origin.backup(target, progress=give_up)
        _run_views(target, {name.lower() for name in names})
    session.load("sqlite_scanner")
    session.execute(f"ATTACH {literal(str(copy))} AS {UPSTREAM} (TYPE sqlite, READ_ONLY)")
    return "main"


def _sqlite_copy(session: Session) -> Path:
    return session.scratch / "source.sqlite"


def _run_views(copy: sqlite3.Connection, names: set[str]) -> None:
    """Make tables of the named views: DuckDB would run their SQL itself, in which 7 / 2 is not 3.

    A column that is no plain column of a table has no type there and comes as text.
    """
    views = [row[0] for row in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
    for view in (view for view in views if view.lower() in names):
        columns = copy.execute("SELECT name, type FROM pragma_table_info(?)", [view]).fetchall()
        listed = ", ".join(f"{ident(name)} {kind or 'TEXT'}" for name, kind in columns)
        copy.execute(f"CREATE TEMPORARY TABLE rows_of_view AS SELECT * FROM main.{ident(view)}")
        copy.execute(f"DROP VIEW {ident(view)}")
        copy.execute(f"CREATE TABLE main.{ident(view)} ({listed})")
        copy.execute(f"INSERT INTO main.{ident(view)} SELECT * FROM rows_of_view")
        copy.execute("DROP TABLE rows_of_view")
    copy.commit()


def _sqlite_selects(session: Session, schema: str, readings: list[Reading]) -> dict[str, str]:
    """Any column of SQLite can hold any value; those that DuckDB would change, or stop at, are refused."""
    with closing(sqlite3.connect(_sqlite_copy(session))) as copy:
        for reading in readings:
            faults = {c: _sqlite_fault(ident(c), kind) for c, kind in reading.columns.items()}
            known = {column: fault for column, fault in faults.items() if fault}
            counts = ", ".join(f"count(CASE WHEN {condition} THEN 1 END)" for condition, _ in known.values())
            if not known:
                continue
            row = copy.execute(f"SELECT {counts} FROM {ident(reading.table)}").fetchone()
            for (column, (_, what)), count in zip(known.items(), row, strict=True):
                if count:
                    raise reading.refused(column, f"{what} in {count} row(s)")
    return _plain_selects(session, schema, readings)


def _sqlite_fault(column: str, kind: str) -> tuple[str, str] | None:
    """Which values of a column do not go unchanged into a DuckDB type, as (condition, message)."""
    held = f"typeof({column})"
    # Without a modifier SQLite leaves 2026-02-31 as it is.
    date = f"{column} IS date({column}, '+0 days')"
    if kind == "BIGINT":
        return f"{held} NOT IN ('integer', 'null')", "holds something else than a whole number"
    if kind == "DOUBLE":
        exact = f"{held} = 'integer' AND {column} BETWEEN -{_EXACT_IN_A_DOUBLE} AND {_EXACT_IN_A_DOUBLE}"
        return f"NOT ({held} IN ('real', 'null') OR {exact})", "holds something else than a number of 15 digits"
    if kind == "VARCHAR":
        return f"{held} = 'blob'", "holds bytes instead of text"
    if kind == "DATE":
        midnight = f"substr({column}, 11) IN ('', ' 00:00:00', 'T00:00:00')"
        day = f"substr({column}, 1, 10) IS date(substr({column}, 1, 10), '+0 days') AND {midnight}"
        return f"NOT ({held} = 'null' OR {held} = 'text' AND {day})", "holds something else than a date as 2026-11-23"
    if kind == "TIMESTAMP":
        moment = f"replace(substr({column}, 1, 19), 'T', ' ')"
        fraction = f"substr({column}, 20)"
        digits = f"({fraction} = '' OR {fraction} GLOB '.[0-9]*' AND substr({fraction}, 2) NOT GLOB '*[^0-9]*'"
        whole = f"{moment} IS datetime({moment}, '+0 days') AND {digits} AND length({fraction}) <= 7)"
        return (
            f"NOT ({held} = 'null' OR {held} = 'text' AND ({date} OR {whole}))",
            "holds something else than a time as 2026-11-23 14:05:00.123456 without a zone",
        )
    return None


def _duckdb(session: Session, source: Source, names: Iterable[str]) -> str:
    del names  # nothing to prepare
    _must_exist(source)
    session.execute(f"ATTACH {literal(str(source.path))} AS {UPSTREAM} (READ_ONLY)")
    return "main"


def _must_exist(source: Source) -> None:
    if not source.path.is_file():
        raise Rejected(f"there is no file {source.path}", remedy="give the path of an existing database file")
