-- A kind of task is plain only if it is known to tell nothing about health: it is not medical, and it is one of a
-- protocol that tells nothing either, or of none.
WITH soort AS (
    SELECT
        d.taakdefinitie_id AS id,
        bool_or(d.is_medisch)
            OR NOT bool_or(p.naam IS NULL OR p.naam IN ('WVP', 'Interventie', 'Preventie', 'Loopbaanadvies'))
            AS is_medisch
    FROM source.taakdefinitie AS d
    LEFT JOIN source.protocol_taak AS deel ON deel.taakdefinitie_id = d.taakdefinitie_id
    LEFT JOIN source.protocol AS p ON p.protocol_id = deel.protocol_id
    GROUP BY d.taakdefinitie_id
),
facturabel AS (
    SELECT DISTINCT v.taakdefinitie_id AS soort
    FROM source.verrichting AS v
)
SELECT
    t.taak_id AS TaakId,
    t.taakdefinitie_id AS TaakdefinitieId,
    t.traject_id AS TrajectId,
    traject.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    t.uitvoerder_id AS UitvoerderId,
    -- Who does it tells as much, if it is somebody who sees particular complaints only.
    soort.is_medisch
        OR coalesce(
            discipline.naam NOT IN ('Bedrijfsarts', 'Verpleegkundige', 'Arbeidsdeskundige', 'Casemanager', 'Planner'),
            false
        ) AS SoortIsMedisch,
    t.startdatum AS Startdatum,
    t.streefdatum AS Streefdatum,
    t.afgerond_op AS DatumAfgerond,
    t.status AS Status,
    CAST(CAST(t.afgerond_op AS DATE) - t.startdatum AS INTEGER) AS DoorlooptijdDagen,
    CAST(t.afgerond_op AS DATE) > t.streefdatum AS IsTeLaat,
    t.herkomst AS HerkomstSoort,
    facturabel.soort IS NOT NULL AS LeidtTotVerrichting,
    t.toelichting AS Toelichting
FROM source.taak AS t
JOIN soort ON soort.id = t.taakdefinitie_id
JOIN source.traject AS traject ON traject.traject_id = t.traject_id
JOIN source.werknemer AS w ON w.werknemer_id = traject.werknemer_id
LEFT JOIN source.gebruiker AS uitvoerder ON uitvoerder.gebruiker_id = t.uitvoerder_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = uitvoerder.discipline_id
LEFT JOIN facturabel ON facturabel.soort = t.taakdefinitie_id
