"""Every rule finds the fault that it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from demo.rules import RULES, is_broken

EARLIER = "UPDATE verzuim SET eerste_ziektedag = eerste_ziektedag - 4000 WHERE verzuim_id % 100 = 7"

FAULTS: dict[str, LiteralString] = {
    "the periods of an employment follow each other without gap or overlap": """
        UPDATE dienstverband_periode SET tot_en_met = tot_en_met + 9 WHERE tot_en_met IS NOT NULL""",
    "the periods cover the employment, no more and no less": "UPDATE dienstverband SET ingangsdatum = ingangsdatum - 1",
    "an employee has one main employment, and numbers without gaps": """
        UPDATE dienstverband SET is_hoofddienstverband = false WHERE werknemer_id = 12""",
    "a department is of the employee's employer": "UPDATE dienstverband_periode SET afdeling_id = 1",
    "nobody works in an archived department": "UPDATE afdeling SET gearchiveerd_op = '2025-01-01'",
    "the tree of departments has no circle and at most three levels above a department": """
        UPDATE afdeling a SET bovenliggende_afdeling_id = (SELECT max(afdeling_id) FROM afdeling b
            WHERE b.bovenliggende_afdeling_id = a.afdeling_id) WHERE bovenliggende_afdeling_id IS NULL""",
    "absences of one employment do not overlap": """
        UPDATE verzuim SET eerste_ziektedag = eerste_ziektedag - 300 WHERE ingetrokken_op IS NULL""",
    "an absence lies within its employment": EARLIER,
    "the steps of an absence follow each other without gap or overlap": """
        UPDATE verzuim_verloop SET tot_en_met = tot_en_met + 400 WHERE tot_en_met > vanaf""",
    "the steps of an absence begin and end with it": EARLIER,
    "recovery and withdrawal are the last step, of 0 %": "UPDATE verzuim_verloop SET verzuimpercentage = 5",
    "an absence joined to another began within four weeks of it": """
        UPDATE verzuim SET samengesteld_met_id = 1 WHERE verzuim_id = 1000""",
    "the case of an absence is of the same person and runs as long": """
        UPDATE verzuim SET traject_id = 1 WHERE traject_id IS NOT NULL""",
    "a person has one address at a time": """
        UPDATE werknemer_adres SET tot_en_met = '2999-12-31' WHERE tot_en_met IS NOT NULL""",
    "an employer is in a group once at a time": """
        UPDATE werkgever_groep SET tot_en_met = NULL""",
    "the data vault hides details only at employers that use it, and has no address or contact": """
        UPDATE werkgever SET datakluis_actief = false""",
    "who has a running case is visible": """
        UPDATE traject SET status = 'Lopend', einddatum = NULL""",
    "tasks begin with their case or later, and are open only while it runs": """
        UPDATE taak SET startdatum = startdatum - 4000 WHERE taak_id = 7""",
    "a task is escalated after it began": "UPDATE escalatie SET uitgevoerd_op = '2020-01-01' WHERE escalatie_id = 7",
    "what belongs to a case is of the employee of the case": """
        UPDATE survey SET werknemer_id = 1000 WHERE traject_id IS NOT NULL""",
    "what was made of a task is of its case": "UPDATE document SET traject_id = 1 WHERE taak_id IS NOT NULL",
    "a survey after a consultation is of the employee who was there": """
        UPDATE survey SET spreekuur_id = 7 WHERE spreekuur_id IS NOT NULL""",
    "an appointment is of the employee who was asked for": """
        UPDATE afspraak SET traject_id = NULL WHERE traject_id IS NOT NULL""",
    "a consultation is the one of its appointment, which took place": "UPDATE spreekuur SET spreekuursoort_id = 15",
    "an appointment that is past did or did not take place": """
        UPDATE afspraak SET status = 'Gepland' WHERE status = 'Uitgevoerd'""",
    "a consultation with diagnoses has one main diagnosis": """
        DELETE FROM diagnose d WHERE is_hoofddiagnose AND EXISTS (
            SELECT FROM diagnose x WHERE x.spreekuur_id = d.spreekuur_id AND NOT x.is_hoofddiagnose)""",
    "a user's department and employee are of the employer": """
        UPDATE autorisatie SET werkgever_id = 23 WHERE soort = 'Afdeling'""",
    "an attribute has values on its own kind of entity": "UPDATE werkgever_kenmerk SET kenmerk_id = 1 WHERE kenmerk_id = 4",
    "an attribute is given once at a time": "UPDATE werknemer_kenmerk SET vervallen_op = NULL",
    "only what was filled in has answers, to the questions that were sent": """
        UPDATE survey SET status = 'Verlopen', ingevuld_op = NULL WHERE status = 'Ingevuld'""",
    "a document is of the employee's employer": "UPDATE document SET werkgever_id = 23",
    "the contract of an agreement is of its employer, for the same service": "UPDATE contract SET werkgever_id = 23",
    "the policy of an agreement is of its employer": "UPDATE polis SET werkgever_id = 23",
    "a case is handled under an agreement of its employer": """
        UPDATE overeenkomst_werkgever SET werkgever_id = 23, afdeling_id = NULL WHERE overeenkomst_werkgever_id = 1""",
    "who carries the risk is no authorised agent": "UPDATE verzekeraar SET risicodrager_id = 3 WHERE verzekeraar_id = 5",
    "the versions of a policy follow each other": "UPDATE polis_versie SET einddatum = einddatum + 1",
    "every version covers something, never twice": "UPDATE dekkingsperiode SET tot_dag = NULL",
    "a participant works at the employer of the policy, then": """
        UPDATE polisdeelnemer SET vanaf = vanaf - 3000 WHERE werknemer_id = 12""",
    "somebody is on a policy once at a time": "UPDATE polisdeelnemer SET tot_en_met = NULL",
    "a claim is on a policy of the employer": "UPDATE polis SET werkgever_id = 23",
    "a claim has the status of its last step, a forecast none": """
        UPDATE claim SET status = 'new' WHERE status = 'approved'""",
    "a step of a claim goes on from the one before": """
        UPDATE claim_status SET status_van = 'rejected' WHERE status_naar = 'approved'""",
    "a day is claimed once, and lines lie within the claim": """
        UPDATE claimregel SET tot = tot + 1 WHERE claimregel_id % 10 = 0""",
    "a booking is of an approved claim, and as large as its lines": "UPDATE boeking SET bedrag = bedrag + 0.01",
    "a performance is of its employer, employee, contract, task and consultation": """
        UPDATE uitgevoerde_verrichting SET verrichting_id = 15 WHERE taak_id IS NOT NULL""",
    "what was billed has a line, and nothing else has": """
        UPDATE uitgevoerde_verrichting SET status = 'Te factureren' WHERE status = 'Gefactureerd'""",
    "an invoice is to the employer of what is on it": "UPDATE factuur SET werkgever_id = 23",
    "every billing basis has a line": "DELETE FROM abonnementsregel WHERE grondslag_id = 7",
    "nothing happened after the day up to which absence was processed": """
        UPDATE administratie SET verwerkt_tot = verwerkt_tot - 40""",
}


@pytest.fixture(scope="module")
def connection(application: str) -> Iterator[psycopg.Connection]:
    """To the application that no test changes: what is done here is rolled back."""
    with psycopg.connect(application) as connection:
        yield connection
        connection.rollback()


def test_every_rule_has_a_fault() -> None:
    assert FAULTS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", FAULTS)
def test_a_rule_finds_its_fault(connection: psycopg.Connection, rule: str) -> None:
    assert connection.execute(FAULTS[rule]).rowcount > 0
    assert is_broken(connection, rule)
    connection.rollback()
    assert not is_broken(connection, rule)
    connection.rollback()
