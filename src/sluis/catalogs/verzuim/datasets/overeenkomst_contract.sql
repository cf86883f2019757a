SELECT
    k.overeenkomst_id AS OvereenkomstId,
    k.contract_id AS ContractId,
    k.ingangsdatum AS Ingangsdatum,
    k.einddatum AS Einddatum
FROM source.overeenkomst_contract AS k
