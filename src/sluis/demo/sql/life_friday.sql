-- Addresses and contact persons of employers.
CREATE TEMP TABLE t_adres ON COMMIT DROP AS
SELECT w.werkgever_id, EXISTS (SELECT FROM werkgever_adres a WHERE a.werkgever_id = w.werkgever_id
    AND a.soort = 'post') AS heeft_post,
    row_number() OVER (ORDER BY pg_temp.h('adres', w.werkgever_id)) AS volg
FROM werkgever w;

CREATE TEMP TABLE t_aantal ON COMMIT DROP AS SELECT 2 + count(*) / 150 AS aantal FROM t_adres;

DELETE FROM werkgever_adres WHERE soort = 'post' AND werkgever_id IN (
    SELECT werkgever_id FROM t_adres WHERE heeft_post ORDER BY volg LIMIT (SELECT aantal - 1 FROM t_aantal));

INSERT INTO werkgever_adres
SELECT t.werkgever_id, 'post', 'Postbus', t.werkgever_id::text, NULL, a.postcode, a.plaats, a.landcode
FROM (SELECT werkgever_id FROM t_adres WHERE NOT heeft_post ORDER BY volg LIMIT (SELECT aantal - 1 FROM t_aantal)) AS t,
    LATERAL pg_temp.adres(t.werkgever_id, 30) AS a;

UPDATE werkgever_adres x SET straat = a.straat, huisnummer = a.huisnummer, toevoeging = a.toevoeging,
    postcode = a.postcode, plaats = a.plaats, landcode = a.landcode
FROM (SELECT werkgever_id FROM t_adres ORDER BY volg LIMIT (SELECT aantal FROM t_aantal)) AS t,
    LATERAL pg_temp.adres(t.werkgever_id, 1 + pg_temp.n('nieuw adres', t.werkgever_id, 29)) AS a
WHERE x.werkgever_id = t.werkgever_id AND x.soort = 'bezoek';

CREATE TEMP TABLE t_contactpersoon ON COMMIT DROP AS
SELECT contactpersoon_id, werkgever_id, is_primair, row_number() OVER (ORDER BY pg_temp.h('contactpersoon',
    contactpersoon_id)) AS volg
FROM werkgever_contactpersoon ORDER BY volg LIMIT (SELECT 2 * aantal FROM t_aantal);

-- One in two leaves; the next employers get another as their first.
DELETE FROM werkgever_contactpersoon WHERE contactpersoon_id IN (SELECT contactpersoon_id FROM t_contactpersoon
    WHERE volg % 2 = 0);

UPDATE werkgever_contactpersoon SET telefoon = '06-555' || lpad(pg_temp.n('telefoon', contactpersoon_id,
    100000)::text, 5, '0'),
    geslacht = pg_temp.kies('geslacht', contactpersoon_id, ARRAY['M', 'V', 'O'])
WHERE contactpersoon_id IN (SELECT contactpersoon_id FROM t_contactpersoon WHERE volg % 2 = 1);

INSERT INTO werkgever_contactpersoon (werkgever_id, is_primair, voorletters, achternaam, geslacht, email, telefoon,
    telefoon2)
SELECT w.werkgever_id, true, 'N.', split_part(pg_temp.kies('naam', w.werkgever_id, pg_temp.achternamen()), '|', 1), 'O',
    NULL, '085-555' || lpad(w.werkgever_id::text, 4, '0'), ''
FROM werkgever w
WHERE NOT EXISTS (SELECT FROM werkgever_contactpersoon c WHERE c.werkgever_id = w.werkgever_id AND c.is_primair)
ORDER BY w.werkgever_id LIMIT (SELECT aantal FROM t_aantal);
