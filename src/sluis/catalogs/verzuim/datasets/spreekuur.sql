SELECT
    s.spreekuur_id AS SpreekuurId,
    s.afspraak_id AS AfspraakId,
    s.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    s.traject_id AS TrajectId,
    s.spreekuursoort_id AS SpreekuursoortId,
    -- Who held it tells as much, if it is somebody who sees particular complaints only.
    soort.is_medisch
        OR coalesce(
            discipline.naam NOT IN ('Bedrijfsarts', 'Verpleegkundige', 'Arbeidsdeskundige', 'Casemanager', 'Planner'),
            false
        ) AS SoortIsMedisch,
    s.professional_id AS ProfessionalId,
    s.uitgevoerd_op AS DatumUitgevoerd,
    s.duur_minuten AS DuurMinuten,
    s.resultaat AS Resultaat,
    s.advies AS AdviesBelastbaarheid,
    s.ao_advies AS ArbeidsongeschiktheidsAdvies,
    s.vervolg_over_dagen AS VervolgOver
FROM source.spreekuur AS s
JOIN source.werknemer AS w ON w.werknemer_id = s.werknemer_id
JOIN source.spreekuursoort AS soort ON soort.spreekuursoort_id = s.spreekuursoort_id
JOIN source.gebruiker AS professional ON professional.gebruiker_id = s.professional_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = professional.discipline_id
