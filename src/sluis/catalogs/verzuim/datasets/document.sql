SELECT
    d.document_id AS DocumentId,
    d.documentsoort_id AS DocumentsoortId,
    d.werknemer_id AS WerknemerId,
    d.werkgever_id AS WerkgeverId,
    d.traject_id AS TrajectId,
    d.taak_id AS TaakId,
    -- Who made it tells as much, if it is somebody who sees particular complaints only.
    d.werknemer_id IS NOT NULL
        AND (
            soort.is_medisch
            OR coalesce(
                discipline.naam
                NOT IN ('Bedrijfsarts', 'Verpleegkundige', 'Arbeidsdeskundige', 'Casemanager', 'Planner'),
                false
            )
        ) AS SoortIsMedisch,
    d.titel AS Titel,
    d.extensie AS Bestandsextensie,
    d.grootte_bytes AS GrootteBytes,
    d.aangemaakt_op AS DatumAangemaakt,
    d.auteur_id AS AuteurId,
    d.richting AS Richting,
    d.verzonden_op AS DatumVerzonden,
    d.reviewstatus AS Reviewstatus
FROM source.document AS d
JOIN source.documentsoort AS soort ON soort.documentsoort_id = d.documentsoort_id
LEFT JOIN source.gebruiker AS auteur ON auteur.gebruiker_id = d.auteur_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = auteur.discipline_id
