"""What the synthetic application holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise

import psycopg
import pytest
from psycopg import sql

from demo.rules import broken, checksums
from sluis.demo.generate import generate
from sluis.errors import Rejected


def values(url: str, query: str) -> set[object]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(query)}


def test_the_data_hang_together(application: str) -> None:
    assert broken(application) == []


def test_the_same_employees_and_seed_give_the_same_rows(new_database: Callable[[], str], application: str) -> None:
    url = new_database()
    counts = generate(url, employees=1_000)
    assert checksums(url) == checksums(application)
    assert counts.tables["werknemer"].inserted == 1_000
    assert counts.rows == sum(table.inserted for table in counts.tables.values())


def test_another_seed_gives_other_rows(new_database: Callable[[], str], application: str) -> None:
    url = new_database()
    generate(url, employees=1_000, seed=2)
    first, second = checksums(application), checksums(url)
    # Lists, and what the numbers of employers alone decide, are the same for every seed.
    assert {table for table in first if first[table] == second[table]} == {
        *("administratie", "feestdag", "arbodienst", "protocol", "casemanagementteam", "vangnetsoort"),
        *("verzuimclassificatie", "beschikkingsoort", "werkgever_adres", "werkgever_contactpersoon", "werkgevergroep"),
        *("discipline", "gebruikersgroep", "rol", "gebruiker_rol", "taakdefinitie", "protocol_taak", "spreekuursoort"),
        *("locatie", "cas_hoofdgroep", "cas_code", "fml_item", "kenmerk", "triggerdefinitie", "documentsoort"),
        *("vragenlijst", "vragenlijst_versie", "vraag", "dienstverlening", "dienstverlening_variatie", "contractmodel"),
        *("verrichting", "provider", "interventieprogramma", "verzekeraar", "verzekeringsproduct", "tussenpersoon"),
        *("deelnamereden", "polis"),
    }
    assert broken(url) == []


@pytest.mark.parametrize(("employees", "today"), [(1, dt.date(2027, 1, 1)), (37, dt.date(2024, 2, 29))])
def test_small_applications_on_another_day(new_database: Callable[[], str], employees: int, today: dt.date) -> None:
    url = new_database()
    generate(url, employees=employees, today=today)
    assert broken(url) == []
    assert values(url, "SELECT verwerkt_tot FROM administratie") == {today}
    assert values(url, "SELECT count(*) FROM werknemer") == {employees}


def test_a_database_with_tables_is_refused(application: str) -> None:
    with pytest.raises(Rejected, match="already has tables"):
        generate(application, employees=10)


def test_no_employees_are_refused(new_database: Callable[[], str]) -> None:
    with pytest.raises(Rejected, match="0 employees"):
        generate(new_database(), employees=0)


def test_every_value_that_a_check_allows_occurs(application: str) -> None:
    with psycopg.connect(application) as connection:
        checks = connection.execute(
            """SELECT conrelid::regclass::text, attname, pg_get_constraintdef(c.oid) FROM pg_constraint c
            JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]
            WHERE contype = 'c' AND pg_get_constraintdef(c.oid) LIKE '%= ANY%'"""
        ).fetchall()
        missing = {}
        for table, column, definition in checks:
            allowed = set(re.findall(r"'([^']+)'::", definition))
            query = sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            missing[table, column] = allowed - {row[0] for row in connection.execute(query)}
            assert len(allowed) > 1
    assert len(missing) >= 12
    assert {key: value for key, value in missing.items() if value} == {}


@pytest.mark.parametrize(
    ("table", "reference", "unused"),
    [
        ("beschikkingsoort", "beschikking", {"Vervallen soort beschikking"}),
        ("vangnetsoort", "verzuim", set()),
        ("protocol", "traject", {"Proef 2025-01"}),
        ("casemanagementteam", "traject", {"Team in oprichting", "Team Proef"}),
        ("arbodienst", "werkgever", {"Voormalige arbodienst"}),
        ("discipline", "gebruiker", set()),
        ("gebruikersgroep", "gebruiker", {"Oude groep"}),
        ("rol", "gebruiker_rol", {"Gast"}),
        ("taakdefinitie", "taak", {"Vervallen taak"}),
        ("spreekuursoort", "afspraak", {"Vervallen spreekuur"}),
        ("locatie", "afspraak", {"Spreekkamer Gouda (gesloten)"}),
        ("documentsoort", "document", {"Vervallen soort document"}),
        ("vragenlijst", "survey", {"Nog niet vrijgegeven"}),
        ("dienstverlening", "contract", {"Vervallen dienst"}),
        ("contractmodel", "contract", {"Proefmodel"}),
        ("verrichting", "uitgevoerde_verrichting", {"Vervallen verrichting"}),
        ("verzekeraar", "verzekeringsproduct", set()),
        ("verzekeringsproduct", "polis", {"Vervallen product"}),
        ("tussenpersoon", "polis", {"Gestopt kantoor"}),
        ("interventieprogramma", "interventie", {"Vervallen programma"}),
    ],
)
def test_every_row_of_a_list_is_used(application: str, table: str, reference: str, unused: set[str]) -> None:
    key = {"casemanagementteam": "team_id", "interventieprogramma": "programma_id"}.get(table, f"{table}_id")
    query = f"SELECT naam FROM {table} WHERE {key} NOT IN (SELECT {key} FROM {reference} WHERE {key} IS NOT NULL)"
    assert values(application, query) == unused


def test_every_kind_of_cause_duration_and_disability_occurs(application: str) -> None:
    assert len(values(application, "SELECT (verzuimclassificatie_id - 1) / 3 FROM verzuim")) == 11 + 1  # and none
    duration = "SELECT width_bucket(hersteld_op - eerste_ziektedag, ARRAY[15, 92, 366, 731]) FROM verzuim"
    assert values(application, duration) == {0, 1, 2, 3, None}
    degree = "SELECT width_bucket(ao_percentage, ARRAY[35, 45, 55, 65, 80]) FROM beschikking"
    assert values(application, degree) == {0, 1, 2, 3, 4, 5, None}
    assert values(application, "SELECT samengesteld_met_id IS NULL FROM verzuim") == {True, False}
    assert values(application, "SELECT afgeschermd FROM werknemer") == {True, False}


def test_no_column_is_always_empty_or_always_the_same(application: str) -> None:
    with psycopg.connect(application) as connection:
        columns = connection.execute(
            """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name <> 'administratie'"""
        ).fetchall()
        dull = set()
        for table, column in columns:
            query = sql.SQL("SELECT count(DISTINCT {}) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
            if next(connection.execute(query))[0] < 2:
                dull.add((table, column))
    # Of 20 employers one has left.
    assert dull == {("werkgever", "einddatum")}


def test_texts_are_nasty(application: str) -> None:
    texts = {str(text) for text in values(application, "SELECT toelichting FROM verzuim WHERE toelichting IS NOT NULL")}
    for part in ['"', "'", "\n", "\r\n", "\t", ";", "🤒", "é", "e\u0301"]:
        assert any(part in text for text in texts), repr(part)
    for start in "=+-@' ":
        assert any(text.startswith(start) for text in texts), repr(start)
    assert "" in texts
    assert values(application, "SELECT tussenvoegsels FROM werknemer") > {"", None}


def test_reports_come_in_the_nights_in_which_the_clock_changes(new_database: Callable[[], str]) -> None:
    url = new_database()
    generate(url, employees=2_000)
    night = "SELECT gemeld_op::date FROM verzuim WHERE gemeld_op::time BETWEEN '02:00' AND '02:59:59'"
    assert values(url, night) >= {dt.date(2025, 10, 26), dt.date(2026, 3, 29)}


def elfproef(digits: str, last: int) -> bool:
    weights = [9, 8, 7, 6, 5, 4, 3, 2, last]
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0


def test_numbers_have_right_check_digits_and_belong_to_nobody(application: str) -> None:
    bsns = {str(bsn) for bsn in values(application, "SELECT bsn FROM werknemer WHERE bsn IS NOT NULL")}
    assert len(bsns) > 700
    assert all(elfproef(bsn, -1) and bsn.startswith("9999") for bsn in bsns)
    assert len(values(application, "SELECT werknemer_id FROM werknemer WHERE bsn IS NOT NULL")) == len(bsns)
    numbers = "SELECT left(loonheffingennummer, 9) FROM werkgever WHERE loonheffingennummer IS NOT NULL"
    assert all(elfproef(str(number), -1) for number in values(application, numbers))


def iban_remainder(iban: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97


def test_accounts_have_right_check_digits_at_a_bank_that_is_not(application: str) -> None:
    ibans = {str(iban) for iban in values(application, "SELECT iban FROM werknemer WHERE iban IS NOT NULL")}
    assert len(ibans) > 700
    assert all(re.fullmatch("NL[0-9]{2}ZZZZ[0-9]{10}", iban) and iban_remainder(iban) == 1 for iban in ibans)
    assert iban_remainder("NL91ABNA0417164300") == 1
    assert iban_remainder("NL91ABNA0417164301") != 1


def test_holidays_are_on_their_days(application: str) -> None:
    easter = values(application, "SELECT datum FROM feestdag WHERE naam = 'Eerste paasdag'")
    known = {
        dt.date(2024, 3, 31),
        dt.date(2025, 4, 20),
        dt.date(2026, 4, 5),
        dt.date(2027, 3, 28),
        dt.date(2019, 4, 21),
    }
    assert known < easter
    assert all(340 < (b - a).days < 400 for a, b in pairwise(sorted(easter)))  # type: ignore[operator,type-var]  # dates
    kings = values(application, "SELECT datum FROM feestdag WHERE naam = 'Koningsdag'")
    assert dt.date(2025, 4, 26) in kings
    assert dt.date(2026, 4, 27) in kings


def test_claims_and_participants_show_what_their_streams_tell_apart(application: str) -> None:
    kinds = "SELECT soort || CASE WHEN is_forecast THEN ' (forecast)' ELSE '' END FROM claim"
    assert values(application, kinds) == {"Verzuim", "Verzuim (forecast)", "WGA", "Interventie"}
    corrections = "SELECT sign(bedrag) FROM claimregel WHERE is_correctie AND boeking_id IS NOT NULL"
    assert values(application, corrections) == {-1}
    transitions = "SELECT coalesce(status_van, '-') || ' > ' || status_naar FROM claim_status"
    assert values(application, transitions) >= {"- > new", "new > approved", "new > rejected", "approved > removed"}
    # A reason of exclusion says nothing of anyone's health; what does stands apart from it, and not with everyone.
    detail = "SELECT DISTINCT medische_reden IS NULL FROM polisdeelnemer WHERE reden = 'VOORWAARDEN'"
    assert values(application, detail) == {True, False}
    assert values(application, "SELECT reden FROM polisdeelnemer WHERE medische_reden IS NOT NULL") == {"VOORWAARDEN"}


def test_appointments_meet_consultations(application: str) -> None:
    """Most that took place are registered, not all; some consultations have none; blocks and meetings are of nobody."""
    with psycopg.connect(application) as connection:
        held, registered = next(
            connection.execute(
                """SELECT count(*), count(spreekuur_id) FROM afspraak a LEFT JOIN spreekuur USING (afspraak_id)
                WHERE a.status = 'Uitgevoerd' AND a.werknemer_id IS NOT NULL"""
            )
        )
    assert 0.9 * held < registered < held
    assert values(application, "SELECT afspraak_id IS NULL FROM spreekuur") == {True, False}
    owners = "SELECT num_nonnulls(werknemer_id, 2 * werkgever_id, 2 * werkgever_id) FROM afspraak"
    assert values(application, owners) == {0, 1, 2}
    moved = "SELECT count(*) FROM afspraak WHERE oproepverzoek_id IS NOT NULL GROUP BY oproepverzoek_id"
    assert values(application, moved) == {1, 2}


def test_agreements_are_with_employers_departments_groups_and_policies(application: str) -> None:
    with_whom = """SELECT CASE WHEN afdeling_id IS NOT NULL THEN 'department' WHEN werkgever_id IS NOT NULL THEN 'employer'
        ELSE 'group' END FROM overeenkomst_werkgever"""
    assert values(application, with_whom) == {"department", "employer", "group"}
    insured = "SELECT EXISTS (SELECT FROM overeenkomst_polis p WHERE p.overeenkomst_id = o.overeenkomst_id)"
    assert values(application, f"{insured} FROM dienstverleningsovereenkomst o") == {True, False}


def test_users_reach_nobody(application: str) -> None:
    numbers = values(application, "SELECT big_nummer FROM gebruiker WHERE big_nummer IS NOT NULL")
    assert all(str(number).startswith("00") for number in numbers)
    addresses = """SELECT email FROM gebruiker WHERE email IS NOT NULL UNION ALL
        SELECT email FROM tussenpersoon WHERE email <> ''"""
    assert all(str(address).endswith(".example") for address in values(application, addresses))
    phones = "SELECT telefoon FROM gebruiker WHERE telefoon <> ''"
    assert all(str(phone).startswith("06-555") for phone in values(application, phones))


def test_absence_is_of_a_likely_size(application: str) -> None:
    """Between 3 and 7 % of the days, about one report a year per employment."""
    query = """
        SELECT 100.0 * sum(ziek) / sum(dagen), 365.0 * sum(meldingen) / sum(dagen)
        FROM administratie, dienstverband d, LATERAL (
            SELECT least(coalesce(d.einddatum, verwerkt_tot), verwerkt_tot) + 1 - greatest(d.ingangsdatum, historie_vanaf)
        ) AS bestaan(dagen), LATERAL (
            SELECT coalesce(sum(verzuimpercentage / 100 * (1 + least(coalesce(tot_en_met, verwerkt_tot), verwerkt_tot)
                - greatest(vanaf, historie_vanaf))), 0), count(*) FILTER (WHERE mutatiesoort = 'Ziekmelding')
            FROM verzuim z JOIN verzuim_verloop USING (verzuim_id)
            WHERE z.dienstverband_id = d.dienstverband_id AND coalesce(tot_en_met, verwerkt_tot) >= historie_vanaf
                AND coalesce(vangnetsoort_id, 8) < 17
        ) AS verzuimd(ziek, meldingen) WHERE dagen > 0"""
    with psycopg.connect(application) as connection:
        percentage, frequency = next(connection.execute(query))
    assert 3 < percentage < 7
    assert 0.7 < frequency < 1.5
