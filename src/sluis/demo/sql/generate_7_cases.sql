INSERT INTO traject (traject_id, werknemer_id, dienstverband_id, protocol_id, protocolvariatie, team_id, startdatum,
    einddatum, status, aangemaakt_op)
SELECT id, werknemer_id, dienstverband_id, protocol_id, variatie,
    CASE WHEN protocol_id = 6 THEN 5 WHEN id % 8 <> 5 THEN 1 + pg_temp.n('team', id, 6) END,
    startdatum, einddatum, status, pg_temp.moment('traject', id, startdatum) AT TIME ZONE 'Europe/Amsterdam'
FROM t_traject;

-- Reports come in on the day itself or up to three days later. Some come in the night before, through the portal: in
-- the nights in which the clock is changed that is an hour that comes twice, or not at all.
INSERT INTO verzuim (verzuim_id, dienstverband_id, traject_id, eerste_ziektedag, gemeld_op, verwacht_herstel_op,
    hersteld_op, ingetrokken_op, verzuimclassificatie_id, vangnetsoort_id, samengesteld_met_id, is_arbeidsongeval,
    is_verkeersongeval_met_derde, is_beroepsziekte, loon_bij_melding, toelichting, aangemaakt_op)
SELECT v.id, v.dienstverband_id, t.id, van,
    CASE WHEN pg_temp.n('nacht', v.id, 8) = 0 OR is_wisseling
        THEN van - 1 + time '02:00' + pg_temp.n('minuut', v.id, 60) * interval '1 minute'
         ELSE pg_temp.moment('gemeld', v.id, gemeld) END,
    CASE pg_temp.n('verwacht', v.id, 2) WHEN 0 THEN van + 3 + pg_temp.n('verwacht na', v.id, 40) END,
    hersteld_op, CASE WHEN ingetrokken THEN pg_temp.moment('intrekking', v.id,
        least(pg_temp.vandaag(), gemeld + 2)) END,
    CASE WHEN pg_temp.n('geen classificatie', v.id, 50) > 0 THEN pg_temp.classificatie(CASE
        WHEN aard = 'zwanger' THEN 9 WHEN aard = 'adoptie' THEN 10 WHEN aard = 'pleegzorg' THEN 11
        WHEN vangnet = 9 THEN 2 WHEN vangnet = 10 THEN 8 WHEN vangnet > 10 THEN 6 WHEN ongeval = 0 THEN 3
        WHEN ongeval = 1 THEN 4 WHEN ongeval = 2 THEN 5 WHEN ongeval IN (3, 4) THEN 7 ELSE 1 END, v.werkgever_id) END,
    vangnet, vorige, ongeval = 0, ongeval = 1, pg_temp.n('beroepsziekte', v.id, 90) = 0,
    CASE WHEN v.id % 25 <> 6 THEN p.salaris END,
    CASE WHEN pg_temp.n('toelichting?', v.id, 3) = 0 THEN pg_temp.kies('toelichting', v.id, pg_temp.opmerkingen()) END,
    pg_temp.moment('gemeld', v.id, gemeld) AT TIME ZONE 'Europe/Amsterdam'
FROM t_verzuim v
LEFT JOIN t_traject t ON t.verzuim_id = v.id
JOIN dienstverband_periode p ON p.dienstverband_id = v.dienstverband_id AND van >= p.vanaf
    AND (van <= p.tot_en_met OR p.tot_en_met IS NULL),
LATERAL (SELECT CASE
    WHEN aard = 'zwanger' THEN 17 WHEN aard = 'adoptie' THEN 18 WHEN aard = 'pleegzorg' THEN 19
    WHEN einde_dienst THEN 13
    WHEN geslacht = 'V' AND geboren BETWEEN van - 16000 AND van - 7500
        AND pg_temp.n('zwangerschapsklachten', v.id, 25) = 0 THEN 9
    WHEN v.id % 120 = 3 THEN 10 WHEN v.id % 120 = 17 THEN 11 WHEN soort_of_vast IN ('Oproep', 'Uitzend') THEN 12
    WHEN v.id % 120 = 40 THEN 14 WHEN v.id % 120 = 60 THEN 15 WHEN v.id % 120 = 80 THEN 16
    WHEN pg_temp.n('vangnet onbekend', v.id, 12) = 0 THEN NULL ELSE 8 END AS vangnet,
    CASE WHEN is_wazo THEN 99 ELSE pg_temp.n('ongeval', v.id, 100) END AS ongeval,
    least(pg_temp.vandaag(), van + CASE pg_temp.n('laat gemeld', v.id, 10)
        WHEN 0 THEN 1 + pg_temp.n('dagen laat', v.id, 3) ELSE 0 END) AS gemeld,
    extract(isodow FROM van - 1) = 7 AND extract(month FROM van - 1) IN (3, 10) AND extract(day FROM van - 1) >= 25
        AS is_wisseling) AS bepaald;

