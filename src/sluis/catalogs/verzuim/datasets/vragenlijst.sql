SELECT
    v.vragenlijst_id AS VragenlijstId,
    lijst.code AS Code,
    lijst.naam AS Naam,
    lijst.beheernaam AS Beheernaam,
    lijst.categorie AS Categorie,
    v.versie AS Versie,
    v.is_medisch AS IsMedisch
FROM source.vragenlijst_versie AS v
JOIN source.vragenlijst AS lijst ON lijst.vragenlijst_id = v.vragenlijst_id
