SELECT
    d.werknemer_id AS WerknemerId,
    d.polis_id AS PolisId,
    d.versie AS Polisversie,
    w.werkgever_id AS WerkgeverId,
    d.dienstverband_id AS DienstverbandId,
    d.is_deelnemer AS IsDeelnemer,
    d.wijze AS WijzeDeelname,
    CASE WHEN d.is_deelnemer THEN reden.omschrijving END AS RedenInsluiting,
    CASE WHEN NOT d.is_deelnemer THEN reden.omschrijving END AS RedenUitsluiting,
    d.medische_reden AS RedenUitsluitingMedisch,
    d.vanaf AS Ingangsdatum,
    d.tot_en_met AS Einddatum,
    d.verzekerd_loon AS VerzekerdLoon
FROM source.polisdeelnemer AS d
JOIN source.werknemer AS w ON w.werknemer_id = d.werknemer_id
JOIN source.deelnamereden AS reden ON reden.code = d.reden
