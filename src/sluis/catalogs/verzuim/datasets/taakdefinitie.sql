SELECT
    d.taakdefinitie_id AS TaakdefinitieId,
    d.naam AS Naam,
    d.beheernaam AS Beheernaam,
    d.soort AS Taaksoort,
    d.bibliotheek AS Taakbibliotheek,
    d.is_wettelijk AS IsWettelijk,
    d.wvp_stap AS WvpStap,
    d.is_medisch AS IsMedisch,
    d.is_actief AS IsActief
FROM source.taakdefinitie AS d
