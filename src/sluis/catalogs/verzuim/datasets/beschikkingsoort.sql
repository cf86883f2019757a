SELECT
    s.beschikkingsoort_id AS BeschikkingsoortId,
    s.naam AS Naam,
    s.wet AS Wet,
    s.instantie AS Instantie,
    s.is_medisch AS IsMedisch
FROM source.beschikkingsoort AS s
