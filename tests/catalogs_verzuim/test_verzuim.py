"""The files of the built-in catalogue, made of the application of the demo."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from catalogs_verzuim.absence import Figures, per_day
from catalogs_verzuim.conftest import NEWEST, ODD, Made, moment
from control.fixtures import copy_database
from docs.verzuim_page import PAGE, page
from sluis.catalog.loader import Catalog
from sluis.catalog.model import Column
from sluis.delivery import pseudonyms
from sluis.delivery.projection import Projection, Receiver
from sluis.demo.generate import generate
from sluis.embedded import EmbeddedPostgres
from sluis.lake.checking import plan_queries, try_queries
from sluis.lake.session import Limits, open_session
from sluis.lake.sources import Source
from sluis.lake.sql import ident
from sluis.lake.staging import result, stage

OLDER = "7.30"
SECRET = b"0123456789abcdef0123456789abcdef"

ENUMERATIONS = {
    "Dim_Dienstverband": {
        "Soort": "Vast Flex Oproep Uitzend Stage DGA",
        "ContractSoort": "Onbepaalde tijd|Bepaalde tijd",
    },
    "Dim_Traject": {"Trajectsoort": "Verzuim Preventie Interventie Overig", "Status": "Lopend Afgesloten Verwijderd"},
    "Dim_Taak": {"Taaksoort": "Wettelijk Contact Administratief Medisch Interventie"},
    "Dim_Werknemer": {"Geslacht": "Man Vrouw Onbekend"},
    "Dim_Employee": {"Gender": "Man Vrouw Onbekend"},
    "Dim_Gebruiker": {"Geslacht": "Man Vrouw Onbekend"},
    "Dim_Claim": {
        "Claimsoort": "Verzuim WGA Interventie",
        "Wijze": "Automatisch Handmatig",
        "Status": "new approved rejected removed",
    },
    "Dim_Contract": {
        "Contractsoort": "Abonnement Verrichtingen Combinatie",
        "BetalingsplichtigeSoort": "Werkgever Verzekeraar",
    },
    "Dim_Kenmerk": {
        "Entiteit": "Afdeling Dossierobject Werkgever Traject",
        "Waardetype": "Ja-nee Keuzelijst Tekst Datum Getal",
    },
    "Dim_Polis": {"Status": "Actief Beëindigd"},
    "Dim_Trigger": {"Soort": "Trigger Escalatie"},
    "Dim_Verrichting": {"Herkomst": "Taak Spreekuursoort Opdrachtsoort"},
    "Dim_Verzekeringsproduct": {
        "Verzekeringtype": "Verzuim WGA ZW WIA-excedent Interventie",
        "TypeDeelname": "Alle werknemers|Gebaseerd op dienstverband|Handmatig",
        "DienstverbandVoorVerzekering": "Vast Flex",
    },
    "Dim_Vraag": {"Antwoordtype": "Keuze Meerkeuze Getal Datum Open"},
    "Dim_Vragenlijst": {"Categorie": "Eigen vragenlijsten|Standaardvragenlijsten"},
    "Fact_AgendaAfspraak": {
        "Vorm": "Fysiek Telefonisch Video Huisbezoek",
        "Status": "Gepland Uitgevoerd Geannuleerd No-show Verzet",
    },
    "Fact_AttributeValue": {"Entiteit": "Afdeling Dossierobject Werkgever Traject"},
    "Fact_Beperking": {"Waarde": "Normaal|Licht beperkt|Beperkt|Sterk beperkt"},
    "Fact_Beschikking": {
        "Uitkomst": "Toegekend Afgewezen Herzien Beëindigd Ingetrokken",
        "UitkeringVariant": "LGU LAU VVU",
        "ArbeidsongeschiktheidsKlasse": "<35 35-45 45-55 55-65 65-80 80-100",
        "BezwaarStatus": "Geen Ingediend Gegrond Ongegrond",
    },
    "Fact_ClaimStatusVerloop": {
        "StatusVan": "new approved rejected",
        "StatusNaar": "new approved rejected removed",
    },
    "Fact_Dienstverleningsovereenkomst": {"Status": "Concept Actief Beëindigd"},
    "Fact_Document": {"Richting": "In Uit Intern", "Reviewstatus": "Concept|Ter beoordeling|Vrijgegeven"},
    "Fact_GebruikerAutorisatie": {
        "Autorisatiesoort": "Alle werkgevers|Werkgevergroep|Werkgever|Afdeling|Werknemer",
        "Bron": "Gebruiker Rol Gebruikersgroep Plaatsvervanging",
    },
    "Fact_Interventie": {
        "Status": "Geadviseerd Aangevraagd Akkoord Lopend Afgerond Afgebroken",
        "FinancieringDoor": "Werkgever Verzekeraar Zorgverzekeraar UWV",
    },
    "Fact_Oproepverzoek": {"Status": "Aangevraagd|Ter goedkeuring|Afgekeurd|Gepland|Ingetrokken"},
    "Fact_ParticipantsOnPolicy": {"WijzeDeelname": "Automatisch Handmatig"},
    "Fact_Taak": {
        "Status": "Open Afgerond Vervallen Verwijderd",
        "HerkomstSoort": "Protocol Trigger Escalatie Handmatig",
    },
    "Fact_UitgevoerdeVerrichtingen": {"Status": "Te factureren|Gefactureerd|Niet factureren"},
    "Fact_Verzuim": {"Duurklasse": "1-14 15-91 92-365 366-730"},
    "Fact_VerzuimVerloop": {
        "Mutatiesoort": "Ziekmelding|Gedeeltelijk herstel|Toename|Hersteldmelding|Correctie|Intrekking",
    },
    "Fct_PerformedEscalations": {"Actie": "Taak toevoegen|E-mail|Sms", "Resultaat": "Geslaagd Mislukt"},
    "Fct_Survey": {"Status": "Verzonden Ingevuld Verlopen Ingetrokken"},
}

# What a text may look like only where it is identifying.
PERSONAL = {
    "BSN": r"9999\d{5}",
    "IBAN": r"[A-Z]{2}\d{2}[A-Z]{4}\d{10}",
    "e-mail": r"[^@\s]+@[^@\s]+\.[a-z]+",
    "telephone": r"0\d{1,3}-\d{6,8}",
    "BIG": r"\d{11}",
}


def test_the_versions_have_their_streams_and_files(verzuim: Catalog) -> None:
    newest, older = verzuim.version(NEWEST), verzuim.version(OLDER)
    assert (len(newest.streams), len(verzuim.files(NEWEST))) == (18, 68)
    assert set(newest.streams) - set(older.streams) == {"beschikkingen", "dienstverlening", "polisdeelnemers"}
    assert {stream: newest.streams[stream] for stream in older.streams} == older.streams
    assert len(verzuim.files(OLDER)) == 61


def test_the_older_version_cannot_match_an_appointment(verzuim: Catalog) -> None:
    def extra(file: str) -> list[str]:
        older = {column.name for column in verzuim.files(OLDER)[file].columns}
        return [column.name for column in verzuim.files(NEWEST)[file].columns if column.name not in older]

    differing = {file: extra(file) for file in verzuim.files(OLDER) if extra(file)}
    assert differing == {
        "Fact_AgendaAfspraak": ["AfspraakMatchsleutel"],
        "Fact_Spreekuur": ["Fact_AgendaAfspraakID", "AfspraakMatchsleutel"],
    }


def test_a_version_refers_to_its_own_files_only(verzuim: Catalog) -> None:
    for version in verzuim.versions:
        files = verzuim.files(version)
        targets = {t for f in files.values() for c in f.columns if c.reference for t in c.reference.targets}
        assert targets <= set(files), version


def test_no_key_is_made_of_what_a_receiver_may_not_see(verzuim: Catalog) -> None:
    """PrimaryKey is a hash: who knows the other parts could try the values of a hidden one."""
    hidden = [
        (file.file, column.name)
        for file in verzuim.definitions
        for column in file.key_columns
        if column.medical or column.medical_when
    ]
    assert hidden == []


def test_the_passing_of_a_day_changes_only_what_is_counted_per_day(
    made: Made, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = copy_database(postgres, "catalogs_verzuim", "catalogs_verzuim_later")
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE administratie SET verwerkt_tot = verwerkt_tot + 1")
    per_period = {"dienstverband_verzuim_dag", "dienstverband_verzuim_week", "dienstverband_verzuim_maand"}
    names = frozenset(made.catalog.datasets) - per_period
    changed = {}
    # Whose answers are the same as with two threads.
    with open_session(tmp_path, Limits(threads=1)) as session:
        stage(session, Source.parse(url), made.catalog, names, moment(2))
        for name in names:
            rows = f"SELECT _key, _hash FROM {result(name)}"
            gone = set(made.values(rows)) - set(session.execute(rows).fetchall())
            # Now and then an employment or a policy ends on that very day; a counter would change most rows.
            if len(gone) > 3:
                changed[name] = len(gone)
    postgres.drop_database("catalogs_verzuim_later")
    assert changed == {}


def test_moments_about_a_person_are_coarse_in_a_pseudonymous_delivery(verzuim: Catalog) -> None:
    files = verzuim.files(NEWEST)
    about = {"Dim_Werknemer", "Dim_Employee", "Dim_Gebruiker"}
    while True:
        more = {f.file for f in files.values() for c in f.columns if c.reference and about & set(c.reference.targets)}
        if more <= about:
            break
        about |= more
    fine = [
        (name, column.name)
        for name in about - {"Dim_Werkgever"}
        for column in files[name].columns
        if column.type == "timestamp" and not (column.quasi and column.quasi.rule == "day")
    ]
    assert fine == []


def test_every_file_has_rows_and_every_column_a_value(made: Made) -> None:
    empty = []
    for name, file in made.files.items():
        sources = sorted({s for column in file.columns for s in column.sources})
        counts = made.values(
            f"SELECT count(*), {', '.join(f'count({ident(s)})' for s in sources)} FROM {made.table(name)}"
        )
        empty += [(name, s) for s, count in zip(["(rows)", *sources], counts[0], strict=True) if not count]
    assert empty == []


def test_the_page_of_the_catalogue_is_up_to_date(made: Made) -> None:
    rows = {name: made.value(f"SELECT count(*) FROM {made.table(name)}") - ODD.get(name, 0) for name in made.files}
    assert PAGE.read_text("utf-8") == page(made.catalog, rows), "run `make docs`"


@pytest.mark.parametrize("pseudonymous", [False, True], ids=["plain", "pseudonymous"])
def test_every_reference_joins(made: Made, pseudonymous: bool) -> None:
    pseudonyms.set_secret(made.session, SECRET)
    receiver = Receiver(medical=True, pseudonymous=pseudonymous, secret=SECRET)
    shown = {
        name: Projection(made.catalog, NEWEST, file, frozenset(c.name for c in file.columns), receiver)
        for name, file in made.files.items()
    }
    targets = {t for file in made.files.values() for c in file.columns if c.reference for t in c.reference.targets}
    made.session.execute("CREATE OR REPLACE TEMP TABLE keys (file VARCHAR, key VARCHAR)")
    for name in sorted(targets):
        made.session.execute(f"INSERT INTO keys SELECT '{name}', {shown[name].primary_key} FROM {made.table(name)}")
    dangling = {}
    joined = 0
    for name, projection in shown.items():
        for column, field in zip(projection.columns, projection.fields, strict=True):
            if column.reference:
                count, lost = _joins(made, name, column, field.expression)
                joined += count > 0
                if lost or not count:
                    dangling[name, column.name] = (count, lost)
    assert dangling == {}
    assert joined > 150


def _joins(made: Made, name: str, column: Column, expression: str) -> tuple[int, int]:
    """How many different references of a column there are, and how many of them are the key of no row."""
    assert column.reference
    by = column.reference.by
    sources = ", ".join(ident(source) for source in (*column.sources, *([by] if by else [])))
    target = f"'{column.reference.file}'"
    if by:
        cases = [f"WHEN '{value}' THEN '{file}'" for value, file in (column.reference.files or {}).items()]
        target = f"CASE {ident(by)} {' '.join(cases)} END"
    # The plain run leaves them for the pseudonymous one: half a million rows a day are read once.
    parts = ident(f"{name} {column.name}")
    made.session.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {parts} AS SELECT DISTINCT {sources}, {target} AS file FROM {made.table(name)}"
    )
    rows = made.values(
        f"SELECT count(*), count(*) FILTER (keys.key IS NULL) FROM (SELECT {expression} AS key, file FROM {parts}) AS given "
        "LEFT JOIN keys ON keys.file = given.file AND keys.key = given.key WHERE given.key IS NOT NULL"
    )
    return rows[0][0], rows[0][1]


@pytest.mark.parametrize("file", ENUMERATIONS)
def test_every_value_of_a_list_occurs_and_is_explained(made: Made, file: str) -> None:
    columns = {column.name: column for column in made.files[file].columns}
    for name, listed in ENUMERATIONS[file].items():
        expected = set(listed.split("|") if "|" in listed else listed.split())
        column = columns[name]
        found = made.values(f"SELECT DISTINCT {ident(column.sources[0])} FROM {made.table(file)}")
        assert {str(row[0]) for row in found if row[0] is not None} == expected, name
        assert [value for value in expected if value not in column.nl or value not in column.en] == [], name


def test_personal_details_stand_in_identifying_columns_only(made: Made) -> None:
    found = defaultdict(list)
    for name, file in made.files.items():
        texts = [column for column in file.columns if (column.type or "").startswith("text")]
        patterns = {
            (column.name, kind): f"count(*) FILTER (regexp_full_match({ident(column.sources[0])}, '{pattern}'))"
            for column in texts
            for kind, pattern in PERSONAL.items()
        }
        if not patterns:
            continue
        counts = made.values(f"SELECT {', '.join(patterns.values())} FROM {made.table(name)}")[0]
        identifying = {column.name for column in texts if column.identifying}
        for (column_name, kind), count in zip(patterns, counts, strict=True):
            if count:
                found[column_name in identifying, kind].append((name, column_name))
    assert {kind for identifying, kind in found if identifying} == set(PERSONAL)
    assert {places for key, places in found.items() if not key[0]} == set()


def test_what_people_typed_is_identifying_and_medical(made: Made) -> None:
    """The demo gives the same remarks, with line ends and pictures, to all free text."""
    typed, marked = set(), set()
    for name, file in made.files.items():
        for column in file.columns:
            if not (column.type or "").startswith("text"):
                continue
            if made.value(f"SELECT count(*) FROM {made.table(name)} WHERE contains({ident(column.sources[0])}, '🤒')"):
                typed.add((name, column.name))
            if column.identifying and (column.medical or file.medical):
                marked.add((name, column.name))
    assert len(typed) >= 5
    assert typed <= marked


def test_what_is_hidden_row_by_row_is_known_for_each_row(made: Made) -> None:
    """Both answers occur, or the mark would prove nothing; and never is the answer that nobody knows."""
    found = {
        (name, column.medical_when): {row[0] for row in made.values(f"SELECT {ident(when)} FROM {made.table(name)}")}
        for name, file in made.files.items()
        for column in file.columns
        if (when := column.medical_when) and when != "always"
    }
    assert len(found) > 8
    assert [key for key, answers in found.items() if answers != {False, True}] == []


def test_a_task_of_a_leave_does_not_tell_its_kind(made: Made) -> None:
    query = f"""SELECT DISTINCT kind.Naam FROM {made.table("Fact_Taak")} AS task
        JOIN {made.table("Dim_Taak")} AS kind USING (TaakdefinitieId) WHERE NOT task.SoortIsMedisch"""
    plain = {str(row[0]) for row in made.values(query)}
    assert {"Probleemanalyse", "Plan van aanpak", "Eerste contact met werknemer"} <= plain
    assert [
        name for name in plain if re.search("verlof|WAZO|ERD|medisch|Keuring|Vaccinatie", name, re.IGNORECASE)
    ] == []


def test_an_appointment_meets_the_consultation_held(made: Made) -> None:
    held, appointments = made.table("Fact_Spreekuur"), made.table("Fact_AgendaAfspraak")
    with_one, without, other = made.values(
        f"""SELECT count(a.AfspraakId), count(*) FILTER (s.AfspraakId IS NULL), count(*) FILTER (
            (s.WerknemerId, s.SpreekuursoortId, 'Uitgevoerd') IS DISTINCT FROM (a.WerknemerId, a.SpreekuursoortId, a.Status))
        FROM {held} AS s LEFT JOIN {appointments} AS a USING (AfspraakId)"""
    )[0]
    assert with_one > 100
    assert without > 0
    assert other == without


def test_attributes_recorded_at_one_moment_are_told_apart(made: Made) -> None:
    for file in ("Fact_EmployeeTags", "Fact_TrajectTags", "Fact_AttributeValue"):
        assert made.value(f"SELECT max(Volgnummer) FROM {made.table(file)}") == 2, file


def test_the_new_style_employee_is_the_same_employee(made: Made) -> None:
    assert made.files["Dim_Employee"].entity == made.files["Dim_Werknemer"].entity
    assert made.files["Dim_Employee"].dataset == made.files["Dim_Werknemer"].dataset


def test_a_forecast_has_lines_but_no_course(made: Made) -> None:
    claims, lines, course = (made.table(f) for f in ("Dim_Claim", "Fact_ClaimRegel", "Fact_ClaimStatusVerloop"))
    with_lines = f"SELECT IsForecast, count(*) FROM {claims} JOIN {lines} USING (ClaimId) GROUP BY 1 ORDER BY 1"
    assert [row[0] for row in made.values(with_lines)] == [False, True]
    assert made.values(f"SELECT DISTINCT IsForecast FROM {claims} JOIN {course} USING (ClaimId)") == [(False,)]
    assert made.values(f"SELECT DISTINCT IsCorrection FROM {lines} ORDER BY 1") == [(False,), (True,)]


def test_the_last_step_gives_the_status_of_a_claim(made: Made) -> None:
    last = f"SELECT ClaimId, arg_max(StatusNaar, DatumtijdOvergang) AS last FROM {made.table('Fact_ClaimStatusVerloop')} GROUP BY 1"
    claims = f"SELECT ClaimId, Status FROM {made.table('Dim_Claim')} WHERE NOT IsForecast"
    assert made.values(
        f"SELECT count(*) FROM ({claims}) FULL JOIN ({last}) USING (ClaimId) WHERE Status IS DISTINCT FROM last"
    ) == [(0,)]


def test_participants_are_counted_on_the_last_day_of_a_version(made: Made) -> None:
    versions = "SELECT polis_id, versie, ingangsdatum, einddatum, verwerkt_tot FROM polis_versie, administratie"
    members = "SELECT polis_id, versie, werknemer_id, vanaf, tot_en_met, is_deelnemer FROM polisdeelnemer"
    counts: dict[tuple[int, int], dict[bool, set[int]]] = {}
    with psycopg.connect(made.url) as connection:
        days = {(p, v): min(end or today, today) for p, v, _, end, today in connection.execute(versions)}
        counts = {key: {True: set(), False: set()} for key in days}
        for policy, version, employee, first, last, included in connection.execute(members):
            if first <= days[policy, version] <= (last or dt.date.max):
                counts[policy, version][included].add(employee)
    expected = {(*key, len(sides[True]), len(sides[False])) for key, sides in counts.items()}
    columns = "PolisId, Polisversie, AantalDeelnemers, AantalUitgesloten"
    assert set(made.values(f"SELECT {columns} FROM {made.table('Fact_EmployerPolicies')}")) == expected
    assert sum(row[2] for row in expected) > 500
    assert sum(row[3] for row in expected) > 10


def test_who_takes_part_has_one_reason(made: Made) -> None:
    table = made.table("Fact_ParticipantsOnPolicy")
    query = f"""SELECT IsDeelnemer, RedenInsluiting IS NULL, RedenUitsluiting IS NULL, count(RedenUitsluitingMedisch) > 0
        FROM {table} GROUP BY ALL ORDER BY ALL"""
    assert made.values(query) == [(False, True, False, True), (True, False, True, False)]


@pytest.fixture(scope="module")
def absence(made: Made) -> dict[tuple[int, dt.date], Figures]:
    return per_day(made.url)


@pytest.mark.parametrize(
    ("file", "period"),
    [
        ("FeitDienstverbandVerzuimDag", "%Y-%m-%d"),
        ("FeitDienstverbandVerzuimWeek", "%G-W%V"),
        ("FeitDienstverbandVerzuimMaand", "%Y-%m"),
    ],
)
def test_the_figures_add_up(made: Made, absence: dict[tuple[int, dt.date], Figures], file: str, period: str) -> None:
    expected: dict[tuple[int, str], Figures] = defaultdict(Figures)
    for (employer, day), figures in absence.items():
        expected[employer, day.strftime(period)].add(figures)
    names = [field.name for field in fields(Figures)]
    column = "Datum" if file.endswith("Dag") else "Periode"
    given = {
        (employer, str(label)): (rows, values)
        for employer, label, rows, *values in made.values(
            f"SELECT WerkgeverId, {column}, count(*), {', '.join(f'sum({n})' for n in names)} FROM {made.table(file)} GROUP BY ALL"
        )
    }
    assert set(given) == set(expected)
    for key, (rows, values) in given.items():
        for name, value in zip(names, values, strict=True):
            # Each row is rounded once: hours to two decimals, days to four.
            rounding = Decimal("0.005" if "uren" in name else "0.00005") * rows
            assert abs(Decimal(str(value)) - getattr(expected[key], name)) <= rounding, (key, name)
    assert sum(figures.Verzuimdagen for figures in expected.values()) > 1000
    assert sum(figures.VerzuimurenZwangerschap for figures in expected.values()) > 100


def test_the_plan_on_the_demo_finds_nothing(made: Made, tmp_path: Path) -> None:
    """Each query of the built-in catalogue can be run on its own application."""
    plan = plan_queries(made.catalog, Source.parse(made.url), moment(1), scratch=tmp_path, limits=Limits())
    assert (plan.findings, set(plan.datasets)) == ((), set(made.catalog.datasets))


def test_the_check_on_the_demo_finds_nothing(verzuim: Catalog, new_database: Callable[[], str], tmp_path: Path) -> None:
    """Nothing is wrong, doubtful or unmarked in the built-in catalogue over its own application."""
    url = new_database()
    # The check tries each column by itself, in time that grows with the rows.
    generate(url, employees=200)
    report = try_queries(verzuim, Source.parse(url), moment(1), scratch=tmp_path, limits=Limits())
    assert [finding for finding in report.findings if finding.severity != "note"] == []
