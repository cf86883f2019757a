-- Users come and go. Who did anything stays, without rights.
INSERT INTO gebruikersgroep (naam, omschrijving) VALUES ('Projectgroep ' || pg_temp.week(), 'Tijdelijk');

UPDATE gebruikersgroep SET omschrijving = 'Herzien op ' || pg_temp.vandaag()
WHERE gebruikersgroep_id = 1 + pg_temp.n('gebruikersgroep', 0, 6);

DELETE FROM gebruikersgroep WHERE gebruikersgroep_id = (SELECT min(gebruikersgroep_id) FROM gebruikersgroep g
    WHERE gebruikersgroep_id > 6 AND naam NOT LIKE '%' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM gebruiker u WHERE u.gebruikersgroep_id = g.gebruikersgroep_id));

INSERT INTO rol (naam, omschrijving) VALUES ('Proefrol ' || pg_temp.week(), NULL);

UPDATE rol SET omschrijving = E'Herzien:\n"' || pg_temp.vandaag() || '"' WHERE rol_id = 1 + pg_temp.n('rol', 0, 7);

DELETE FROM rol WHERE rol_id = (SELECT min(rol_id) FROM rol r WHERE rol_id > 7 AND naam NOT LIKE '%' || pg_temp.week()
    AND NOT EXISTS (SELECT FROM gebruiker_rol g WHERE g.rol_id = r.rol_id));

CREATE TEMP TABLE t_gebruiker_erbij ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('gebruiker', 'gebruiker_id'))::integer AS id, werkgever_id
FROM (SELECT werkgever_id FROM werkgever w WHERE einddatum IS NULL AND EXISTS (
        SELECT FROM contract c WHERE c.werkgever_id = w.werkgever_id)
    ORDER BY pg_temp.h('gebruiker erbij', werkgever_id) LIMIT 2 + (SELECT count(*) FROM werkgever) / 400) AS w;

INSERT INTO gebruiker (gebruiker_id, inlognaam, achternaam, voorletters, geslacht, email, gebruikersgroep_id,
    is_big_geregistreerd, heeft_medische_rechten, is_superbeheerder, geldig_van, tweefactor_actief, is_actief,
        aangemaakt_op)
SELECT id, 'gebruiker' || id, split_part(pg_temp.vast('achternaam gebruiker', id, pg_temp.achternamen()), '|', 1),
    'N.', 'V',
    'gebruiker' || id || '@sluis.example', 4, false, false, false, pg_temp.vandaag(), false, true,
    pg_temp.moment('account', id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_gebruiker_erbij;

INSERT INTO gebruiker_rol SELECT id, 4 + id % 2 FROM t_gebruiker_erbij;

INSERT INTO autorisatie (gebruiker_id, soort, werkgever_id, bron, geldig_van)
SELECT id, 'Werkgever', werkgever_id, 'Gebruiker', pg_temp.vandaag() FROM t_gebruiker_erbij ORDER BY id;

-- Other details of some; the role of one is changed, and another's rights end or are taken away.
UPDATE gebruiker SET telefoon = '06-555' || lpad(pg_temp.n('telefoon', gebruiker_id, 100000)::text, 5, '0'),
    tweefactor_actief = true
WHERE gebruiker_id IN (SELECT gebruiker_id FROM gebruiker ORDER BY pg_temp.h('telefoon', gebruiker_id)
    LIMIT 2 + (SELECT count(*) FROM gebruiker) / 200);

UPDATE gebruiker_rol g SET rol_id = CASE rol_id WHEN 4 THEN 5 ELSE 4 END
WHERE gebruiker_id = (SELECT gebruiker_id FROM gebruiker_rol WHERE rol_id IN (4, 5)
    AND gebruiker_id NOT IN (SELECT id FROM t_gebruiker_erbij) GROUP BY gebruiker_id HAVING count(*) = 1
    ORDER BY pg_temp.h('andere rol', gebruiker_id) LIMIT 1);

UPDATE autorisatie SET geldig_tot = greatest(geldig_van, pg_temp.vandaag())
WHERE autorisatie_id IN (SELECT autorisatie_id FROM autorisatie WHERE geldig_tot IS NULL
    AND gebruiker_id NOT IN (SELECT id FROM t_gebruiker_erbij)
    ORDER BY pg_temp.h('recht eind', autorisatie_id) LIMIT 1 + (SELECT count(*) FROM gebruiker) / 200);

CREATE TEMP TABLE t_gebruiker_weg ON COMMIT DROP AS
SELECT gebruiker_id FROM gebruiker u
WHERE discipline_id IS NULL AND NOT is_superbeheerder AND gebruiker_id NOT IN (SELECT id FROM t_gebruiker_erbij)
    AND NOT EXISTS (SELECT FROM taak t WHERE t.uitvoerder_id = u.gebruiker_id)
    AND NOT EXISTS (SELECT FROM document d WHERE d.auteur_id = u.gebruiker_id)
ORDER BY gebruiker_id DESC LIMIT 1;

DELETE FROM autorisatie WHERE gebruiker_id IN (SELECT gebruiker_id FROM t_gebruiker_weg)
    OR autorisatie_id = (SELECT min(autorisatie_id) FROM autorisatie WHERE geldig_tot < pg_temp.vandaag() - 7);

DELETE FROM gebruiker_rol WHERE gebruiker_id IN (SELECT gebruiker_id FROM t_gebruiker_weg);

DELETE FROM gebruiker WHERE gebruiker_id IN (SELECT gebruiker_id FROM t_gebruiker_weg);
