-- Whole years: from the first employment, absence or processed week up to the day to which absence has been processed.
WITH begin AS (
    SELECT d.ingangsdatum AS dag FROM source.dienstverband AS d
    UNION ALL
    SELECT v.eerste_ziektedag FROM source.verzuim AS v
    UNION ALL
    SELECT CAST(date_trunc('week', a.historie_vanaf) AS DATE) FROM source.administratie AS a
),
grens AS (
    SELECT
        date_trunc('year', min(begin.dag)) AS eerste,
        (SELECT make_date(year(a.verwerkt_tot), 12, 31) FROM source.administratie AS a) AS laatste
    FROM begin
),
dagen AS (
    SELECT CAST(unnest(generate_series(grens.eerste, grens.laatste, INTERVAL 1 DAY)) AS DATE) AS dag
    FROM grens
)
SELECT
    dagen.dag AS Datum,
    year(dagen.dag) AS Jaar,
    quarter(dagen.dag) AS Kwartaal,
    month(dagen.dag) AS Maand,
    week(dagen.dag) AS ISOWeek,
    isoyear(dagen.dag) AS ISOJaar,
    isodow(dagen.dag) AS DagVanWeek,
    isodow(dagen.dag) <= 5 AND vrij.datum IS NULL AS IsWerkdag
FROM dagen
LEFT JOIN source.feestdag AS vrij ON vrij.datum = dagen.dag AND vrij.is_vrij
