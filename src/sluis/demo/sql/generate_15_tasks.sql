-- The tasks of the protocol as far as the case came, and now and then one for another reason.
CREATE TEMP TABLE t_taak ON COMMIT DROP AS
WITH gepland AS (
    SELECT t.id AS traject_id, t.werknemer_id, p.taakdefinitie_id, t.startdatum + p.dag AS van, p.termijn,
        'Protocol' AS herkomst, t.einddatum, t.status AS trajectstatus
    FROM t_traject t JOIN protocol_taak p USING (protocol_id)
    WHERE t.startdatum + p.dag <= coalesce(t.einddatum, pg_temp.vandaag())
    UNION ALL
    SELECT id, werknemer_id, CASE id / 4 % 3 WHEN 2 THEN 24 ELSE 23 END,
        startdatum + pg_temp.n('extra taak', id, 1 + coalesce(einddatum, pg_temp.vandaag()) - startdatum),
        CASE WHEN id % 3 > 0 THEN 7 END, (ARRAY['Trigger', 'Escalatie', 'Handmatig'])[1 + id / 4 % 3], einddatum, status
    FROM t_traject WHERE id % 4 = 1
), genummerd AS (
    SELECT row_number() OVER (ORDER BY van, traject_id, taakdefinitie_id, herkomst) AS id, * FROM gepland
), beoordeeld AS (
    SELECT *, van + pg_temp.n('gereed na', id, coalesce(termijn, 14) + 6) AS gereed,
        trajectstatus = 'Verwijderd' AND pg_temp.n('taak weg', id, 2) = 0 AS weg FROM genummerd
)
SELECT *, CASE WHEN weg THEN 'Verwijderd'
        WHEN gereed <= coalesce(einddatum, pg_temp.vandaag()) AND pg_temp.u('gereed', id) < 0.92 THEN 'Afgerond'
        WHEN einddatum IS NOT NULL THEN 'Vervallen' ELSE 'Open' END AS status
FROM beoordeeld;

INSERT INTO taak (taak_id, traject_id, taakdefinitie_id, uitvoerder_id, startdatum, streefdatum, afgerond_op, status,
    herkomst, toelichting, aangemaakt_op)
SELECT t.id, traject_id, taakdefinitie_id, CASE WHEN pg_temp.n('geen uitvoerder', t.id, 12) > 0 THEN
        CASE WHEN taakdefinitie_id IN (2, 11, 12, 20, 21) THEN pg_temp.vakman(1, 'arts taak', t.werknemer_id)
             WHEN taakdefinitie_id IN (3, 14) THEN 8 * pg_temp.teams() + w.werkgever_id
             ELSE pg_temp.vakman(4, 'casemanager', t.werknemer_id) END END,
    van, van + termijn, CASE WHEN status = 'Afgerond' THEN pg_temp.moment('taak gereed', t.id, gereed) END, status,
    herkomst, CASE WHEN pg_temp.n('taak toelichting?', t.id, 6) = 0
        THEN pg_temp.kies('taak toelichting', t.id, pg_temp.opmerkingen()) END,
    pg_temp.moment('taak', t.id, van) AT TIME ZONE 'Europe/Amsterdam'
FROM t_taak t JOIN t_basis w ON w.id = t.werknemer_id;

-- What was done about tasks that were late; and what a trigger did.
INSERT INTO escalatie (escalatie_id, taak_id, trigger_id, uitgevoerd_op, actie, resultaat)
SELECT row_number() OVER (ORDER BY t.id), t.id, trigger_id, pg_temp.moment('escalatie', t.id, dag),
    CASE WHEN trigger_id IN (3, 5) THEN 'Taak toevoegen'
        ELSE pg_temp.kies('actie', t.id, ARRAY['E-mail', 'E-mail', 'Sms', 'Taak toevoegen']) END,
    CASE pg_temp.n('mislukt', t.id, 9) WHEN 0 THEN 'Mislukt' ELSE 'Geslaagd' END
FROM t_taak t, LATERAL (SELECT CASE WHEN herkomst = 'Trigger' THEN van ELSE van + termijn + 3 END AS dag,
    CASE WHEN herkomst = 'Trigger' THEN 3 + 2 * (t.id % 2) WHEN taakdefinitie_id = 2 THEN 1 WHEN taakdefinitie_id = 3
        THEN 2
        ELSE 4 END AS trigger_id) AS e
WHERE dag <= coalesce(einddatum, pg_temp.vandaag()) AND (herkomst = 'Trigger' OR gereed > dag OR status = 'Open');

-- Interventions: in every case for one, and in some of the other long cases.
INSERT INTO interventie (interventie_id, traject_id, programma_id, geadviseerd_op, akkoord_op, gestart_op, beeindigd_op,
    status, begrote_kosten, werkelijke_kosten, verwachte_baten, financiering, resultaat)
SELECT volg, traject_id, 1 + pg_temp.n('programma', traject_id, 7), dag, CASE WHEN stap >= 3 THEN dag + 5 END,
    CASE WHEN stap >= 4 THEN dag + 12 END, CASE WHEN stap >= 5
        THEN least(pg_temp.vandaag(), dag + 40 + volg::integer % 60) END,
    (ARRAY['Geadviseerd', 'Aangevraagd', 'Akkoord', 'Lopend', 'Afgerond', 'Afgebroken'])[stap],
    CASE WHEN volg % 7 <> 4 THEN 900 + pg_temp.n('begroot', traject_id, 350000) / 100.0 END,
    CASE WHEN stap >= 5 AND volg % 6 > 0 THEN 850 + pg_temp.n('werkelijk', traject_id, 380000) / 100.0 END,
    CASE WHEN volg % 4 > 0 THEN 1500 + pg_temp.n('baten', traject_id, 900000) / 100.0 END,
    (ARRAY['Werkgever', 'Verzekeraar', 'Verzekeraar', 'Zorgverzekeraar', 'UWV', NULL])[1 + volg % 6],
    CASE stap WHEN 5 THEN (ARRAY['Klachten verminderd', 'Volledig hervat', 'Geen effect'])[1 + volg % 3]
        WHEN 6 THEN 'Gestopt op eigen "verzoek"' END
FROM (SELECT id AS traject_id, dag, row_number() OVER (ORDER BY dag, id) AS volg,
        CASE WHEN dag < pg_temp.vandaag() - 110 THEN 4 + (row_number() OVER (ORDER BY dag, id) % 8 > 0)::integer
                + (row_number() OVER (ORDER BY dag, id) % 8 = 3)::integer
             WHEN dag < pg_temp.vandaag() - 12 THEN 1 + (row_number() OVER (ORDER BY dag, id) % 4)::integer
             ELSE 1 + (row_number() OVER (ORDER BY dag, id) % 2)::integer END AS stap
    FROM (SELECT id, startdatum + CASE protocol_id WHEN 4 THEN 3 ELSE 45 END AS dag FROM t_traject
        WHERE protocol_id = 4 OR (protocol_id IN (1, 6) AND id % 6 = 1
            AND coalesce(einddatum, pg_temp.vandaag()) > startdatum + 60)) AS aanleiding
    WHERE dag <= pg_temp.vandaag()) AS gekozen;
