SELECT
    w.traject_id AS TrajectId,
    w.kenmerk_id AS KenmerkId,
    w.waarde AS Waarde,
    w.vastgelegd_op AS DatumVastgelegd,
    CAST(
        row_number() OVER (PARTITION BY w.traject_id, w.vastgelegd_op ORDER BY w.kenmerk_id) AS INTEGER
    ) AS Volgnummer,
    w.vervallen_op AS DatumVervallen
FROM source.traject_kenmerk AS w
