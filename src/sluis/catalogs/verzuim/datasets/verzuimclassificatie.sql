SELECT
    c.verzuimclassificatie_id AS VerzuimclassificatieId,
    c.naam AS Naam,
    c.bronsysteem AS Bronsysteem,
    c.is_vangnet AS IsVangnet,
    c.is_wazo AS IsWAZO,
    c.telt_mee AS TeltMeeInVerzuimpercentage,
    c.is_medisch AS IsMedisch
FROM source.verzuimclassificatie AS c
