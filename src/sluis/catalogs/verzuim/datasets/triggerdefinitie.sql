SELECT
    t.trigger_id AS TriggerId,
    t.omschrijving AS Omschrijving,
    t.is_ingeschakeld AS IsIngeschakeld,
    t.is_bewerkbaar AS IsBewerkbaar,
    t.soort AS Soort
FROM source.triggerdefinitie AS t
