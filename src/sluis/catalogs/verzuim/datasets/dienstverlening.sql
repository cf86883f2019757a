SELECT
    v.dienstverlening_id AS DienstverleningId,
    d.naam AS Naam,
    v.variatie AS Variatie,
    v.is_actief AS IsActief
FROM source.dienstverlening_variatie AS v
JOIN source.dienstverlening AS d ON d.dienstverlening_id = v.dienstverlening_id
