-- Employers of very different size, and a few that have no employees yet.
CREATE TEMP TABLE t_werkgever ON COMMIT DROP AS
SELECT i AS id, i > pg_temp.werkgevers() AS is_nieuw,
    CASE WHEN i <= pg_temp.werkgevers() AND i % 20 = 7
         THEN pg_temp.vandaag() - pg_temp.n('einde klant', i, 400) END AS einddatum
FROM generate_series(1, pg_temp.werkgevers() + 3 + pg_temp.werkgevers() / 40) AS i;

INSERT INTO werkgever (werkgever_id, code, extern_id, naam, kvk_nummer, loonheffingennummer, debiteurnummer, sector,
    fte_uren, arbodienst_id, is_erd_zw, is_erd_wga, datakluis_actief, ingangsdatum, einddatum, loonsom, opmerking,
    aangemaakt_op)
SELECT id, 'WG' || lpad(id::text, 5, '0'),
    CASE pg_temp.n('extern', id, 10) WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'POL-' || (700000 + 13 * id) END,
    pg_temp.vast('bedrijf', id, pg_temp.bedrijven()) || ' '
        || split_part(pg_temp.vast('naamgever', id, pg_temp.achternamen()), '|', 1) || ' '
        || pg_temp.vast('rechtsvorm', id, pg_temp.rechtsvormen()),
    CASE WHEN id % 9 <> 0 THEN pg_temp.kvk_nummer(id) END,
    CASE WHEN id % 11 <> 0 THEN pg_temp.loonheffingennummer(id) END,
    CASE WHEN id % 6 <> 0 THEN 'D' || (20000 + id) END,
    CASE WHEN id % 8 <> 0 THEN pg_temp.kies('sector', id, pg_temp.sectoren()) END,
    (ARRAY[40, 40, 38, 36, 36.86])[1 + pg_temp.n('fte', id, 5)],
    CASE WHEN id % 7 <> 0 THEN 1 + pg_temp.n('arbodienst', id, 5) END,
    id % 4 = 1, id % 5 = 1, id % 6 = 3,
    pg_temp.vandaag() - 500 - pg_temp.n('begin klant', id, 5000), einddatum,
    pg_temp.n('loonsom', id, 2000000000) * 1.00000000000000000001,
        nullif(pg_temp.kies('opmerking', id, pg_temp.opmerkingen()), '-'),
    pg_temp.moment('invoer', id, pg_temp.vandaag() - 500) AT TIME ZONE 'Europe/Amsterdam'
FROM t_werkgever;

INSERT INTO werkgever_adres
SELECT id, soort,
    CASE WHEN soort = 'post' AND id % 3 = 0 THEN 'Postbus' ELSE pg_temp.vast('straat '
        || soort, id, pg_temp.straten()) END,
    (1 + pg_temp.vast('nummer ' || soort, id, 300))::text,
    CASE pg_temp.vast('toevoeging ' || soort, id, 6) WHEN 0 THEN 'A' WHEN 1 THEN '-II' WHEN 2 THEN '' END,
    CASE land WHEN 'NL' THEN pg_temp.postcode(id, plaats) WHEN 'BE' THEN '2000' ELSE '47533' END,
    CASE land WHEN 'NL' THEN split_part(plaats, '|', 1) WHEN 'BE' THEN 'Antwerpen' ELSE 'Kleve' END, land
FROM t_werkgever, (VALUES ('bezoek'), ('post')) AS soorten(soort),
    LATERAL (SELECT pg_temp.vast('plaats ' || soort, id, pg_temp.plaatsen()) AS plaats,
        CASE WHEN id % 13 = 5 THEN 'BE' WHEN id % 13 = 11 AND soort = 'post' THEN 'DE' ELSE 'NL' END AS land)
WHERE soort = 'bezoek' OR id % 5 <> 0;

INSERT INTO werkgever_contactpersoon (contactpersoon_id, werkgever_id, is_primair, voorletters, achternaam, geslacht,
    email, telefoon, telefoon2)
SELECT row_number() OVER (ORDER BY id, volg), id, volg = 1,
    left(pg_temp.vast('voornaam contact ' || volg, id, pg_temp.voornamen(geslacht)), 1) || '.',
    split_part(pg_temp.vast('achternaam contact ' || volg, id, pg_temp.achternamen()), '|', 1), geslacht,
    CASE WHEN id % 7 <> 2 THEN 'contact' || volg || '@werkgever' || id || '.example' END,
    '0' || (20 + id % 60) || '-555' || lpad((id % 10000)::text, 4, '0'),
    CASE pg_temp.vast('telefoon2', id, 3) WHEN 0 THEN '' WHEN 1 THEN '06-555' || lpad((id % 100000)::text, 5, '0') END
FROM t_werkgever, generate_series(1, 2) AS volg,
    LATERAL (SELECT (ARRAY['M', 'V', 'M', 'V', 'O'])[1 + pg_temp.vast('geslacht contact ' || volg, id, 5)] AS geslacht)
WHERE id % 17 <> 4 AND (volg = 1 OR id % 3 = 0);

CREATE TEMP TABLE t_groep ON COMMIT DROP AS
SELECT i AS id FROM generate_series(1, 8 + pg_temp.werkgevers() / 40) AS i;

INSERT INTO werkgevergroep (werkgevergroep_id, naam, omschrijving, is_actief)
SELECT id, (ARRAY['Mantel', 'Franchise', 'Concern', 'Branche', 'Regio'])[1 + id % 5] || ' '
        || split_part(pg_temp.vast('groep', id, pg_temp.plaatsen()), '|', 1) || ' ' || id,
    CASE id % 4 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'Gezamenlijke afspraken over "verzuim"; zie contract ' || id END,
    id % 9 <> 8
FROM t_groep;

-- One in three belongs to no group, and nobody to the last one; some left a group and came back to it.
INSERT INTO werkgever_groep
SELECT w.id, 1 + (pg_temp.n('groep', w.id, 100000) + keuze) % (SELECT count(*) - 1 FROM t_groep),
    pg_temp.begin_historie() - 300 + 350 * (keer - 1) + pg_temp.n('lid ' || keuze, w.id, 150),
    CASE WHEN keer = 1 AND (w.id + keuze) % 4 = 0
         THEN pg_temp.begin_historie() - 50 + pg_temp.n('lid tot', w.id, 90) END
FROM t_werkgever w, generate_series(1, 2) AS keuze, generate_series(1, 2) AS keer
WHERE pg_temp.n('groepen', w.id, 3) >= keuze AND (keer = 1 OR (w.id + keuze) % 8 = 0);
