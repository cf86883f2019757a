SELECT
    k.werkgever_id AS WerkgeverId,
    k.werkgevergroep_id AS WerkgevergroepId,
    k.vanaf AS Ingangsdatum,
    k.tot_en_met AS Einddatum
FROM source.werkgever_groep AS k
