-- Consultations are asked for, planned, moved or cancelled, and held.
CREATE TEMP TABLE t_verzoek ON COMMIT DROP AS
WITH nodig AS (
    SELECT t.id AS traject_id, werknemer_id, CASE WHEN k = 0 THEN 1 WHEN protocol_id = 6 AND k >= 2 THEN 12
            ELSE (ARRAY[2, 2, 5, 6, 14, 2])[1 + pg_temp.n('soort spreekuur', t.id * 8 + k, 6)] END AS soort,
        startdatum + 12 + 60 * k + pg_temp.n('verzoek', t.id * 8 + k, 14) AS dag, einddatum
    FROM t_traject t, generate_series(0, least(7, (coalesce(einddatum, pg_temp.vandaag()) - startdatum) / 60)) AS k
    WHERE protocol_id IN (1, 6)
    UNION ALL
    SELECT id, werknemer_id, CASE protocol_id WHEN 4 THEN (ARRAY[7, 13])[1 + id % 2] WHEN 5
        THEN (ARRAY[3, 4])[1 + id % 2]
        WHEN 7 THEN 10 WHEN 8 THEN 11 ELSE 14 END, startdatum + 1 + pg_temp.n('verzoek anders', id, 10), einddatum
    FROM t_traject WHERE protocol_id IN (4, 5, 7, 8, 9)
    UNION ALL
    -- without a case
    SELECT NULL, werknemer_id, (ARRAY[4, 3, 4])[1 + id % 3], greatest(ingang, pg_temp.begin_historie())
        + pg_temp.n('preventief', id, greatest(1, least(eind, pg_temp.vandaag()) - greatest(ingang,
            pg_temp.begin_historie()))),
        eind
    FROM t_dienstverband WHERE rol = 1 AND id % 40 = 11
        AND werknemer_id IN (SELECT id FROM t_werknemer WHERE NOT afgeschermd)
)
SELECT row_number() OVER (ORDER BY dag, werknemer_id, traject_id, soort) AS id, n.*, CASE
    WHEN dag > pg_temp.vandaag() - 9 AND pg_temp.n('nog niet gepland', werknemer_id, 3) > 0
        THEN CASE pg_temp.n('nog niet gepland', werknemer_id, 3) WHEN 1 THEN 'Aangevraagd' ELSE 'Ter goedkeuring' END
    WHEN pg_temp.u('afgekeurd', werknemer_id + dag - pg_temp.begin_historie()) < 0.04 THEN 'Afgekeurd'
    WHEN pg_temp.u('afgekeurd', werknemer_id + dag - pg_temp.begin_historie()) > 0.96 THEN 'Ingetrokken'
    ELSE 'Gepland' END AS status
FROM nodig n WHERE dag <= least(einddatum, pg_temp.vandaag());

INSERT INTO oproepverzoek (oproepverzoek_id, werknemer_id, traject_id, spreekuursoort_id, aangevraagd_op, status,
    aanvrager_id, voorkeurslocatie_id, voorkeursarts_id)
SELECT id, werknemer_id, traject_id, soort, pg_temp.moment('aanvraag', id, dag), status,
    CASE WHEN id % 9 > 0 THEN pg_temp.vakman(CASE WHEN id % 3 = 0 THEN 6 ELSE 4 END, 'aanvrager', id) END,
    CASE WHEN id % 4 > 0 THEN 1 + pg_temp.n('voorkeurslocatie', werknemer_id, 11) END,
    CASE WHEN id % 5 = 2 THEN pg_temp.vakman(1, 'arts', werknemer_id) END
FROM t_verzoek;

