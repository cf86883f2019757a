SELECT
    k.overeenkomst_id AS OvereenkomstId,
    k.polis_id AS PolisId,
    k.versie AS Polisversie,
    k.ingangsdatum AS Ingangsdatum,
    k.einddatum AS Einddatum
FROM source.overeenkomst_polis AS k
