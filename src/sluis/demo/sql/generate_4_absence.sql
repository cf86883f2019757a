-- At most one long absence per main employment: illness, up to the two years that end in the WIA, or a leave.
CREATE TEMP TABLE t_lang ON COMMIT DROP AS
WITH soort AS (
    SELECT d.*, b.geslacht, (pg_temp.vandaag() - b.geboren) / 365 AS leeftijd, CASE
        WHEN d.werknemer_id % 100 = 5 THEN 'wia'
        WHEN d.werknemer_id % 250 = 3 THEN 'adoptie'
        WHEN d.werknemer_id % 250 = 128 THEN 'pleegzorg'
        WHEN b.geslacht = 'V' AND b.geboren BETWEEN pg_temp.vandaag() - 15500 AND pg_temp.vandaag() - 8000
            AND pg_temp.u('zwanger', d.id) < 0.12 THEN 'zwanger'
        WHEN pg_temp.u('lang', d.id) < 0.065 THEN 'lang' END AS aard
    FROM t_dienstverband d JOIN t_basis b ON b.id = d.werknemer_id WHERE d.rol = 1
), gekozen AS (
    SELECT id, ingang, eind, aard, pg_temp.werkdag(CASE aard
        WHEN 'wia' THEN pg_temp.vandaag() - 735 - pg_temp.n('wia', id, 90)
        WHEN 'lang' THEN pg_temp.begin_historie() - 240
            + pg_temp.n('lang van', id, pg_temp.vandaag() - pg_temp.begin_historie() + 210)
        ELSE pg_temp.begin_historie() - 60 + pg_temp.n('verlof', id, pg_temp.vandaag() - pg_temp.begin_historie() + 40)
        END) AS van,
        CASE aard WHEN 'wia' THEN 728 WHEN 'zwanger' THEN 112
            WHEN 'lang' THEN 76 + floor(pg_temp.u('duur', id) * pg_temp.u('duur', id) * 640)::integer
                ELSE 42 END AS dagen
    FROM soort WHERE aard IS NOT NULL
)
SELECT * FROM gekozen
WHERE van >= ingang AND van <= least(eind - 5, pg_temp.vandaag())
    AND (aard <> 'wia' OR coalesce(eind > van + 728, true));

-- Short ones: at most one in every 90 days, sometimes with a relapse within four weeks.
CREATE TEMP TABLE t_kort ON COMMIT DROP AS
WITH vak AS (
    SELECT d.id, d.ingang, d.eind, d.id * 64 + k AS vak, pg_temp.werkdag(
        pg_temp.begin_historie() - 90 - pg_temp.n('fase', d.id, 90) + 90 * k + pg_temp.n('start', d.id * 64 + k,
            10)) AS van
    FROM t_dienstverband d,
        generate_series(0, least(60, 2 + (pg_temp.vandaag() - pg_temp.begin_historie()) / 90)) AS k
    WHERE d.eind IS NULL OR d.eind >= pg_temp.begin_historie()
), ziek AS (
    SELECT id, ingang, eind, vak, van, CASE
        WHEN pg_temp.u('duur kort', vak) < 0.5 THEN 1 + pg_temp.n('dagen kort', vak, 5)
        WHEN pg_temp.u('duur kort', vak) < 0.78 THEN 6 + pg_temp.n('dagen kort', vak, 9)
        WHEN pg_temp.u('duur kort', vak) < 0.92 THEN 15 + pg_temp.n('dagen kort', vak, 21)
        ELSE 36 + pg_temp.n('dagen kort', vak, 35) END AS dagen
    FROM vak
    WHERE pg_temp.u('ziek', vak) < CASE WHEN extract(month FROM van) IN (11, 12, 1, 2, 3) THEN 0.3 ELSE 0.18 END
), ook_terugval AS (
    SELECT id, ingang, eind, vak, van, dagen, 1 AS keer FROM ziek
    UNION ALL
    SELECT id, ingang, eind, vak, pg_temp.werkdag(van + dagen + 2 + pg_temp.n('terugval na', vak, 22)),
        1 + pg_temp.n('terugval', vak, 20), 2
    FROM ziek WHERE dagen <= 20 AND pg_temp.u('terugval?', vak) < 0.15
)
SELECT * FROM ook_terugval k
WHERE van >= ingang AND van <= least(eind, pg_temp.vandaag()) AND NOT EXISTS (
    SELECT FROM t_lang l WHERE l.id = k.id AND k.van <= l.van + l.dagen + 2 AND l.van <= k.van + k.dagen + 2);

