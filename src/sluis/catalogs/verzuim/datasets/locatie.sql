SELECT
    l.locatie_id AS LocatieId,
    l.naam AS Naam,
    l.plaats AS Plaats,
    l.postcode AS Postcode,
    l.regio AS Regio,
    l.is_actief AS IsActief
FROM source.locatie AS l