-- One that was moved gives another a week later; professionals have blocks, and meetings with an employer.
CREATE TEMP TABLE t_afspraak ON COMMIT DROP AS
WITH gepland AS (
    SELECT v.id AS verzoek_id, v.werknemer_id, NULL::integer AS werkgever_id, v.traject_id, v.soort,
        pg_temp.werkdag(dag + 4 + pg_temp.n('over dagen', v.id, 14)) AS datum,
            coalesce(s.discipline_id, 1) AS discipline,
        s.standaardduur_minuten AS duur, CASE WHEN pg_temp.u('lot', v.id) < 0.06 THEN 'Geannuleerd'
            WHEN pg_temp.u('lot', v.id) < 0.10 THEN 'No-show' WHEN pg_temp.u('lot', v.id) < 0.15 THEN 'Verzet'
            ELSE 'Uitgevoerd' END AS lot, v.id * 8 AS zaad
    FROM t_verzoek v JOIN spreekuursoort s ON s.spreekuursoort_id = v.soort WHERE v.status = 'Gepland'
), ook_verzet AS (
    SELECT * FROM gepland
    UNION ALL
    SELECT verzoek_id, werknemer_id, werkgever_id, traject_id, soort, datum + 7, discipline, duur, 'Uitgevoerd',
        zaad + 1
    FROM gepland WHERE lot = 'Verzet' AND datum <= pg_temp.vandaag()
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, 9, pg_temp.werkdag(maand::date + pg_temp.n('blok', g.id * 64 + volg, 26)),
        g.discipline_id, 60, CASE pg_temp.n('blok weg', g.id * 64 + volg, 20) WHEN 0 THEN 'Geannuleerd'
            ELSE 'Uitgevoerd' END, g.id * 64 + volg + 3000000000
    FROM t_gebruiker g, generate_series(pg_temp.begin_historie(), pg_temp.vandaag(), interval '1 month')
        WITH ORDINALITY AS maanden(maand, volg) WHERE g.discipline_id IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, g.id, NULL, 8, pg_temp.werkdag(maand::date + pg_temp.n('overleg', g.id * 64 + volg, 80)), 1, 60,
        'Uitgevoerd', g.id * 64 + volg + 6000000000
    FROM t_werkgever g, generate_series(pg_temp.begin_historie(), pg_temp.vandaag(), interval '3 months')
        WITH ORDINALITY AS maanden(maand, volg) WHERE NOT is_nieuw AND g.id % 3 = 1
), gedateerd AS (
    SELECT *, datum + time '08:00' + pg_temp.n('tijd', zaad, 16) * interval '30 minutes' AS begin FROM ook_verzet
)
SELECT row_number() OVER (ORDER BY begin, zaad) AS id, g.*, CASE
    WHEN lot = 'Geannuleerd' THEN lot WHEN datum > pg_temp.vandaag() THEN 'Gepland' ELSE lot END AS status
FROM gedateerd g;

INSERT INTO afspraak (afspraak_id, oproepverzoek_id, werknemer_id, werkgever_id, traject_id, spreekuursoort_id,
    locatie_id, professional_id, begint_op, eindigt_op, vorm, status, geannuleerd_op, reden_annulering)
SELECT id, verzoek_id, werknemer_id, werkgever_id, traject_id, soort,
    CASE WHEN soort = 9 OR vorm = 'Telefonisch' THEN NULL WHEN vorm = 'Video' THEN 11
        ELSE 1 + pg_temp.n('locatie', coalesce(werknemer_id, id), 10) END,
    CASE WHEN soort = 9 THEN ((zaad - 3000000000) / 64)::integer
        ELSE pg_temp.vakman(discipline, 'professional', coalesce(traject_id, id)) END,
    begin, begin + duur * interval '1 minute', vorm, status,
    CASE WHEN status = 'Geannuleerd' THEN least(begin - (1 + pg_temp.n('afgezegd', id, 90)) * interval '1 hour',
        pg_temp.moment('afgezegd op', id, pg_temp.vandaag())) END,
    CASE WHEN status = 'Geannuleerd' AND id % 4 > 0 THEN (ARRAY['Werknemer is hersteld', 'Opname in ziekenhuis',
        'Arts ziek; "nieuwe afspraak volgt"', ''])[1 + pg_temp.n('reden annulering', id, 4)] END
