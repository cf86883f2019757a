-- Who does the work, by discipline; somebody new has none yet.
CREATE TEMP TABLE t_vakman ON COMMIT DROP AS
SELECT discipline_id, array_agg(gebruiker_id ORDER BY gebruiker_id) AS leden
FROM gebruiker WHERE is_actief AND discipline_id IS NOT NULL GROUP BY discipline_id;

UPDATE gebruiker SET laatste_inlog = pg_temp.moment('inlog', gebruiker_id, pg_temp.vandaag())
WHERE is_actief AND gebruiker_id IN (SELECT gebruiker_id FROM gebruiker ORDER BY pg_temp.h('inlog', gebruiker_id)
    LIMIT pg_temp.deel(0.0005));

-- Cases that were opened today are handled under the agreement of their employer; some go over to another.
INSERT INTO traject_overeenkomst
SELECT t.traject_id, min(k.overeenkomst_id)
FROM traject t JOIN werknemer w USING (werknemer_id) JOIN overeenkomst_werkgever k USING (werkgever_id)
JOIN dienstverleningsovereenkomst o ON o.overeenkomst_id = k.overeenkomst_id AND o.status = 'Actief'
WHERE t.status = 'Lopend' AND t.aangemaakt_op >= pg_temp.vandaag()
    AND NOT EXISTS (SELECT FROM traject_overeenkomst x WHERE x.traject_id = t.traject_id)
GROUP BY t.traject_id;

UPDATE traject_overeenkomst x SET overeenkomst_id = n.andere
FROM (SELECT traject_id, max(k.overeenkomst_id) AS andere
    FROM traject_overeenkomst y JOIN traject t USING (traject_id) JOIN werknemer w USING (werknemer_id)
    JOIN overeenkomst_werkgever k USING (werkgever_id) JOIN dienstverleningsovereenkomst o
        ON o.overeenkomst_id = k.overeenkomst_id AND o.status = 'Actief'
    WHERE k.overeenkomst_id <> y.overeenkomst_id AND t.status = 'Lopend'
    GROUP BY traject_id ORDER BY pg_temp.h('andere overeenkomst', traject_id) LIMIT pg_temp.deel(0.00005)) AS n
WHERE x.traject_id = n.traject_id;

DELETE FROM traject_overeenkomst WHERE traject_id IN (
    SELECT traject_id FROM traject_overeenkomst ORDER BY pg_temp.h('geen overeenkomst', traject_id)
    LIMIT pg_temp.deel(0.00003));

-- Tasks that begin: those of the protocol, for a new case also the ones that are past, and some that someone adds.
INSERT INTO taak (traject_id, taakdefinitie_id, uitvoerder_id, startdatum, streefdatum, status, herkomst, toelichting,
    aangemaakt_op)
