-- Services, what is billed of them, and who delivers interventions. In each list something is not used any more.
INSERT INTO dienstverlening (dienstverlening_id, naam)
VALUES (1, 'Verzuimbegeleiding'), (2, 'Preventie'), (3, 'Ziektewetbegeleiding'), (4, 'Interventies'), (5, 'PMO'),
    (6, 'Loopbaan'), (7, 'Vervallen dienst');

-- A service of one kind has no word for its variation.
INSERT INTO dienstverlening_variatie
VALUES (1, 'Basis', true), (1, 'Plus', true), (1, 'Regie', true), (2, 'Standaard', true), (3, 'Compleet', true),
    (4, 'Standaard', true), (5, 'Doorlopend', true), (5, 'Eenmalig', false), (6, '', true), (7, 'Oud', false);

INSERT INTO contractmodel (contractmodel_id, naam, versie, soort, is_begeleidingscontract)
VALUES (1, 'Abonnement per medewerker', '1', 'Abonnement', false),
    (2, 'Abonnement per medewerker', '2', 'Abonnement', false), (3, 'Losse verrichtingen', '1', 'Verrichtingen', false),
    (4, 'Begeleidingscontract', '2025.1', 'Combinatie', true), (5, 'Regiecontract', NULL, 'Combinatie', true),
    (6, 'Proefmodel', '', 'Verrichtingen', false);

INSERT INTO verrichting (verrichting_id, naam, taakdefinitie_id, spreekuursoort_id, opdrachtsoort, prijscategorie,
    standaardduur_minuten, standaardprijs, prijs_wijzigbaar)
VALUES (1, 'Probleemanalyse', 2, NULL, NULL, 'Basis', 45, 145, false),
    (2, 'Eindevaluatie', 8, NULL, NULL, 'Basis', 60, 190.5, false),
    (3, 'Preventief gesprek', 18, NULL, NULL, 'Preventie', 45, 120, true),
    (4, 'Verzuimspreekuur', NULL, 1, NULL, 'Spreekuur', 30, 132.75, false),
    (5, 'Vervolgspreekuur', NULL, 2, NULL, 'Spreekuur', 20, 98, false),
    (6, 'Arbeidsomstandighedenspreekuur', NULL, 3, NULL, 'Preventie', 30, 132.75, false),
    (7, 'PMO', NULL, 4, NULL, 'Preventie', NULL, 240, true),
    (8, 'Telefonisch consult', NULL, 5, NULL, 'Spreekuur', 15, 55.25, false),
    (9, 'Arbeidsdeskundig onderzoek', NULL, 6, NULL, NULL, 120, 875, true),
    (10, 'Psychologisch consult', NULL, 7, NULL, 'Specialist', 60, 165, false),
    (11, 'Sociaal-medisch overleg', NULL, 8, NULL, 'Overleg', 60, 180, true),
    (12, 'Beoordeling eigenrisicodrager', NULL, 12, NULL, 'Specialist', 60, 310, false),
    (13, 'Casusbespreking', NULL, NULL, 'Casusbespreking', 'Overleg', 30, 90, true),
    (14, 'Rapportage op maat', NULL, NULL, 'Rapportage', '', NULL, 450, true),
    (15, 'Vervallen verrichting', NULL, NULL, 'Reistijd', NULL, 60, 0, false);

INSERT INTO provider (provider_id, naam, plaats, contactpersoon, is_actief)
VALUES (1, 'Rugcentrum De Wervel', 'Utrecht', 'P. van Doorn', true), (2, 'Psychologen "Helder"', 'Zwolle', NULL, true),
    (3, 'Bureau Tweede Spoor', 'Breda', 'M. Öztürk', true), (4, 'Coachgroep Energie', NULL, '', true),
    (5, 'Mediation Noord', 'Groningen', 'S. Postma', true), (6, 'Gestopte provider', 'Gouda', 'N. Niemand', false);

INSERT INTO interventieprogramma (programma_id, provider_id, naam, categorie, dienstverlening_id, kosten,
    verwachte_duur_weken, verwachte_reductie_dagen)
VALUES (1, 1, 'Rugtraining', 'Fysiek', 4, 1450, 12, 35),
    (2, 1, 'Werkhervatting fysiek', 'Fysiek', NULL, 2300, 16, 50.5),
    (3, 2, 'Kortdurende behandeling', 'Psychisch', 4, 1875.50, 10, 40),
        (4, 2, 'Burn-outprogramma', 'Psychisch', 4, 3900, 20, 60),
    (5, 3, 'Tweede spoor', 'Arbeid', 1, 4200, 52, NULL), (6, 4, 'Coaching', NULL, NULL, 1250, NULL, 12.25),
    (7, 5, 'Mediation', 'Conflict', 1, 2100, 6, 30), (8, 6, 'Vervallen programma', 'Fysiek', NULL, NULL, 4, 5);

