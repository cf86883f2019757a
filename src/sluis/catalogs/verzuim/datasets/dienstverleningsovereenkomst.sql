-- A budget is for a year of the agreement: the one that has been processed last, or the last one of an ended agreement.
WITH stand AS (
    SELECT
        o.overeenkomst_id AS overeenkomst,
        o.ingangsdatum AS vanaf,
        least(coalesce(o.einddatum, a.verwerkt_tot), a.verwerkt_tot) AS dag
    FROM source.dienstverleningsovereenkomst AS o
    CROSS JOIN source.administratie AS a
),
jaar AS (
    SELECT
        stand.overeenkomst,
        CAST(stand.vanaf + to_years(CAST(datesub('year', stand.vanaf, stand.dag) AS INTEGER)) AS DATE) AS vanaf,
        stand.dag AS tot
    FROM stand
    WHERE stand.vanaf <= stand.dag
),
verbruik AS (
    SELECT jaar.overeenkomst, sum(u.prijs - coalesce(u.korting, 0)) AS bedrag
    FROM jaar
    JOIN source.overeenkomst_contract AS k ON k.overeenkomst_id = jaar.overeenkomst
    JOIN source.uitgevoerde_verrichting AS u
        ON u.contract_id = k.contract_id
        AND u.binnen_budget
        AND u.uitgevoerd_op BETWEEN greatest(jaar.vanaf, coalesce(k.ingangsdatum, jaar.vanaf))
        AND least(jaar.tot, coalesce(k.einddatum, jaar.tot))
    GROUP BY jaar.overeenkomst
)
SELECT
    o.overeenkomst_id AS OvereenkomstId,
    o.dienstverlening_id AS DienstverleningId,
    o.variatie AS Variatie,
    o.omschrijving AS Omschrijving,
    o.ingangsdatum AS Ingangsdatum,
    o.einddatum AS Einddatum,
    o.status AS Status,
    o.budget AS Budget,
    CASE WHEN o.budget IS NOT NULL THEN CAST(coalesce(verbruik.bedrag, 0) AS DECIMAL(12, 2)) END AS BudgetVerbruikt
FROM source.dienstverleningsovereenkomst AS o
LEFT JOIN verbruik ON verbruik.overeenkomst = o.overeenkomst_id
