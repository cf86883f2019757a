SELECT
    o.oproepverzoek_id AS OproepverzoekId,
    o.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    o.traject_id AS TrajectId,
    o.spreekuursoort_id AS SpreekuursoortId,
    -- Who is preferred tells as much, if it is somebody who sees particular complaints only.
    soort.is_medisch
        OR coalesce(
            discipline.naam NOT IN ('Bedrijfsarts', 'Verpleegkundige', 'Arbeidsdeskundige', 'Casemanager', 'Planner'),
            false
        ) AS SoortIsMedisch,
    o.aangevraagd_op AS DatumAangevraagd,
    o.status AS Status,
    o.aanvrager_id AS AanvragerId,
    o.voorkeurslocatie_id AS VoorkeurslocatieId,
    o.voorkeursarts_id AS VoorkeursartsId
FROM source.oproepverzoek AS o
JOIN source.werknemer AS w ON w.werknemer_id = o.werknemer_id
JOIN source.spreekuursoort AS soort ON soort.spreekuursoort_id = o.spreekuursoort_id
LEFT JOIN source.gebruiker AS arts ON arts.gebruiker_id = o.voorkeursarts_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = arts.discipline_id