-- Absence goes down in steps of equal length; now and then it goes up again.
CREATE TEMP TABLE t_stap ON COMMIT DROP AS
WITH gepland AS (
    SELECT v.*, CASE WHEN is_wazo OR dagen < 8 THEN 0
        WHEN dagen < 21 THEN (pg_temp.n('stappen', v.id, 3) = 0)::integer
        WHEN dagen < 76 THEN 1 + pg_temp.n('stappen', v.id, 2) ELSE 2 + pg_temp.n('stappen', v.id, 4) END AS stappen
    FROM t_verzuim v WHERE NOT ingetrokken
), stap AS (
    SELECT p.id, k, van + dagen * k / (stappen + 1) AS vanaf, hersteld_op, werkgever_id, stappen,
        CASE WHEN k >= 2 AND pg_temp.n('toename', p.id * 8 + k, 7) = 0
             THEN least(95, 10 + 5 * round(20 - 20.0 * (k - 1) / (stappen + 1)))
             WHEN p.id % 10 = 3 THEN round(100 - 100.0 * k / (stappen + 1), 2)
             ELSE 5 * round(20 - 20.0 * k / (stappen + 1)) END AS percentage
    FROM gepland p, generate_series(0, stappen) AS k
)
SELECT id, k, vanaf, coalesce(lead(vanaf) OVER w - 1, hersteld_op - 1) AS tot_en_met, percentage, werkgever_id,
    lag(percentage) OVER w AS vorig_percentage
FROM stap WHERE vanaf <= pg_temp.vandaag() AND (hersteld_op IS NULL OR vanaf < hersteld_op)
WINDOW w AS (PARTITION BY id ORDER BY k);

INSERT INTO verzuim_verloop
SELECT id, vanaf, tot_en_met, CASE WHEN k = 0 THEN 'Ziekmelding' WHEN pg_temp.n('correctie', id * 8 + k, 18) = 0
    THEN 'Correctie'
        WHEN percentage > vorig_percentage THEN 'Toename' ELSE 'Gedeeltelijk herstel' END,
    percentage, CASE WHEN k = 0 OR pg_temp.n('therapie', id * 8 + k, 4) > 0 THEN 100 - percentage
        WHEN pg_temp.n('therapie', id, 3) > 0 THEN least(100, 115 - percentage) END,
    CASE WHEN pg_temp.n('bron', id, 30) > 0 THEN (ARRAY['Handmatig', 'Handmatig', 'SIVI', 'AFAS', 'Nmbrs', 'Import'])[
        1 + pg_temp.n('koppeling', werkgever_id, 6)] END
FROM t_stap
UNION ALL
SELECT id, hersteld_op, hersteld_op, CASE WHEN ingetrokken THEN 'Intrekking'
    ELSE 'Hersteldmelding' END, 0, 100, 'Handmatig'
FROM t_verzuim WHERE hersteld_op IS NOT NULL;

-- Decisions. `soorten` are the kinds that fit the occasion, taken in turn.
CREATE TEMP TABLE t_beschikking ON COMMIT DROP AS
WITH aanleiding AS (
    -- the end of two years
    SELECT 1 AS groep, v.werknemer_id, t.id AS traject_id, ARRAY[3, 4, 6, 1, 2, 19, 1, 2] AS soorten, van + 728 AS dag
    FROM t_verzuim v LEFT JOIN t_traject t ON t.verzuim_id = v.id WHERE aard = 'wia'
    UNION ALL
    SELECT 2, v.werknemer_id, t.id, ARRAY[8, 7, 14], van + 700
    FROM t_verzuim v LEFT JOIN t_traject t ON t.verzuim_id = v.id WHERE aard = 'wia' AND v.id % 2 = 0
    UNION ALL
    -- more than three months ill
    SELECT 3, v.werknemer_id, t.id, ARRAY[14, 14, 11, 5, 14, 7], van + 90 + pg_temp.n('advies', v.id, 200)
    FROM t_verzuim v JOIN t_traject t ON t.verzuim_id = v.id WHERE aard = 'lang'
        AND pg_temp.n('beschikking', v.id, 3) = 0
    UNION ALL
    SELECT 4, v.werknemer_id, t.id, ARRAY[13], van - 20
    FROM t_verzuim v JOIN t_traject t ON t.verzuim_id = v.id WHERE is_wazo
    UNION ALL
    -- the safety net
    SELECT 5, v.werknemer_id, t.id, ARRAY[9], van + 15
    FROM verzuim z JOIN t_verzuim v ON v.id = z.verzuim_id JOIN t_traject t ON t.verzuim_id = v.id
    WHERE z.vangnetsoort_id BETWEEN 9 AND 16 AND NOT v.ingetrokken
    UNION ALL
    SELECT 6, v.werknemer_id, t.id, ARRAY[10], v.hersteld_op
    FROM verzuim z JOIN t_verzuim v ON v.id = z.verzuim_id JOIN t_traject t ON t.verzuim_id = v.id
    WHERE z.vangnetsoort_id BETWEEN 9 AND 16 AND NOT v.ingetrokken AND v.hersteld_op IS NOT NULL
    UNION ALL
    -- what was there before this employment
    SELECT 7, id, NULL, ARRAY[12, 12, 16, 12, 17, 15, 18, 20, 12, 1, 2, 21, 19],
        ingang + 10 + pg_temp.n('eerdere beschikking', id, 300)
    FROM t_basis WHERE id % 33 = 17
), gekozen AS (
    SELECT *, soorten[1 + (row_number() OVER (PARTITION BY groep
        ORDER BY werknemer_id, dag, traject_id) - 1) % cardinality(soorten)] AS soort
    FROM aanleiding WHERE dag BETWEEN pg_temp.vandaag() - 12000 AND pg_temp.vandaag()
)
SELECT row_number() OVER (ORDER BY dag, werknemer_id, groep, traject_id) AS id,
    row_number() OVER (PARTITION BY soort ORDER BY dag, werknemer_id, groep, traject_id) AS volg,
    row_number() OVER (PARTITION BY soort IN (1, 2, 17) ORDER BY dag, werknemer_id, groep, traject_id) AS wga, *
