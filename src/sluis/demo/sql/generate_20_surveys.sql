-- Questionnaires go out with a case, a task or a consultation, and to everyone at some employers.
CREATE TEMP TABLE t_survey ON COMMIT DROP AS
WITH aanleiding AS (
    SELECT 1 AS vragenlijst_id, werknemer_id, id AS traject_id, NULL::bigint AS taak_id, NULL::bigint AS spreekuur_id,
        startdatum + 6 AS dag
    FROM t_traject WHERE protocol_id IN (1, 6) AND id % 3 = 1
        AND startdatum + 6 <= coalesce(einddatum, pg_temp.vandaag())
    UNION ALL
    SELECT 1, werknemer_id, traject_id, id, NULL, van + 1 FROM t_taak WHERE taakdefinitie_id IN (1, 11) AND id % 9 = 4
    UNION ALL
    SELECT CASE WHEN soort = 4 THEN 3 ELSE 2 END, werknemer_id, traject_id, NULL, id, op::date + 1
    FROM t_spreekuur WHERE id % 4 = 3 OR soort = 4
    UNION ALL
    SELECT 4, id, NULL, NULL, NULL, pg_temp.begin_historie() + 200 + b.werkgever_id % 150
    FROM t_werknemer b WHERE NOT afgeschermd AND b.werkgever_id % 6 = 1
        AND coalesce(eind, 'infinity') > pg_temp.begin_historie() + 350 AND ingang < pg_temp.begin_historie() + 200
            AND id % 3 = 0
), genummerd AS (
    SELECT row_number() OVER (ORDER BY dag, werknemer_id, vragenlijst_id, taak_id, spreekuur_id) AS id, a.*
    FROM aanleiding a WHERE dag BETWEEN pg_temp.begin_historie() AND pg_temp.vandaag()
), met_versie AS (
    SELECT g.*, (SELECT max(versie) FROM vragenlijst_versie v WHERE v.vragenlijst_id = g.vragenlijst_id
            AND (v.vrijgegeven_op <= g.dag OR versie = 1)) AS versie,
        dag + 1 + pg_temp.n('invullen na', id, 18) AS gereed, pg_temp.u('ingevuld', id) AS lot
    FROM genummerd g
)
SELECT *, CASE WHEN lot > 0.96 THEN 'Ingetrokken' WHEN gereed <= pg_temp.vandaag() AND lot < 0.6 THEN 'Ingevuld'
    WHEN dag < pg_temp.vandaag() - 28 THEN 'Verlopen' ELSE 'Verzonden' END AS status
FROM met_versie;

INSERT INTO survey (survey_id, vragenlijst_id, versie, werknemer_id, traject_id, taak_id, spreekuur_id, verzonden_op,
    herinnerd_op, ingevuld_op, status)
SELECT id, vragenlijst_id, versie, werknemer_id, traject_id, taak_id, spreekuur_id, pg_temp.moment('survey', id, dag),
    CASE WHEN dag + 10 < least(pg_temp.vandaag(), CASE status WHEN 'Ingevuld' THEN gereed END)
        AND status <> 'Ingetrokken'
        THEN pg_temp.moment('herinnering', id, dag + 10) END,
    CASE status WHEN 'Ingevuld' THEN pg_temp.moment('ingevuld op', id, gereed) END, status
FROM t_survey;

-- Several answers to a question with multiple choice; now and then none to a question.
INSERT INTO antwoord
SELECT s.id, v.vraag_id, keer, CASE v.antwoordtype
        WHEN 'Keuze' THEN (ARRAY['JA', 'NEE', 'SOMS', 'WEET_NIET'])[1 + pg_temp.n('keus', zaad, 4)]
        WHEN 'Meerkeuze' THEN (ARRAY['A', 'B', 'C'])[keer] END,
    CASE v.antwoordtype WHEN 'Open' THEN pg_temp.kies('antwoord', zaad, pg_temp.opmerkingen())
        WHEN 'Datum' THEN (s.dag - pg_temp.n('antwoorddag', zaad, 700))::text
        WHEN 'Meerkeuze' THEN CASE WHEN pg_temp.n('anders', zaad, 5) = 0 THEN 'Anders, namelijk "…"' END END,
    CASE v.antwoordtype WHEN 'Getal' THEN pg_temp.n('getal', zaad, 1000) / 8.0 END,
    CASE WHEN v.antwoordtype IN ('Keuze', 'Getal') THEN pg_temp.n('score', zaad, 41) / 4.0 - 2 END
FROM t_survey s JOIN vraag v USING (vragenlijst_id, versie), generate_series(1, CASE v.antwoordtype WHEN 'Meerkeuze'
    THEN 1 + pg_temp.n('hoeveel', s.id * 32 + v.volgnummer, 3) ELSE 1 END) AS keer,
LATERAL (SELECT (s.id * 32 + v.volgnummer) * 4 + keer AS zaad) AS z
WHERE s.status = 'Ingevuld' AND pg_temp.n('overgeslagen', s.id * 32 + v.volgnummer, 12) > 0;
