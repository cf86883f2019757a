"""The built-in catalogue as a receiver gets it: what is told of the CSV files here is read from the CSV files."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import time_machine
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from catalogs_verzuim.absence import Figures, per_day
from control.fixtures import KEY, copy_database, forget
from sluis import settings
from sluis.catalog import loader, lock
from sluis.catalog.loader import Catalog
from sluis.control import places, setup
from sluis.control.actions import accounts, configurations, deliveries, environments
from sluis.control.actor import CLI
from sluis.control.models import Configuration
from sluis.demo.generate import generate
from sluis.embedded import EmbeddedPostgres

DAY = "FeitDienstverbandVerzuimDag"
BEGIN = dt.datetime(2026, 11, 3, 2, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)

_NEW_COLUMN = """
  - name: Afkorting
    type: text(3)
    nl: Eerste letters
    en: First letters
    since: "7.36"
"""
_NEW_STREAM = """  nieuw:
    title: {nl: Nieuw, en: New}
    description: {nl: Nieuw, en: New}
"""


@dataclass(frozen=True)
class Delivered:
    """``url``: of the application. The others are folders of deliveries, each of every stream and file."""

    url: str
    plain: Path
    pseudonymous: Path
    quiet: dict[str, Path]
    older: Path
    older_since: Path
    older_again: Path

    def rows(self, folder: Path, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over a view per file, every field as text; NULL and the empty text stay apart."""
        with duckdb.connect() as engine:
            for path in folder.glob("*.csv"):
                options = (
                    "header = true, all_varchar = true, nullstr = '', allow_quoted_nulls = false, parallel = false"
                )
                engine.execute(f"CREATE VIEW {path.stem} AS FROM read_csv('{path}', {options})")
            return engine.execute(query).fetchall()


@pytest.fixture(scope="module")
def delivered(
    template: str,
    django_db_blocker: DjangoDbBlocker,
    postgres: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Delivered]:
    """Three configurations of everything: in full, a week later in which nothing happened, and after the catalogue grew."""
    folder = tmp_path_factory.mktemp("delivered")
    url = postgres.ensure_database("delivered_source")
    generate(url, employees=100)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        connection.close()
        present = connection.settings_dict.get("NAME")
        patch.setenv("SLUIS_DATA_DIR", str(folder / "data"))
        patch.setenv("SLUIS_SECRET_KEY", KEY)
        patch.setenv("SLUIS_DATABASE_URL", copy_database(postgres, template, "delivered_control"))
        forget()
        setup.start()
        yield _deliver(url, folder, patch)
        connection.close()
        connection.settings_dict["NAME"] = present
        forget()
    for name in ("delivered_source", "delivered_control"):
        postgres.drop_database(name)


def _deliver(url: str, folder: Path, patch: pytest.MonkeyPatch) -> Delivered:
    with time_machine.travel(BEGIN):
        environment = environments.add_environment(CLI, "Noord", source_url=url, catalog="verzuim")
        account = accounts.add_account(CLI, environment, "Zorg", account_type="hosted", medical=True)
        made = {
            "plain": _configuration(account, "Gewoon", "7.36", pseudonymous=False),
            "pseudonymous": _configuration(account, "Pseudoniem", "7.36", pseudonymous=True),
            "older": _configuration(account, "Ouder", "7.30", pseudonymous=True),
        }
        full = {name: _run(one) for name, one in made.items()}
    # What two threads made is the same to one, which takes less time in all.
    patch.setenv("SLUIS_THREADS", "1")
    settings.current.cache_clear()
    with time_machine.travel(BEGIN + WEEK):
        quiet = {name: _run(one, refresh=not number) for number, (name, one) in enumerate(made.items())}
    with time_machine.travel(BEGIN + 2 * WEEK):
        environments.change_catalog(CLI, environment, str(_grown(folder / "verzuim")))
        since = _run(made["older"], refresh=True)
        again = _run(made["older"], since="all")
    return Delivered(url, full["plain"], full["pseudonymous"], quiet, full["older"], since, again)


def _configuration(account: Any, name: str, version: str, *, pseudonymous: bool) -> Configuration:
    made = configurations.add_configuration(
        CLI,
        account,
        name,
        version=version,
        streams="all",
        pseudonymous=pseudonymous,
        reason="" if pseudonymous else "test",
    )
    return configurations.edit_configuration(CLI, made, add_files=[DAY])


def _run(configuration: Configuration, **more: Any) -> Path:
    delivery = deliveries.deliver(CLI, configuration, **more)
    return places.hosted(configuration.account).root / configuration.name / delivery.folder


