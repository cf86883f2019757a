SELECT
    k.kenmerk_id AS KenmerkId,
    k.naam AS Naam,
    k.entiteit AS Entiteit,
    k.waardetype AS Waardetype,
    k.is_medisch AS IsMedisch,
    k.is_actief AS IsActief
FROM source.kenmerk AS k
