SELECT
    p.verzekeringsproduct_id AS VerzekeringsproductId,
    p.verzekeraar_id AS VerzekeraarId,
    p.code AS Code,
    p.naam AS Naam,
    p.verzekeringtype AS Verzekeringtype,
    p.type_deelname AS TypeDeelname,
    p.dienstverbandsoort AS DienstverbandVoorVerzekering
FROM source.verzekeringsproduct AS p
