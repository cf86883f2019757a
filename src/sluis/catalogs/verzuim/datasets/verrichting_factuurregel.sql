SELECT
    r.uitgevoerde_verrichting_id AS UitgevoerdeVerrichtingId,
    f.factuurnummer AS Factuurnummer,
    f.factuurdatum AS Factuurdatum,
    r.regelnummer AS Regelnummer,
    r.aantal AS Aantal,
    r.bedrag_excl_btw AS BedragExclBtw,
    r.btw_percentage AS BtwPercentage,
    r.is_credit AS IsCredit
FROM source.verrichting_factuurregel AS r
JOIN source.factuur AS f ON f.factuur_id = r.factuur_id
