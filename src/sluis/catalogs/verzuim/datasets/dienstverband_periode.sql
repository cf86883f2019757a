SELECT
    p.dienstverband_id AS DienstverbandId,
    d.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    p.afdeling_id AS AfdelingId,
    p.vanaf AS Ingangsdatum,
    p.tot_en_met AS Einddatum,
    p.functie AS Functie,
    p.uren_per_week AS UrenPerWeek,
    CAST(least(1, p.uren_per_week / werkgever.fte_uren) AS DECIMAL(5, 4)) AS Parttimefactor,
    CAST(p.uren_per_week / werkgever.fte_uren AS DECIMAL(5, 4)) AS Fte,
    coalesce(p.kostenplaats, afdeling.kostenplaats) AS Kostenplaats,
    p.salaris AS Salaris
FROM source.dienstverband_periode AS p
JOIN source.dienstverband AS d ON d.dienstverband_id = p.dienstverband_id
JOIN source.werknemer AS w ON w.werknemer_id = d.werknemer_id
JOIN source.werkgever AS werkgever ON werkgever.werkgever_id = w.werkgever_id
LEFT JOIN source.afdeling AS afdeling ON afdeling.afdeling_id = p.afdeling_id
