"""The application of the demo with 1,000 employees, and every dataset of the built-in catalogue made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from sluis.catalog.loader import Catalog, load
from sluis.catalog.model import File
from sluis.demo.generate import generate
from sluis.embedded import EmbeddedPostgres
from sluis.lake.session import Session, open_session
from sluis.lake.sources import Source
from sluis.lake.staging import Moment, result, stage

NEWEST = "7.36"

# What an application may hold, and that of the demo does not: two attributes of an employee and of a case recorded at
# one moment, a forecast with a status of its own, and somebody who left ill.
_ODD_ROWS = """
INSERT INTO kenmerk (kenmerk_id, naam, entiteit, waardetype, is_medisch, is_actief) VALUES
    (1002, 'Tweede', 'Dossierobject', 'Getal', true, true),
    (1003, 'Tweede', 'Traject', 'Getal', true, true);
INSERT INTO werknemer_kenmerk (werknemer_id, kenmerk_id, vastgelegd_op, waarde)
    SELECT werknemer_id, 1002, vastgelegd_op, '1' FROM werknemer_kenmerk ORDER BY werknemer_id, vastgelegd_op LIMIT 1;
INSERT INTO traject_kenmerk (traject_id, kenmerk_id, vastgelegd_op, waarde)
    SELECT traject_id, 1003, vastgelegd_op, '1' FROM traject_kenmerk ORDER BY traject_id, vastgelegd_op LIMIT 1;
INSERT INTO claim_status (claim_id, status_naar, overgang_op)
    SELECT min(claim_id), 'new', '2026-03-02 09:00+01' FROM claim WHERE is_forecast;
UPDATE dienstverband SET reden_uit_dienst = 'Langdurig ziek' WHERE dienstverband_id =
    (SELECT min(dienstverband_id) FROM dienstverband WHERE reden_uit_dienst IS NOT NULL);
"""
ODD = {"Dim_Kenmerk": 2, "Fact_EmployeeTags": 1, "Fact_TrajectTags": 1, "Fact_AttributeValue": 2}
"""How many rows more a file has by that."""


@dataclass(frozen=True)
class Made:
    """``url``: of the application. ``session``: where ``table(file)`` names the rows of a file's dataset."""

    url: str
    catalog: Catalog
    session: Session

    @property
    def files(self) -> dict[str, File]:
        return self.catalog.files(NEWEST)

    def table(self, file: str) -> str:
        return result(self.files[file].dataset)

    def values(self, query: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.session.execute(query).fetchall()
        return rows

    def value(self, query: str) -> Any:
        return self.values(query)[0][0]


@pytest.fixture(scope="session")
def verzuim() -> Catalog:
    return load("verzuim")


@pytest.fixture(scope="module")
def made(postgres: EmbeddedPostgres, verzuim: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    url = postgres.ensure_database("catalogs_verzuim")
    generate(url, employees=1_000)
    with psycopg.connect(url) as connection:
        connection.execute(_ODD_ROWS)
    with open_session(tmp_path_factory.mktemp("scratch")) as session:
        stage(session, Source.parse(url), verzuim, frozenset(verzuim.datasets), moment(1))
        yield Made(url, verzuim, session)
    postgres.drop_database("catalogs_verzuim")


def moment(day: int) -> Moment:
    """Of a refresh, some days after the one up to which the application has processed absence."""
    return Moment(dt.datetime(2026, 11, 2 + day, 1, tzinfo=dt.UTC), "Europe/Amsterdam")
