-- What was escalated tells what kind of task it is: plain under the same conditions as in taak.sql.
WITH soort AS (
    SELECT
        d.taakdefinitie_id AS id,
        bool_or(d.is_medisch)
            OR NOT bool_or(p.naam IS NULL OR p.naam IN ('WVP', 'Interventie', 'Preventie', 'Loopbaanadvies'))
            AS is_medisch
    FROM source.taakdefinitie AS d
    LEFT JOIN source.protocol_taak AS deel ON deel.taakdefinitie_id = d.taakdefinitie_id
    LEFT JOIN source.protocol AS p ON p.protocol_id = deel.protocol_id
    GROUP BY d.taakdefinitie_id
)
SELECT
    e.escalatie_id AS EscalatieId,
    e.taak_id AS TaakId,
    e.trigger_id AS TriggerId,
    soort.is_medisch AS TaakIsMedisch,
    traject.werknemer_id AS WerknemerId,
    e.uitgevoerd_op AS DatumtijdUitgevoerd,
    e.actie AS Actie,
    e.resultaat AS Resultaat
FROM source.escalatie AS e
JOIN source.taak AS t ON t.taak_id = e.taak_id
JOIN soort ON soort.id = t.taakdefinitie_id
JOIN source.traject AS traject ON traject.traject_id = t.traject_id
