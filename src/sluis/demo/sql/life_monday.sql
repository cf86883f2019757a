-- Employers: a new one, changes in others, and one without employees that never became a client.
CREATE TEMP TABLE t_klant ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('werkgever', 'werkgever_id'))::integer AS id
FROM generate_series(1, 1 + (SELECT count(*) FROM werkgever) / 500);

INSERT INTO werkgever (werkgever_id, code, extern_id, naam, kvk_nummer, loonheffingennummer, debiteurnummer, sector,
    fte_uren, is_erd_zw, is_erd_wga, datakluis_actief, ingangsdatum, opmerking, aangemaakt_op)
SELECT id, 'WG' || lpad(id::text, 5, '0'), 'POL-' || (700000 + 13 * id),
    pg_temp.vast('bedrijf', id, pg_temp.bedrijven()) || ' '
        || split_part(pg_temp.vast('naamgever', id, pg_temp.achternamen()), '|', 1) || ' B.V.',
    pg_temp.kvk_nummer(id), pg_temp.loonheffingennummer(id), 'D' || (20000 + id),
    pg_temp.kies('sector', id, pg_temp.sectoren()), 40, false, false, false, pg_temp.vandaag() + 30, 'Nieuwe klant 🎉',
    pg_temp.moment('klant', id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_klant;

INSERT INTO werkgever_adres
SELECT k.id, 'bezoek', a.* FROM t_klant k, LATERAL pg_temp.adres(k.id, 31) AS a;

INSERT INTO werkgever_contactpersoon (werkgever_id, is_primair, voorletters, achternaam, geslacht, email)
SELECT id, true, 'A.', split_part(pg_temp.vast('achternaam contact 1', id, pg_temp.achternamen()), '|', 1), 'V',
    'contact1@werkgever' || id || '.example'
FROM t_klant ORDER BY id;

CREATE TEMP TABLE t_geen_klant ON COMMIT DROP AS
SELECT werkgever_id FROM werkgever w
WHERE NOT EXISTS (SELECT FROM werknemer n WHERE n.werkgever_id = w.werkgever_id)
    AND werkgever_id NOT IN (SELECT id FROM t_klant)
    AND NOT EXISTS (SELECT FROM contract c WHERE c.werkgever_id = w.werkgever_id)
ORDER BY werkgever_id LIMIT (SELECT count(*) FROM t_klant);

DELETE FROM werkgever_contactpersoon WHERE werkgever_id IN (SELECT werkgever_id FROM t_geen_klant);

DELETE FROM werkgever_adres WHERE werkgever_id IN (SELECT werkgever_id FROM t_geen_klant);

DELETE FROM werkgever_groep WHERE werkgever_id IN (SELECT werkgever_id FROM t_geen_klant);

DELETE FROM afdeling WHERE werkgever_id IN (SELECT werkgever_id FROM t_geen_klant);

DELETE FROM werkgever WHERE werkgever_id IN (SELECT werkgever_id FROM t_geen_klant);

CREATE TEMP TABLE t_gewijzigd ON COMMIT DROP AS
SELECT werkgever_id, row_number() OVER (ORDER BY pg_temp.h('werkgever', werkgever_id)) AS volg FROM werkgever
WHERE einddatum IS NULL ORDER BY volg LIMIT greatest(2, (SELECT count(*) FROM werkgever) / 70);

UPDATE werkgever w SET
    naam = CASE volg % 4 WHEN 1 THEN split_part(naam, ' v/h', 1) || ' v/h ' || code ELSE naam END,
    is_erd_zw = is_erd_zw <> (volg % 4 = 2),
    opmerking = CASE volg % 4 WHEN 3 THEN pg_temp.kies('opmerking', w.werkgever_id, pg_temp.opmerkingen())
        ELSE opmerking END,
    code = CASE volg % 4 WHEN 0 THEN 'WG' || lpad(w.werkgever_id::text, 5, '0')
        || to_char(pg_temp.vandaag(), '-YYMM') ELSE code END,
    sector = pg_temp.kies('sector', w.werkgever_id, pg_temp.sectoren())
FROM t_gewijzigd g WHERE w.werkgever_id = g.werkgever_id;
