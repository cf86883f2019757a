"""The rules that the data of the demo keep: queries that must find nothing."""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql

RULES: dict[str, LiteralString] = {
    "the periods of an employment follow each other without gap or overlap": """
        SELECT FROM (SELECT *, lead(vanaf) OVER (PARTITION BY dienstverband_id ORDER BY vanaf) AS volgende
            FROM dienstverband_periode) p WHERE volgende IS NOT NULL AND tot_en_met IS DISTINCT FROM volgende - 1""",
    "the periods cover the employment, no more and no less": """
        SELECT FROM dienstverband d LEFT JOIN (SELECT dienstverband_id, min(vanaf) AS van,
            nullif(max(coalesce(tot_en_met, 'infinity')), 'infinity') AS tot FROM dienstverband_periode GROUP BY 1) p
            USING (dienstverband_id) WHERE (van, tot) IS DISTINCT FROM (ingangsdatum, einddatum)""",
    "an employee has one main employment, and numbers without gaps": """
        SELECT FROM werknemer LEFT JOIN dienstverband USING (werknemer_id) GROUP BY werknemer_id
        HAVING count(*) FILTER (WHERE is_hoofddienstverband) <> 1 OR max(volgnummer) <> count(*)""",
    "a department is of the employee's employer": """
        SELECT FROM dienstverband_periode p JOIN afdeling a USING (afdeling_id)
            JOIN dienstverband d USING (dienstverband_id) JOIN werknemer w USING (werknemer_id)
        WHERE w.werkgever_id <> a.werkgever_id""",
    "nobody works in an archived department": """
        SELECT FROM dienstverband_periode JOIN afdeling USING (afdeling_id), administratie
        WHERE coalesce(tot_en_met, verwerkt_tot) >= greatest(gearchiveerd_op, vanaf)
            AND coalesce(tot_en_met, 'infinity') > gearchiveerd_op""",
    "the tree of departments has no circle and at most three levels above a department": """
        WITH RECURSIVE boven (afdeling_id, hoger, diepte) AS (
            SELECT afdeling_id, bovenliggende_afdeling_id, 0 FROM afdeling
            UNION ALL SELECT b.afdeling_id, a.bovenliggende_afdeling_id, diepte + 1
            FROM boven b JOIN afdeling a ON a.afdeling_id = b.hoger WHERE diepte < 5)
        SELECT FROM boven WHERE diepte > 3""",
    "absences of one employment do not overlap": """
        SELECT FROM verzuim a JOIN verzuim b USING (dienstverband_id)
        WHERE a.verzuim_id < b.verzuim_id AND a.ingetrokken_op IS NULL AND b.ingetrokken_op IS NULL
            AND a.eerste_ziektedag < coalesce(b.hersteld_op, 'infinity')
            AND b.eerste_ziektedag < coalesce(a.hersteld_op, 'infinity')""",
    "an absence lies within its employment": """
        SELECT FROM verzuim JOIN dienstverband USING (dienstverband_id)
        WHERE eerste_ziektedag NOT BETWEEN ingangsdatum AND coalesce(einddatum, 'infinity')
            OR hersteld_op > einddatum + 1""",
    "the steps of an absence follow each other without gap or overlap": """
        SELECT FROM (SELECT *, lead(vanaf) OVER (PARTITION BY verzuim_id ORDER BY vanaf) AS volgende
            FROM verzuim_verloop) l WHERE volgende IS NOT NULL AND tot_en_met IS DISTINCT FROM volgende - 1""",
    "the steps of an absence begin and end with it": """
        SELECT FROM verzuim z LEFT JOIN (SELECT verzuim_id, min(vanaf) AS van,
            nullif(max(coalesce(tot_en_met, 'infinity')), 'infinity') AS tot FROM verzuim_verloop GROUP BY 1) l
            USING (verzuim_id) WHERE (van, tot) IS DISTINCT FROM (eerste_ziektedag, hersteld_op)""",
    "recovery and withdrawal are the last step, of 0 %": """
        SELECT FROM verzuim_verloop JOIN verzuim USING (verzuim_id)
        WHERE (vanaf = hersteld_op) IS DISTINCT FROM (mutatiesoort = CASE WHEN ingetrokken_op IS NULL
                THEN 'Hersteldmelding' ELSE 'Intrekking' END) AND hersteld_op IS NOT NULL
            OR (verzuimpercentage = 0) <> (mutatiesoort IN ('Hersteldmelding', 'Intrekking'))""",
    "an absence joined to another began within four weeks of it": """
        SELECT FROM verzuim n JOIN verzuim v ON v.verzuim_id = n.samengesteld_met_id
        WHERE n.dienstverband_id <> v.dienstverband_id OR n.eerste_ziektedag - v.hersteld_op NOT BETWEEN 0 AND 28
            OR v.ingetrokken_op IS NOT NULL""",
    "the case of an absence is of the same person and runs as long": """
        SELECT FROM verzuim z JOIN traject t USING (traject_id) JOIN dienstverband d
            ON d.dienstverband_id = z.dienstverband_id
        WHERE t.werknemer_id <> d.werknemer_id OR (t.einddatum IS NULL) <> (z.hersteld_op IS NULL)""",
    "a person has one address at a time": """
        SELECT FROM werknemer_adres a JOIN werknemer_adres b USING (werknemer_id)
        WHERE a.vanaf < b.vanaf AND coalesce(a.tot_en_met, 'infinity') >= b.vanaf""",
    "an employer is in a group once at a time": """
        SELECT FROM werkgever_groep a JOIN werkgever_groep b USING (werkgever_id, werkgevergroep_id)
        WHERE a.vanaf < b.vanaf AND coalesce(a.tot_en_met, 'infinity') >= b.vanaf""",
    "the data vault hides details only at employers that use it, and has no address or contact": """
        SELECT FROM werknemer w JOIN werkgever g USING (werkgever_id)
        WHERE afgeschermd AND (NOT datakluis_actief
            OR EXISTS (SELECT FROM werknemer_adres a WHERE a.werknemer_id = w.werknemer_id)
            OR EXISTS (SELECT FROM werknemer_contact c WHERE c.werknemer_id = w.werknemer_id))""",
    "who has a running case is visible": """
        SELECT FROM werknemer JOIN traject USING (werknemer_id)
        WHERE afgeschermd AND status = 'Lopend'""",
    "tasks begin with their case or later, and are open only while it runs": """
        SELECT FROM taak JOIN traject t USING (traject_id)
        WHERE taak.startdatum < t.startdatum OR (taak.status = 'Open' AND t.status <> 'Lopend')""",
    "a task is escalated after it began": """
        SELECT FROM escalatie JOIN taak USING (taak_id) WHERE uitgevoerd_op < startdatum""",
    "what belongs to a case is of the employee of the case": """
        SELECT FROM (SELECT traject_id, werknemer_id FROM oproepverzoek
            UNION ALL SELECT traject_id, werknemer_id FROM afspraak UNION ALL SELECT traject_id, werknemer_id FROM spreekuur
            UNION ALL SELECT traject_id, werknemer_id FROM survey UNION ALL SELECT traject_id, werknemer_id FROM document
            UNION ALL SELECT traject_id, werknemer_id FROM claim UNION ALL SELECT traject_id, werknemer_id FROM beschikking
        ) AS alle JOIN traject t USING (traject_id) WHERE alle.werknemer_id IS DISTINCT FROM t.werknemer_id""",
    "what was made of a task is of its case": """
        SELECT FROM (SELECT taak_id, traject_id FROM survey UNION ALL SELECT taak_id, traject_id FROM document) AS alle
        JOIN taak t USING (taak_id) WHERE alle.traject_id IS DISTINCT FROM t.traject_id""",
    "a survey after a consultation is of the employee who was there": """
        SELECT FROM survey s JOIN spreekuur c USING (spreekuur_id) WHERE s.werknemer_id <> c.werknemer_id""",
    "an appointment is of the employee who was asked for": """
        SELECT FROM afspraak a JOIN oproepverzoek v USING (oproepverzoek_id)
        WHERE v.status <> 'Gepland'
            OR (a.werknemer_id, a.traject_id, a.spreekuursoort_id)
                IS DISTINCT FROM (v.werknemer_id, v.traject_id, v.spreekuursoort_id)""",
    "a consultation is the one of its appointment, which took place": """
        SELECT FROM spreekuur s JOIN afspraak a USING (afspraak_id)
        WHERE a.status <> 'Uitgevoerd'
            OR (s.werknemer_id, s.traject_id, s.spreekuursoort_id, s.professional_id, s.uitgevoerd_op) IS DISTINCT FROM
                (a.werknemer_id, a.traject_id, a.spreekuursoort_id, a.professional_id, a.begint_op)""",
    "an appointment that is past did or did not take place": """
        SELECT FROM afspraak, administratie WHERE status = 'Gepland' AND begint_op < verwerkt_tot + 1
            OR status IN ('Uitgevoerd', 'No-show') AND begint_op >= verwerkt_tot + 1""",
    "a consultation with diagnoses has one main diagnosis": """
        SELECT FROM diagnose GROUP BY spreekuur_id HAVING count(*) FILTER (WHERE is_hoofddiagnose) <> 1""",
    "a user's department and employee are of the employer": """
        SELECT FROM autorisatie r LEFT JOIN afdeling a USING (afdeling_id)
        LEFT JOIN werknemer w ON w.werknemer_id = r.werknemer_id
        WHERE a.werkgever_id <> r.werkgever_id OR w.werkgever_id <> r.werkgever_id""",
    "an attribute has values on its own kind of entity": """
        SELECT FROM (SELECT kenmerk_id, 'Afdeling' AS soort FROM afdeling_kenmerk
            UNION ALL SELECT kenmerk_id, 'Werkgever' FROM werkgever_kenmerk
            UNION ALL SELECT kenmerk_id, 'Dossierobject' FROM werknemer_kenmerk
            UNION ALL SELECT kenmerk_id, 'Traject' FROM traject_kenmerk) AS alle
        JOIN kenmerk USING (kenmerk_id) WHERE entiteit <> soort""",
    "an attribute is given once at a time": """
        SELECT FROM (SELECT *, lead(van) OVER (PARTITION BY soort, id, kenmerk ORDER BY van) AS volgende FROM (
            SELECT 1, afdeling_id::bigint, kenmerk_id, vastgelegd_op, vervallen_op FROM afdeling_kenmerk
            UNION ALL SELECT 2, werkgever_id, kenmerk_id, vastgelegd_op, vervallen_op FROM werkgever_kenmerk
            UNION ALL SELECT 3, werknemer_id, kenmerk_id, vastgelegd_op, vervallen_op FROM werknemer_kenmerk
            UNION ALL SELECT 4, traject_id, kenmerk_id, vastgelegd_op, vervallen_op FROM traject_kenmerk
        ) AS alle (soort, id, kenmerk, van, tot)) AS k WHERE coalesce(tot, 'infinity') > volgende""",
    "only what was filled in has answers, to the questions that were sent": """
        SELECT FROM antwoord a JOIN survey s USING (survey_id) JOIN vraag v USING (vraag_id)
        WHERE s.status <> 'Ingevuld' OR (v.vragenlijst_id, v.versie) <> (s.vragenlijst_id, s.versie)""",
    "a document is of the employee's employer": """
        SELECT FROM document d JOIN werknemer w USING (werknemer_id) WHERE d.werkgever_id <> w.werkgever_id""",
    "the contract of an agreement is of its employer, for the same service": """
        SELECT FROM overeenkomst_contract k JOIN contract c USING (contract_id)
        JOIN dienstverleningsovereenkomst o USING (overeenkomst_id)
        WHERE (o.dienstverlening_id, o.variatie) <> (c.dienstverlening_id, c.variatie) OR NOT EXISTS (
            SELECT FROM overeenkomst_werkgever w WHERE w.overeenkomst_id = k.overeenkomst_id
                AND w.werkgever_id = c.werkgever_id)""",
    "the policy of an agreement is of its employer": """
        SELECT FROM overeenkomst_polis k JOIN polis p USING (polis_id) WHERE NOT EXISTS (
            SELECT FROM overeenkomst_werkgever w WHERE w.overeenkomst_id = k.overeenkomst_id
                AND w.werkgever_id = p.werkgever_id)""",
    "a case is handled under an agreement of its employer": """
        SELECT FROM traject_overeenkomst k JOIN traject USING (traject_id) JOIN werknemer w USING (werknemer_id)
        WHERE NOT EXISTS (SELECT FROM overeenkomst_werkgever x WHERE x.overeenkomst_id = k.overeenkomst_id
            AND x.werkgever_id = w.werkgever_id)""",
    "who carries the risk is no authorised agent": """
        SELECT FROM verzekeraar v JOIN verzekeraar r ON r.verzekeraar_id = v.risicodrager_id WHERE r.is_volmacht""",
    "the versions of a policy follow each other": """
        SELECT FROM (SELECT *, lead(ingangsdatum) OVER w AS volgende, row_number() OVER w AS nummer FROM polis_versie
            WINDOW w AS (PARTITION BY polis_id ORDER BY ingangsdatum)) AS v
        WHERE versie <> nummer OR einddatum IS DISTINCT FROM volgende - 1 AND volgende IS NOT NULL
            OR status = 'Actief' AND volgende IS NOT NULL""",
    "every version covers something, never twice": """
        SELECT FROM polis_versie v WHERE NOT EXISTS (SELECT FROM dekkingsperiode d
            WHERE d.polis_id = v.polis_id AND d.versie = v.versie)
        UNION ALL
        SELECT FROM dekkingsperiode a JOIN dekkingsperiode b USING (polis_id, versie)
        WHERE a.volgnummer < b.volgnummer AND coalesce(a.tot_dag, 100000) >= b.vanaf_dag""",
    "a participant works at the employer of the policy, then": """
        SELECT FROM polisdeelnemer d JOIN polis p USING (polis_id) JOIN polis_versie v USING (polis_id, versie)
        JOIN werknemer w ON w.werknemer_id = d.werknemer_id
        JOIN dienstverband e ON e.werknemer_id = d.werknemer_id AND e.is_hoofddienstverband
        WHERE w.werkgever_id <> p.werkgever_id OR d.dienstverband_id <> e.dienstverband_id
            OR d.vanaf < greatest(v.ingangsdatum, e.ingangsdatum)
            OR coalesce(d.tot_en_met, 'infinity') > least(v.einddatum, e.einddatum)""",
    "somebody is on a policy once at a time": """
        SELECT FROM polisdeelnemer a JOIN polisdeelnemer b USING (polis_id, werknemer_id)
        WHERE a.vanaf < b.vanaf AND coalesce(a.tot_en_met, 'infinity') >= b.vanaf""",
    "a claim is on a policy of the employer": """
        SELECT FROM claim c JOIN polis p USING (polis_id) JOIN werknemer w USING (werknemer_id)
        WHERE p.werkgever_id <> w.werkgever_id""",
    "a claim has the status of its last step, a forecast none": """
        SELECT FROM claim c LEFT JOIN LATERAL (SELECT status_naar FROM claim_status s WHERE s.claim_id = c.claim_id
            ORDER BY overgang_op DESC LIMIT 1) AS laatste ON true WHERE c.status IS DISTINCT FROM laatste.status_naar""",
    "a step of a claim goes on from the one before": """
        SELECT FROM (SELECT *, lag(status_naar) OVER (PARTITION BY claim_id ORDER BY overgang_op) AS vorige
            FROM claim_status) AS s WHERE status_van IS DISTINCT FROM vorige""",
    "a day is claimed once, and lines lie within the claim": """
        SELECT FROM claimregel a JOIN claimregel b USING (claim_id)
        WHERE a.claimregel_id < b.claimregel_id AND NOT a.is_correctie AND NOT b.is_correctie AND a.van <= b.tot
            AND b.van <= a.tot
        UNION ALL
        SELECT FROM claimregel JOIN claim USING (claim_id)
        WHERE van < periode_van OR tot > coalesce(periode_tot, 'infinity')""",
    "a booking is of an approved claim, and as large as its lines": """
        SELECT FROM boeking b JOIN claim c USING (claim_id) LEFT JOIN claimregel r USING (boeking_id)
        GROUP BY boeking_id, c.status, b.bedrag HAVING sum(r.bedrag) IS DISTINCT FROM b.bedrag OR c.status <> 'approved'""",
    "a performance is of its employer, employee, contract, task and consultation": """
        SELECT FROM uitgevoerde_verrichting v JOIN verrichting x USING (verrichting_id)
        LEFT JOIN werknemer w ON w.werknemer_id = v.werknemer_id LEFT JOIN contract c ON c.contract_id = v.contract_id
        LEFT JOIN taak k ON k.taak_id = v.taak_id LEFT JOIN traject t ON t.traject_id = k.traject_id
        LEFT JOIN spreekuur s ON s.spreekuur_id = v.spreekuur_id
        WHERE w.werkgever_id <> v.werkgever_id OR c.werkgever_id <> v.werkgever_id OR t.werknemer_id <> v.werknemer_id
            OR s.werknemer_id <> v.werknemer_id OR (v.taak_id IS NOT NULL AND k.taakdefinitie_id IS DISTINCT FROM x.taakdefinitie_id)
            OR (v.spreekuur_id IS NOT NULL AND s.spreekuursoort_id IS DISTINCT FROM x.spreekuursoort_id)
            OR (v.contract_id IS NULL AND v.status <> 'Niet factureren')""",
    "what was billed has a line, and nothing else has": """
        SELECT FROM uitgevoerde_verrichting v LEFT JOIN verrichting_factuurregel r USING (uitgevoerde_verrichting_id)
        GROUP BY uitgevoerde_verrichting_id
        HAVING (v.status = 'Gefactureerd') <> (count(r.regelnummer) FILTER (WHERE NOT r.is_credit) = 1)
            OR (v.status <> 'Gefactureerd' AND count(r.regelnummer) > 0)""",
    "an invoice is to the employer of what is on it": """
        SELECT FROM verrichting_factuurregel JOIN factuur f USING (factuur_id)
        JOIN uitgevoerde_verrichting v USING (uitgevoerde_verrichting_id) WHERE f.werkgever_id <> v.werkgever_id
        UNION ALL
        SELECT FROM abonnementsgrondslag JOIN factuur f USING (factuur_id) JOIN contract c USING (contract_id)
        WHERE f.werkgever_id <> c.werkgever_id""",
    "every billing basis has a line": """
        SELECT FROM abonnementsgrondslag g WHERE NOT EXISTS (
            SELECT FROM abonnementsregel r WHERE r.grondslag_id = g.grondslag_id)""",
    "nothing happened after the day up to which absence was processed": """
        SELECT FROM administratie, LATERAL (SELECT max(vanaf) FROM verzuim_verloop UNION ALL
            SELECT max(gemeld_op::date) FROM verzuim UNION ALL SELECT max(vanaf) FROM dienstverband_periode UNION ALL
            SELECT max(datum_beschikking) FROM beschikking UNION ALL SELECT max(startdatum) FROM traject UNION ALL
            SELECT max(startdatum) FROM taak UNION ALL SELECT max(afgerond_op::date) FROM taak UNION ALL
            SELECT max(uitgevoerd_op::date) FROM escalatie UNION ALL SELECT max(aangevraagd_op::date) FROM oproepverzoek
            UNION ALL SELECT max(geannuleerd_op::date) FROM afspraak UNION ALL
            SELECT max(uitgevoerd_op::date) FROM spreekuur UNION ALL SELECT max(ingangsdatum) FROM polis_versie UNION ALL
            SELECT max(vanaf) FROM polisdeelnemer UNION ALL SELECT max(peildatum) FROM claimregel UNION ALL
            SELECT max(geboekt_op) FROM boeking UNION ALL SELECT max(uitgevoerd_op) FROM uitgevoerde_verrichting UNION ALL
            SELECT max(factuurdatum) FROM factuur UNION ALL SELECT max(beeindigd_op) FROM interventie UNION ALL
            SELECT max(ingevuld_op::date) FROM survey UNION ALL SELECT max(verzonden_op::date) FROM survey UNION ALL
            SELECT max(overgang_op)::date FROM claim_status UNION ALL SELECT max(aangemaakt_op)::date FROM document
            UNION ALL SELECT max(vastgelegd_op::date) FROM traject_kenmerk
            UNION ALL SELECT max(vervallen_op::date) FROM werknemer_kenmerk) dagen (dag)
        WHERE dag > verwerkt_tot""",
}


def broken(url: str) -> list[str]:
    """Names of the rules that the data do not keep."""
    with psycopg.connect(url) as connection:
        return [rule for rule in RULES if is_broken(connection, rule)]


def is_broken(connection: psycopg.Connection, rule: str) -> bool:
    """Whether the data, as this connection sees them, do not keep the rule of this name."""
    return connection.execute(RULES[rule]).fetchone() is not None


def checksums(url: str) -> dict[str, str]:
    """A checksum of the content of every table, whatever the order of its rows."""
    query = sql.SQL("SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {} t")
    with psycopg.connect(url) as connection:
        connection.execute("SET timezone = 'UTC'")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {name: next(connection.execute(query.format(sql.Identifier(name))))[0] for (name,) in tables}
