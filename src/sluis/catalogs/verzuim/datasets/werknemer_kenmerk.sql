SELECT
    w.werknemer_id AS WerknemerId,
    w.kenmerk_id AS KenmerkId,
    w.waarde AS Waarde,
    w.vastgelegd_op AS DatumVastgelegd,
    CAST(
        row_number() OVER (PARTITION BY w.werknemer_id, w.vastgelegd_op ORDER BY w.kenmerk_id) AS INTEGER
    ) AS Volgnummer,
    w.vervallen_op AS DatumVervallen
FROM source.werknemer_kenmerk AS w
