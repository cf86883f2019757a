-- What happens today to whom. Everybody gets at most one of these events, so that they cannot be in each other's way.
CREATE OR REPLACE FUNCTION pg_temp.deel(share numeric) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN greatest(1, round({size} * share))::bigint;

-- In the names of what is added to lists.
CREATE OR REPLACE FUNCTION pg_temp.week() RETURNS text LANGUAGE sql IMMUTABLE
    RETURN to_char(pg_temp.vandaag()::timestamp, 'IYYY-IW');

-- Of the contracts that are about to end every other one is prolonged.
CREATE TEMP TABLE t_verlengd ON COMMIT DROP AS
SELECT dienstverband_id, einddatum FROM dienstverband
WHERE einddatum BETWEEN pg_temp.vandaag() + 5 AND pg_temp.vandaag() + 7 AND dienstverband_id % 2 = 0
    AND contractsoort = 'Bepaalde tijd';

UPDATE dienstverband SET einddatum = NULL, contractsoort = 'Onbepaalde tijd'
WHERE dienstverband_id IN (SELECT dienstverband_id FROM t_verlengd);

UPDATE dienstverband_periode p SET tot_en_met = NULL
FROM t_verlengd v WHERE p.dienstverband_id = v.dienstverband_id AND p.tot_en_met = v.einddatum;

-- Absences that run, with the step that holds.
CREATE TEMP TABLE t_open ON COMMIT DROP AS
WITH lopend AS (
    SELECT z.verzuim_id AS id, z.dienstverband_id, z.traject_id, z.eerste_ziektedag,
        pg_temp.vandaag() - z.eerste_ziektedag AS dagen,
        l.vanaf, l.mutatiesoort, l.verzuimpercentage, coalesce(s.is_wazo, false) AS is_wazo, z.vangnetsoort_id,
        d.einddatum, d.ingangsdatum, l.mutatiesoort = 'Ziekmelding' AND z.traject_id IS NULL
            AND NOT coalesce(s.is_wazo, false)
            AND z.eerste_ziektedag >= pg_temp.vandaag() - 7
            AND (d.einddatum IS NULL OR d.einddatum > pg_temp.vandaag()) AS is_vers
    FROM verzuim z
    JOIN verzuim_verloop l ON l.verzuim_id = z.verzuim_id AND l.tot_en_met IS NULL
    JOIN dienstverband d ON d.dienstverband_id = z.dienstverband_id
    LEFT JOIN vangnetsoort s ON s.vangnetsoort_id = z.vangnetsoort_id
    WHERE z.hersteld_op IS NULL AND l.vanaf < pg_temp.vandaag()
), geordend AS (
    SELECT *, row_number() OVER (PARTITION BY is_wazo, is_vers ORDER BY pg_temp.h('open', id)) AS rang FROM lopend
)
SELECT *, CASE
    WHEN einddatum < pg_temp.vandaag() THEN 'einde'
    WHEN is_wazo THEN CASE WHEN dagen >= CASE vangnetsoort_id WHEN 17 THEN 112 ELSE 42 END THEN 'herstel' END
    WHEN is_vers AND (rang = 1 OR pg_temp.u('vers', id) < 0.02) THEN 'intrekking'
    WHEN is_vers AND (rang = 2 OR pg_temp.u('vers', id) < 0.04) THEN 'eerder begonnen'
    WHEN NOT is_vers AND rang = 1 OR dagen >= 728 THEN 'herstel'
    WHEN NOT is_vers AND rang = 2 THEN 'stap'
    WHEN rang = 3 THEN 'correctie'
    WHEN pg_temp.u('gebeurtenis', id) < CASE WHEN dagen < 14 THEN 0.13 ELSE 0.02 END THEN 'herstel'
    WHEN dagen > 5 AND pg_temp.u('gebeurtenis', id) < 0.16 AND pg_temp.n('stap', id, 3) = 0 THEN 'stap'
    WHEN pg_temp.u('gebeurtenis', id) > 0.97 THEN 'correctie' END AS gebeurtenis
FROM geordend;

-- The last absence of each employment that was one. Today's events see the past as it was this morning.
CREATE TEMP TABLE t_laatste ON COMMIT DROP AS
SELECT DISTINCT ON (dienstverband_id) dienstverband_id, verzuim_id, hersteld_op
FROM verzuim WHERE ingetrokken_op IS NULL
ORDER BY dienstverband_id, eerste_ziektedag DESC, verzuim_id;

-- Running employments of people who are at work, with their present period.
CREATE TEMP TABLE t_aanwezig ON COMMIT DROP AS
WITH lopend AS (
    SELECT d.dienstverband_id AS id, d.werknemer_id, d.is_hoofddienstverband AS is_hoofd, d.soort, d.einddatum,
        d.volgnummer,
        w.werkgever_id, w.afgeschermd, w.heeft_zorgvraag, w.geslacht, w.geboortedatum, p.vanaf, p.tot_en_met,
            p.afdeling_id,
        p.functie, p.uren_per_week, p.salaris, p.kostenplaats, l.verzuim_id AS vorig_verzuim, l.hersteld_op,
        count(*) OVER () AS aantal, row_number() OVER (ORDER BY pg_temp.h('aanwezig', d.dienstverband_id)) AS rang
    FROM dienstverband d
    JOIN werknemer w ON w.werknemer_id = d.werknemer_id
    JOIN dienstverband_periode p ON p.dienstverband_id = d.dienstverband_id AND p.vanaf < pg_temp.vandaag() - 4
        AND (p.tot_en_met IS NULL OR p.tot_en_met > pg_temp.vandaag())
    LEFT JOIN t_laatste l ON l.dienstverband_id = d.dienstverband_id
    WHERE l.verzuim_id IS NULL OR l.hersteld_op < pg_temp.vandaag() - 4
), verdeling AS (
    SELECT wat, sum(deel) OVER w AS tot, sum(deel) OVER w - deel AS vanaf
    FROM (VALUES (1, 'ziek', pg_temp.deel(0.0044)), (2, 'uit dienst', pg_temp.deel(0.0005)),
        (3, 'uren', pg_temp.deel(0.0003)),
        (4, 'promotie', pg_temp.deel(0.0003)), (5, 'afdeling', pg_temp.deel(0.0003)),
            (6, 'verhuizing', pg_temp.deel(0.0006)),
        (7, 'gegevens', pg_temp.deel(0.0012)), (8, 'contact', pg_temp.deel(0.0012)),
            (9, 'collega', pg_temp.deel(0.0005)),
        (10, 'ander traject', pg_temp.deel(0.0002))) AS delen(volg, wat, deel)
    WINDOW w AS (ORDER BY volg)
)
SELECT l.*, v.wat AS gebeurtenis
FROM lopend l LEFT JOIN verdeling v ON l.rang > v.vanaf AND l.rang <= v.tot;

CREATE INDEX ON t_aanwezig (gebeurtenis);
ANALYZE t_aanwezig;
