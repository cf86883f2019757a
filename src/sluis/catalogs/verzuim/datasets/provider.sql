SELECT
    p.provider_id AS ProviderId,
    p.naam AS Naam,
    p.plaats AS Plaats,
    p.contactpersoon AS Contactpersoon,
    p.is_actief AS IsActief
FROM source.provider AS p
