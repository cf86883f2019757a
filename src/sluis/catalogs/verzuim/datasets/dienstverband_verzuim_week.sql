-- No row per day is made: a figure is the overlap of two periods in days, times a rate. Rates and sums are exact
-- decimals, so that no figure depends on the order in which rows are added up; each is rounded once, at the end.
WITH periode AS (
    SELECT
        reeks.dag AS eerste_dag,
        greatest(reeks.dag, reeks.historie_vanaf) AS vanaf,
        least(reeks.dag + 6, reeks.verwerkt_tot) AS tot
    FROM (
        SELECT
            a.historie_vanaf,
            a.verwerkt_tot,
            CAST(
                unnest(generate_series(date_trunc('week', a.historie_vanaf), a.verwerkt_tot, INTERVAL 7 DAY)) AS DATE
            ) AS dag
        FROM source.administratie AS a
    ) AS reeks
),
dienst AS (
    SELECT
        p.dienstverband_id AS dienstverband,
        d.werknemer_id AS werknemer,
        w.werkgever_id AS werkgever,
        p.afdeling_id AS afdeling,
        p.vanaf,
        coalesce(p.tot_en_met, a.verwerkt_tot) AS tot,
        p.uren_per_week AS uren,
        CAST(least(1, p.uren_per_week / werkgever.fte_uren) AS DECIMAL(5, 4)) AS factor
    FROM source.dienstverband_periode AS p
    CROSS JOIN source.administratie AS a
    JOIN source.dienstverband AS d ON d.dienstverband_id = p.dienstverband_id
    JOIN source.werknemer AS w ON w.werknemer_id = d.werknemer_id
    JOIN source.werkgever AS werkgever ON werkgever.werkgever_id = w.werkgever_id
),
soort AS (
    SELECT v.verzuim_id AS verzuim, coalesce(c.is_wazo, false) OR coalesce(vangnet.is_wazo, false) AS is_wazo
    FROM source.verzuim AS v
    LEFT JOIN source.verzuimclassificatie AS c ON c.verzuimclassificatie_id = v.verzuimclassificatie_id
    LEFT JOIN source.vangnetsoort AS vangnet ON vangnet.vangnetsoort_id = v.vangnetsoort_id
),
verzuim AS (
    SELECT
        v.verzuim_id AS id,
        v.dienstverband_id AS dienstverband,
        v.eerste_ziektedag,
        v.hersteld_op,
        soort.is_wazo,
        NOT soort.is_wazo AND coalesce(c.telt_mee, true) AS telt_mee
    FROM source.verzuim AS v
    JOIN soort ON soort.verzuim = v.verzuim_id
    LEFT JOIN source.verzuimclassificatie AS c ON c.verzuimclassificatie_id = v.verzuimclassificatie_id
    WHERE v.ingetrokken_op IS NULL
),
-- What each step of an absence adds per day, and on their one day the reports of illness and recovery.
ziek AS (
    SELECT
        dienst.dienstverband,
        dienst.afdeling,
        greatest(dienst.vanaf, stap.vanaf) AS vanaf,
        least(dienst.tot, coalesce(stap.tot_en_met, dienst.tot)) AS tot,
        CASE WHEN v.telt_mee THEN dienst.uren * stap.verzuimpercentage ELSE 0 END AS uren,
        CASE WHEN v.is_wazo THEN dienst.uren * stap.verzuimpercentage ELSE 0 END AS wazo_uren,
        CASE WHEN v.telt_mee THEN dienst.factor * stap.verzuimpercentage ELSE 0 END AS factor,
        0 AS ziekmeldingen,
        0 AS herstelmeldingen
    FROM source.verzuim_verloop AS stap
    JOIN verzuim AS v ON v.id = stap.verzuim_id
    JOIN dienst
        ON dienst.dienstverband = v.dienstverband
        AND stap.vanaf <= dienst.tot
        AND coalesce(stap.tot_en_met, dienst.tot) >= dienst.vanaf
    UNION ALL
    SELECT dienst.dienstverband, dienst.afdeling, v.eerste_ziektedag, v.eerste_ziektedag, 0, 0, 0, 1, 0
    FROM verzuim AS v
    JOIN dienst ON dienst.dienstverband = v.dienstverband AND v.eerste_ziektedag BETWEEN dienst.vanaf AND dienst.tot
    WHERE v.telt_mee
    UNION ALL
    SELECT dienst.dienstverband, dienst.afdeling, v.hersteld_op, v.hersteld_op, 0, 0, 0, 0, 1
    FROM verzuim AS v
    JOIN dienst ON dienst.dienstverband = v.dienstverband AND v.hersteld_op BETWEEN dienst.vanaf AND dienst.tot
    WHERE v.telt_mee
),
verzuimd AS (
    SELECT
        ziek.dienstverband,
        ziek.afdeling,
        periode.eerste_dag,
        sum(ziek.uren * (least(ziek.tot, periode.tot) - greatest(ziek.vanaf, periode.vanaf) + 1)) AS uren,
        sum(ziek.wazo_uren * (least(ziek.tot, periode.tot) - greatest(ziek.vanaf, periode.vanaf) + 1)) AS wazo_uren,
        sum(ziek.factor * (least(ziek.tot, periode.tot) - greatest(ziek.vanaf, periode.vanaf) + 1)) AS dagen,
        sum(ziek.ziekmeldingen) AS ziekmeldingen,
        sum(ziek.herstelmeldingen) AS herstelmeldingen
    FROM ziek
    JOIN periode ON ziek.vanaf <= periode.tot AND ziek.tot >= periode.vanaf
    GROUP BY ziek.dienstverband, ziek.afdeling, periode.eerste_dag
),
-- Per employment and department the stretches that may fall in one period, as a list: grouping afterwards, by period,
-- would take several times the memory.
plaats AS (
    SELECT
        dienst.dienstverband,
        dienst.werknemer,
        dienst.werkgever,
        dienst.afdeling,
        min(dienst.vanaf) AS vanaf,
        max(dienst.tot) AS tot,
        list({vanaf: dienst.vanaf, tot: dienst.tot, uren: dienst.uren, factor: dienst.factor}) AS stukken
    FROM dienst
    GROUP BY dienst.dienstverband, dienst.werknemer, dienst.werkgever, dienst.afdeling
),
gewerkt AS (
    SELECT
        plaats.dienstverband,
        plaats.werknemer,
        plaats.werkgever,
        plaats.afdeling,
        periode.eerste_dag,
        periode.tot - periode.vanaf + 1 AS lengte,
        list_transform(
            plaats.stukken,
            lambda s: {
                dagen: greatest(least(s.tot, periode.tot) - greatest(s.vanaf, periode.vanaf) + 1, 0),
                uren: s.uren,
                factor: s.factor
            }
        ) AS stukken
    FROM plaats
    JOIN periode ON plaats.vanaf <= periode.tot AND plaats.tot >= periode.vanaf
)
SELECT
    strftime(g.eerste_dag, '%G-W%V') AS Periode,
    g.werknemer AS WerknemerId,
    g.dienstverband AS DienstverbandId,
    g.werkgever AS WerkgeverId,
    g.afdeling AS AfdelingId,
    g.eerste_dag AS EersteDag,
    CAST(list_sum([s.dagen * s.uren FOR s IN g.stukken]) / 7 AS DECIMAL(10, 2)) AS Dienstverbanduren,
    CAST(coalesce(v.uren, 0) / 700 AS DECIMAL(10, 2)) AS Verzuimuren,
    CAST(coalesce(v.wazo_uren, 0) / 700 AS DECIMAL(10, 2)) AS VerzuimurenZwangerschap,
    CAST(coalesce(v.ziekmeldingen, 0) AS INTEGER) AS Ziekmeldingen,
    CAST(coalesce(v.herstelmeldingen, 0) AS INTEGER) AS Herstelmeldingen,
    CAST(list_sum([s.dagen * s.factor FOR s IN g.stukken]) AS DECIMAL(10, 4)) AS Dienstverbanddagen,
    CAST(coalesce(v.dagen, 0) / 100 AS DECIMAL(10, 4)) AS Verzuimdagen,
    CAST(list_sum([s.dagen FOR s IN g.stukken]) / g.lengte AS DECIMAL(10, 4)) AS GemiddeldAantalWerknemers
FROM gewerkt AS g
LEFT JOIN verzuimd AS v
    ON v.dienstverband = g.dienstverband
    AND v.afdeling IS NOT DISTINCT FROM g.afdeling
    AND v.eerste_dag = g.eerste_dag
WHERE list_sum([s.dagen FOR s IN g.stukken]) > 0
