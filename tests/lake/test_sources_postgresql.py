"""PostgreSQL as a source: one moment, values as they are, failures that say what to mend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from psycopg import sql

from lake.source_lake import HEAVY, PAIRS, UPDATES, Lake, Wish, catalog, forwarded, lake, one_moment, pairs
from sluis.embedded import EmbeddedPostgres

__all__ = ["lake"]

PASSWORD = "ge'h\\eim @/:1"
Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def source(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def reader(source: Connection, postgres: EmbeddedPostgres) -> Iterator[str]:
    """A user with a password, who has no rights yet."""
    name = f"reader_{source.info.dbname}"
    rules = postgres.folder / "pg_hba.conf"
    before = rules.read_text("utf-8")
    rules.write_text(f"local all {name} scram-sha-256\n{before}", "utf-8")
    source.execute("SELECT pg_reload_conf()")
    source.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), PASSWORD))
    deadline = time.monotonic() + 60
    while _knocks(postgres, name):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield name
    rules.write_text(before, "utf-8")
    source.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


def _knocks(postgres: EmbeddedPostgres, name: str) -> bool:
    """Whether the user still comes in without a password."""
    try:
        psycopg.connect(postgres.url(), user=name).close()
    except psycopg.OperationalError as error:
        return "role" in str(error) and "does not exist" in str(error)
    return True


def socket(source: Connection) -> Path:
    return Path(source.info.host) / f".s.PGSQL.{source.info.port}"


def as_user(url: str, name: str, password: str) -> str:
    """The URL with a user and a password, URL-encoded."""
    return url.replace("postgres:@", f"{name}:{quote(password, safe='')}@")


def test_all_tables_show_one_moment(lake: Lake, source: Connection, url: str, tmp_path: Path) -> None:
    source.execute(PAIRS)
    with source.cursor() as cursor, cursor.copy("COPY heavy FROM STDIN") as copy:
        for row in HEAVY:
            copy.write_row(row)
    transaction = "; ".join(UPDATES)

    def commit() -> None:
        source.execute(transaction.encode())

    one_moment(lake, url, pairs(tmp_path / "catalog"), commit)


def test_a_late_commit_is_in_the_next_refresh(lake: Lake, source: Connection, url: str, tmp_path: Path) -> None:
    made = catalog(tmp_path / "catalog", t=Wish("SELECT id AS Id FROM source.t", {"Id": "integer"}))
    source.execute("CREATE TABLE t (id INTEGER)")
    source.autocommit = False
    source.execute("INSERT INTO t VALUES (1)")
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("INSERT INTO t VALUES (2)")
    lake.refresh(url, made)
    assert lake.rows(made)["t"] == [("2",)]
    source.commit()
    lake.refresh(url, made)
    assert lake.rows(made)["t"] == [("1",), ("2",)]


NASTY = Wish(
    'SELECT id AS Id, d AS D, num AS Num, free AS Free, wide AS Wide, domain AS "Domain", t AS T, c AS C, ts AS Ts, '
    "tz AS Tz, b AS B, u AS U, e AS E, dp AS Dp, round AS Round FROM source.nasty",
    {
        "Id": "integer",
        "B": "boolean",
        "C": "text",
        "D": "date",
        "Domain": "text",
        "Dp": "decimal(20,3)",
        "E": "text",
        "Free": "text",
        "Num": "decimal(38,10)",
        "Round": "text",
        "T": "text",
        "Ts": "timestamp",
        "Tz": "timestamp",
        "U": "text",
        "Wide": "text",
    },
)
NASTY_TABLE = """
CREATE TYPE mood AS ENUM ('Blij', 'Ver drietig');
CREATE DOMAIN amount AS numeric;
CREATE TABLE nasty (id INTEGER, d DATE, num NUMERIC(38,10), free NUMERIC, wide NUMERIC(60,5), domain amount,
  round NUMERIC(5,-2), t TEXT, c CHAR(5), ts TIMESTAMP, tz TIMESTAMPTZ, b BOOLEAN, u UUID, e mood, dp DOUBLE PRECISION)
