-- What is billed: performances from tasks, consultations and assignments, and subscriptions. The invoice of a quarter
-- is dated on the fifth day of the next.
CREATE OR REPLACE FUNCTION pg_temp.factuurdatum(dag date) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN (date_trunc('quarter', dag::timestamp) + interval '3 months 4 days')::date;

CREATE TEMP TABLE t_verricht ON COMMIT DROP AS
WITH gedaan AS (
    SELECT v.verrichting_id, t.werknemer_id, NULL::integer AS werkgever_id, t.id AS taak_id,
        NULL::bigint AS spreekuur_id,
        x.uitvoerder_id, gereed AS dag
    FROM t_taak t JOIN verrichting v USING (taakdefinitie_id) JOIN taak x ON x.taak_id = t.id
        WHERE t.status = 'Afgerond'
    UNION ALL
    SELECT verrichting_id, werknemer_id, NULL, NULL, id, professional, op::date
    FROM t_spreekuur JOIN verrichting ON spreekuursoort_id = soort
    UNION ALL
    SELECT 11, NULL, werkgever_id, NULL, NULL, pg_temp.vakman(1, 'professional', id), datum FROM t_afspraak
    WHERE soort = 8 AND status = 'Uitgevoerd'
    UNION ALL
    SELECT 13, werknemer_id, NULL, NULL, NULL, pg_temp.vakman(4, 'casus', id), startdatum + 20
    FROM t_traject WHERE id % 9 = 4 AND startdatum + 20 <= coalesce(einddatum, pg_temp.vandaag())
    UNION ALL
    SELECT 14, NULL, id, NULL, NULL, pg_temp.vakman(3, 'rapport', id), pg_temp.vandaag() - pg_temp.n('rapport', id, 300)
    FROM t_werkgever WHERE NOT is_nieuw AND id % 4 > 0
)
SELECT row_number() OVER (ORDER BY dag, verrichting_id, g.werknemer_id, g.werkgever_id, taak_id, spreekuur_id) AS id,
    verrichting_id, g.werknemer_id, wie.werkgever_id, taak_id, spreekuur_id, dag, c.id AS contract_id, c.kortingsgroep,
    coalesce(uitvoerder_id, pg_temp.vakman(4, 'uitvoerder', taak_id)) AS uitvoerder_id,
    CASE WHEN c.id IS NULL OR c.model IN (1, 2) THEN 'Niet factureren'
         WHEN pg_temp.factuurdatum(dag) <= pg_temp.vandaag() THEN 'Gefactureerd' ELSE 'Te factureren' END AS status
FROM gedaan g LEFT JOIN t_basis w ON w.id = g.werknemer_id,
    LATERAL (SELECT coalesce(g.werkgever_id, w.werkgever_id) AS werkgever_id) AS wie
LEFT JOIN t_contract c ON c.rol = 1 AND c.werkgever_id = wie.werkgever_id
WHERE dag BETWEEN pg_temp.begin_historie() AND pg_temp.vandaag();

UPDATE t_verricht v SET contract_id = NULL, status = 'Niet factureren'
FROM t_contract c WHERE c.id = v.contract_id AND (v.dag < c.van OR v.dag > c.tot);

INSERT INTO uitgevoerde_verrichting (uitgevoerde_verrichting_id, verrichting_id, contract_id, werkgever_id,
    werknemer_id,
    taak_id, spreekuur_id, uitvoerder_id, uitgevoerd_op, duur_minuten, prijs, korting, binnen_budget, status,
        omschrijving)
SELECT t.id, verrichting_id, contract_id, werkgever_id, werknemer_id, taak_id, spreekuur_id, uitvoerder_id, dag,
    standaardduur_minuten + 5 * pg_temp.n('duur', t.id, 4), standaardprijs,
    CASE WHEN kortingsgroep = 'Volume' THEN round(standaardprijs * 0.1, 2) WHEN kortingsgroep = '' THEN 0 END,
    pg_temp.n('budget', t.id, 5) > 0, status, CASE WHEN pg_temp.n('omschrijving?', t.id, 7) = 0
        THEN pg_temp.kies('omschrijving', t.id, pg_temp.opmerkingen()) END
