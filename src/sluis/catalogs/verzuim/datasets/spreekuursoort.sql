SELECT
    s.spreekuursoort_id AS SpreekuursoortId,
    s.naam AS Naam,
    discipline.naam AS Discipline,
    s.standaardduur_minuten AS StandaardduurMinuten,
    p.naam AS Voorkeurstrajectsoort,
    s.is_medisch AS IsMedisch,
    s.is_actief AS IsActief
FROM source.spreekuursoort AS s
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = s.discipline_id
LEFT JOIN source.protocol AS p ON p.protocol_id = s.voorkeursprotocol_id
