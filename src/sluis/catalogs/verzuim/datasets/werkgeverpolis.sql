-- Employees are counted on one day a version: the last one of it that has been processed.
WITH versie AS (
    SELECT v.polis_id AS polis, v.versie AS nummer, least(coalesce(v.einddatum, a.verwerkt_tot), a.verwerkt_tot) AS dag
    FROM source.polis_versie AS v
    CROSS JOIN source.administratie AS a
),
telling AS (
    SELECT
        versie.polis,
        versie.nummer,
        count(DISTINCT d.werknemer_id) FILTER (d.is_deelnemer) AS deelnemers,
        count(DISTINCT d.werknemer_id) FILTER (NOT d.is_deelnemer) AS uitgesloten
    FROM versie
    JOIN source.polisdeelnemer AS d
        ON d.polis_id = versie.polis
        AND d.versie = versie.nummer
        AND versie.dag BETWEEN d.vanaf AND coalesce(d.tot_en_met, DATE '9999-12-31')
    GROUP BY versie.polis, versie.nummer
)
SELECT
    p.werkgever_id AS WerkgeverId,
    versie.polis AS PolisId,
    versie.nummer AS Polisversie,
    product.verzekeraar_id AS VerzekeraarId,
    p.verzekeringsproduct_id AS VerzekeringsproductId,
    p.tussenpersoon_id AS TussenpersoonId,
    CAST(coalesce(telling.deelnemers, 0) AS INTEGER) AS AantalDeelnemers,
    CAST(coalesce(telling.uitgesloten, 0) AS INTEGER) AS AantalUitgesloten
FROM versie
JOIN source.polis AS p ON p.polis_id = versie.polis
JOIN source.verzekeringsproduct AS product ON product.verzekeringsproduct_id = p.verzekeringsproduct_id
LEFT JOIN telling ON telling.polis = versie.polis AND telling.nummer = versie.nummer
