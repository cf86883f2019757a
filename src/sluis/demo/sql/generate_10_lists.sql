-- The lists of the other streams. In each the last row is one that nothing uses, where it is a list that people keep.
INSERT INTO discipline
VALUES (1, 'Bedrijfsarts', true), (2, 'Verpleegkundige', true), (3, 'Arbeidsdeskundige', false),
    (4, 'Casemanager', false), (5, 'Psycholoog', true), (6, 'Planner', false), (7, 'Verzekeringsarts', true),
    (8, 'Fysiotherapeut', true);

INSERT INTO gebruikersgroep (gebruikersgroep_id, naam, omschrijving)
VALUES (1, 'Artsen', 'Bedrijfsartsen en verzekeringsartsen'), (2, 'Casemanagement', NULL), (3, 'Planning', ''),
    (4, 'Werkgevers', 'Leidinggevenden en "HR" bij klanten'), (5, 'Beheer', NULL), (6, 'Paramedici', NULL),
    (7, 'Oude groep', 'Niet meer gebruiken');

INSERT INTO rol (rol_id, naam, omschrijving)
VALUES (1, 'Arts', E'Ziet medische gegevens;\nmag dossiers sluiten'), (2, 'Casemanager', NULL), (3, 'Planner', ''),
    (4, 'HR-medewerker', 'Bij de werkgever'), (5, 'Leidinggevende', 'Alleen de eigen afdeling'),
    (6, 'Functioneel beheer', NULL), (7, 'Superbeheerder', NULL), (8, 'Gast', NULL);

INSERT INTO taakdefinitie (taakdefinitie_id, naam, beheernaam, soort, bibliotheek, wvp_stap, is_wettelijk, is_medisch,
    is_actief)
SELECT nummer, naam, CASE nummer % 4 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE naam || ' (beheer)' END,
    soort, bibliotheek, stap, wettelijk, soort = 'Medisch' OR nummer = 13, nummer < 25
FROM (VALUES
    (1, 'Eerste contact met werknemer', 'Contact', 'Poortwachter', NULL, false),
    (2, 'Probleemanalyse', 'Wettelijk', 'Poortwachter', 'Probleemanalyse', true),
    (3, 'Plan van aanpak', 'Wettelijk', 'Poortwachter', 'Plan van aanpak', true),
    (4, 'Evaluatie plan van aanpak', 'Wettelijk', 'Poortwachter', 'Evaluatie', true),
    (5, '42e-weeksmelding', 'Wettelijk', 'Poortwachter', '42e-weeksmelding', true),
    (6, 'Eerstejaarsevaluatie', 'Wettelijk', 'Poortwachter', 'Eerstejaarsevaluatie', true),
    (7, 'Brief UWV over WIA', 'Administratief', 'Poortwachter', 'UWV-brief', false),
    (8, 'Eindevaluatie', 'Wettelijk', 'Poortwachter', 'Eindevaluatie', true),
    (9, 'WIA-aanvraag', 'Wettelijk', 'Poortwachter', 'WIA-aanvraag', true),
    (10, 'Einde wachttijd', 'Administratief', 'Poortwachter', 'Einde wachttijd', false),
    (11, 'Medische intake', 'Medisch', 'Medisch', NULL, false),
    (12, 'Medische informatie opvragen', 'Medisch', 'Medisch', NULL, false),
    (13, 'Zwangerschapsverlof vastleggen', 'Administratief', 'Vangnet', NULL, false),
    (14, 'Uitkering WAZO aanvragen', 'Wettelijk', 'Vangnet', NULL, true),
    (15, 'Adoptieverlof vastleggen', 'Administratief', 'Vangnet', NULL, false),
    (16, 'Interventie starten', 'Interventie', 'Algemeen', NULL, false),
    (17, 'Interventie evalueren', 'Interventie', 'Algemeen', NULL, false),
    (18, 'Preventief gesprek', 'Contact', 'Algemeen', NULL, false),
    (19, 'Ziekmelding bij UWV (ERD)', 'Wettelijk', 'Vangnet', NULL, true),
    (20, 'Keuring uitvoeren', 'Medisch', 'Medisch', NULL, false),
    (21, 'Vaccinatie plannen', 'Medisch', 'Medisch', NULL, false),
    (22, 'Loopbaangesprek', 'Contact', 'Algemeen', NULL, false),
    (23, 'Extra contact: "hoe gaat het?"', 'Contact', 'Algemeen', NULL, false),
    (24, 'Dossier controleren', 'Administratief', 'Algemeen', NULL, false),
    (25, 'Vervallen taak', 'Administratief', 'Oud', NULL, false)
) AS taken(nummer, naam, soort, bibliotheek, stap, wettelijk);

