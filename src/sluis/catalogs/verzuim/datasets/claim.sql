SELECT
    c.claim_id AS ClaimId,
    c.polis_id AS PolisId,
    c.versie AS Polisversie,
    c.werknemer_id AS WerknemerId,
    c.traject_id AS TrajectId,
    c.soort AS Claimsoort,
    c.wijze AS Wijze,
    c.status AS Status,
    c.is_forecast AS IsForecast,
    c.periode_van AS PeriodeVan,
    c.periode_tot AS PeriodeTot
FROM source.claim AS c