FROM t_afspraak, LATERAL (SELECT CASE WHEN soort = 9 THEN NULL WHEN soort = 5 THEN 'Telefonisch'
    ELSE (ARRAY['Fysiek', 'Fysiek', 'Fysiek', 'Telefonisch', 'Video', 'Video', 'Huisbezoek'])[
        1 + pg_temp.n('vorm', id, 7)] END AS vorm) AS v;

-- One in thirty that took place is not registered yet; some calls are held without an appointment.
CREATE TEMP TABLE t_spreekuur ON COMMIT DROP AS
WITH alle AS (
    SELECT id AS afspraak_id, werknemer_id, traject_id, soort, begin AS op, duur,
        pg_temp.vakman(discipline, 'professional', coalesce(traject_id, id)) AS professional
    FROM t_afspraak WHERE status = 'Uitgevoerd' AND werknemer_id IS NOT NULL AND id % 30 <> 17
    UNION ALL
    SELECT NULL, werknemer_id, id, (ARRAY[5, 14])[1 + id % 2], pg_temp.moment('telefoontje', id, startdatum + 9), NULL,
        pg_temp.vakman(2 + 2 * (id % 2)::integer, 'beller', id)
    FROM t_traject WHERE id % 14 = 5 AND startdatum + 9 <= coalesce(einddatum, pg_temp.vandaag())
)
SELECT row_number() OVER (ORDER BY op, werknemer_id, soort) AS id, a.* FROM alle a;

INSERT INTO spreekuur (spreekuur_id, afspraak_id, werknemer_id, traject_id, spreekuursoort_id, professional_id,
    uitgevoerd_op, duur_minuten, resultaat, advies, ao_advies, vervolg_over_dagen)
SELECT id, afspraak_id, werknemer_id, traject_id, soort, professional, op, duur + 5 * (pg_temp.n('uitloop', id, 4) - 1),
    CASE WHEN id % 8 > 0 THEN (ARRAY['Volledig inzetbaar', 'Inzetbaar met beperkingen', 'Niet inzetbaar',
        'Opbouw volgens schema', ''])[1 + pg_temp.n('resultaat', id, 5)] END,
    CASE WHEN pg_temp.n('advies?', id, 3) > 0 THEN pg_temp.kies('advies', id, pg_temp.opmerkingen()) END,
    CASE WHEN soort IN (1, 2, 12) AND id % 6 > 0 THEN 5 * pg_temp.n('ao', id, 21) END,
    CASE WHEN id % 3 > 0 THEN 7 * (1 + pg_temp.n('vervolg', id, 8)) END
FROM t_spreekuur;

INSERT INTO diagnose
SELECT s.id, cas_code, keer = 0, CASE WHEN s.id % 9 > 0 THEN op::date END,
    CASE WHEN s.id % 5 > 0 THEN pg_temp.n('door werk', s.id, 3) = 0 END
FROM t_spreekuur s, generate_series(0, (s.id % 5 = 2)::integer) AS keer
JOIN (SELECT cas_code, row_number() OVER (ORDER BY cas_code) - 1 AS nummer, count(*) OVER ()::integer AS aantal
    FROM cas_code) AS c ON true
WHERE soort IN (1, 2, 7, 10, 12, 13) AND pg_temp.n('diagnose?', s.id, 3) > 0
    AND nummer = (pg_temp.n('diagnose', s.werknemer_id, aantal) + 7 * keer) % aantal;

INSERT INTO beperking
SELECT id, 1 + (pg_temp.n('item', s.id, 19) + 8 * keer) % 19,
    (ARRAY['Beperkt', 'Licht beperkt', 'Sterk beperkt', 'Normaal', NULL])[1 + pg_temp.n('waarde', s.id * 4 + keer, 5)],
    op::date, CASE WHEN s.id % 3 > 0 THEN op::date + 30 + pg_temp.n('beperkt tot', s.id, 300) END
FROM t_spreekuur s, generate_series(0, 1 + (s.id % 4 = 1)::integer) AS keer
WHERE soort IN (1, 2, 6, 12) AND pg_temp.n('beperking?', s.id, 3) = 0;
