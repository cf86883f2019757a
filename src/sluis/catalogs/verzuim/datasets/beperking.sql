SELECT
    b.spreekuur_id AS SpreekuurId,
    s.werknemer_id AS WerknemerId,
    fml.rubriek AS FMLRubriek,
    fml.item AS FMLItem,
    b.waarde AS Waarde,
    b.geldig_vanaf AS GeldigVanaf,
    b.geldig_tot AS GeldigTot
FROM source.beperking AS b
JOIN source.spreekuur AS s ON s.spreekuur_id = b.spreekuur_id
JOIN source.fml_item AS fml ON fml.fml_item_id = b.fml_item_id
