SELECT
    c.contract_id AS ContractId,
    c.werkgever_id AS WerkgeverId,
    c.dienstverlening_id AS DienstverleningId,
    c.variatie AS Variatie,
    model.naam AS Contractmodel,
    model.versie AS ContractmodelVersie,
    model.soort AS Contractsoort,
    model.is_begeleidingscontract AS IsBegeleidingscontract,
    c.ingangsdatum AS Ingangsdatum,
    c.einddatum AS Einddatum,
    c.kortingsgroep AS Kortingsgroep,
    c.indexatiepercentage AS Indexatiepercentage,
    c.betalingsplichtige AS BetalingsplichtigeSoort
FROM source.contract AS c
JOIN source.contractmodel AS model ON model.contractmodel_id = c.contractmodel_id
