"""MySQL as a source, on a MariaDB server whose defaults are awkward: see mysql_server.py."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pymysql.connections import Connection

from lake.mysql_server import MySqlServer
from lake.source_lake import HEAVY, PAIRS, UPDATES, Lake, Wish, catalog, forwarded, lake, one_moment, pairs
from sluis.lake.checking import plan_queries
from sluis.lake.session import Limits
from sluis.lake.sources import Source
from sluis.lake.staging import Moment

__all__ = ["lake"]

pytestmark = pytest.mark.needs("mariadbd")

PASSWORD = "ge'h\\eim @/:;1"
Run = Callable[..., None]
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[MySqlServer]:
    with tempfile.TemporaryDirectory(prefix="sluis-my-") as folder:
        running = MySqlServer(Path(folder))
        yield running
        running.stop()


@pytest.fixture
def database(server: MySqlServer) -> Iterator[str]:
    name = f"app_{next(_NUMBERS)}"
    connection = server.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield name
        cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture
def url(server: MySqlServer, database: str) -> str:
    return server.url(database)


@pytest.fixture
def source(server: MySqlServer, database: str) -> Iterator[Connection[Any]]:
    connection = server.connect(database)
    yield connection
    connection.close()


@pytest.fixture
def run(source: Connection[Any]) -> Run:
    """Execute statements in the source."""

    def execute(*statements: str) -> None:
        with source.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return execute


def _name(source: Connection[Any]) -> str:
    return source.db.decode() if isinstance(source.db, bytes) else str(source.db)


def _fill(source: Connection[Any], run: Run) -> None:
    run(*(statement for statement in PAIRS.split(";") if statement.strip()))
    with source.cursor() as cursor:
        cursor.executemany("INSERT INTO heavy VALUES (%s, %s)", HEAVY)


def test_all_tables_show_one_moment(lake: Lake, source: Connection[Any], run: Run, url: str, tmp_path: Path) -> None:
    _fill(source, run)
    one_moment(lake, url, pairs(tmp_path / "catalog"), lambda: run("BEGIN", *UPDATES, "COMMIT"))


def test_a_late_commit_is_in_the_next_refresh(
    lake: Lake, server: MySqlServer, database: str, run: Run, tmp_path: Path
) -> None:
    made = catalog(tmp_path / "catalog", t=Wish("SELECT id AS Id FROM source.t", {"Id": "integer"}))
    run("CREATE TABLE t (id INTEGER PRIMARY KEY)", "BEGIN", "INSERT INTO t VALUES (1)")
    other = server.connect(database)
    with other, other.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (2)")
    lake.refresh(server.url(database), made)
    assert lake.rows(made)["t"] == [("2",)]
    run("COMMIT")
    lake.refresh(server.url(database), made)
    assert lake.rows(made)["t"] == [("1",), ("2",)]


def test_values_come_as_they_are(lake: Lake, source: Connection[Any], run: Run, url: str, tmp_path: Path) -> None:
    run(
        """
        CREATE TABLE nasty (id INTEGER, b TINYINT(1), big BIGINT UNSIGNED, d DATE, e ENUM('Blij', 'Ver drietig'),
            f DOUBLE, n DECIMAL(38,10), t TEXT CHARACTER SET utf8mb4, latin VARCHAR(20) CHARACTER SET latin1,
            dt DATETIME(6), ts TIMESTAMP(6) NULL)
        """,
        # The server shows a TIMESTAMP in the time zone of the connection, and reads it so.
        "SET time_zone = '+00:00', sql_mode = '', NAMES utf8mb4",
    )
    with source.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO nasty VALUES ({', '.join(['%s'] * 11)})",
            [
                (1, 1, 2**64 - 1, "9999-12-31", "Ver drietig", 1.125, "1234567890123456789012345678.0123456789", "",
                 "café", "2026-03-29 02:30:00", "2026-10-25 00:30:00.000001"),
                (2, 0, 0, "0001-01-01", "Blij", -0.5, "-0.0000000001", 'a"b\n\'c\' 😀\t\\', " x",
                 "2026-10-25 02:30:00.123456", "2026-10-25 01:30:00"),
                (3, *[None] * 10),
                (4, 0, 1, "0000-00-00", "Blij", 0, "0", "Blij", "", "0000-00-00 00:00:00", "0000-00-00 00:00:00"),
            ],
        )  # fmt: skip
    made = catalog(
        tmp_path / "catalog",
        nasty=Wish(
            "SELECT id AS Id, b AS B, big AS Big, d AS D, e AS E, f AS F, n AS N, t AS T, latin AS Latin, dt AS Dt, "
            "ts AS Ts FROM source.nasty",
            {
                "Id": "integer",
                "B": "boolean",
                "Big": "decimal(20,0)",
                "D": "date",
                "Dt": "timestamp",
                "E": "text",
                "F": "decimal(10,3)",
                "Latin": "text",
                "N": "decimal(38,10)",
                "T": "text",
                "Ts": "timestamp",
            },
        ),
    )
    lake.refresh(url, made)
    columns = list(made.datasets["nasty"].columns)
    rows = {row["Id"]: row for row in (dict(zip(columns, row, strict=True)) for row in lake.rows(made)["nasty"])}
    assert rows == {
        "1": {
            "Id": "1",
            "B": "1",
            "Big": "18446744073709551615",
            "D": "9999-12-31",
            # The hour that the clock skips is read as if the change had not come yet.
            "Dt": "2026-03-29T01:30:00Z",
            "E": "Ver drietig",
            "F": "1.125",
            "Latin": "café",
            "N": "1234567890123456789012345678.0123456789",
            "T": "",
            "Ts": "2026-10-25T00:30:00.000001Z",
        },
        "2": {
            "Id": "2",
            "B": "0",
            "Big": "0",
            "D": "0001-01-01",
            # The hour that the clock shows twice is the second one.
            "Dt": "2026-10-25T01:30:00.123456Z",
            "E": "Blij",
            "F": "-0.500",
            "Latin": " x",
            "N": "-0.0000000001",
            "T": "a\"b\n'c' 😀\t\\",
            "Ts": "2026-10-25T01:30:00Z",
        },
        "3": {**dict.fromkeys(columns), "Id": "3"},
        # A date of zeros is how old applications write "none".
        "4": {
            "Id": "4",
            "B": "0",
            "Big": "1",
            "D": None,
            "Dt": None,
            "E": "Blij",
            "F": "0.000",
            "Latin": "",
            "N": "0.0000000000",
            "T": "Blij",
            "Ts": None,
        },
    }


def test_a_query_means_what_it_means_in_duckdb(lake: Lake, run: Run, url: str, tmp_path: Path) -> None:
    run("CREATE TABLE t (id INTEGER, kind VARCHAR(10))", "INSERT INTO t VALUES (1, 'Braille'), (2, 'braille')")
    made = catalog(
        tmp_path / "catalog",
        t=Wish("SELECT id AS Id FROM source.t WHERE kind = 'braille'", {"Id": "integer"}),
        count=Wish("SELECT count(*) AS N FROM source.t WHERE kind = 'braille'", {"N": "integer"}),
    )
    lake.refresh(url, made)
    assert lake.rows(made) == {"t": [("2",)], "count": [("1",)]}


def test_values_that_cannot_be_read_as_they_are_are_refused(lake: Lake, run: Run, url: str, tmp_path: Path) -> None:
    run("CREATE TABLE t (id INTEGER, d DATE, b TINYINT(1), n DECIMAL(65,10), big BIGINT UNSIGNED)", "SET sql_mode = ''")
    wishes = {
        column: catalog(
            tmp_path / column,
            t=Wish(f"SELECT id AS Id, {column} AS X FROM source.t", {"Id": "integer", "X": kind}),
        )
        for column, kind in {"d": "date", "b": "boolean", "n": "decimal(38,10)", "big": "integer"}.items()
    }
    lake.refresh(url, wishes["d"])
    with lake.unchanged():
        told = lake.refused(url, wishes["n"])
        assert "Rejected: dataset t: column n of table t is decimal(65,10), and no more than 38 digits can be " in told
        run("INSERT INTO t VALUES (1, '2026-05-00', 7, 1, 18446744073709551615)")
        for column in ("d", "b"):
            told = lake.refused(url, wishes[column])
            assert f"Rejected: dataset t: column {column} of table t holds a value that cannot be read as " in told
            assert "2026" not in told
        told = lake.refused(url, wishes["big"])
        assert "Rejected: dataset t: column X does not fit integer in 1 row(s)" in told
    run("CREATE VIEW v AS SELECT id, CAST(n AS CHAR) AS n, CAST(d AS CHAR) AS d FROM t")
    made = catalog(
        tmp_path / "view",
        v=Wish("SELECT id AS Id, n AS N, d AS D FROM source.v", {"Id": "integer", "D": "text", "N": "text"}),
    )
    lake.refresh(url, made)
    assert lake.rows(made) == {"v": [("2026-05-00", "1", "1.0000000000")]}


def test_tables_without_a_consistent_read_are_refused(lake: Lake, run: Run, url: str, tmp_path: Path) -> None:
    run(
        "CREATE TABLE t (id INTEGER)",
        "CREATE TABLE `Old one` (id INTEGER) ENGINE = MyISAM",
        "CREATE VIEW v AS SELECT id FROM `Old one`",
    )
    read = {
        name: catalog(tmp_path / name, t=Wish(f'SELECT id AS Id FROM source."{table}"', {"Id": "integer"}))
        for name, table in {"table": "t", "old": "Old one", "view": "v"}.items()
    }
    lake.refresh(url, read["table"])
    with lake.unchanged():
        for name in ("old", "view"):
            assert "Rejected: the source has tables that are not InnoDB: Old one" in lake.refused(url, read[name])
    run("ALTER TABLE `Old one` ENGINE = InnoDB", "INSERT INTO `Old one` VALUES (3)")
    lake.refresh(url, read["old"])
    assert lake.rows(read["old"]) == {"t": [("3",)]}


def test_a_broken_connection_changes_nothing(
    lake: Lake, server: MySqlServer, source: Connection[Any], run: Run, tmp_path: Path
) -> None:
    made = pairs(tmp_path / "catalog")
    _fill(source, run)
    run("CREATE USER IF NOT EXISTS anyone", "GRANT SELECT ON *.* TO anyone")
    database = _name(source)
    with forwarded(server.socket, "127.0.0.1") as port:
        lake.refresh(f"mysql://anyone@127.0.0.1:{port}/{database}", made)
    with lake.unchanged(), forwarded(server.socket, "127.0.0.1", cut_after=1_000_000) as port:
        told = lake.refused(f"mysql://anyone@127.0.0.1:{port}/{database}", made)
    assert told.startswith("Retryable: reading the source broke off: ")
    assert "x" * 20 not in told


def test_failures_say_what_to_mend_and_show_no_password(
    lake: Lake, server: MySqlServer, database: str, run: Run, tmp_path: Path
) -> None:
    made = catalog(
        tmp_path / "catalog",
        person=Wish("SELECT id AS Id, name AS Name FROM source.member", {"Id": "integer", "Name": "text"}),
    )
    run(
        "CREATE TABLE member (id INTEGER, name TEXT)",
        "CREATE TABLE other (id INTEGER)",
        "INSERT INTO member VALUES (1, 'geheim')",
        "CREATE OR REPLACE USER reader IDENTIFIED BY 'ge\\'h\\\\eim @/:;1'",
        f"GRANT SELECT ON {database}.other TO reader",
    )
    lake.refresh(server.url(database), made)
    told = []
    with lake.unchanged(), forwarded(server.socket, "127.0.0.1") as port:
        right = f"mysql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{database}"
        told.append(lake.refused(right.replace("@", "x@"), made))
        assert "Retryable: the source cannot be opened" in told[-1]
        assert "Access denied for user" in told[-1]
        told.append(lake.refused(f"mysql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:1/{database}", made))
        assert "Can't connect to server on '127.0.0.1'" in told[-1]
        told.append(lake.refused(f"{right}?ssl_mode=required", made))
        assert "SSL is required, but the server does not support it" in told[-1]
        told.append(lake.refused(f"{right}?nonsense=1", made))
        assert "Rejected: the URL of the source has the option nonsense" in told[-1]
        told.append(lake.refused(right, made))
        assert "Rejected: dataset person reads source.member, which the source does not have (any more)" in told[-1]
        assert "give its reader the right to read it" in told[-1]
        run(f"GRANT SELECT (id) ON {database}.member TO reader")
        told.append(lake.refused(right, made))
        assert "Rejected: dataset person: table member has no column name (any more)" in told[-1]
        run("ALTER TABLE member RENAME COLUMN name TO naam")
        told.append(lake.refused(server.url(database), made))
        assert "Rejected: dataset person: table member has no column name (any more)" in told[-1]
        run("DROP TABLE member")
        told.append(lake.refused(server.url(database), made))
        assert "Rejected: dataset person reads source.member, which the source does not have (any more)" in told[-1]
    for text in told:
        assert "eim" not in text
        assert quote(PASSWORD, safe="") not in text


def test_a_refresh_reads_in_one_transaction_that_cannot_write(
    lake: Lake, source: Connection[Any], run: Run, url: str, tmp_path: Path
) -> None:
    _fill(source, run)
    run("SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = 1")
    lake.refresh(url, pairs(tmp_path / "catalog"))
    run("SET GLOBAL general_log = 0")
    with source.cursor() as cursor:
        cursor.execute("SELECT thread_id, CONVERT(argument USING utf8mb4) FROM mysql.general_log ORDER BY event_time")
        sent = [(thread, str(text)) for thread, text in cursor.fetchall() if text]
    [begin] = [(n, thread) for n, (thread, text) in enumerate(sent) if text.endswith("CONSISTENT SNAPSHOT, READ ONLY")]
    reads = [
        (n, thread) for n, (thread, text) in enumerate(sent) if re.match(rf"SELECT .* FROM `{_name(source)}`", text)
    ]
    ends = [n for n, (thread, text) in enumerate(sent) if thread == begin[1] and text in {"COMMIT", "ROLLBACK"}]
    assert len({n for n, _ in reads}) >= 5
    assert {thread for _, thread in reads} == {begin[1]}
    assert begin[0] < min(reads)[0] < max(reads)[0] < min(n for n in ends if n > begin[0])


def test_a_plan_tells_what_the_source_lacks(server: MySqlServer, database: str, tmp_path: Path, run: Run) -> None:
    made = catalog(
        tmp_path / "catalog",
        person=Wish("SELECT id AS Id, name AS Name FROM source.member", {"Id": "integer", "Name": "text"}),
        other=Wish("SELECT id AS Id FROM source.absent", {"Id": "integer"}),
    )
    run("CREATE TABLE member (id INTEGER, naam TEXT)", "INSERT INTO member VALUES (1, 'geheim')")
    moment = Moment(dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC), "Europe/Amsterdam")
    source = Source.parse(server.url(database))
    plan = plan_queries(made, source, moment, scratch=tmp_path / "scratch", limits=Limits())
    assert {(one.dataset, one.kind) for one in plan.findings} == {
        ("person", "missing-column"),
        ("other", "missing-table"),
    }
    assert "geheim" not in str(plan)
    run("ALTER TABLE member RENAME COLUMN naam TO name", "CREATE TABLE absent (id INTEGER)")
    plan = plan_queries(made, source, moment, scratch=tmp_path / "scratch", limits=Limits())
    assert (plan.findings, plan.tables) == ((), 2)