FROM t_verricht t JOIN verrichting USING (verrichting_id);

-- The basis of every quarter in which a subscription ran.
CREATE TEMP TABLE t_grondslag ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY kwartaal, c.id)::integer AS id, c.id AS contract_id, c.werkgever_id, c.model,
    c.kortingsgroep,
    kwartaal, aantal
FROM t_contract c JOIN (
    SELECT werkgever_id, kwartaal::date AS kwartaal, count(*) FILTER (WHERE ingang <= kwartaal
        AND (eind IS NULL OR eind >= kwartaal))
        AS aantal
    FROM t_basis, generate_series(date_trunc('quarter', pg_temp.begin_historie()::timestamp), pg_temp.vandaag(),
        interval '3 months') AS kwartaal
    GROUP BY werkgever_id, kwartaal) AS k USING (werkgever_id)
WHERE model <> 3 AND kwartaal >= van AND (tot IS NULL OR kwartaal <= tot);

CREATE TEMP TABLE t_factuur ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY datum, werkgever_id)::integer AS id, werkgever_id, datum
FROM (SELECT werkgever_id, pg_temp.factuurdatum(dag) AS datum FROM t_verricht WHERE status = 'Gefactureerd'
    UNION SELECT werkgever_id, pg_temp.factuurdatum(kwartaal) FROM t_grondslag
        WHERE pg_temp.factuurdatum(kwartaal) <= pg_temp.vandaag()) AS alle;

INSERT INTO factuur (factuur_id, werkgever_id, factuurnummer, factuurdatum)
SELECT id, werkgever_id, CASE WHEN datum < pg_temp.vandaag() - 100 OR id % 10 <> 3
    THEN 'F' || extract(year FROM datum) || '-' || lpad(id::text, 6, '0') END, datum
FROM t_factuur;

INSERT INTO verrichting_factuurregel
SELECT v.uitgevoerde_verrichting_id, regel, f.id, CASE regel WHEN 1 THEN 1 ELSE -1 END,
    (prijs - coalesce(korting, 0)) * CASE regel WHEN 1 THEN 1 ELSE -1 END,
    CASE WHEN v.verrichting_id IN (4, 5, 10) THEN 0 ELSE 21 END, regel = 2
FROM t_verricht t JOIN uitgevoerde_verrichting v ON v.uitgevoerde_verrichting_id = t.id
JOIN t_factuur f ON f.werkgever_id = t.werkgever_id AND f.datum = pg_temp.factuurdatum(t.dag),
    generate_series(1, 1 + (t.id % 25 = 9)::integer) AS regel
WHERE t.status = 'Gefactureerd';

INSERT INTO abonnementsgrondslag (grondslag_id, contract_id, periode, factuur_id, btw_percentage)
SELECT g.id, contract_id, to_char(kwartaal, 'YYYY"-Q"Q'), f.id, CASE WHEN contract_id % 9 = 4 THEN 0 ELSE 21 END
FROM t_grondslag g LEFT JOIN t_factuur f ON f.werkgever_id = g.werkgever_id
    AND f.datum = pg_temp.factuurdatum(kwartaal);

INSERT INTO abonnementsregel
SELECT id, regel, CASE regel WHEN 1 THEN 'Abonnement per medewerker' WHEN 2 THEN CASE WHEN id % 5 > 0
    THEN 'Regie "vast bedrag"' END
        ELSE 'Korting ' || coalesce(kortingsgroep, '') END, hoeveel, tarief, round(hoeveel * tarief, 2)
FROM t_grondslag, generate_series(1, 3) AS regel, LATERAL (
    SELECT CASE regel WHEN 1 THEN aantal ELSE 1 END AS hoeveel, CASE regel
        WHEN 1 THEN 18 + pg_temp.n('tarief', contract_id, 120000) / 10000.0 WHEN 2 THEN 250
            ELSE -75.5 END AS tarief) AS bedrag
WHERE regel = 1 OR (regel = 2 AND model IN (4, 5)) OR (regel = 3 AND kortingsgroep IN ('Mantel', 'Volume'));
