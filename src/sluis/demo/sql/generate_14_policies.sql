-- Insurance policies, their versions and what they cover, and who takes part.
INSERT INTO verzekeraar (verzekeraar_id, naam, is_volmacht, risicodrager_id, por_code, is_actief)
VALUES (1, 'Verzekeringsmaatschappij De Waal', false, NULL, 'W101', true),
    (2, 'Onderlinge Noordzee', false, NULL, NULL, true),
    (3, 'Volmacht Delta', true, 1, 'D202', true), (4, 'Zuiderzee Schade', false, NULL, 'Z303', true),
    (5, 'Assuradeuren & Co.', true, 2, NULL, true), (6, 'Oude Maatschappij', false, NULL, 'O404', false);

INSERT INTO verzekeringsproduct (verzekeringsproduct_id, verzekeraar_id, code, naam, verzekeringtype, type_deelname,
    dienstverbandsoort)
VALUES (1, 1, 'VZ-CONV', 'Verzuim conventioneel', 'Verzuim', 'Alle werknemers', NULL),
    (2, 2, 'VZ-SL', 'Verzuim "stop-loss"', 'Verzuim', 'Gebaseerd op dienstverband', 'Vast'),
    (3, 3, NULL, 'Verzuim MKB', 'Verzuim', 'Alle werknemers', NULL),
    (4, 4, 'VZ-FLEX', 'Verzuim flexkrachten', 'Verzuim', 'Gebaseerd op dienstverband', 'Flex'),
    (5, 1, 'WGA-ERD', 'WGA eigenrisicodrager', 'WGA', 'Alle werknemers', NULL),
    (6, 5, '', 'WGA-hiaat', 'WGA', 'Alle werknemers', NULL),
    (7, 2, 'ZW-ERD', 'Ziektewet eigenrisicodrager', 'ZW', 'Gebaseerd op dienstverband', 'Flex'),
    (8, 4, 'EXC', 'WIA-excedent', 'WIA-excedent', 'Handmatig', NULL),
    (9, 1, 'INT', 'Interventies', 'Interventie', 'Alle werknemers', NULL),
    (10, 6, 'OUD', 'Vervallen product', 'Verzuim', 'Handmatig', NULL);

INSERT INTO tussenpersoon (tussenpersoon_id, naam, contactpersoon, email, afm_nummer)
VALUES (1, 'Advieskantoor Bos', 'J. Bos', 'info@bos.example', '12000001'),
    (2, 'De Makelaars', NULL, 'post@makelaars.example', '12000002'),
    (3, 'Kantoor "Zeker Weten"', 'A. Visser', NULL, NULL),
        (4, 'Polder Assurantiën', 'M. de Groot', 'mdg@polder.example', ''),
    (5, 'Gestopt kantoor', 'N.N.', '', '12000005');

INSERT INTO deelnamereden
VALUES ('ALLE', true, 'Alle werknemers nemen deel'), ('SOORT', true, 'Soort dienstverband'),
    ('AANGEMELD', true, 'Aangemeld door de werkgever'), ('NA_WACHTTIJD', true, 'Deelname na de wachttijd'),
    ('DGA', false, 'Directeur-grootaandeelhouder'), ('STAGE', false, 'Stagiair'),
    ('VERZOEK', false, 'Op verzoek van de werkgever'), ('DUBBEL', false, 'Elders verzekerd'),
    ('VOORWAARDEN', false, 'Volgens de polisvoorwaarden'), ('OVERIG', false, 'Overige redenen');

CREATE TEMP TABLE t_polis ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY product, g.id)::integer AS id, g.id AS werkgever_id, product, g.einddatum,
    w.ingangsdatum + pg_temp.n('polis', g.id * 16 + product, 100) AS van
