SELECT
    r.claimregel_id AS ClaimRegelId,
    r.claim_id AS ClaimId,
    r.boeking_id AS BookingId,
    c.werknemer_id AS WerknemerId,
    p.werkgever_id AS WerkgeverId,
    c.polis_id AS PolisId,
    c.versie AS Polisversie,
    r.van AS DatumVan,
    r.tot AS DatumTot,
    r.is_correctie AS IsCorrection,
    r.verzuimpercentage AS Verzuimpercentage,
    r.dagen AS Dagen,
    r.dagloon AS Dagloon,
    r.bedrag AS Bedrag,
    r.peildatum AS SnapshotDatum
FROM source.claimregel AS r
JOIN source.claim AS c ON c.claim_id = r.claim_id
JOIN source.polis AS p ON p.polis_id = c.polis_id
