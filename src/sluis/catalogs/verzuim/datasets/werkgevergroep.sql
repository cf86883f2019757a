SELECT
    g.werkgevergroep_id AS WerkgevergroepId,
    g.naam AS Naam,
    g.omschrijving AS Omschrijving,
    g.is_actief AS IsActief
FROM source.werkgevergroep AS g
