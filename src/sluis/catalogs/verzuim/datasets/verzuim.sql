WITH duur AS (
    SELECT v.verzuim_id AS verzuim, date_diff('day', v.eerste_ziektedag, v.hersteld_op) AS dagen
    FROM source.verzuim AS v
),
plaats AS (
    SELECT v.verzuim_id AS verzuim, p.afdeling_id AS afdeling
    FROM source.verzuim AS v
    JOIN source.dienstverband_periode AS p
        ON p.dienstverband_id = v.dienstverband_id
        AND v.eerste_ziektedag BETWEEN p.vanaf AND coalesce(p.tot_en_met, DATE '9999-12-31')
),
nu AS (
    SELECT s.verzuim_id AS verzuim, s.verzuimpercentage AS percentage
    FROM source.verzuim_verloop AS s
    CROSS JOIN source.administratie AS a
    WHERE a.verwerkt_tot BETWEEN s.vanaf AND coalesce(s.tot_en_met, DATE '9999-12-31')
)
SELECT
    v.verzuim_id AS VerzuimId,
    v.traject_id AS TrajectId,
    d.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    v.dienstverband_id AS DienstverbandId,
    plaats.afdeling AS AfdelingId,
    v.eerste_ziektedag AS EersteZiektedag,
    v.gemeld_op AS DatumMelding,
    v.verwacht_herstel_op AS DatumVerwachtHerstel,
    v.hersteld_op AS DatumHersteld,
    coalesce(nu.percentage, 0) AS VerzuimpercentageActueel,
    v.verzuimclassificatie_id AS VerzuimclassificatieId,
    vangnet.naam NOT ILIKE 'geen vangnet%' AND NOT vangnet.is_wazo AS VangnetVanToepassing,
    vangnet.naam AS VangnetSoort,
    coalesce(c.is_wazo, false) OR coalesce(vangnet.is_wazo, false) AS WAZOVanToepassing,
    v.is_arbeidsongeval AS IsArbeidsongeval,
    v.is_verkeersongeval_met_derde AS IsVerkeersongevalMetDerde,
    v.is_beroepsziekte AS IsBeroepsziekte,
    v.samengesteld_met_id IS NOT NULL AS IsSamengesteld,
    v.loon_bij_melding AS LoonBijZiekmelding,
    CASE
        WHEN duur.dagen BETWEEN 1 AND 14 THEN '1-14'
        WHEN duur.dagen BETWEEN 15 AND 91 THEN '15-91'
        WHEN duur.dagen BETWEEN 92 AND 365 THEN '92-365'
        WHEN duur.dagen BETWEEN 366 AND 730 THEN '366-730'
        WHEN duur.dagen > 730 THEN '731+'
    END AS Duurklasse,
    duur.dagen AS Verzuimdagen,
    v.toelichting AS Toelichting
FROM source.verzuim AS v
JOIN duur ON duur.verzuim = v.verzuim_id
JOIN source.dienstverband AS d ON d.dienstverband_id = v.dienstverband_id
JOIN source.werknemer AS w ON w.werknemer_id = d.werknemer_id
LEFT JOIN plaats ON plaats.verzuim = v.verzuim_id
LEFT JOIN nu ON nu.verzuim = v.verzuim_id
LEFT JOIN source.verzuimclassificatie AS c ON c.verzuimclassificatie_id = v.verzuimclassificatie_id
LEFT JOIN source.vangnetsoort AS vangnet ON vangnet.vangnetsoort_id = v.vangnetsoort_id
