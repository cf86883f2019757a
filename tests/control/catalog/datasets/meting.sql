SELECT id AS MetingId, waarde AS Waarde FROM source.meting
