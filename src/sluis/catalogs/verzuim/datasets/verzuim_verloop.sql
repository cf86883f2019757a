SELECT
    s.verzuim_id AS VerzuimId,
    d.werknemer_id AS WerknemerId,
    s.vanaf AS DatumVanaf,
    s.tot_en_met AS DatumTot,
    s.mutatiesoort AS Mutatiesoort,
    s.verzuimpercentage AS Verzuimpercentage,
    s.aanwezigheidspercentage AS Aanwezigheidspercentage,
    s.bron AS Bron
FROM source.verzuim_verloop AS s
JOIN source.verzuim AS v ON v.verzuim_id = s.verzuim_id
JOIN source.dienstverband AS d ON d.dienstverband_id = v.dienstverband_id
