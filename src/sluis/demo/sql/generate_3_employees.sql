-- Who works where, from when until when. Persons come later: what the data vault hides depends on their absence.
CREATE TEMP TABLE t_basis ON COMMIT DROP AS
WITH gekozen AS (
    SELECT id, CASE WHEN id <= pg_temp.werkgevers() THEN id
        ELSE 1 + floor(pg_temp.werkgevers() * pg_temp.u('werkgever', id) * pg_temp.u('werkgever',
            id)) END::integer AS werkgever_id,
        CASE WHEN id % 97 = 0 THEN 'O' WHEN pg_temp.vast('geslacht', id, 2) = 0 THEN 'M' ELSE 'V' END AS geslacht,
        pg_temp.vandaag() - 6800 - pg_temp.n('geboren', id, 17000) AS geboren,
        CASE WHEN pg_temp.u('nieuw', id) < 0.17
             THEN pg_temp.begin_historie() + pg_temp.n('in dienst', id, pg_temp.vandaag() - pg_temp.begin_historie())
             ELSE pg_temp.begin_historie() - 1 - pg_temp.n('jaren', id, 95) * pg_temp.n('dagen', id, 92) END AS ruw
    FROM generate_series(1, pg_temp.werknemers()) AS id
), begonnen AS (
    SELECT g.*, w.einddatum AS einde_klant, least(w.einddatum - 120, greatest(geboren + 5900,
        CASE WHEN pg_temp.n('eerste van de maand', g.id, 5) < 3 THEN date_trunc('month', ruw)::date
            ELSE ruw END)) AS ingang
    FROM gekozen g JOIN t_werkgever w ON w.id = g.werkgever_id
)
SELECT id, werkgever_id, geslacht, geboren, ingang, least(einde_klant, CASE
        WHEN pg_temp.u('uit dienst', id) < 0.13 THEN greatest(ingang + 30,
            pg_temp.begin_historie() - 200 + pg_temp.n('einde', id, pg_temp.vandaag() - pg_temp.begin_historie() + 200))
        WHEN pg_temp.u('tijdelijk', id) < 0.15 THEN pg_temp.vandaag() + 1 + pg_temp.n('contract tot', id,
            330) END) AS eind
FROM begonnen;

-- Departments by the size of the employer, in a tree: one at the top, six below it, the others below those.
CREATE TEMP TABLE t_afdeling ON COMMIT DROP AS
WITH maat AS (
    SELECT werkgever_id, least(60, 1 + count(*) / 12) AS actief,
        CASE WHEN count(*) >= 40 THEN 1 + count(*) / 200 ELSE 0 END AS archief
    FROM t_basis WHERE werkgever_id % 10 <> 4 GROUP BY werkgever_id
)
SELECT row_number() OVER (ORDER BY werkgever_id, plek)::integer AS id, werkgever_id, plek, actief,
    CASE WHEN plek = 1 THEN NULL WHEN plek <= 7 THEN 1 WHEN plek <= 43 THEN 2 + (plek - 8) % 6
         ELSE 8 + (plek - 44) % 36 END AS boven,
    -- The last ones are not used any more, or not yet.
    CASE WHEN plek > actief AND plek % 2 = actief % 2
         THEN pg_temp.begin_historie() + 200 + pg_temp.n('archief', werkgever_id * 100 + plek,
             200) END AS gearchiveerd_op
FROM maat, LATERAL generate_series(1, actief + 2 * archief) AS plek;

INSERT INTO afdeling (afdeling_id, werkgever_id, bovenliggende_afdeling_id, code, naam, kostenplaats,
    leidinggevende_naam, contactpersoon_uwv, gearchiveerd_op)
SELECT a.id, a.werkgever_id, b.id,
    CASE WHEN a.id % 10 <> 3 THEN 'AFD-' || a.werkgever_id || '-' || a.plek END,
    CASE WHEN a.plek = 1 THEN 'Directie' WHEN a.plek <= 7 THEN pg_temp.kies('afdeling', a.id, pg_temp.afdelingsnamen())
         ELSE 'Team ' || a.plek || CASE WHEN a.id % 5 = 0 THEN ' / nacht' ELSE '' END END,
    CASE a.id % 4 WHEN 0 THEN NULL ELSE (1000 + 10 * a.plek)::text END,
    CASE WHEN a.id % 6 <> 1 THEN left(pg_temp.vast('voornaam chef', a.id, pg_temp.voornamen('V')), 1) || '. '
        || split_part(pg_temp.vast('achternaam chef', a.id, pg_temp.achternamen()), '|', 1) END,
    CASE a.id % 5 WHEN 0 THEN '' WHEN 1 THEN
        split_part(pg_temp.vast('uwv', a.id, pg_temp.achternamen()), '|', 1) || ' (HR)' END,
    a.gearchiveerd_op