def _grown(folder: Path) -> Path:
    """The catalogue with what may be added to its newest version: a column with its query, a file, a stream."""
    shutil.copytree(loader.load("verzuim").folder, folder)
    provider = folder / "files" / "Dim_Provider.yaml"
    text = provider.read_text("utf-8")
    provider.write_text(text + _NEW_COLUMN, "utf-8")
    (folder / "files" / "Dim_Nieuw.yaml").write_text(text.replace("file: Dim_Provider", "file: Dim_Nieuw"), "utf-8")
    query = folder / "datasets" / "provider.sql"
    query.write_text(f"SELECT *, left(Naam, 3) AS Afkorting FROM ({query.read_text('utf-8')}) AS p", "utf-8")
    for name, more in (("versions/7.36.yaml", "  nieuw: [Dim_Nieuw]\n"), ("catalog.yaml", _NEW_STREAM)):
        with (folder / name).open("a", encoding="utf-8") as stream:
            stream.write(more)
    lock.make(*loader.parts_of(str(folder)), today=BEGIN.date())
    return folder


def resources(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return {one["name"]: one for one in manifest["resources"]}


@pytest.mark.parametrize("form", ["plain", "pseudonymous"])
def test_every_reference_of_every_file_joins(delivered: Delivered, verzuim: Catalog, form: str) -> None:
    folder = getattr(delivered, form)
    told = resources(folder)
    assert set(told) == set(verzuim.files("7.36"))
    references = {
        (name, one["field"]): one for name, about in told.items() for one in about["sluis"].get("references", ())
    }
    assert set(references) == {
        (f.file, c.name) for f in verzuim.files("7.36").values() for c in f.columns if c.reference
    }
    queries = []
    for (name, field), one in references.items():
        for by, target in one.get("resources", {None: one.get("resource")}).items():
            chosen = f"AND {one['by']} = '{by}'" if by else ""
            queries.append(
                f"SELECT '{name}', '{field}', '{target}', count(*), count(*) FILTER (t.PrimaryKey IS NULL) "
                f"FROM {name} AS f LEFT JOIN {target} AS t ON t.PrimaryKey = f.{field} WHERE f.{field} IS NOT NULL {chosen}"
            )
    found = delivered.rows(folder, " UNION ALL ".join(queries))
    assert [row for row in found if row[4]] == []
    assert sum(row[3] > 0 for row in found) > 150


def test_a_plain_and_a_pseudonymous_delivery_share_no_key(delivered: Delivered) -> None:
    keys = [
        set(delivered.rows(folder, "SELECT PrimaryKey FROM Dim_Werknemer"))
        for folder in (delivered.plain, delivered.pseudonymous)
    ]
    assert len(keys[0]) == len(keys[1]) == 100
    assert not keys[0] & keys[1]


def test_a_week_in_which_nothing_happened_gives_no_row(delivered: Delivered, verzuim: Catalog) -> None:
    for name, folder in delivered.quiet.items():
        about = {one: (r["sluis"]["mode"], r["sluis"]["rows"]) for one, r in resources(folder).items()}
        assert set(about.values()) == {("changes", 0)}, name
        assert {len(path.read_text("utf-8").splitlines()) for path in folder.glob("*.csv")} == {1}
        files = {one for one in about if not one.endswith("_verwijderd")}
        assert files == set(verzuim.files("7.30" if name == "older" else "7.36"))


def test_the_older_version_stays_byte_for_byte_the_same_while_the_newest_grows(delivered: Delivered) -> None:
    def contents(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.glob("*.csv")}

    assert {(r["sluis"]["mode"], r["sluis"]["rows"]) for r in resources(delivered.older_since).values()} == {
        ("changes", 0)
    }
    before, after = contents(delivered.older), contents(delivered.older_again)
    assert len(before) == 2 * 61
    assert [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)] == []


def test_an_appointment_is_matched_with_the_consultation_held(delivered: Delivered) -> None:
    for folder in (delivered.plain, delivered.pseudonymous):
        matched, strange = delivered.rows(
            folder,
            """SELECT count(*), count(*) FILTER (a.Dim_WerknemerID <> s.Dim_WerknemerID OR a.Status <> 'Uitgevoerd'
                OR a.PrimaryKey <> s.Fact_AgendaAfspraakID)
            FROM Fact_Spreekuur AS s JOIN Fact_AgendaAfspraak AS a USING (AfspraakMatchsleutel)""",
        )[0]
        assert matched > 15
        assert strange == 0


