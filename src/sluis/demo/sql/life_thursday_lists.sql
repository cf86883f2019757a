-- The lists of tasks, agenda, documents, performances and interventions.
INSERT INTO taakdefinitie (naam, soort, bibliotheek, is_wettelijk, is_medisch, is_actief)
VALUES ('Proeftaak ' || pg_temp.week(), 'Administratief', 'Proef', false, false, true);

INSERT INTO protocol_taak
SELECT 9, taakdefinitie_id, 5, 10 FROM taakdefinitie WHERE naam = 'Proeftaak ' || pg_temp.week();

UPDATE protocol_taak SET termijn = CASE termijn WHEN 14 THEN 21 ELSE 14 END
WHERE protocol_id = 1 AND taakdefinitie_id = 2 + pg_temp.n('termijn', 0, 2);

UPDATE taakdefinitie SET naam = split_part(naam, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE taakdefinitie_id = 1 + pg_temp.n('taakdefinitie', 0, 24);

-- A task that is no longer tried goes from the protocol, and from the library where it was never used.
DELETE FROM protocol_taak WHERE protocol_id = 9 AND taakdefinitie_id > 24 AND taakdefinitie_id NOT IN (
    SELECT taakdefinitie_id FROM taakdefinitie WHERE naam LIKE '%' || pg_temp.week());

-- The evaluation that lies furthest ahead is dropped.
DELETE FROM protocol_taak WHERE protocol_id = 1 AND taakdefinitie_id = 4 AND dag = (
    SELECT max(dag) FROM protocol_taak WHERE protocol_id = 1 AND taakdefinitie_id = 4 AND dag > 600);

DELETE FROM taakdefinitie WHERE taakdefinitie_id = (SELECT min(taakdefinitie_id) FROM taakdefinitie d
    WHERE taakdefinitie_id > 24 AND naam NOT LIKE '%' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM taak t WHERE t.taakdefinitie_id = d.taakdefinitie_id)
        AND NOT EXISTS (SELECT FROM verrichting v WHERE v.taakdefinitie_id = d.taakdefinitie_id));

INSERT INTO spreekuursoort (naam, standaardduur_minuten, annuleringstermijn_uren, is_medisch, is_actief)
VALUES ('Proefspreekuur ' || pg_temp.week(), 25, 24, false, false);

UPDATE spreekuursoort SET naam = split_part(naam, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE spreekuursoort_id = 1 + pg_temp.n('spreekuursoort', 0, 14);

DELETE FROM spreekuursoort WHERE spreekuursoort_id = (SELECT min(spreekuursoort_id) FROM spreekuursoort
    WHERE spreekuursoort_id > 14 AND naam NOT LIKE '%' || pg_temp.week());

INSERT INTO locatie (naam, postcode, plaats, regio, is_actief)
VALUES ('Tijdelijke locatie ' || pg_temp.week(), '1012 AB', 'Amsterdam', NULL, false);

UPDATE locatie SET regio = pg_temp.kies('regio', locatie_id, ARRAY['Noord', 'Oost', 'Zuid', 'West']) || ' ('
    || pg_temp.week() || ')'
WHERE locatie_id = 1 + pg_temp.n('locatie', 0, 11);

DELETE FROM locatie WHERE locatie_id = (SELECT min(locatie_id) FROM locatie
    WHERE locatie_id > 11 AND naam NOT LIKE '%' || pg_temp.week());

INSERT INTO documentsoort (naam, is_medisch, is_wvp_document) VALUES ('Proefsoort ' || pg_temp.week(), false, false);

UPDATE documentsoort SET naam = split_part(naam, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE documentsoort_id = 1 + pg_temp.n('documentsoort', 0, 10);

DELETE FROM documentsoort WHERE documentsoort_id = (SELECT min(documentsoort_id) FROM documentsoort
    WHERE documentsoort_id > 10 AND naam NOT LIKE '%' || pg_temp.week());

INSERT INTO verrichting (naam, opdrachtsoort, prijscategorie, standaardprijs, prijs_wijzigbaar)
VALUES ('Maatwerk ' || pg_temp.week(), 'Maatwerk ' || pg_temp.week(), NULL, 95, true);

UPDATE verrichting SET standaardprijs = round(standaardprijs * 1.02, 2)
WHERE verrichting_id = 1 + pg_temp.n('prijs', 0, 14);

DELETE FROM verrichting WHERE verrichting_id = (SELECT min(verrichting_id) FROM verrichting
    WHERE verrichting_id > 14 AND naam NOT LIKE '%' || pg_temp.week());

INSERT INTO provider (naam, plaats, is_actief) VALUES ('Nieuwe provider ' || pg_temp.week(), 'Delft', true);

INSERT INTO interventieprogramma (provider_id, naam, categorie, kosten)
SELECT provider_id, 'Proefprogramma', 'Fysiek', 500 FROM provider WHERE naam LIKE '%' || pg_temp.week();

UPDATE provider SET contactpersoon = split_part(pg_temp.kies('contact', provider_id, pg_temp.achternamen()), '|', 1)
WHERE provider_id = 1 + pg_temp.n('provider', 0, 5);

UPDATE interventieprogramma SET kosten = coalesce(kosten, 1000) + 25
    WHERE programma_id = 1 + pg_temp.n('programma', 0, 7);

DELETE FROM interventieprogramma WHERE programma_id = (SELECT min(programma_id) FROM interventieprogramma
    JOIN provider p
    USING (provider_id) WHERE programma_id > 7 AND p.naam NOT LIKE '%' || pg_temp.week());

DELETE FROM provider WHERE provider_id = (SELECT min(provider_id) FROM provider p
    WHERE provider_id > 5 AND naam NOT LIKE '%' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM interventieprogramma i WHERE i.provider_id = p.provider_id));
