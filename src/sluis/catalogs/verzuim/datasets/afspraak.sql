SELECT
    a.afspraak_id AS AfspraakId,
    a.oproepverzoek_id AS OproepverzoekId,
    a.werknemer_id AS WerknemerId,
    coalesce(a.werkgever_id, w.werkgever_id) AS WerkgeverId,
    a.traject_id AS TrajectId,
    a.spreekuursoort_id AS SpreekuursoortId,
    -- Whose agenda it is in tells as much, if it is somebody who sees particular complaints only.
    a.werknemer_id IS NOT NULL
        AND (
            soort.is_medisch
            OR coalesce(
                discipline.naam
                NOT IN ('Bedrijfsarts', 'Verpleegkundige', 'Arbeidsdeskundige', 'Casemanager', 'Planner'),
                false
            )
        ) AS SoortIsMedisch,
    a.locatie_id AS LocatieId,
    a.professional_id AS ProfessionalId,
    a.begint_op AS DatumtijdStart,
    a.eindigt_op AS DatumtijdEind,
    CAST(date_diff('minute', a.begint_op, a.eindigt_op) AS INTEGER) AS DuurMinuten,
    a.vorm AS Vorm,
    a.status AS Status,
    a.geannuleerd_op AS DatumGeannuleerd,
    a.reden_annulering AS RedenAnnulering,
    a.geannuleerd_op > a.begint_op - to_hours(soort.annuleringstermijn_uren) AS IsBinnenAnnuleringstermijn
FROM source.afspraak AS a
JOIN source.spreekuursoort AS soort ON soort.spreekuursoort_id = a.spreekuursoort_id
JOIN source.gebruiker AS professional ON professional.gebruiker_id = a.professional_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = professional.discipline_id
LEFT JOIN source.werknemer AS w ON w.werknemer_id = a.werknemer_id