FROM t_werkgever g JOIN werkgever w ON w.werkgever_id = g.id, LATERAL (
    SELECT (ARRAY[1, 2, 3, 1, 4])[1 + g.id % 5] AS product WHERE g.id % 4 > 0
    UNION ALL SELECT 5 + g.id % 2 WHERE is_erd_wga
    UNION ALL SELECT 7 WHERE is_erd_zw
    UNION ALL SELECT 8 WHERE g.id % 7 = 2
    UNION ALL SELECT 9 WHERE g.id % 5 = 2) AS producten
WHERE NOT is_nieuw;

INSERT INTO polis (polis_id, werkgever_id, verzekeringsproduct_id, tussenpersoon_id, polisnummer, serial_number,
    sub_number)
SELECT id, werkgever_id, product, CASE WHEN id % 5 > 0 THEN id % 5 END,
    CASE WHEN id % 9 <> 4 THEN 'P' || (500000 + 7 * id) END, CASE WHEN id % 7 <> 3
        THEN (80000 + werkgever_id)::text END,
    CASE WHEN id % 7 <> 3 THEN lpad(product::text, 2, '0') END
FROM t_polis;

-- A new version at the turn of the year; of some the end is known.
CREATE TEMP TABLE t_polisversie ON COMMIT DROP AS
WITH begonnen AS (
    SELECT id AS polis_id, werkgever_id, product, einddatum, van FROM t_polis
    UNION ALL
    SELECT id, werkgever_id, product, einddatum, nieuwjaar
    FROM t_polis, generate_series(0, 1) AS jaren,
        LATERAL (SELECT (date_trunc('year', pg_temp.vandaag()) - jaren * interval '1 year')::date AS nieuwjaar)
    WHERE nieuwjaar > van + 30 AND (nieuwjaar < einddatum OR einddatum IS NULL) AND (id + jaren) % 3 > 0
)
SELECT *, coalesce(tot, CASE WHEN polis_id % 8 = 3 THEN (date_trunc('year',
    pg_temp.vandaag()) + interval '1 year')::date - 1 END)
    AS eind
FROM (SELECT *, row_number() OVER w AS versie, coalesce(lead(van) OVER w - 1, einddatum) AS tot
    FROM begonnen WINDOW w AS (PARTITION BY polis_id ORDER BY van)) AS versies;

INSERT INTO polis_versie
SELECT polis_id, versie, van, eind,
    CASE WHEN tot <= pg_temp.vandaag() THEN 'Beëindigd' ELSE 'Actief' END, (ARRAY[14, NULL, 30, 0])[1 + polis_id % 4],
    CASE WHEN polis_id % 3 > 0 THEN 75000 + 2500 * pg_temp.n('maximum', polis_id, 20) END,
    CASE WHEN polis_id % 10 <> 6 THEN 40000 + pg_temp.n('loonsom polis', polis_id * 8 + versie, 400000000) / 100.0 END,
    CASE WHEN polis_id % 6 <> 5 THEN (ARRAY[100, 108, 112.96])[1 + polis_id % 3] END,
    CASE WHEN polis_id % 4 <> 1 THEN 12 + pg_temp.n('lasten', polis_id, 90) / 10.0 END,
    CASE WHEN polis_id % 11 <> 4 THEN polis_id % 3 = 1 END, CASE WHEN polis_id % 11 <> 5 THEN polis_id % 3 <> 1 END
FROM t_polisversie;

INSERT INTO dekkingsperiode
SELECT v.polis_id, v.versie, volgnummer, greatest(vanaf, 1 + eigen), tot_dag, dekking - CASE volgnummer WHEN 1
        THEN 5 * (polis_id % 3) ELSE 0 END,
    CASE WHEN volgnummer = 1 THEN eigen END
