-- What a performance comes from tells as much as the task or consultation itself: plain under the same conditions as
-- in taak.sql and spreekuur.sql, and of the assignments only where they are known to tell nothing about health.
WITH taaksoort AS (
    SELECT
        d.taakdefinitie_id AS id,
        bool_or(d.is_medisch)
            OR NOT bool_or(p.naam IS NULL OR p.naam IN ('WVP', 'Interventie', 'Preventie', 'Loopbaanadvies'))
            AS is_medisch
    FROM source.taakdefinitie AS d
    LEFT JOIN source.protocol_taak AS deel ON deel.taakdefinitie_id = d.taakdefinitie_id
    LEFT JOIN source.protocol AS p ON p.protocol_id = deel.protocol_id
    GROUP BY d.taakdefinitie_id
)
SELECT
    u.uitgevoerde_verrichting_id AS UitgevoerdeVerrichtingId,
    u.verrichting_id AS VerrichtingId,
    u.contract_id AS ContractId,
    u.werkgever_id AS WerkgeverId,
    u.werknemer_id AS WerknemerId,
    u.taak_id AS TaakId,
    u.spreekuur_id AS SpreekuurId,
    u.uitvoerder_id AS UitvoerderId,
    u.werknemer_id IS NOT NULL
        AND (
            coalesce(
                taaksoort.is_medisch,
                spreekuursoort.is_medisch,
                v.opdrachtsoort NOT IN ('Casusbespreking', 'Rapportage', 'Reistijd'),
                true
            )
            OR coalesce(
                discipline.naam
                NOT IN ('Bedrijfsarts', 'Verpleegkundige', 'Arbeidsdeskundige', 'Casemanager', 'Planner'),
                false
            )
        ) AS VerrichtingIsMedisch,
    u.uitgevoerd_op AS DatumUitgevoerd,
    u.duur_minuten AS DuurMinuten,
    u.prijs AS Prijs,
    u.korting AS Korting,
    u.binnen_budget AS BinnenBudget,
    u.status AS Status,
    u.omschrijving AS Omschrijving
FROM source.uitgevoerde_verrichting AS u
JOIN source.verrichting AS v ON v.verrichting_id = u.verrichting_id
JOIN source.gebruiker AS uitvoerder ON uitvoerder.gebruiker_id = u.uitvoerder_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = uitvoerder.discipline_id
LEFT JOIN taaksoort ON taaksoort.id = v.taakdefinitie_id
LEFT JOIN source.spreekuursoort AS spreekuursoort ON spreekuursoort.spreekuursoort_id = v.spreekuursoort_id
