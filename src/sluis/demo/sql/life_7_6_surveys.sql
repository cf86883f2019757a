-- Questionnaires go out: with cases that were opened today, after consultations, and to some who are at work.
INSERT INTO survey (vragenlijst_id, versie, werknemer_id, traject_id, taak_id, spreekuur_id, verzonden_op, status)
SELECT vragenlijst_id, versie, werknemer_id, traject_id, taak_id, spreekuur_id,
    pg_temp.moment('survey', werknemer_id, pg_temp.vandaag()), 'Verzonden'
FROM (
    SELECT 1 AS vragenlijst_id, werknemer_id, traject_id, NULL::bigint AS taak_id, NULL::bigint AS spreekuur_id
    FROM traject WHERE aangemaakt_op >= pg_temp.vandaag() AND protocol_id IN (1, 6) AND status = 'Lopend'
    UNION ALL
    SELECT 2, werknemer_id, traject_id, NULL, spreekuur_id FROM spreekuur
    WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_consult WHERE spreekuur_id % 3 = 0)
    UNION ALL
    SELECT 1, werknemer_id, traject_id, taak_id, NULL FROM t_gereed JOIN traject USING (traject_id)
    WHERE taakdefinitie_id = 11
    UNION ALL
    (SELECT 4, werknemer_id, NULL, NULL, NULL FROM t_aanwezig WHERE is_hoofd AND NOT afgeschermd
    ORDER BY rang DESC LIMIT pg_temp.deel(0.0003))
) AS wie JOIN LATERAL (SELECT max(v.versie) AS versie FROM vragenlijst_versie v
    WHERE v.vragenlijst_id = wie.vragenlijst_id AND v.vrijgegeven_op <= pg_temp.vandaag()) AS nieuwste ON true
WHERE versie IS NOT NULL ORDER BY vragenlijst_id, werknemer_id, traject_id, taak_id, spreekuur_id;

-- Some are filled in; others are reminded of it, and later it is too late.
CREATE TEMP TABLE t_ingevuld ON COMMIT DROP AS
SELECT survey_id, vragenlijst_id, versie FROM (
    SELECT *, row_number() OVER (ORDER BY pg_temp.h('ingevuld', survey_id)) AS volg FROM survey
    WHERE status = 'Verzonden' AND verzonden_op < pg_temp.vandaag()) AS open
WHERE volg = 1 OR pg_temp.u('ingevuld', survey_id) < 0.06;

UPDATE survey SET status = 'Ingevuld', ingevuld_op = pg_temp.moment('ingevuld', survey_id, pg_temp.vandaag())
WHERE survey_id IN (SELECT survey_id FROM t_ingevuld);

INSERT INTO antwoord
SELECT t.survey_id, v.vraag_id, keer, CASE antwoordtype WHEN 'Keuze'
    THEN pg_temp.kies('keus', zaad, ARRAY['JA', 'NEE', 'SOMS'])
        WHEN 'Meerkeuze' THEN (ARRAY['A', 'C'])[keer] END,
    CASE antwoordtype WHEN 'Open' THEN pg_temp.kies('antwoord', zaad, pg_temp.opmerkingen())
        WHEN 'Datum' THEN (pg_temp.vandaag() - 10)::text END,
    CASE antwoordtype WHEN 'Getal' THEN pg_temp.n('getal', zaad, 1000) / 8.0 END,
    CASE WHEN antwoordtype IN ('Keuze', 'Getal') THEN pg_temp.n('score', zaad, 41) / 4.0 - 2 END
FROM t_ingevuld t JOIN vraag v USING (vragenlijst_id, versie),
    generate_series(1, CASE antwoordtype WHEN 'Meerkeuze' THEN 2 ELSE 1 END) AS keer,
    LATERAL (SELECT t.survey_id * 64 + v.volgnummer * 2 + keer AS zaad) AS z;

UPDATE survey SET herinnerd_op = pg_temp.moment('herinnerd', survey_id, pg_temp.vandaag())
WHERE status = 'Verzonden' AND herinnerd_op IS NULL AND verzonden_op < pg_temp.vandaag() - 9;

