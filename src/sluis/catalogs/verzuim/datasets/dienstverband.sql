SELECT
    d.dienstverband_id AS DienstverbandId,
    d.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    d.volgnummer AS Volgnummer,
    d.ingangsdatum AS Ingangsdatum,
    d.einddatum AS Einddatum,
    d.soort AS Soort,
    d.contractsoort AS ContractSoort,
    laatste.functie AS Functie,
    d.reden_uit_dienst AS RedenUitDienst,
    -- Only reasons known to tell nothing about health are plain; any other one may.
    coalesce(
        d.reden_uit_dienst NOT IN (
            '', 'Opzegging door werknemer', 'Opzegging door werkgever', 'Einde contract', 'Vaststellingsovereenkomst',
            'Ontslag op staande voet', 'Pensioen', 'Overleden'
        ),
        false
    ) AS RedenIsMedisch,
    d.is_hoofddienstverband AS IsHoofddienstverband
FROM source.dienstverband AS d
JOIN source.werknemer AS w ON w.werknemer_id = d.werknemer_id
-- The last period ends with the employment, or has no end either.
LEFT JOIN source.dienstverband_periode AS laatste
    ON laatste.dienstverband_id = d.dienstverband_id AND laatste.tot_en_met IS NOT DISTINCT FROM d.einddatum
