SELECT
    b.beschikking_id AS BeschikkingId,
    b.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    b.traject_id AS TrajectId,
    b.beschikkingsoort_id AS BeschikkingsoortId,
    b.kenmerk AS Kenmerk,
    b.datum_beschikking AS DatumBeschikking,
    b.ontvangen_op AS DatumOntvangst,
    b.ingangsdatum AS Ingangsdatum,
    b.einddatum AS Einddatum,
    b.uitkomst AS Uitkomst,
    b.uitkering_variant AS UitkeringVariant,
    b.ao_percentage AS ArbeidsongeschiktheidsPercentage,
    CASE
        WHEN b.ao_percentage < 35 THEN '<35'
        WHEN b.ao_percentage < 45 THEN '35-45'
        WHEN b.ao_percentage < 55 THEN '45-55'
        WHEN b.ao_percentage < 65 THEN '55-65'
        WHEN b.ao_percentage < 80 THEN '65-80'
        WHEN b.ao_percentage <= 100 THEN '80-100'
    END AS ArbeidsongeschiktheidsKlasse,
    b.dagloon AS Dagloon,
    b.uitkeringsbedrag AS Uitkeringsbedrag,
    b.loonsanctie_tot AS LoonsanctieTot,
    b.bezwaar_tot AS BezwaarTot,
    b.bezwaar_status AS BezwaarStatus,
    b.toerekenen_aan_erd AS ToerekenenAanERD
FROM source.beschikking AS b
JOIN source.werknemer AS w ON w.werknemer_id = b.werknemer_id
