WITH in_dienst AS (
    SELECT DISTINCT d.werknemer_id AS werknemer
    FROM source.dienstverband AS d
    CROSS JOIN source.administratie AS a
    WHERE d.ingangsdatum <= a.verwerkt_tot AND (d.einddatum IS NULL OR d.einddatum >= a.verwerkt_tot)
),
contact AS (
    SELECT
        c.werknemer_id AS werknemer,
        max(c.waarde) FILTER (c.soort = 'email_werk') AS email_werk,
        max(c.waarde) FILTER (c.soort = 'email_prive') AS email_prive,
        max(c.waarde) FILTER (c.soort = 'telefoon_vast') AS telefoon_vast,
        max(c.waarde) FILTER (c.soort = 'telefoon_mobiel') AS telefoon_mobiel
    FROM source.werknemer_contact AS c
    GROUP BY c.werknemer_id
)
SELECT
    w.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    w.extern_id AS ExternWerknemerId,
    w.personeelsnummer AS Personeelsnummer,
    w.bsn AS BSN,
    w.achternaam AS Achternaam,
    w.tussenvoegsels AS Tussenvoegsels,
    w.voorletters AS Voorletters,
    w.roepnaam AS Roepnaam,
    w.geboortenaam AS Geboortenaam,
    CASE w.geslacht WHEN 'M' THEN 'Man' WHEN 'V' THEN 'Vrouw' ELSE 'Onbekend' END AS Geslacht,
    w.geboortedatum AS Geboortedatum,
    year(w.geboortedatum) AS Geboortejaar,
    adres.straat AS Straat,
    adres.huisnummer AS Huisnummer,
    adres.toevoeging AS Toevoeging,
    adres.postcode AS Postcode,
    -- In a data vault only an employee with a care need has an address. These two columns are in pseudonymous
    -- deliveries too, so there they would tell who has one.
    CASE
        WHEN NOT werkgever.datakluis_actief AND adres.landcode = 'NL' THEN regexp_extract(adres.postcode, '^[0-9]{4}')
    END AS PostcodeCijfers,
    adres.plaats AS Woonplaats,
    CASE WHEN NOT werkgever.datakluis_actief THEN adres.landcode END AS Landcode,
    contact.email_werk AS EmailWerk,
    contact.email_prive AS EmailPrive,
    contact.telefoon_vast AS TelefoonVast,
    contact.telefoon_mobiel AS TelefoonMobiel,
    w.iban AS IBAN,
    w.taal AS Taal,
    w.heeft_zorgvraag AS HeeftDossiervulling,
    in_dienst.werknemer IS NOT NULL AS IsInDienst
FROM source.werknemer AS w
JOIN source.werkgever AS werkgever ON werkgever.werkgever_id = w.werkgever_id
LEFT JOIN source.werknemer_adres AS adres ON adres.werknemer_id = w.werknemer_id AND adres.tot_en_met IS NULL
LEFT JOIN contact ON contact.werknemer = w.werknemer_id
LEFT JOIN in_dienst ON in_dienst.werknemer = w.werknemer_id
