SELECT
    v.verrichting_id AS VerrichtingId,
    v.naam AS Naam,
    CASE
        WHEN v.taakdefinitie_id IS NOT NULL THEN 'Taak'
        WHEN v.spreekuursoort_id IS NOT NULL THEN 'Spreekuursoort'
        ELSE 'Opdrachtsoort'
    END AS Herkomst,
    v.prijscategorie AS Prijscategorie,
    v.standaardduur_minuten AS StandaardDuurMinuten,
    v.prijs_wijzigbaar AS PrijsWijzigbaar
FROM source.verrichting AS v
