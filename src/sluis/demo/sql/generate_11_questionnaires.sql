-- Questionnaires: the first two have a second version; the last one is a draft.
INSERT INTO vragenlijst (vragenlijst_id, code, naam, beheernaam, categorie)
VALUES (1, 'INTAKE', 'Intake bij verzuim', 'Intake verzuim (v2)', 'Standaardvragenlijsten'),
    (2, 'TEVREDEN', 'Hoe tevreden bent u?', NULL, 'Standaardvragenlijsten'),
    (3, 'PMO', 'Preventief medisch onderzoek', 'PMO basis', 'Standaardvragenlijsten'),
    (4, 'WERKDRUK', 'Werkdruk & "energie"', '', 'Eigen vragenlijsten'),
    (5, 'CONCEPT', 'Nog niet vrijgegeven', 'Concept', 'Eigen vragenlijsten');

INSERT INTO vragenlijst_versie
SELECT vragenlijst_id, versie, vragenlijst_id IN (1, 3),
    CASE WHEN vragenlijst_id < 5 THEN pg_temp.begin_historie() - 900 + 500 * versie + 30 * vragenlijst_id END
FROM vragenlijst, generate_series(1, CASE WHEN vragenlijst_id <= 2 THEN 2 ELSE 1 END) AS versie;

INSERT INTO vraag (vraag_id, vragenlijst_id, versie, volgnummer, tekst, antwoordtype)
SELECT row_number() OVER (ORDER BY vragenlijst_id, versie, volgnummer), vragenlijst_id, versie, volgnummer,
    CASE WHEN versie = 2 AND volgnummer = 1 THEN tekst || ' (sinds kort)' ELSE tekst END, antwoordtype
FROM vragenlijst_versie v JOIN (VALUES
    (1, 1, 'Hoe gaat het nu met u?', 'Keuze'), (1, 2, 'Welke klachten hebt u?', 'Meerkeuze'),
    (1, 3, 'Sinds wanneer?', 'Datum'), (1, 4, 'Wat kunt u nog wel?', 'Open'), (1, 5, 'Hoeveel uur per dag?', 'Getal'),
    (2, 1, 'Welk cijfer geeft u?', 'Getal'), (2, 2, 'Zou u ons aanbevelen?', 'Keuze'),
    (2, 3, E'Wilt u nog iets kwijt?\n(niet verplicht)', 'Open'),
    (3, 1, 'Rookt u?', 'Keuze'), (3, 2, 'Wat is uw gewicht in kg?', 'Getal'),
        (3, 3, 'Welke sporten doet u?', 'Meerkeuze'),
    (3, 4, 'Laatste bezoek aan de huisarts', 'Datum'),
    (4, 1, 'Hoe hoog is de werkdruk?', 'Keuze'), (4, 2, 'Wat kost u "energie"?', 'Meerkeuze'),
        (4, 3, 'Toelichting', 'Open'),
    (5, 1, 'Testvraag', 'Keuze')) AS vragen(vragenlijst_id, volgnummer, tekst, antwoordtype) USING (vragenlijst_id);
