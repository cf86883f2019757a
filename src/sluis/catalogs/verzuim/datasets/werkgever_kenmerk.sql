SELECT
    w.werkgever_id AS WerkgeverId,
    w.kenmerk_id AS KenmerkId,
    CASE WHEN k.waardetype <> 'Tekst' THEN w.waarde END AS Waarde,
    CASE WHEN k.waardetype = 'Tekst' THEN w.waarde END AS WaardeTekst,
    w.vastgelegd_op AS DatumVastgelegd,
    w.vervallen_op AS DatumVervallen
FROM source.werkgever_kenmerk AS w
JOIN source.kenmerk AS k ON k.kenmerk_id = w.kenmerk_id