def test_an_agreement_joins_employer_contracts_groups_and_a_policy_if_it_has_one(delivered: Delivered) -> None:
    found = delivered.rows(
        delivered.pseudonymous,
        """SELECT count(*), count(*) FILTER (employers > 0 OR groups > 0), sum(employers), sum(groups), sum(contracts), sum(policies),
            count(*) FILTER (policies = 0)
        FROM (SELECT o.PrimaryKey,
            (SELECT count(*) FROM Fact_OvereenkomstWerkgever AS x JOIN Dim_Werkgever AS t ON t.PrimaryKey = x.Dim_WerkgeverID
                WHERE x.Fact_DienstverleningsovereenkomstID = o.PrimaryKey) AS employers,
            (SELECT count(*) FROM Fact_OvereenkomstWerkgever AS x JOIN Dim_Werkgevergroep AS t ON t.PrimaryKey = x.Dim_WerkgevergroepID
                WHERE x.Fact_DienstverleningsovereenkomstID = o.PrimaryKey) AS groups,
            (SELECT count(*) FROM Fact_OvereenkomstContract AS x JOIN Dim_Contract AS t ON t.PrimaryKey = x.Dim_ContractID
                WHERE x.Fact_DienstverleningsovereenkomstID = o.PrimaryKey) AS contracts,
            (SELECT count(*) FROM Fact_OvereenkomstPolis AS x JOIN Dim_Polis AS t ON t.PrimaryKey = x.Dim_PolisID
                WHERE x.Fact_DienstverleningsovereenkomstID = o.PrimaryKey) AS policies
            FROM Fact_Dienstverleningsovereenkomst AS o)""",
    )[0]
    agreements, placed, *each = found
    assert agreements == placed > 2
    assert all(number > 0 for number in each), found


def test_a_participant_is_in_or_out_with_the_reason(delivered: Delivered) -> None:
    found = delivered.rows(
        delivered.pseudonymous,
        """SELECT IsDeelnemer, count(RedenInsluiting) = count(*), count(RedenUitsluiting) = count(*), count(e.PrimaryKey) = count(*)
        FROM Fact_ParticipantsOnPolicy AS p JOIN Dim_Werknemer AS e ON e.PrimaryKey = p.Dim_WerknemerID GROUP BY 1 ORDER BY 1""",
    )
    assert found == [("0", False, True, True), ("1", True, False, True)]


def test_a_decision_hangs_on_the_file_of_the_employee(delivered: Delivered) -> None:
    number, lost = delivered.rows(
        delivered.pseudonymous,
        """SELECT count(*), count(*) FILTER (e.PrimaryKey IS NULL OR c.Dim_WerknemerID <> b.Dim_WerknemerID) FROM Fact_Beschikking AS b
        LEFT JOIN Dim_Werknemer AS e ON e.PrimaryKey = b.Dim_WerknemerID LEFT JOIN Dim_Traject AS c ON c.PrimaryKey = b.Dim_TrajectID""",
    )[0]
    assert number > 5
    assert lost == 0


def test_who_is_in_the_data_vault_is_delivered_with_empty_fields(delivered: Delivered, verzuim: Catalog) -> None:
    cleared = ["BSN", "Achternaam", "Voorletters", "Roepnaam", "Geboortenaam", "Straat", "Postcode", "Woonplaats"]
    cleared += ["EmailWerk", "EmailPrive", "TelefoonVast", "TelefoonMobiel", "IBAN"]
    assert {c.name for c in verzuim.files("7.36")["Dim_Werknemer"].columns if c.identifying} >= set(cleared)
    number, *filled = delivered.rows(
        delivered.plain,
        f"""SELECT count(*), {", ".join(f"count(w.{name})" for name in cleared)} FROM Dim_Werknemer AS w
        JOIN Dim_Werkgever AS g ON g.PrimaryKey = w.Dim_WerkgeverID WHERE g.DatakluisActief = '1' AND w.HeeftDossiervulling = '0'""",
    )[0]
    assert number > 0
    assert set(filled) == {0}


def test_the_percentage_from_the_facts_is_the_one_from_the_absences(delivered: Delivered) -> None:
    expected: dict[tuple[str, str], Figures] = defaultdict(Figures)
    for (employer, day), figures in per_day(delivered.url).items():
        expected[str(employer), day.strftime("%Y-%m")].add(figures)
    for file, month in {
        "FeitDienstverbandVerzuimMaand": "f.Periode",
        DAY: "left(f.Datum, 7)",
    }.items():
        given = delivered.rows(
            delivered.plain,
            f"""SELECT g.WerkgeverId, {month}, sum(CAST(f.Verzuimdagen AS DECIMAL(18, 4))), sum(CAST(f.Dienstverbanddagen AS DECIMAL(18, 4)))
            FROM {file} AS f JOIN Dim_Werkgever AS g ON g.PrimaryKey = f.Dim_WerkgeverID GROUP BY ALL""",
        )
        assert {(employer, label) for employer, label, _, _ in given} == set(expected)
        for employer, label, absent, employed in given:
            figures = expected[employer, label]
            percentage = 100 * figures.Verzuimdagen / figures.Dienstverbanddagen
            assert abs(100 * absent / employed - percentage) < Decimal("0.01"), (file, employer, label)
    assert sum(figures.Verzuimdagen > 0 for figures in expected.values()) > 10
