SELECT id AS WerknemerId, werkgever_id AS WerkgeverId, naam AS Naam, geslacht AS Geslacht, CAST(zorg AS BOOLEAN) AS Zorgvraag FROM source.werknemer
