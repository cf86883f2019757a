SELECT
    t.traject_id AS TrajectId,
    t.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    t.dienstverband_id AS DienstverbandId,
    dienst.dienstverlening_id AS DienstverleningId,
    dienst.variatie AS Variatie,
    CASE
        -- A leave around a birth or an adoption must look like any other absence.
        WHEN p.naam IN ('WVP', 'Zwangerschap', 'Adoptie', 'ERD') THEN 'Verzuim'
        WHEN p.naam IN ('Preventie', 'Keuring', 'Vaccinatie') THEN 'Preventie'
        WHEN p.naam = 'Interventie' THEN 'Interventie'
        ELSE 'Overig'
    END AS Trajectsoort,
    p.naam AS Protocol,
    t.protocolvariatie AS Protocolvariatie,
    t.startdatum AS Startdatum,
    t.einddatum AS Einddatum,
    t.status AS Status,
    team.naam AS CasemanagerTeam
FROM source.traject AS t
JOIN source.werknemer AS w ON w.werknemer_id = t.werknemer_id
JOIN source.protocol AS p ON p.protocol_id = t.protocol_id
LEFT JOIN source.casemanagementteam AS team ON team.team_id = t.team_id
LEFT JOIN source.traject_overeenkomst AS onder ON onder.traject_id = t.traject_id
LEFT JOIN source.dienstverleningsovereenkomst AS dienst ON dienst.overeenkomst_id = onder.overeenkomst_id
