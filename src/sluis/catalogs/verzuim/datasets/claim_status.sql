SELECT
    s.claim_id AS ClaimId,
    s.status_van AS StatusVan,
    s.status_naar AS StatusNaar,
    s.overgang_op AS DatumtijdOvergang,
    s.reden AS Reden,
    s.gebruiker_id AS GebruikerId
FROM source.claim_status AS s
JOIN source.claim AS c ON c.claim_id = s.claim_id
WHERE NOT c.is_forecast
