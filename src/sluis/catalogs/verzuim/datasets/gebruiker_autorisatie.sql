SELECT
    a.gebruiker_id AS GebruikerId,
    a.soort AS Autorisatiesoort,
    a.werkgevergroep_id AS WerkgevergroepId,
    a.werkgever_id AS WerkgeverId,
    a.afdeling_id AS AfdelingId,
    a.werknemer_id AS WerknemerId,
    a.bron AS Bron,
    a.geldig_van AS GeldigVan,
    a.geldig_tot AS GeldigTot
FROM source.autorisatie AS a