FROM t_afdeling a LEFT JOIN t_afdeling b ON b.werkgever_id = a.werkgever_id AND b.plek = a.boven;

-- The main employment has the number of its employee; one in 25 had an earlier one, one in 50 has a second beside it.
CREATE TEMP TABLE t_dienstverband ON COMMIT DROP AS
WITH alle AS (
    SELECT 1 AS rol, id AS werknemer_id, werkgever_id, ingang, eind FROM t_basis
    UNION ALL
    SELECT 2, id, werkgever_id, ingang - 400 - pg_temp.n('eerder van', id, 700),
        ingang - 30 - pg_temp.n('eerder tot', id, 200)
    FROM t_basis WHERE id % 25 = 4
    UNION ALL
    SELECT 3, id, werkgever_id, ingang + 30 + pg_temp.n('tweede', id, 300), eind
    FROM t_basis WHERE id % 50 = 22 AND ingang + 330 < least(eind, pg_temp.vandaag())
)
SELECT row_number() OVER (ORDER BY rol, werknemer_id) AS id, a.*,
    CASE WHEN rol = 3 AND pg_temp.n('soort', werknemer_id, 2) = 0 THEN 'Oproep'
         WHEN rol = 3 THEN 'Flex'
         ELSE (ARRAY['Flex', 'Flex', 'Oproep', 'Uitzend', 'Stage', 'DGA', 'Uitzend'])[1 + pg_temp.n('soort',
             werknemer_id, 40)] END
        AS soort_of_vast,
    w.fte_uren
FROM alle a JOIN werkgever w USING (werkgever_id);

CREATE UNIQUE INDEX ON t_dienstverband (id);
ANALYZE t_dienstverband;

-- Moments at which something changes in an employment, and what; the periods lie between them.
CREATE TEMP TABLE t_periode ON COMMIT DROP AS
WITH grens AS (
    SELECT id, ingang AS vanaf, 'begin' AS wat FROM t_dienstverband
    UNION ALL
    SELECT id, (date_trunc('year', pg_temp.vandaag()))::date, 'verhoging' FROM t_dienstverband
        WHERE pg_temp.n('januari', id, 3) = 0
    UNION ALL
    SELECT id, dag, (ARRAY['promotie', 'uren', 'uren', 'afdeling'])[1 + pg_temp.n('wat', id * 4 + k, 4)]
    FROM t_dienstverband, generate_series(0, 2) AS k, LATERAL (SELECT date_trunc('month',
        pg_temp.begin_historie() + pg_temp.n('grens', id * 4 + k,
            pg_temp.vandaag() - pg_temp.begin_historie()))::date AS dag)
    WHERE k < pg_temp.n('wijzigingen', id, 8) - 4
), eigen AS (
    SELECT DISTINCT ON (g.id, g.vanaf) g.id, g.vanaf, g.wat
    FROM grens g JOIN t_dienstverband d ON d.id = g.id
    WHERE g.wat = 'begin' OR (g.vanaf > d.ingang AND g.vanaf <= least(d.eind, pg_temp.vandaag()))
    ORDER BY g.id, g.vanaf, g.wat
)
SELECT e.id, e.vanaf, coalesce(lead(e.vanaf) OVER p - 1, d.eind) AS tot_en_met, d.werkgever_id, d.rol, d.fte_uren,
    d.soort_of_vast, row_number() OVER p AS volg, count(*) FILTER (WHERE wat = 'promotie') OVER p AS promoties,
    id * 8 + count(*) FILTER (WHERE wat = 'uren') OVER p AS urenkeus,
    id * 8 + count(*) FILTER (WHERE wat = 'afdeling') OVER p AS afdelingskeus
FROM eigen e JOIN t_dienstverband d USING (id)
WINDOW p AS (PARTITION BY e.id ORDER BY e.vanaf);
