SELECT
    w.afdeling_id AS AfdelingId,
    w.kenmerk_id AS KenmerkId,
    CASE WHEN k.waardetype <> 'Tekst' THEN w.waarde END AS Waarde,
    CASE WHEN k.waardetype = 'Tekst' THEN w.waarde END AS WaardeTekst,
    w.vastgelegd_op AS DatumVastgelegd,
    w.vervallen_op AS DatumVervallen
FROM source.afdeling_kenmerk AS w
JOIN source.kenmerk AS k ON k.kenmerk_id = w.kenmerk_id