"""


def test_values_come_as_they_are(lake: Lake, source: Connection, url: str, tmp_path: Path) -> None:
    source.execute(NASTY_TABLE)
    source.execute(
        """
        INSERT INTO nasty VALUES
        (1, '0001-01-01', 1234567890123456789012345678.0123456789, 1e50 + 0.12345678901234567890,
         12345678901234567890123456789012345678901234567890.12345, 1e40 + 0.5, 12345, '', 'ab', '2026-03-29 02:30:00',
         '2026-10-25 02:30:00+02', true, '00000000-0000-0000-0000-0000000000FF', 'Ver drietig', 1.125),
        (2, '9999-12-31', -0.0000000001, -0.10, 0, 0.10, -149, E'a"b\\n''c'' \\U0001F600\\t\\\\', 'x',
         '2026-10-25 02:30:00.123456', '2026-10-25 02:30:00+01', false, NULL, 'Blij', -0.5),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (4, '2026-02-28', 0, 0, 0, 0, 0, ' x ', '', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59+00', NULL, NULL,
         NULL, 0)
        """
    )
    made = catalog(tmp_path / "catalog", nasty=NASTY)
    lake.refresh(url, made)
    columns = list(made.datasets["nasty"].columns)
    rows = {row["Id"]: row for row in (dict(zip(columns, row, strict=True)) for row in lake.rows(made)["nasty"])}
    assert rows == {
        "1": {
            "Id": "1",
            "B": "1",
            "C": "ab",
            "D": "0001-01-01",
            "Domain": "1" + "0" * 40 + ".5",
            "Dp": "1.125",
            "E": "Ver drietig",
            "Free": "1" + "0" * 50 + ".12345678901234567890",
            "Num": "1234567890123456789012345678.0123456789",
            "Round": "12300",
            "T": "",
            # The hour that the clock skips is read as if the change had not come yet.
            "Ts": "2026-03-29T01:30:00Z",
            "Tz": "2026-10-25T00:30:00Z",
            "U": "00000000-0000-0000-0000-0000000000ff",
            "Wide": "12345678901234567890123456789012345678901234567890.12345",
        },
        "2": {
            "Id": "2",
            "B": "0",
            "C": "x",
            "D": "9999-12-31",
            "Domain": "0.10",
            "Dp": "-0.500",
            "E": "Blij",
            "Free": "-0.10",
            "Num": "-0.0000000001",
            "Round": "-100",
            "T": "a\"b\n'c' 😀\t\\",
            # The hour that the clock shows twice is the second one.
            "Ts": "2026-10-25T01:30:00.123456Z",
            "Tz": "2026-10-25T01:30:00Z",
            "U": None,
            "Wide": "0.00000",
        },
        "3": {**dict.fromkeys(columns), "Id": "3"},
        "4": {
            "Id": "4",
            "B": None,
            "C": "",
            "D": "2026-02-28",
            "Domain": "0",
            "Dp": "0.000",
            "E": None,
            "Free": "0",
            "Num": "0.0000000000",
            "Round": "0",
            "T": " x ",
            "Ts": "9999-12-31T22:59:59.999999Z",
            "Tz": "9999-12-31T23:59:59Z",
            "U": None,
            "Wide": "0.00000",
        },
    }


def test_values_that_are_no_values_are_refused(lake: Lake, source: Connection, url: str, tmp_path: Path) -> None:
    source.execute(NASTY_TABLE)
    source.execute("ALTER TABLE nasty ADD bounded NUMERIC(10,2)")
    sql_text = NASTY.sql.replace(" FROM", ", bounded AS Bounded FROM")
    made = catalog(tmp_path / "catalog", nasty=Wish(sql_text, {**NASTY.columns, "Bounded": "decimal(10,2)"}))
    lake.refresh(url, made)
    with lake.unchanged():
        for column, value in (("bounded", "NaN"), ("free", "NaN"), ("free", "Infinity"), ("domain", "-Infinity")):
            source.execute("TRUNCATE nasty")
            source.execute(f"INSERT INTO nasty(id, {column}) VALUES (1, '{value}')".encode())
            told = lake.refused(url, made)
            assert (
                f"Rejected: dataset nasty: column {column} of table nasty is infinite or not a number in 1 row(s)"
            ) in told
        source.execute(
            """
            TRUNCATE nasty;
            INSERT INTO nasty(id, dp) VALUES (1, 'NaN'), (2, '-Infinity');
            INSERT INTO nasty(id, d) VALUES (3, 'infinity'), (4, '-infinity'), (5, '0044-03-15 BC'), (6, '12345-06-07');
            INSERT INTO nasty(id, ts) VALUES (7, 'infinity'), (8, '0044-03-15 12:13:14 BC');
            -- In Amsterdam it was the year 1 already; a delivery writes UTC, where it was not.
            INSERT INTO nasty(id, ts) VALUES (9, '0001-01-01 00:00:00');
            INSERT INTO nasty(id, tz) VALUES (10, '-infinity'), (11, 'infinity'), (12, '0001-01-01 00:00:00+00')
            """
        )
        told = lake.refused(url, made)
    year = "lies before the year 1 or after the year 9999"
    assert told.startswith(
        f"Rejected: dataset nasty: column D is infinite in 2 row(s); column D {year} in 2 row(s); column Dp is infinite "
        "or not a number in 2 row(s); column Ts is infinite in 1 row(s); "
        f"column Ts {year} (in UTC) in 2 row(s); column Tz is infinite in 2 row(s) | "
    )


def test_an_unbounded_numeric_can_be_cast_in_the_query(
    lake: Lake, source: Connection, url: str, tmp_path: Path
) -> None:
    made = catalog(
        tmp_path / "catalog",
        t=Wish(
            "SELECT id AS Id, CAST(n AS DECIMAL(38, 10)) AS N FROM source.t", {"Id": "integer", "N": "decimal(38,10)"}
        ),
    )
    source.execute("CREATE TABLE t (id INTEGER, n NUMERIC)")
    source.execute("INSERT INTO t VALUES (1, 1234567890123456789012345678.0123456789)")
    lake.refresh(url, made)
    assert lake.rows(made)["t"] == [("1", "1234567890123456789012345678.0123456789")]
    source.execute("INSERT INTO t VALUES (2, 98765432109876543210987654321)")
    refusal = lake.refused(url, made)
    assert "Rejected: dataset t: in column N a value in the source does not fit" in refusal
    assert "98765" not in refusal


def test_names_as_people_give_them(lake: Lake, source: Connection, url: str, tmp_path: Path) -> None:
    source.execute('CREATE SCHEMA app; CREATE TABLE app."My ""Table" ("Éen id" INTEGER, "Naam" TEXT)')
    source.execute("""INSERT INTO app."My ""Table" VALUES (1, 'a')""")
    source.execute('CREATE TABLE app.member (id INTEGER); CREATE TABLE app."Member" (id INTEGER)')
    source.execute('INSERT INTO app.member VALUES (1); INSERT INTO app."Member" VALUES (2)')
    source.execute("CREATE TABLE member (id INTEGER); INSERT INTO member VALUES (99)")  # in public
    made = catalog(
        tmp_path / "catalog",
        mine=Wish('SELECT "Éen id" AS Id, naam AS Naam FROM source."My ""Table"', {"Id": "integer", "Naam": "text"}),
        member=Wish("SELECT m.id AS Id FROM source.member AS m", {"Id": "integer"}),
    )
    lake.refresh(f"{url}&schema=app", made)
    assert lake.rows(made) == {"mine": [("1", "a")], "member": [("1",)]}
    other = catalog(tmp_path / "other", member=Wish("SELECT id AS Id FROM source.Member", {"Id": "integer"}))
    lake.refresh(f"{url}&schema=app", other)
    assert lake.rows(other) == {"member": [("2",)]}


def test_a_server_is_reached_over_ipv6(lake: Lake, source: Connection, url: str, tmp_path: Path, reader: str) -> None:
    made = catalog(tmp_path / "catalog", t=Wish("SELECT id AS Id FROM source.t", {"Id": "integer"}))
    source.execute("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)")
    source.execute(sql.SQL("GRANT SELECT ON t TO {}").format(sql.Identifier(reader)))
    with forwarded(socket(source), "::1") as port:
        login = f"{reader}:{quote(PASSWORD, safe='')}"
        lake.refresh(f"postgresql://{login}@[::1]:{port}/{urlsplit(url).path[1:]}?sslmode=disable", made)
        assert lake.rows(made) == {"t": [("1",)]}
        told = lake.refused(f"postgresql://{login}@[::1]:{port}{urlsplit(url).path}?sslmode=require", made)
        assert "server does not support SSL" in told
        assert "geheim" not in told.replace("\\", "").replace("'", "")


def test_a_broken_connection_changes_nothing(lake: Lake, source: Connection, url: str, tmp_path: Path) -> None:
    made = pairs(tmp_path / "catalog")
    source.execute(PAIRS)
    with source.cursor() as cursor, cursor.copy("COPY heavy FROM STDIN") as copy:
        for row in HEAVY:
            copy.write_row(row)
    lake.refresh(url, made)
    with lake.unchanged(), forwarded(socket(source), "127.0.0.1", cut_after=1_000_000) as port:
        told = lake.refused(f"postgresql://postgres@127.0.0.1:{port}{urlsplit(url).path}?sslmode=disable", made)
    assert told.startswith("Retryable: reading the source broke off: ")
    assert "x" * 20 not in told


def test_failures_say_what_to_mend_and_show_no_password(
    lake: Lake, source: Connection, url: str, tmp_path: Path, reader: str
) -> None:
    made = catalog(
        tmp_path / "catalog",
        person=Wish("SELECT id AS Id, name AS Name FROM source.member", {"Id": "integer", "Name": "text"}),
    )
    source.execute("CREATE TABLE member (id INTEGER, name TEXT); INSERT INTO member VALUES (1, 'a')")
    lake.refresh(url, made)
    right = as_user(url, reader, PASSWORD)
    told = []
    with lake.unchanged():
        told.append(lake.refused(as_user(url, reader, PASSWORD + "x"), made))
        assert "Retryable: the source cannot be opened" in told[-1]
        assert "password authentication failed" in told[-1]
        told.append(lake.refused(f"postgresql://u:{quote(PASSWORD, safe='')}@127.0.0.1:1/d", made))
        assert "Connection refused" in told[-1]
        told.append(lake.refused(right.replace("/test_", "/gone_"), made))
        assert "does not exist" in told[-1]
        told.append(lake.refused(f"{right}&nonsense=1", made))
        assert "Rejected: the URL of the source has an option that PostgreSQL does not know" in told[-1]
        told.append(lake.refused(right, made))
        assert "Rejected: dataset person: column id of table member may not be read" in told[-1]
        source.execute(sql.SQL("GRANT SELECT (id) ON member TO {}").format(sql.Identifier(reader)))
        told.append(lake.refused(right, made))
        assert "Rejected: dataset person: column name of table member may not be read" in told[-1]
        source.execute("ALTER TABLE member RENAME COLUMN name TO naam")
        told.append(lake.refused(right, made))
        assert "Rejected: dataset person: table member has no column name (any more)" in told[-1]
        source.execute("ALTER TABLE member RENAME COLUMN naam TO name")
        source.execute(
            sql.SQL("REVOKE ALL ON member FROM {}; GRANT SELECT ON member TO {}").format(*[sql.Identifier(reader)] * 2)
        )
        # An error of the server's own that quotes a value: of a view that computes.
        source.execute("ALTER TABLE member RENAME TO people; UPDATE people SET name = 'geheim'")
        source.execute("CREATE VIEW member AS SELECT id + name::integer AS id, name FROM people")
        told.append(lake.refused(url, made))
        assert "Retryable: reading the source broke off: invalid input syntax for type integer" in told[-1]
        source.execute("DROP VIEW member")
        told.append(lake.refused(right, made))
        assert "Rejected: dataset person reads source.member, which the source does not have (any more)" in told[-1]
    for text in told:
        assert "eim" not in text
        assert quote(PASSWORD, safe="") not in text
