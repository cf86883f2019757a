-- The people of t_werknemer (id, werkgever_id, geslacht, geboren, ingang, zorgvraag, afgeschermd).
INSERT INTO werknemer (werknemer_id, werkgever_id, extern_id, personeelsnummer, bsn, achternaam, tussenvoegsels,
    voorletters, roepnaam, geboortenaam, geslacht, geboortedatum, iban, taal, heeft_zorgvraag, afgeschermd, notitie,
    aangemaakt_op)
SELECT id, werkgever_id, CASE id % 7 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'HR-' || id END,
    lpad((id * 7 % 1000000)::text, 6, '0') || CASE WHEN id >= 100000 THEN '/' || id / 100000 ELSE '' END,
    p.bsn, p.achternaam, p.tussenvoegsels, p.voorletters, p.roepnaam, p.geboortenaam, geslacht,
    CASE WHEN id % 200 <> 13 THEN geboren END, p.iban,
    CASE pg_temp.n('taal', id, 40) WHEN 0 THEN NULL WHEN 1 THEN 'en' WHEN 2 THEN 'pl' WHEN 3 THEN 'de' WHEN 4
        THEN 'fr' ELSE 'nl' END,
    zorgvraag, afgeschermd, p.notitie,
    pg_temp.moment('aangemaakt', id, ingang - 7) AT TIME ZONE 'Europe/Amsterdam'
FROM t_werknemer LEFT JOIN LATERAL pg_temp.persoon(id, geslacht) AS p ON NOT afgeschermd;

-- One in eight has moved house.
INSERT INTO werknemer_adres
SELECT w.id, CASE WHEN keer = 0 THEN ingang - 7 ELSE verhuisd END, CASE WHEN keer = 0 THEN verhuisd - 1 END, a.*
FROM t_werknemer w,
    LATERAL (SELECT CASE WHEN pg_temp.n('verhuisd?', w.id, 8) = 0 AND ingang < pg_temp.vandaag()
        THEN ingang + 1 + pg_temp.n('verhuisd', w.id, pg_temp.vandaag() - ingang) END AS verhuisd) AS verhuizing,
    generate_series(0, (verhuisd IS NOT NULL)::integer) AS keer, LATERAL pg_temp.adres(w.id, keer) AS a
WHERE NOT afgeschermd AND w.id % 100 <> 57;

INSERT INTO werknemer_contact
SELECT w.id, c.* FROM t_werknemer w, LATERAL pg_temp.contact(w.id) AS c WHERE NOT afgeschermd;
