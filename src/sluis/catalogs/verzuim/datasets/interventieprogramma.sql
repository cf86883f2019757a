SELECT
    p.programma_id AS ProgrammaId,
    p.provider_id AS ProviderId,
    p.naam AS Naam,
    p.categorie AS Categorie,
    d.naam AS Dienstverlening,
    p.kosten AS Kosten,
    p.verwachte_duur_weken AS VerwachteDuurWeken,
    p.verwachte_reductie_dagen AS VerwachteVerzuimreductieDagen
FROM source.interventieprogramma AS p
LEFT JOIN source.dienstverlening AS d ON d.dienstverlening_id = p.dienstverlening_id