SELECT traject_id, taakdefinitie_id, CASE WHEN traject_id % 9 > 0 THEN (
        SELECT leden[1 + pg_temp.n('uitvoerder', traject_id, cardinality(leden))] FROM t_vakman
            WHERE discipline_id = 4) END,
    van, van + termijn, 'Open', herkomst, CASE herkomst WHEN 'Handmatig' THEN
        pg_temp.kies('taak toelichting', traject_id, pg_temp.opmerkingen()) END,
    pg_temp.moment('taak', traject_id * 32 + taakdefinitie_id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM (
    SELECT traject_id, taakdefinitie_id, startdatum + dag AS van, termijn, 'Protocol' AS herkomst
    FROM traject JOIN protocol_taak USING (protocol_id), administratie
    WHERE status = 'Lopend' AND startdatum + dag <= pg_temp.vandaag()
        AND (startdatum + dag > verwerkt_tot OR aangemaakt_op >= pg_temp.vandaag())
    UNION ALL
    SELECT traject_id, 23 + volg::integer % 2, pg_temp.vandaag(), 7,
        (ARRAY['Handmatig', 'Trigger', 'Escalatie'])[1 + volg % 3]
    FROM (SELECT traject_id, row_number() OVER (ORDER BY pg_temp.h('extra taak', traject_id)) AS volg FROM traject
        WHERE status = 'Lopend' ORDER BY volg LIMIT pg_temp.deel(0.0003)) AS extra
) AS nieuw
WHERE taakdefinitie_id IN (SELECT taakdefinitie_id FROM taakdefinitie)
ORDER BY traject_id, taakdefinitie_id, van;

-- Open tasks are done, at least one a day; those of a case that was closed lapse.
CREATE TEMP TABLE t_gereed ON COMMIT DROP AS
SELECT taak_id, traject_id, taakdefinitie_id, uitvoerder_id FROM (
    SELECT k.*, row_number() OVER (ORDER BY pg_temp.h('taak gereed', taak_id)) AS volg
    FROM taak k JOIN traject t USING (traject_id)
    WHERE k.status = 'Open' AND t.status = 'Lopend' AND k.startdatum < pg_temp.vandaag()) AS kandidaat
WHERE volg <= 2 OR pg_temp.u('taak gereed', taak_id) < 0.08;

UPDATE taak SET status = 'Afgerond', afgerond_op = pg_temp.moment('gereed', taak_id, pg_temp.vandaag())
WHERE taak_id IN (SELECT taak_id FROM t_gereed);

UPDATE taak k SET status = CASE t.status WHEN 'Verwijderd' THEN 'Verwijderd' ELSE 'Vervallen' END
FROM traject t WHERE t.traject_id = k.traject_id AND k.status = 'Open' AND t.status <> 'Lopend';

UPDATE taak SET toelichting = nullif(pg_temp.kies('toelichting taak', taak_id, pg_temp.opmerkingen()), '-'),
    streefdatum = streefdatum + 7
WHERE taak_id IN (SELECT taak_id FROM taak WHERE status = 'Open' ORDER BY pg_temp.h('uitstel', taak_id)
    LIMIT pg_temp.deel(0.0003));

-- What lapsed is cleaned up where nothing was made of it.
DELETE FROM taak WHERE taak_id IN (
    SELECT taak_id FROM taak k
    WHERE status IN ('Vervallen', 'Verwijderd') AND startdatum < pg_temp.vandaag()
        AND NOT EXISTS (SELECT FROM escalatie e WHERE e.taak_id = k.taak_id)
        AND NOT EXISTS (SELECT FROM survey s WHERE s.taak_id = k.taak_id)
        AND NOT EXISTS (SELECT FROM document d WHERE d.taak_id = k.taak_id)
        AND NOT EXISTS (SELECT FROM uitgevoerde_verrichting v WHERE v.taak_id = k.taak_id)
    ORDER BY pg_temp.h('taak opruimen', taak_id) LIMIT pg_temp.deel(0.0002));

-- Tasks that are late are escalated; what failed is tried again, and the oldest is forgotten.
INSERT INTO escalatie (taak_id, trigger_id, uitgevoerd_op, actie, resultaat)
SELECT taak_id, CASE taakdefinitie_id WHEN 2 THEN 1 WHEN 3 THEN 2 ELSE 4 END,
    pg_temp.moment('escalatie', taak_id, pg_temp.vandaag()), pg_temp.kies('actie', taak_id, ARRAY['E-mail', 'Sms']),
    CASE pg_temp.n('mislukt', taak_id, 2) WHEN 0 THEN 'Mislukt' ELSE 'Geslaagd' END
FROM (SELECT taak_id, taakdefinitie_id, streefdatum,
        row_number() OVER (ORDER BY pg_temp.h('escalatie', taak_id)) AS volg
    FROM taak WHERE status = 'Open' AND (streefdatum < pg_temp.vandaag() OR startdatum < pg_temp.vandaag())) AS laat,
    administratie
WHERE volg = 1 OR (streefdatum + 3 > verwerkt_tot AND streefdatum + 3 <= pg_temp.vandaag())
ORDER BY taak_id;

UPDATE escalatie SET resultaat = 'Geslaagd', uitgevoerd_op = pg_temp.moment('opnieuw', escalatie_id, pg_temp.vandaag())
WHERE escalatie_id IN (SELECT escalatie_id FROM escalatie WHERE resultaat = 'Mislukt' AND pg_temp.n('opnieuw', 0, 2) = 0
    ORDER BY pg_temp.h('opnieuw', escalatie_id) LIMIT pg_temp.deel(0.0001));

DELETE FROM escalatie WHERE escalatie_id IN (SELECT escalatie_id FROM escalatie
    ORDER BY uitgevoerd_op, escalatie_id LIMIT pg_temp.deel(0.0001));

-- Interventions are advised and come a step further; the old ones are cleaned up.
INSERT INTO interventie (traject_id, programma_id, geadviseerd_op, status, begrote_kosten, verwachte_baten,
    financiering)
SELECT traject_id, 1 + pg_temp.n('programma', traject_id, 7), pg_temp.vandaag(), 'Geadviseerd',
    900 + pg_temp.n('begroot', traject_id, 350000) / 100.0, CASE WHEN traject_id % 4 > 0 THEN 4000 END,
    pg_temp.kies('financiering', traject_id, ARRAY['Werkgever', 'Verzekeraar', 'Zorgverzekeraar', 'UWV', NULL])
FROM (SELECT traject_id FROM traject t WHERE status = 'Lopend' AND protocol_id IN (1, 4, 6)
        AND NOT EXISTS (SELECT FROM interventie i WHERE i.traject_id = t.traject_id)
    ORDER BY pg_temp.h('interventie', traject_id) LIMIT pg_temp.deel(0.0001)) AS gekozen
ORDER BY traject_id;

UPDATE interventie SET status = CASE WHEN stap = 4 AND id % 3 = 0 THEN 'Afgebroken'
        ELSE (ARRAY['Aangevraagd', 'Akkoord', 'Lopend', 'Afgerond'])[stap] END,
    akkoord_op = CASE WHEN stap = 2 THEN pg_temp.vandaag() ELSE akkoord_op END,
    gestart_op = CASE WHEN stap = 3 THEN pg_temp.vandaag() ELSE gestart_op END,
    beeindigd_op = CASE WHEN stap = 4 THEN pg_temp.vandaag() END,
    werkelijke_kosten = CASE WHEN stap = 4 THEN begrote_kosten * 1.05 END,
    resultaat = CASE WHEN stap = 4 THEN 'Klachten "verminderd"' END
FROM (SELECT interventie_id AS id, array_position(ARRAY['Geadviseerd', 'Aangevraagd', 'Akkoord', 'Lopend'],
        status::text) AS stap
    FROM interventie WHERE status IN ('Geadviseerd', 'Aangevraagd', 'Akkoord', 'Lopend')
        AND geadviseerd_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('interventie stap', interventie_id) LIMIT pg_temp.deel(0.0003)) AS verder
WHERE interventie_id = id;

DELETE FROM interventie WHERE interventie_id IN (
    SELECT interventie_id FROM interventie WHERE status IN ('Afgebroken', 'Afgerond')
        AND geadviseerd_op < pg_temp.vandaag() - 200
    ORDER BY pg_temp.h('geen interventie', interventie_id) LIMIT pg_temp.deel(0.00003));
