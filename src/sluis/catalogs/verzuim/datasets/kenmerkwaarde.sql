WITH waarden AS (
    SELECT 'Afdeling' AS entiteit, a.afdeling_id AS id, a.kenmerk_id, a.waarde, a.vastgelegd_op, a.vervallen_op
    FROM source.afdeling_kenmerk AS a
    UNION ALL
    SELECT 'Dossierobject', w.werknemer_id, w.kenmerk_id, w.waarde, w.vastgelegd_op, w.vervallen_op
    FROM source.werknemer_kenmerk AS w
    UNION ALL
    SELECT 'Werkgever', w.werkgever_id, w.kenmerk_id, w.waarde, w.vastgelegd_op, w.vervallen_op
    FROM source.werkgever_kenmerk AS w
    UNION ALL
    SELECT 'Traject', t.traject_id, t.kenmerk_id, t.waarde, t.vastgelegd_op, t.vervallen_op
    FROM source.traject_kenmerk AS t
)
SELECT
    w.entiteit AS Entiteit,
    w.id AS EntiteitId,
    w.kenmerk_id AS KenmerkId,
    w.entiteit IN ('Dossierobject', 'Traject') AS IsVanPersoon,
    w.waarde AS Waarde,
    w.vastgelegd_op AS DatumVastgelegd,
    CAST(
        row_number() OVER (PARTITION BY w.entiteit, w.id, w.vastgelegd_op ORDER BY w.kenmerk_id) AS INTEGER
    ) AS Volgnummer,
    w.vervallen_op AS DatumVervallen
FROM waarden AS w
