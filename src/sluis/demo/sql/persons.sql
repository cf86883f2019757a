-- What a person, an address and a contact row look like. All of it follows from the number alone.

CREATE OR REPLACE FUNCTION pg_temp.persoon(id bigint, geslacht text)
RETURNS TABLE (bsn text, achternaam text, tussenvoegsels text, voorletters text, roepnaam text, geboortenaam text,
    iban text,
    notitie text) LANGUAGE sql IMMUTABLE BEGIN ATOMIC
SELECT CASE WHEN id % 40 <> 31 THEN pg_temp.bsn(id) END, split_part(achter, '|', 1),
    CASE WHEN split_part(achter, '|', 2) <> '' THEN split_part(achter, '|', 2) WHEN id % 2 = 0 THEN '' END,
    left(voor, 1) || '.' || CASE WHEN pg_temp.vast('tweede naam', id, 2) = 0
        THEN left(pg_temp.vast('tweede voornaam', id, pg_temp.voornamen(geslacht)), 1) || '.' ELSE '' END,
    CASE WHEN id % 12 <> 7 THEN voor END,
    split_part(CASE WHEN geslacht = 'V' AND id % 3 = 0 THEN pg_temp.vast('geboortenaam', id, pg_temp.achternamen())
        ELSE achter END, '|', 1),
    CASE WHEN id % 15 <> 8 THEN pg_temp.iban(id, 0) END,
    CASE WHEN pg_temp.vast('notitie?', id, 4) = 0 THEN pg_temp.vast('notitie', id, pg_temp.opmerkingen()) END
FROM (SELECT pg_temp.vast('achternaam', id, pg_temp.achternamen()) AS achter,
    pg_temp.vast('voornaam', id, pg_temp.voornamen(geslacht)) AS voor) AS namen; END;

-- The `variant` tells the addresses of one person apart.
CREATE OR REPLACE FUNCTION pg_temp.adres(id bigint, variant integer)
RETURNS TABLE (straat text, huisnummer text, toevoeging text, postcode text, plaats text, landcode text)
LANGUAGE sql IMMUTABLE BEGIN ATOMIC
SELECT pg_temp.vast('straat', nummer, pg_temp.straten()), (1 + pg_temp.vast('huisnummer', nummer, 250))::text,
    CASE pg_temp.vast('toevoeging', nummer, 8) WHEN 0 THEN 'a' WHEN 1 THEN 'bis' WHEN 2 THEN '3-hoog' WHEN 3
        THEN '' END,
    CASE land WHEN 'NL' THEN pg_temp.postcode(nummer, stad) WHEN 'BE' THEN '2000'
        WHEN 'PL' THEN '00-001' ELSE '47533' END,
    CASE land WHEN 'NL' THEN split_part(stad, '|', 1) WHEN 'BE' THEN 'Antwerpen' WHEN 'PL' THEN 'Warszawa'
        ELSE 'Kleve' END,
    land
FROM (SELECT id * 32 + variant AS nummer, pg_temp.vast('plaats', id * 32 + variant, pg_temp.plaatsen()) AS stad,
    CASE pg_temp.vast('land', id * 32 + variant, 60) WHEN 0 THEN 'BE' WHEN 1 THEN 'DE' WHEN 2 THEN 'PL'
        ELSE 'NL' END AS land
) AS plek; END;

-- Addresses in the domain .example and numbers from 555 reach nobody.
CREATE OR REPLACE FUNCTION pg_temp.contact(id bigint) RETURNS TABLE (soort text, waarde text)
    LANGUAGE sql IMMUTABLE BEGIN ATOMIC
SELECT soort, waarde FROM (VALUES
    ('email_werk', 12, 'medewerker' || id || '@werk.example'), ('email_prive', 6, 'prive.' || id || '@post.example'),
    ('telefoon_vast', 3, '0' || (20 + id % 60) || '-555' || lpad((id % 10000)::text, 4, '0')),
    ('telefoon_mobiel', 10, '06-555' || lpad((id % 100000)::text, 5, '0'))) AS soorten(soort, van_de_13, waarde)
WHERE pg_temp.vast('contact ' || soort, id, 13) < van_de_13; END;
