-- Documents: what tasks and consultations gave, letters and messages in a case, and the agreements of an employer.
CREATE TEMP TABLE t_document ON COMMIT DROP AS
SELECT CASE t.taakdefinitie_id WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 7 THEN 7 ELSE 3 END AS soort, t.werknemer_id,
    t.traject_id,
    id AS taak_id, NULL::integer AS werkgever_id, gereed AS dag, CASE t.taakdefinitie_id WHEN 7 THEN 'In'
        ELSE (ARRAY['Uit', 'Intern'])[1 + id % 2] END AS richting, id * 8 AS zaad, x.uitvoerder_id AS auteur_id
FROM t_taak t JOIN taak x ON x.taak_id = t.id
WHERE t.status = 'Afgerond' AND t.taakdefinitie_id IN (2, 3, 4, 5, 6, 7, 8)
UNION ALL
SELECT CASE id % 4 WHEN 2 THEN 5 ELSE 4 END, werknemer_id, traject_id, NULL, NULL, op::date,
    CASE id % 4 WHEN 2 THEN 'Intern' ELSE 'Uit' END, id * 8 + 1, professional
FROM t_spreekuur WHERE id % 2 = 0
UNION ALL
SELECT CASE id % 3 WHEN 0 THEN 6 WHEN 1 THEN 8 ELSE 10 END, werknemer_id, id, NULL, NULL, startdatum + 2,
    CASE id % 3 WHEN 2 THEN 'Uit' ELSE 'In' END, id * 8 + 2, NULL
FROM t_traject WHERE id % 5 < 2 AND startdatum + 2 BETWEEN pg_temp.begin_historie() AND pg_temp.vandaag()
UNION ALL
SELECT 9, NULL, NULL, NULL, werkgever_id, van, 'In', id * 8::bigint + 3, 8 * pg_temp.teams() + werkgever_id
    FROM t_contract;

INSERT INTO document (document_id, documentsoort_id, werkgever_id, werknemer_id, traject_id, taak_id, titel, extensie,
    grootte_bytes, aangemaakt_op, auteur_id, richting, verzonden_op, reviewstatus)
SELECT row_number() OVER (ORDER BY dag, zaad), soort, coalesce(d.werkgever_id, w.werkgever_id), werknemer_id,
    traject_id,
    taak_id, CASE zaad / 8 % 5 WHEN 0 THEN NULL WHEN 1 THEN left(pg_temp.kies('titel', zaad, pg_temp.opmerkingen()),
        250)
        ELSE s.naam || ' van ' || dag END,
    CASE WHEN soort = 8 THEN 'eml' WHEN zaad / 8 % 9 <> 4 THEN (ARRAY['pdf', 'docx', 'PDF', ''])[1 + zaad / 8 % 4] END,
    CASE WHEN zaad / 8 % 11 <> 3 THEN 900 + pg_temp.n('grootte', zaad, 4000000) END,
    moment AT TIME ZONE 'Europe/Amsterdam', CASE WHEN zaad / 8 % 10 <> 6 THEN auteur_id END, richting,
    CASE WHEN richting = 'Uit' AND zaad / 8 % 6 > 0 AND dag < pg_temp.vandaag()
        THEN (moment + interval '3 hours 5 minutes') AT TIME ZONE 'Europe/Amsterdam' END,
    CASE WHEN richting <> 'In' AND zaad / 8 % 7 > 0 THEN CASE WHEN dag < pg_temp.vandaag() - 20 THEN 'Vrijgegeven'
        ELSE (ARRAY['Concept', 'Ter beoordeling', 'Vrijgegeven'])[1 + pg_temp.n('review', zaad, 3)] END END
FROM t_document d LEFT JOIN t_basis w ON w.id = d.werknemer_id JOIN documentsoort s ON s.documentsoort_id = d.soort,
    LATERAL (SELECT pg_temp.moment('document', zaad, dag) AS moment) AS m;