-- Every employer has a contract for help with absence; two in five have one for something else.
CREATE TEMP TABLE t_contract ON COMMIT DROP AS
WITH alle AS (
    SELECT 1 AS rol, g.id AS werkgever_id, 1 AS dienst, w.ingangsdatum + pg_temp.n('contract', g.id, 60) AS van,
        g.einddatum AS tot
    FROM t_werkgever g JOIN werkgever w ON w.werkgever_id = g.id WHERE NOT is_nieuw
    UNION ALL
    SELECT 2, g.id, 2 + (row_number() OVER (ORDER BY g.id) - 1)::integer % 5,
        pg_temp.vandaag() - 440 + pg_temp.n('tweede contract van', g.id, 40),
        least(g.einddatum, CASE g.id % 3 WHEN 0 THEN pg_temp.vandaag() - pg_temp.n('tweede contract tot', g.id, 300)
            WHEN 1 THEN pg_temp.vandaag() + 10 + pg_temp.n('tweede contract tot', g.id, 500) END)
    FROM t_werkgever g WHERE NOT is_nieuw AND pg_temp.n('tweede contract', g.id, 5) < 2
)
SELECT row_number() OVER (ORDER BY rol, werkgever_id)::integer AS id, a.*, CASE dienst
        WHEN 1 THEN (ARRAY['Basis', 'Plus', 'Regie'])[1 + werkgever_id % 3] WHEN 3 THEN 'Compleet'
        WHEN 5 THEN (ARRAY['Doorlopend', 'Eenmalig'])[1 + werkgever_id % 2] WHEN 6 THEN ''
            ELSE 'Standaard' END AS variatie,
    CASE rol WHEN 1 THEN (ARRAY[4, 1, 2, 3, 5, 4])[1 + werkgever_id % 6] ELSE 3 END AS model,
    (ARRAY['Mantel', 'Volume', '', NULL])[1 + werkgever_id % 4] AS kortingsgroep
FROM alle a;

INSERT INTO contract (contract_id, werkgever_id, dienstverlening_id, variatie, contractmodel_id, ingangsdatum,
    einddatum,
    kortingsgroep, indexatiepercentage, betalingsplichtige)
SELECT id, werkgever_id, dienst, variatie, model, van, tot, kortingsgroep,
    CASE WHEN id % 5 > 0 THEN (ARRAY[2.5, 3.75, 0])[1 + id % 3] END,
    CASE WHEN id % 6 = 2 THEN 'Verzekeraar' ELSE 'Werkgever' END
FROM t_contract;

-- An agreement for each contract, some for groups of employers, and some that are still talked about.
CREATE TEMP TABLE t_overeenkomst ON COMMIT DROP AS
WITH alle AS (
    SELECT 1 AS soort, id AS contract_id, rol, werkgever_id, NULL::integer AS groep_id, dienst, variatie, van, tot
    FROM t_contract
    UNION ALL
    SELECT 2, NULL, NULL, NULL, id, 2, 'Standaard', pg_temp.begin_historie() + pg_temp.n('groep van', id, 200), CASE
        WHEN id % 4 = 3
        THEN pg_temp.vandaag() + 60 END
    FROM t_groep WHERE id % 2 = 1 AND id < (SELECT max(id) FROM t_groep)
    UNION ALL
    SELECT 3, NULL, NULL, id, NULL, 5, 'Doorlopend', pg_temp.vandaag() + 20 + id % 50, NULL
    FROM t_werkgever WHERE NOT is_nieuw AND einddatum IS NULL AND id % 10 = 2
)
SELECT row_number() OVER (ORDER BY soort, contract_id, groep_id, werkgever_id)::integer AS id, a.* FROM alle a;

INSERT INTO dienstverleningsovereenkomst (overeenkomst_id, dienstverlening_id, variatie, omschrijving, ingangsdatum,
    einddatum, status, budget)
SELECT id, dienst, variatie, CASE id % 4 WHEN 0 THEN NULL WHEN 1 THEN 'Overeenkomst ' || id || ' "zoals besproken"'
        ELSE 'Afspraken over ' || variatie END,
    van, tot, CASE WHEN soort = 3 THEN 'Concept' WHEN tot <= pg_temp.vandaag() THEN 'Beëindigd' ELSE 'Actief' END,
    CASE WHEN id % 5 <> 3 THEN 1000 * (2 + pg_temp.n('budget', id, 60)) END
FROM t_overeenkomst;

INSERT INTO overeenkomst_werkgever (overeenkomst_werkgever_id, overeenkomst_id, werkgever_id, werkgevergroep_id,
    afdeling_id, ingangsdatum, einddatum)
SELECT row_number() OVER (ORDER BY o.id, a.id), o.id, o.werkgever_id, o.groep_id, a.id,
    CASE WHEN o.id % 5 > 0 THEN o.van END, o.tot
FROM t_overeenkomst o
LEFT JOIN t_afdeling a ON a.werkgever_id = o.werkgever_id AND a.plek IN (2, 3) AND o.werkgever_id % 3 = 0
    AND o.soort = 1;

INSERT INTO overeenkomst_contract
SELECT id, contract_id, CASE WHEN id % 6 > 0 THEN van END, tot FROM t_overeenkomst WHERE soort = 1;

INSERT INTO traject_overeenkomst
SELECT t.id, o.id
FROM t_traject t JOIN t_basis w ON w.id = t.werknemer_id
JOIN t_overeenkomst o ON o.werkgever_id = w.werkgever_id AND o.rol = 1 AND t.startdatum BETWEEN o.van
    AND coalesce(o.tot, 'infinity')
WHERE t.id % 6 <> 2;
