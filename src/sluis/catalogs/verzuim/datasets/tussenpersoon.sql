SELECT
    t.tussenpersoon_id AS TussenpersoonId,
    t.naam AS Naam,
    t.contactpersoon AS Contactpersoon,
    t.email AS Email,
    t.afm_nummer AS AFMNummer
FROM source.tussenpersoon AS t