UPDATE survey SET status = CASE survey_id % 8 WHEN 0 THEN 'Ingetrokken' ELSE 'Verlopen' END
WHERE status = 'Verzonden' AND verzonden_op < pg_temp.vandaag() - 28;

UPDATE antwoord a SET antwoordtekst = 'Gecorrigeerd: "zie eerdere versie"', score = coalesce(a.score, 0) + 0.25
FROM (SELECT survey_id, vraag_id, volgnummer FROM antwoord JOIN survey USING (survey_id)
    WHERE ingevuld_op >= pg_temp.vandaag() - 60 AND ingevuld_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('correctie', survey_id), vraag_id, volgnummer LIMIT pg_temp.deel(0.0001)) AS g
WHERE (a.survey_id, a.vraag_id, a.volgnummer) = (g.survey_id, g.vraag_id, g.volgnummer);

-- The oldest are destroyed, and with them the answers.
CREATE TEMP TABLE t_survey_weg ON COMMIT DROP AS
SELECT survey_id FROM survey WHERE verzonden_op < pg_temp.vandaag() - 60
ORDER BY verzonden_op, survey_id LIMIT 2 * pg_temp.deel(0.0002);

DELETE FROM antwoord WHERE survey_id IN (SELECT survey_id FROM t_survey_weg);

DELETE FROM survey WHERE survey_id IN (SELECT survey_id FROM t_survey_weg);

-- Documents of what was done today, and a message from outside.
INSERT INTO document (documentsoort_id, werkgever_id, werknemer_id, traject_id, taak_id, titel, extensie, grootte_bytes,
    aangemaakt_op, auteur_id, richting, reviewstatus)
SELECT soort, werkgever_id, werknemer_id, traject_id, taak_id, CASE zaad % 4 WHEN 0 THEN NULL
        WHEN 1 THEN pg_temp.kies('titel', zaad, pg_temp.opmerkingen()) ELSE 'Document van ' || pg_temp.vandaag() END,
    pg_temp.kies('extensie', zaad, ARRAY['pdf', 'docx', 'eml', NULL]), 900 + pg_temp.n('grootte', zaad, 3000000),
    pg_temp.moment('document', zaad, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam', auteur, richting,
    CASE WHEN richting <> 'In' THEN 'Concept' END
FROM (
    SELECT CASE taakdefinitie_id WHEN 2 THEN 1 WHEN 3 THEN 2 ELSE 3 END AS soort, traject_id, taak_id,
        taak_id * 4 AS zaad,
        uitvoerder_id AS auteur, 'Uit' AS richting
    FROM t_gereed WHERE taakdefinitie_id BETWEEN 2 AND 8
    UNION ALL
    SELECT 4, traject_id, NULL, spreekuur_id * 4 + 1, professional_id, 'Uit' FROM t_consult
    WHERE traject_id IS NOT NULL AND spreekuur_id % 2 = 0
    UNION ALL
    (SELECT 8, traject_id, NULL, traject_id * 4 + 2, NULL, 'In' FROM traject WHERE status = 'Lopend'
    ORDER BY pg_temp.h('e-mail', traject_id) LIMIT pg_temp.deel(0.0004))
) AS nieuw JOIN traject USING (traject_id) JOIN werknemer USING (werknemer_id)
ORDER BY zaad;

UPDATE document SET reviewstatus = CASE reviewstatus WHEN 'Concept' THEN 'Ter beoordeling' ELSE 'Vrijgegeven' END,
    verzonden_op = CASE WHEN richting = 'Uit' AND reviewstatus = 'Ter beoordeling'
        THEN pg_temp.moment('verzonden', document_id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam' END
WHERE document_id IN (SELECT document_id FROM document
    WHERE reviewstatus IN ('Concept', 'Ter beoordeling') AND aangemaakt_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('review', document_id) LIMIT pg_temp.deel(0.001));

DELETE FROM document WHERE document_id IN (SELECT document_id FROM document
    WHERE reviewstatus = 'Concept' OR aangemaakt_op < pg_temp.begin_historie() - 100 OR documentsoort_id = 8
    ORDER BY pg_temp.h('document weg', document_id) LIMIT pg_temp.deel(0.0002));