FROM t_polisversie v JOIN verzekeringsproduct p ON p.verzekeringsproduct_id = v.product
JOIN (VALUES ('Verzuim', 1, 1, 365, 100), ('Verzuim', 2, 366, 730, 70), ('ZW', 1, 1, 730, 70),
    ('WGA', 1, 731, NULL, 70),
        ('WIA-excedent', 1, 731, NULL, 75), ('Interventie', 1, 1, 730, 50)
    ) AS dekkingen(soort, volgnummer, vanaf, tot_dag, dekking) ON dekkingen.soort = verzekeringtype,
LATERAL (SELECT (ARRAY[14, 30, 42])[1 + polis_id % 3] AS eigen) AS risico;

-- Who falls under the product, in each version since the history began: most are included, some explicitly are not.
INSERT INTO polisdeelnemer
SELECT v.polis_id, v.versie, d.werknemer_id, deelname.vanaf, least(v.eind, d.eind), CASE WHEN wijze = 'Automatisch'
        OR d.id % 3 > 0 THEN d.id END,
    reden_uit IS NULL, wijze, coalesce(reden_uit, CASE WHEN d.id % 30 = 7 THEN 'NA_WACHTTIJD'
        WHEN type_deelname = 'Handmatig'
        THEN 'AANGEMELD' WHEN dienstverbandsoort IS NULL THEN 'ALLE' ELSE 'SOORT' END),
    CASE WHEN reden_uit = 'VOORWAARDEN' AND d.id % 3 > 0 THEN (ARRAY['Bestaande klacht bij aanvang',
        E'Uitsluiting rug\nzie "medisch advies"', 'Reeds ziek op de ingangsdatum'])[1 + d.id % 3] END,
    CASE WHEN reden_uit IS NULL THEN round(p.salaris * 12.96, 2) END
FROM t_polisversie v JOIN verzekeringsproduct x ON x.verzekeringsproduct_id = v.product
JOIN t_dienstverband d ON d.werkgever_id = v.werkgever_id AND d.rol = 1 AND (v.tot IS NULL OR d.ingang <= v.tot)
    AND (d.eind IS NULL OR d.eind >= v.van),
LATERAL (SELECT greatest(v.van, d.ingang) AS vanaf, CASE soort_of_vast WHEN 'DGA' THEN 'DGA' WHEN 'Stage' THEN 'STAGE'
        ELSE CASE WHEN pg_temp.u('uitgesloten', d.id * 16 + v.product) < 0.04
            THEN pg_temp.kies('reden uit', d.id, ARRAY['VERZOEK', 'DUBBEL',
                'VOORWAARDEN']) END END AS reden_uit) AS deelname,
LATERAL (SELECT CASE WHEN type_deelname = 'Handmatig' OR reden_uit IN ('VERZOEK', 'DUBBEL', 'VOORWAARDEN')
    THEN 'Handmatig' ELSE 'Automatisch' END AS wijze) AS hoe
JOIN dienstverband_periode p ON true
WHERE p.dienstverband_id = d.id AND deelname.vanaf BETWEEN p.vanaf AND coalesce(p.tot_en_met, 'infinity')
    AND (v.tot IS NULL OR v.tot >= pg_temp.begin_historie()) AND CASE type_deelname
        WHEN 'Handmatig' THEN pg_temp.n('aangemeld', d.id, 2) = 0
        WHEN 'Alle werknemers' THEN true
        ELSE coalesce(soort_of_vast, 'Vast') = ANY (CASE dienstverbandsoort WHEN 'Vast' THEN ARRAY['Vast', 'DGA']
            ELSE ARRAY['Flex', 'Oproep', 'Uitzend', 'Stage'] END) END;

ANALYZE polisdeelnemer;

INSERT INTO overeenkomst_polis
SELECT o.id, v.polis_id, v.versie, CASE WHEN (o.id + v.polis_id) % 5 > 0 THEN v.van END, v.tot
FROM t_overeenkomst o JOIN t_polisversie v ON v.werkgever_id = o.werkgever_id AND v.product <= 4
WHERE o.rol = 1 AND o.werkgever_id % 3 <> 1;