-- Numbered by their first day. An absence ends with the employment.
CREATE TEMP TABLE t_verzuim ON COMMIT DROP AS
WITH alle AS (
    SELECT id AS dienstverband_id, aard, van, dagen, eind, NULL::bigint AS vak, 1 AS keer FROM t_lang
    UNION ALL
    SELECT id, 'kort', van, dagen, eind, vak, keer FROM t_kort
), geteld AS (
    SELECT row_number() OVER (ORDER BY van, dienstverband_id) AS id, a.*, least(van + dagen, eind + 1) AS herstel,
        coalesce(van + dagen > eind + 1, false) AS einde_dienst,
        lead(keer) OVER (PARTITION BY vak ORDER BY keer) AS volgende
    FROM alle a
)
SELECT g.id, g.dienstverband_id, d.werknemer_id, d.werkgever_id, aard, van, dagen, einde_dienst,
    CASE WHEN ingetrokken THEN van WHEN herstel <= pg_temp.vandaag() THEN herstel END AS hersteld_op, ingetrokken,
    CASE WHEN keer = 2 THEN lag(g.id) OVER (PARTITION BY vak ORDER BY keer) END AS vorige,
    NOT ingetrokken AND aard NOT IN ('kort', 'lang', 'wia') AS is_wazo, d.soort_of_vast, b.geslacht, b.geboren
FROM geteld g JOIN t_dienstverband d ON d.id = g.dienstverband_id JOIN t_basis b ON b.id = d.werknemer_id,
    LATERAL (SELECT aard = 'kort' AND keer = 1 AND volgende IS NULL AND herstel < pg_temp.vandaag()
        AND pg_temp.u('ingetrokken', g.id) < 0.015 AS ingetrokken);

CREATE UNIQUE INDEX ON t_verzuim (id);
ANALYZE t_verzuim;

-- A case for every absence of two weeks and more, and now and then one for something else.
CREATE TEMP TABLE t_traject ON COMMIT DROP AS
WITH alle AS (
    SELECT v.id AS verzuim_id, v.werknemer_id, v.dienstverband_id, CASE
            WHEN aard = 'zwanger' THEN 2 WHEN aard IN ('adoptie', 'pleegzorg') THEN 3
            WHEN w.is_erd_zw AND v.soort_of_vast IS NOT NULL THEN 6 ELSE 1 END AS protocol_id,
        CASE WHEN aard = 'pleegzorg' THEN 'Pleegzorg' WHEN is_wazo THEN ''
            ELSE (ARRAY['Standaard', 'Frequent verzuim', 'Vangnet'])[1 + pg_temp.n('variatie', v.id,
                4)] END AS variatie,
        van AS startdatum, hersteld_op AS einddatum, false AS verwijderd
    FROM t_verzuim v JOIN werkgever w USING (werkgever_id)
    WHERE NOT ingetrokken AND coalesce(hersteld_op, pg_temp.vandaag()) - van >= 14
    UNION ALL
    SELECT NULL, werknemer_id, CASE WHEN werknemer_id % 3 <> 0 THEN id END, 4 + CASE pg_temp.n('protocol', id, 5)
            WHEN 2 THEN 3 WHEN 3 THEN 4 WHEN 4 THEN 5 ELSE pg_temp.n('protocol', id, 5) END,
        CASE WHEN id % 2 = 0 THEN 'Programma ' || (1 + id % 4) END, start,
        CASE WHEN start + 20 + pg_temp.n('anders duur', id, 200) <= pg_temp.vandaag()
             THEN start + 20 + pg_temp.n('anders duur', id, 200) END, pg_temp.n('verwijderd', id, 7) = 0
    FROM t_dienstverband, LATERAL (SELECT greatest(ingang, pg_temp.begin_historie()) + pg_temp.n('anders', id,
        greatest(1, pg_temp.vandaag() - greatest(ingang, pg_temp.begin_historie()))) AS start)
    WHERE rol = 1 AND pg_temp.u('ander traject', id) < 0.07 AND start <= least(eind, pg_temp.vandaag())
)
SELECT row_number() OVER (ORDER BY startdatum, werknemer_id, protocol_id, dienstverband_id, verzuim_id) AS id, a.*,
    CASE WHEN verwijderd AND einddatum IS NOT NULL THEN 'Verwijderd'
         WHEN einddatum IS NOT NULL THEN 'Afgesloten' ELSE 'Lopend' END AS status
FROM alle a;

CREATE UNIQUE INDEX ON t_traject (verzuim_id);
ANALYZE t_traject;