FROM gekozen;

INSERT INTO beschikking (beschikking_id, werknemer_id, traject_id, beschikkingsoort_id, kenmerk, datum_beschikking,
    ontvangen_op, ingangsdatum, einddatum, uitkomst, uitkering_variant, ao_percentage, dagloon, uitkeringsbedrag,
    loonsanctie_tot, bezwaar_tot, bezwaar_status, toerekenen_aan_erd, aangemaakt_op)
SELECT b.id, b.werknemer_id, traject_id, soort,
    CASE b.id % 9 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'B' || 100000 + b.id || '/' || extract(year FROM dag) END,
    dag, CASE WHEN b.id % 7 <> 3 THEN least(pg_temp.vandaag(), dag + 1 + (b.id % 5)::integer) END, dag + ingang_na,
    CASE WHEN b.id % 3 = 0 THEN dag + ingang_na + 180 + pg_temp.n('geldig', b.id, 600) END,
    CASE WHEN soort = 4 THEN 'Afgewezen' WHEN soort = 10 THEN 'Beëindigd' WHEN soort IN (7, 17, 18) THEN 'Herzien'
         WHEN b.id % 13 = 4 THEN 'Afgewezen' WHEN b.id % 13 = 9 THEN 'Ingetrokken' ELSE 'Toegekend' END,
    CASE WHEN is_wga THEN (ARRAY['LGU', 'LAU', 'VVU'])[1 + wga % 3] END, ao,
    CASE WHEN met_geld THEN round(80 + pg_temp.n('dagloon', b.id, 18000) / 100.0, 2) END,
    CASE WHEN met_geld AND b.id % 8 <> 2 THEN round((80 + pg_temp.n('dagloon', b.id, 18000) / 100.0) * 21.75
        * coalesce(ao / 100, 1) * 0.7, 2) END,
    CASE WHEN soort = 6 THEN dag + 364 WHEN soort = 7 THEN dag + 42 END,
    CASE WHEN b.id % 10 <> 6 THEN dag + 42 END,
    (ARRAY['Geen', 'Geen', 'Ingediend', 'Geen', 'Gegrond', 'Geen', 'Ongegrond', 'Geen'])[1 + b.id % 8],
    CASE WHEN soort IN (9, 10, 11) THEN g.is_erd_zw WHEN is_wga THEN g.is_erd_wga ELSE false END,
    pg_temp.moment('beschikking', b.id, dag) AT TIME ZONE 'Europe/Amsterdam'
FROM t_beschikking b JOIN t_basis w ON w.id = b.werknemer_id JOIN werkgever g USING (werkgever_id),
LATERAL (SELECT (b.id % 4 * 7)::integer AS ingang_na, soort IN (1, 2, 17) AS is_wga,
    soort IN (1, 2, 3, 5, 8, 9, 11, 13, 15, 16, 17, 18, 19, 21) AS met_geld,
    CASE soort WHEN 1 THEN (ARRAY[60, 42.5, 50.25, 72.4, 35])[1 + volg % 5] WHEN 2 THEN 80 + volg % 21
        WHEN 3 THEN 100 WHEN 4 THEN volg % 35 WHEN 5 THEN 100 WHEN 17 THEN 30 + volg * 17 % 70 WHEN 18
            THEN 45 END AS ao) AS k;