INSERT INTO protocol_taak
SELECT protocol_id, taak, dag, termijn
FROM (VALUES (1, 1, 3, 4), (1, 11, 10, 18), (1, 2, 28, 14), (1, 3, 42, 14), (1, 5, 284, 10), (1, 6, 350, 14),
        (1, 7, 616, NULL), (1, 8, 630, 7), (1, 9, 644, 7), (1, 10, 728, NULL), (2, 13, 0, 7), (2, 14, 14, 14),
        (3, 15, 0, 7), (3, 14, 14, 14), (4, 16, 0, 14), (4, 17, 60, 21), (5, 18, 5, 10), (6, 19, 2, 2), (6, 1, 3, 4),
        (6, 12, 20, 14), (6, 2, 28, 14), (6, 3, 42, 14), (7, 20, 7, 7), (8, 21, 3, NULL), (9, 22, 10, 20)
    ) AS taken(protocol_id, taak, dag, termijn)
UNION ALL
-- The plan is evaluated every six weeks.
SELECT protocol_id, 4, dag, 14 FROM (VALUES (1), (6)) AS verzuim(protocol_id), generate_series(84, 714, 42) AS dag;

INSERT INTO spreekuursoort (spreekuursoort_id, naam, discipline_id, standaardduur_minuten, annuleringstermijn_uren,
    voorkeursprotocol_id, is_medisch, is_actief)
VALUES (1, 'Verzuimspreekuur', 1, 30, 24, 1, false, true), (2, 'Vervolgspreekuur', 1, 20, 24, 1, false, true),
    (3, 'Arbeidsomstandighedenspreekuur', 1, 30, 48, 5, false, true), (4, 'PMO', 2, 45, 48, 5, true, true),
    (5, 'Telefonisch consult verpleegkundige', 2, 15, 24, NULL, false, true),
    (6, 'Arbeidsdeskundig onderzoek', 3, 120, 72, NULL, false, true),
    (7, 'Psychologisch consult', 5, 60, 48, 4, true, true),
        (8, 'Sociaal-medisch overleg', 1, 60, 24, NULL, false, true),
    (9, 'Agenda geblokkeerd', NULL, 30, 0, NULL, false, true), (10, 'Aanstellingskeuring', 1, 45, 48, 7, true, true),
    (11, 'Vaccinatiespreekuur', 2, 10, 24, 8, true, true),
        (12, 'Beoordeling eigenrisicodrager', 7, 60, 72, 6, true, true),
    (13, 'Fysiotherapeutisch consult', 8, 30, 24, 4, true, true),
    (14, 'Gesprek casemanager', 4, 30, 24, NULL, false, true),
        (15, 'Vervallen spreekuur', 1, 30, 24, NULL, false, false);

INSERT INTO locatie (locatie_id, naam, postcode, plaats, regio, is_actief)
SELECT nummer, 'Spreekkamer ' || split_part(stad, '|', 1) || CASE nummer WHEN 4 THEN ' "De Werf"' ELSE '' END,
    CASE WHEN nummer <> 9 THEN split_part(stad, '|', 2) || ' AB' END, split_part(stad, '|', 1),
    (ARRAY['West', 'West', 'West', 'Midden', 'Zuid', 'Noord', 'Zuid', NULL, 'Zuid', 'Oost'])[nummer], true
FROM generate_series(1, 10) AS nummer, LATERAL (SELECT (pg_temp.plaatsen())[nummer] AS stad)
UNION ALL
SELECT 11, 'Online', NULL, NULL, NULL, true
UNION ALL
SELECT 12, 'Spreekkamer Gouda (gesloten)', '2801 AA', 'Gouda', 'West', false;

INSERT INTO cas_hoofdgroep
VALUES ('A', 'Algemeen'), ('C', 'Hart en bloedvaten'), ('D', 'Huid'), ('H', 'Oor'), ('L', 'Bewegingsapparaat'),
    ('N', 'Zenuwstelsel'), ('P', 'Psychisch'), ('R', 'Ademhaling'), ('S', 'Spijsvertering');

