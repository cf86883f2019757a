-- Attributes, and their values at employers and departments.
INSERT INTO kenmerk (naam, entiteit, waardetype, is_medisch, is_actief)
VALUES ('Tijdelijk ' || pg_temp.week(), pg_temp.kies('entiteit', 0,
    ARRAY['Afdeling', 'Dossierobject', 'Werkgever', 'Traject']),
    'Tekst', false, true);

UPDATE kenmerk SET naam = split_part(naam, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE kenmerk_id = 1 + pg_temp.n('kenmerk', 0, 15);

DELETE FROM kenmerk WHERE kenmerk_id = (SELECT min(kenmerk_id) FROM kenmerk
    WHERE kenmerk_id > 15 AND naam NOT LIKE '%' || pg_temp.week());

INSERT INTO werkgever_kenmerk
SELECT werkgever_id, kenmerk, pg_temp.moment('kenmerk werkgever', werkgever_id, pg_temp.vandaag()), NULL,
    pg_temp.kenmerkwaarde(kenmerk, werkgever_id)
FROM (SELECT DISTINCT werkgever_id, 4 + pg_temp.n('welk', werkgever_id, 3) AS kenmerk FROM contract) AS c
WHERE NOT EXISTS (SELECT FROM werkgever_kenmerk k WHERE k.werkgever_id = c.werkgever_id AND k.kenmerk_id = kenmerk
    AND k.vervallen_op IS NULL)
ORDER BY pg_temp.h('kenmerk erbij', werkgever_id) LIMIT 1 + (SELECT count(*) FROM werkgever) / 200;

INSERT INTO afdeling_kenmerk
SELECT afdeling_id, kenmerk, pg_temp.moment('kenmerk afdeling', afdeling_id, pg_temp.vandaag()), NULL,
    pg_temp.kenmerkwaarde(kenmerk, afdeling_id)
FROM (SELECT afdeling_id, 1 + pg_temp.n('welk', afdeling_id, 3) AS kenmerk FROM afdeling
    WHERE gearchiveerd_op IS NULL) AS a
WHERE NOT EXISTS (SELECT FROM afdeling_kenmerk k WHERE k.afdeling_id = a.afdeling_id AND k.kenmerk_id = kenmerk
    AND k.vervallen_op IS NULL)
ORDER BY pg_temp.h('kenmerk erbij', afdeling_id) LIMIT 1 + (SELECT count(*) FROM afdeling) / 200;

CREATE TEMP TABLE t_kenmerk_anders ON COMMIT DROP AS
SELECT werkgever_id AS id, kenmerk_id, vastgelegd_op, 'werkgever' AS entiteit, row_number() OVER () AS volg
FROM (SELECT * FROM werkgever_kenmerk WHERE vervallen_op IS NULL AND vastgelegd_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('anders', werkgever_id * 32 + kenmerk_id) LIMIT 3 + (SELECT count(*) FROM werkgever) / 100) AS w
UNION ALL
SELECT afdeling_id, kenmerk_id, vastgelegd_op, 'afdeling', row_number() OVER ()
FROM (SELECT * FROM afdeling_kenmerk WHERE vervallen_op IS NULL AND vastgelegd_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('anders', afdeling_id * 32 + kenmerk_id) LIMIT 3 + (SELECT count(*) FROM afdeling) / 100) AS a;

UPDATE werkgever_kenmerk k SET waarde = CASE WHEN volg % 3 <> 1 THEN waarde ELSE CASE soort.waardetype
        WHEN 'Tekst' THEN 'Sinds ' || pg_temp.vandaag() WHEN 'Datum' THEN CAST(pg_temp.vandaag() AS text)
        WHEN 'Getal' THEN '7' WHEN 'Ja-nee' THEN CASE waarde WHEN 'Ja' THEN 'Nee' ELSE 'Ja' END ELSE waarde END END,
    vervallen_op = CASE volg % 3 WHEN 2 THEN pg_temp.moment('vervallen', id, pg_temp.vandaag()) END
FROM t_kenmerk_anders t JOIN kenmerk soort USING (kenmerk_id) WHERE t.entiteit = 'werkgever' AND volg % 3 > 0
    AND (k.werkgever_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

UPDATE afdeling_kenmerk k SET waarde = CASE WHEN volg % 3 <> 1 THEN waarde ELSE CASE soort.waardetype
        WHEN 'Tekst' THEN 'Sinds ' || pg_temp.vandaag() WHEN 'Datum' THEN CAST(pg_temp.vandaag() AS text)
        WHEN 'Getal' THEN '7' WHEN 'Ja-nee' THEN CASE waarde WHEN 'Ja' THEN 'Nee' ELSE 'Ja' END ELSE waarde END END,
    vervallen_op = CASE volg % 3 WHEN 2 THEN pg_temp.moment('vervallen', id, pg_temp.vandaag()) END
FROM t_kenmerk_anders t JOIN kenmerk soort USING (kenmerk_id) WHERE t.entiteit = 'afdeling' AND volg % 3 > 0
    AND (k.afdeling_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

DELETE FROM werkgever_kenmerk k USING t_kenmerk_anders t WHERE entiteit = 'werkgever' AND volg % 3 = 0
    AND (k.werkgever_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

DELETE FROM afdeling_kenmerk k USING t_kenmerk_anders t WHERE entiteit = 'afdeling' AND volg % 3 = 0
    AND (k.afdeling_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

-- A questionnaire is drafted, an earlier draft is thrown away, and one that is in use gets another text.
INSERT INTO vragenlijst (code, naam, beheernaam, categorie)
VALUES ('NW' || pg_temp.week(), 'Nieuwe vragenlijst', 'Nieuw ' || pg_temp.week(), 'Eigen vragenlijsten');

INSERT INTO vragenlijst_versie
SELECT vragenlijst_id, 1, false, NULL FROM vragenlijst WHERE code = 'NW' || pg_temp.week();

INSERT INTO vraag (vragenlijst_id, versie, volgnummer, tekst, antwoordtype)
SELECT vragenlijst_id, 1, nummer, (ARRAY['Gaat het "goed"?', 'Waarom?'])[nummer], (ARRAY['Keuze', 'Open'])[nummer]
FROM vragenlijst, generate_series(1, 2) AS nummer WHERE code = 'NW' || pg_temp.week() ORDER BY nummer;

CREATE TEMP TABLE t_vragenlijst_weg ON COMMIT DROP AS
SELECT vragenlijst_id FROM vragenlijst
WHERE vragenlijst_id > 4 AND code <> 'NW' || pg_temp.week() ORDER BY vragenlijst_id LIMIT 1;

DELETE FROM vraag WHERE vragenlijst_id IN (SELECT vragenlijst_id FROM t_vragenlijst_weg);

DELETE FROM vragenlijst_versie WHERE vragenlijst_id IN (SELECT vragenlijst_id FROM t_vragenlijst_weg);

DELETE FROM vragenlijst WHERE vragenlijst_id IN (SELECT vragenlijst_id FROM t_vragenlijst_weg);

UPDATE vragenlijst SET naam = split_part(naam, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE vragenlijst_id = 1 + pg_temp.n('vragenlijst', 0, 4);

UPDATE vragenlijst_versie SET is_medisch = NOT is_medisch WHERE vragenlijst_id = 4;

UPDATE vraag SET tekst = split_part(tekst, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE vraag_id = (SELECT vraag_id FROM vraag WHERE vragenlijst_id <= 4 ORDER BY pg_temp.h('vraag', vraag_id) LIMIT 1);

INSERT INTO triggerdefinitie (omschrijving, soort, is_ingeschakeld, is_bewerkbaar)
VALUES ('Proef ' || pg_temp.week(), 'Trigger', false, true);

UPDATE triggerdefinitie SET is_ingeschakeld = NOT is_ingeschakeld
WHERE trigger_id = 1 + pg_temp.n('trigger', 0, 5);

DELETE FROM triggerdefinitie WHERE trigger_id = (SELECT min(trigger_id) FROM triggerdefinitie
    WHERE trigger_id > 5 AND omschrijving NOT LIKE '%' || pg_temp.week());
