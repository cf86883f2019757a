SELECT
    g.gebruiker_id AS GebruikerId,
    g.code AS Gebruikercode,
    g.inlognaam AS Inlognaam,
    g.achternaam AS Achternaam,
    g.tussenvoegsels AS Tussenvoegsels,
    g.voorletters AS Voorletters,
    g.roepnaam AS Roepnaam,
    CASE g.geslacht WHEN 'M' THEN 'Man' WHEN 'V' THEN 'Vrouw' WHEN 'O' THEN 'Onbekend' END AS Geslacht,
    g.email AS Emailadres,
    g.telefoon AS Telefoonnummer,
    w.personeelsnummer AS Personeelsnummer,
    groep.naam AS Gebruikersgroep,
    discipline.naam AS Discipline,
    g.is_big_geregistreerd AS IsBIGGeregistreerd,
    g.big_nummer AS BIGNummer,
    g.heeft_medische_rechten AS HeeftMedischeRechten,
    g.is_superbeheerder AS IsSuperbeheerder,
    g.geldig_van AS GeldigVan,
    g.geldig_tot AS GeldigTot,
    g.tweefactor_actief AS TweefactorActief,
    g.laatste_inlog AS LaatsteInlog,
    g.is_actief AS IsActief
FROM source.gebruiker AS g
JOIN source.gebruikersgroep AS groep ON groep.gebruikersgroep_id = g.gebruikersgroep_id
LEFT JOIN source.discipline AS discipline ON discipline.discipline_id = g.discipline_id
LEFT JOIN source.werknemer AS w ON w.werknemer_id = g.werknemer_id
