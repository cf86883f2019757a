WITH regels AS (
    SELECT r.grondslag_id AS grondslag, sum(r.bedrag_excl_btw) AS bedrag
    FROM source.abonnementsregel AS r
    GROUP BY r.grondslag_id
),
bedragen AS (
    SELECT g.grondslag_id AS grondslag, CAST(coalesce(regels.bedrag, 0) AS DECIMAL(12, 2)) AS bedrag
    FROM source.abonnementsgrondslag AS g
    LEFT JOIN regels ON regels.grondslag = g.grondslag_id
)
SELECT
    g.grondslag_id AS GrondslagId,
    g.contract_id AS ContractId,
    c.werkgever_id AS WerkgeverId,
    g.periode AS Factuurperiode,
    f.factuurdatum AS Factuurdatum,
    f.factuurnummer AS Factuurnummer,
    bedragen.bedrag AS BedragExclBtw,
    g.btw_percentage AS BtwPercentage,
    CAST(bedragen.bedrag * (100 + g.btw_percentage) * 0.01 AS DECIMAL(12, 2)) AS BedragInclBtw
FROM source.abonnementsgrondslag AS g
JOIN source.contract AS c ON c.contract_id = g.contract_id
JOIN bedragen ON bedragen.grondslag = g.grondslag_id
LEFT JOIN source.factuur AS f ON f.factuur_id = g.factuur_id
