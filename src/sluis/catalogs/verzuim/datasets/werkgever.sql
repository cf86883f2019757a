SELECT
    w.werkgever_id AS WerkgeverId,
    w.code AS WerkgeverCode,
    w.extern_id AS ExternWerkgeverId,
    w.naam AS Naam,
    w.kvk_nummer AS KVKNummer,
    w.loonheffingennummer AS Loonheffingennummer,
    w.debiteurnummer AS Debiteurnummer,
    w.sector AS Sector,
    w.fte_uren AS FteUren,
    bezoek.straat AS BezoekStraat,
    bezoek.huisnummer AS BezoekHuisnummer,
    bezoek.toevoeging AS BezoekToevoeging,
    bezoek.postcode AS BezoekPostcode,
    bezoek.plaats AS BezoekPlaatsnaam,
    bezoek.landcode AS BezoekLandcode,
    post.straat AS PostStraat,
    post.huisnummer AS PostHuisnummer,
    post.toevoeging AS PostToevoeging,
    post.postcode AS PostPostcode,
    post.plaats AS PostPlaatsnaam,
    post.landcode AS PostLandcode,
    c.voorletters AS ContactpersoonVoorletters,
    c.achternaam AS ContactpersoonAchternaam,
    CASE c.geslacht WHEN 'M' THEN 'Man' WHEN 'V' THEN 'Vrouw' WHEN 'O' THEN 'Onbekend' END AS ContactpersoonGeslacht,
    c.email AS ContactpersoonEmail,
    c.telefoon AS ContactpersoonTelefoonnummer,
    c.telefoon2 AS ContactpersoonTelefoonnummer2,
    arbodienst.code AS ArbodienstId,
    w.is_erd_zw AS EigenrisicodragerZW,
    w.is_erd_wga AS EigenrisicodragerWGA,
    w.datakluis_actief AS DatakluisActief,
    w.ingangsdatum AS Ingangsdatum,
    w.einddatum AS Einddatum,
    w.ingangsdatum <= a.verwerkt_tot AND (w.einddatum IS NULL OR w.einddatum >= a.verwerkt_tot) AS IsActief
FROM source.werkgever AS w
CROSS JOIN source.administratie AS a
LEFT JOIN source.werkgever_adres AS bezoek ON bezoek.werkgever_id = w.werkgever_id AND bezoek.soort = 'bezoek'
LEFT JOIN source.werkgever_adres AS post ON post.werkgever_id = w.werkgever_id AND post.soort = 'post'
LEFT JOIN source.werkgever_contactpersoon AS c ON c.werkgever_id = w.werkgever_id AND c.is_primair
LEFT JOIN source.arbodienst AS arbodienst ON arbodienst.arbodienst_id = w.arbodienst_id
