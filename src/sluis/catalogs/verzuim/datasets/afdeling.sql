WITH RECURSIVE boom AS (
    SELECT top.afdeling_id AS id, 1 AS niveau, top.naam AS pad
    FROM source.afdeling AS top
    WHERE top.bovenliggende_afdeling_id IS NULL
    UNION ALL
    SELECT onder.afdeling_id, boven.niveau + 1, boven.pad || ' / ' || onder.naam
    FROM source.afdeling AS onder
    JOIN boom AS boven ON boven.id = onder.bovenliggende_afdeling_id
)
SELECT
    a.afdeling_id AS AfdelingId,
    a.werkgever_id AS WerkgeverId,
    a.code AS Afdelingcode,
    a.naam AS Naam,
    a.bovenliggende_afdeling_id AS BovenliggendeAfdelingId,
    boom.niveau AS Niveau,
    boom.pad AS Pad,
    a.kostenplaats AS Kostenplaats,
    a.leidinggevende_naam AS LeidinggevendeNaam,
    a.contactpersoon_uwv AS ContactpersoonUWV,
    a.gearchiveerd_op IS NOT NULL AS IsGearchiveerd
FROM source.afdeling AS a
LEFT JOIN boom ON boom.id = a.afdeling_id
