SELECT
    v.verzekeraar_id AS VerzekeraarId,
    v.naam AS Naam,
    v.is_volmacht AS IsVolmacht,
    v.risicodrager_id AS RisicodragerId,
    v.por_code AS PORCode,
    v.is_actief AS IsActief
FROM source.verzekeraar AS v
