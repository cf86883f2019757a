SELECT
    s.documentsoort_id AS DocumentsoortId,
    s.naam AS Naam,
    s.is_medisch AS IsMedisch,
    s.is_wvp_document AS IsWvpDocument
FROM source.documentsoort AS s