INSERT INTO cas_code
SELECT code, left(code, 1), omschrijving
FROM (VALUES ('A101', 'Vermoeidheid'), ('A200', 'Infectieziekte'), ('C102', 'Hartkloppingen'), ('C205', 'Hartinfarct'),
    ('D103', 'Jeuk'), ('D204', 'Contacteczeem'), ('H102', 'Oorsuizen'), ('L101', 'Nekklachten'),
        ('L102', 'Klachten van de bovenrug'),
    ('L103', 'Lage rugpijn'), ('L104', 'Rugpijn met uitstraling'), ('L201', 'Artrose'), ('L205', 'Botbreuk'),
    ('N101', 'Hoofdpijn'), ('N206', 'Migraine'), ('P101', 'Gespannenheid'), ('P201', 'Overspanning'),
        ('P202', 'Burn-out'),
    ('P203', 'Depressie'), ('R102', 'Stemklachten'), ('R201', 'Astma'), ('S101', 'Buikpijn'),
    ('S203', 'Chronische darmontsteking')) AS codes(code, omschrijving);

INSERT INTO fml_item
SELECT row_number() OVER (ORDER BY rubriek, item), rubriek, item
FROM (VALUES ('Persoonlijk functioneren', ARRAY['Vasthouden van de aandacht', 'Herinneren', 'Handelingstempo']),
    ('Sociaal functioneren', ARRAY['Omgaan met conflicten', 'Samenwerken',
        'Emotionele problemen van anderen hanteren']),
    ('Fysieke omgeving', ARRAY['Hitte', 'Geluidsbelasting', 'Trillingsbelasting']),
    ('Dynamische handelingen', ARRAY['Buigen', 'Tillen of dragen', 'Reiken', 'Traplopen']),
    ('Statische houdingen', ARRAY['Zitten', 'Staan', 'Boven schouderhoogte actief zijn']),
    ('Werktijden', ARRAY['Uren per dag', 'Uren per week', 'Werken in de nacht'])) AS rubrieken(rubriek, items),
    LATERAL unnest(items) AS item;

INSERT INTO kenmerk (kenmerk_id, naam, entiteit, waardetype, is_medisch, is_actief)
VALUES (1, 'Ploegendienst', 'Afdeling', 'Ja-nee', false, true),
    (2, 'RI&E uitgevoerd op', 'Afdeling', 'Datum', false, true),
    (3, 'Risicoklasse', 'Afdeling', 'Keuzelijst', false, true), (4, 'Wanbetaler', 'Werkgever', 'Ja-nee', false, true),
    (5, 'Accountmanager', 'Werkgever', 'Tekst', false, true),
        (6, 'Aantal vestigingen', 'Werkgever', 'Getal', false, true),
    (7, 'Doelgroepregister', 'Dossierobject', 'Ja-nee', true, true),
        (8, 'BHV-diploma tot', 'Dossierobject', 'Datum', false, true),
    (9, 'Bijzonderheden', 'Dossierobject', 'Tekst', true, true),
        (10, 'Reisafstand (km)', 'Dossierobject', 'Getal', false, true),
    (11, 'Oorzaak volgens arts', 'Traject', 'Keuzelijst', true, true),
        (12, 'Mediation', 'Traject', 'Ja-nee', false, true),
    (13, 'Notitie "overdracht"', 'Traject', 'Tekst', true, true),
        (14, 'Volgende bespreking', 'Traject', 'Datum', false, true),
    (15, 'Bereikbaarheid', 'Afdeling', 'Tekst', false, true), (16, 'Oud kenmerk', 'Traject', 'Getal', false, false);

INSERT INTO triggerdefinitie (trigger_id, omschrijving, soort, is_ingeschakeld, is_bewerkbaar)
VALUES (1, 'Probleemanalyse een week te laat', 'Escalatie', true, true),
    (2, 'Plan van aanpak niet af', 'Escalatie', true, true),
    (3, 'Derde verzuim in een jaar', 'Trigger', true, true), (4, 'Taak twee weken open', 'Escalatie', true, false),
    (5, 'Langer dan 40 weken ziek', 'Trigger', true, false), (6, 'Uitgeschakelde trigger', 'Trigger', false, true);

INSERT INTO documentsoort (documentsoort_id, naam, is_medisch, is_wvp_document)
VALUES (1, 'Probleemanalyse', false, true), (2, 'Plan van aanpak', false, true), (3, 'Evaluatie', false, true),
    (4, 'Terugkoppeling spreekuur', false, false), (5, 'Medische notitie', true, false),
    (6, 'Machtiging medische informatie', true, false), (7, 'Brief UWV', false, true), (8, 'E-mail', false, false),
    (9, 'Overeenkomst', false, false), (10, 'Uitnodiging', false, false),
        (11, 'Vervallen soort document', false, false);
