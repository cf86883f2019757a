SELECT id AS WerkgeverId, naam AS Naam, sector AS Sector, omvang AS Omvang FROM source.werkgever
