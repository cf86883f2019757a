SELECT
    k.overeenkomst_id AS OvereenkomstId,
    k.werkgever_id AS WerkgeverId,
    k.werkgevergroep_id AS WerkgevergroepId,
    k.afdeling_id AS AfdelingId,
    k.ingangsdatum AS Ingangsdatum,
    k.einddatum AS Einddatum
FROM source.overeenkomst_werkgever AS k
