-- A version of which the end was known ends by itself. Policies that hold today, with their product:
UPDATE polis_versie SET status = 'Beëindigd' WHERE status = 'Actief' AND einddatum < pg_temp.vandaag();

CREATE TEMP TABLE t_polis ON COMMIT DROP AS
SELECT p.polis_id, v.versie, p.werkgever_id, x.verzekeringtype, x.type_deelname, x.dienstverbandsoort, v.ingangsdatum,
    v.einddatum
FROM polis p JOIN polis_versie v USING (polis_id) JOIN verzekeringsproduct x USING (verzekeringsproduct_id)
WHERE v.status = 'Actief';

-- Who is hired takes part; who stays on or leaves does so as long as the employment.
INSERT INTO polisdeelnemer
SELECT p.polis_id, p.versie, nieuwe_werknemer, pg_temp.vandaag(), least(d.einddatum, p.einddatum), nieuw_dienstverband,
    reden IN ('ALLE', 'SOORT'), 'Automatisch', reden, NULL, CASE WHEN reden IN ('ALLE', 'SOORT')
        THEN round(e.salaris * 12.96, 2) END
FROM t_aanname a JOIN t_polis p USING (werkgever_id) JOIN dienstverband d ON d.dienstverband_id = nieuw_dienstverband
JOIN dienstverband_periode e ON e.dienstverband_id = nieuw_dienstverband,
    LATERAL (SELECT CASE d.soort WHEN 'DGA' THEN 'DGA' WHEN 'Stage' THEN 'STAGE'
        ELSE CASE type_deelname WHEN 'Alle werknemers' THEN 'ALLE' ELSE 'SOORT' END END AS reden) AS r
WHERE type_deelname = 'Alle werknemers' OR (dienstverbandsoort = 'Vast' AND d.soort IN ('Vast', 'DGA'))
    OR (dienstverbandsoort = 'Flex' AND d.soort IN ('Flex', 'Oproep', 'Uitzend', 'Stage'));

UPDATE polisdeelnemer x SET tot_en_met = p.einddatum
FROM t_verlengd v JOIN dienstverband d USING (dienstverband_id), t_polis p
WHERE x.werknemer_id = d.werknemer_id AND x.tot_en_met = v.einddatum AND p.polis_id = x.polis_id
    AND p.versie = x.versie;

UPDATE polisdeelnemer x SET tot_en_met = pg_temp.vandaag()
FROM t_aanwezig a WHERE a.gebeurtenis = 'uit dienst' AND a.is_hoofd AND x.werknemer_id = a.werknemer_id
    AND (x.tot_en_met IS NULL OR x.tot_en_met > pg_temp.vandaag());

UPDATE polisdeelnemer x SET verzekerd_loon = round(x.verzekerd_loon * 1.09, 2)
FROM t_aanwezig a WHERE a.gebeurtenis IN ('promotie', 'uren') AND a.is_hoofd AND x.werknemer_id = a.werknemer_id
    AND x.is_deelnemer AND x.tot_en_met IS NULL;

-- Some are excluded from today on, or not any more; an exclusion that ended was a mistake.
CREATE TEMP TABLE t_deelname_anders ON COMMIT DROP AS
SELECT * FROM (
    SELECT x.*, row_number() OVER (PARTITION BY x.werknemer_id ORDER BY x.polis_id) AS keer
    FROM polisdeelnemer x JOIN t_polis p ON p.polis_id = x.polis_id AND p.versie = x.versie
    WHERE x.vanaf < pg_temp.vandaag() - 2 AND (x.tot_en_met IS NULL OR x.tot_en_met > pg_temp.vandaag())
        AND (x.is_deelnemer OR x.wijze = 'Handmatig')) AS kandidaat
WHERE keer = 1 ORDER BY is_deelnemer, pg_temp.h('deelname anders', werknemer_id) LIMIT 1;

INSERT INTO t_deelname_anders
SELECT * FROM (
    SELECT x.*, 1 FROM polisdeelnemer x JOIN t_polis p ON p.polis_id = x.polis_id AND p.versie = x.versie
    WHERE x.vanaf < pg_temp.vandaag() - 2 AND (x.tot_en_met IS NULL OR x.tot_en_met > pg_temp.vandaag())
        AND x.is_deelnemer
        AND x.werknemer_id NOT IN (SELECT werknemer_id FROM t_deelname_anders)
    ORDER BY pg_temp.h('uitgesloten', x.werknemer_id * 64 + x.polis_id) LIMIT pg_temp.deel(0.0001)) AS gekozen;

UPDATE polisdeelnemer x SET tot_en_met = pg_temp.vandaag() - 1
FROM t_deelname_anders a
WHERE (x.polis_id, x.versie, x.werknemer_id, x.vanaf) = (a.polis_id, a.versie, a.werknemer_id, a.vanaf);

INSERT INTO polisdeelnemer
SELECT polis_id, versie, werknemer_id, pg_temp.vandaag(), tot_en_met, dienstverband_id, NOT is_deelnemer, 'Handmatig',
    CASE WHEN is_deelnemer THEN (ARRAY['VERZOEK', 'DUBBEL', 'VOORWAARDEN'])[1 + werknemer_id % 3] ELSE 'AANGEMELD' END,
    CASE WHEN is_deelnemer AND werknemer_id % 3 = 2 THEN E'Bestaande klacht\n"zie advies"' END,
    CASE WHEN is_deelnemer THEN NULL ELSE 40000 END
FROM t_deelname_anders;

DELETE FROM polisdeelnemer x USING (
    SELECT polis_id, versie, werknemer_id, vanaf FROM polisdeelnemer
    WHERE NOT is_deelnemer AND tot_en_met < pg_temp.vandaag()
    ORDER BY tot_en_met, polis_id, werknemer_id, vanaf LIMIT pg_temp.deel(0.0001)) AS g
WHERE (x.polis_id, x.versie, x.werknemer_id, x.vanaf) = (g.polis_id, g.versie, g.werknemer_id, g.vanaf);
