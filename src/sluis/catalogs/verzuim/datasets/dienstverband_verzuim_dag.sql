-- A row per employment and day: by far the largest dataset. Rates are exact decimals; each figure is rounded once.
WITH dienst AS (
    SELECT
        p.dienstverband_id AS dienstverband,
        d.werknemer_id AS werknemer,
        w.werkgever_id AS werkgever,
        p.afdeling_id AS afdeling,
        greatest(p.vanaf, a.historie_vanaf) AS vanaf,
        least(coalesce(p.tot_en_met, a.verwerkt_tot), a.verwerkt_tot) AS tot,
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
    SELECT dienst.dienstverband, v.eerste_ziektedag, v.eerste_ziektedag, 0, 0, 0, 1, 0
    FROM verzuim AS v
    JOIN dienst ON dienst.dienstverband = v.dienstverband AND v.eerste_ziektedag BETWEEN dienst.vanaf AND dienst.tot
    WHERE v.telt_mee
    UNION ALL
    SELECT dienst.dienstverband, v.hersteld_op, v.hersteld_op, 0, 0, 0, 0, 1
    FROM verzuim AS v
    JOIN dienst ON dienst.dienstverband = v.dienstverband AND v.hersteld_op BETWEEN dienst.vanaf AND dienst.tot
    WHERE v.telt_mee
),
verzuimd AS (
    SELECT
        dag.dienstverband,
        dag.datum,
        sum(dag.uren) AS uren,
        sum(dag.wazo_uren) AS wazo_uren,
        sum(dag.factor) AS dagen,
        sum(dag.ziekmeldingen) AS ziekmeldingen,
        sum(dag.herstelmeldingen) AS herstelmeldingen
    FROM (
        SELECT
            ziek.dienstverband,
            CAST(unnest(generate_series(ziek.vanaf, ziek.tot, INTERVAL 1 DAY)) AS DATE) AS datum,
            ziek.uren,
            ziek.wazo_uren,
            ziek.factor,
            ziek.ziekmeldingen,
            ziek.herstelmeldingen
        FROM ziek
    ) AS dag
    GROUP BY dag.dienstverband, dag.datum
),
gewerkt AS (
    SELECT
        dienst.dienstverband,
        dienst.werknemer,
        dienst.werkgever,
        dienst.afdeling,
        dienst.uren,
        dienst.factor,
        CAST(unnest(generate_series(dienst.vanaf, dienst.tot, INTERVAL 1 DAY)) AS DATE) AS datum
    FROM dienst
)
SELECT
    g.datum AS Datum,
    g.werknemer AS WerknemerId,
    g.dienstverband AS DienstverbandId,
    g.werkgever AS WerkgeverId,
    g.afdeling AS AfdelingId,
    CAST(g.uren / 7 AS DECIMAL(10, 2)) AS Dienstverbanduren,
    CAST(coalesce(v.uren, 0) / 700 AS DECIMAL(10, 2)) AS Verzuimuren,
    CAST(coalesce(v.wazo_uren, 0) / 700 AS DECIMAL(10, 2)) AS VerzuimurenZwangerschap,
    CAST(coalesce(v.ziekmeldingen, 0) AS INTEGER) AS Ziekmeldingen,
    CAST(coalesce(v.herstelmeldingen, 0) AS INTEGER) AS Herstelmeldingen,
    CAST(g.factor AS DECIMAL(10, 4)) AS Dienstverbanddagen,
    CAST(coalesce(v.dagen, 0) / 100 AS DECIMAL(10, 4)) AS Verzuimdagen,
    CAST(1 AS DECIMAL(10, 4)) AS GemiddeldAantalWerknemers
FROM gewerkt AS g
LEFT JOIN verzuimd AS v ON v.dienstverband = g.dienstverband AND v.datum = g.datum
