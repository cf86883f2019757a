-- Claims on policies: of absence that outlasted the own risk, of partial disability, and of interventions. Whoever is
-- still within the own risk has a forecast, and so has what is claimed of an absence that goes on.
CREATE TEMP TABLE t_claim ON COMMIT DROP AS
WITH deelname AS (
    SELECT d.werknemer_id, d.polis_id, d.versie, d.vanaf, coalesce(d.tot_en_met, 'infinity') AS tot_en_met, p.product,
        x.verzekeringtype, (ARRAY[14, 30, 42])[1 + d.polis_id % 3] AS eigen
    FROM polisdeelnemer d JOIN t_polis p ON p.id = d.polis_id
    JOIN verzekeringsproduct x ON x.verzekeringsproduct_id = p.product WHERE is_deelnemer
), ziek AS (
    SELECT 'Verzuim' AS soort, d.polis_id, d.versie, v.werknemer_id, t.id AS traject_id, v.id AS verzuim_id,
        v.van AS eerste, v.van + eigen AS van, v.hersteld_op - 1 AS tot,
            round(z.loon_bij_melding * 12.96 / 261, 2) AS dagloon,
        false AS is_forecast
    FROM t_verzuim v JOIN verzuim z ON z.verzuim_id = v.id JOIN t_traject t ON t.verzuim_id = v.id
    JOIN deelname d ON d.werknemer_id = v.werknemer_id AND v.van BETWEEN d.vanaf AND d.tot_en_met
        AND d.verzekeringtype = 'Verzuim'
    WHERE coalesce(z.vangnetsoort_id, 8) = 8 AND z.loon_bij_melding IS NOT NULL AND v.dagen > eigen
        AND v.dienstverband_id IN (SELECT id FROM t_dienstverband WHERE rol = 1)
), alle AS (
    SELECT * FROM ziek WHERE van <= coalesce(tot, pg_temp.vandaag())
    UNION ALL
    SELECT soort, polis_id, versie, werknemer_id, traject_id, verzuim_id, eerste,
        greatest(van, date_trunc('month', pg_temp.vandaag() + 31)::date), greatest(van, pg_temp.vandaag()) + 90,
            dagloon, true
    FROM ziek WHERE tot IS NULL
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON (b.beschikking_id) 'WGA', d.polis_id, d.versie, b.werknemer_id, b.traject_id, NULL::bigint,
            b.ingangsdatum - 730, b.ingangsdatum, b.einddatum, coalesce(b.dagloon, 100), false
        FROM beschikking b JOIN deelname d ON d.werknemer_id = b.werknemer_id AND d.verzekeringtype = 'WGA'
        WHERE b.beschikkingsoort_id IN (1, 2, 8, 17, 19) AND b.ingangsdatum <= pg_temp.vandaag()
        ORDER BY b.beschikking_id, d.versie DESC) AS wga
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON (i.interventie_id) 'Interventie', d.polis_id, d.versie, t.werknemer_id, t.id, NULL::bigint,
            i.gestart_op, i.gestart_op, i.beeindigd_op, NULL::numeric, false
        FROM interventie i JOIN t_traject t ON t.id = i.traject_id
        JOIN deelname d ON d.werknemer_id = t.werknemer_id AND d.verzekeringtype IN ('Verzuim', 'Interventie')
        WHERE i.financiering = 'Verzekeraar' AND i.gestart_op IS NOT NULL
        ORDER BY i.interventie_id, d.product DESC, d.versie DESC) AS interventies
), genummerd AS (
    SELECT row_number() OVER (ORDER BY van, werknemer_id, polis_id, is_forecast, traject_id) AS id,
        row_number() OVER (PARTITION BY soort, is_forecast ORDER BY van, werknemer_id, polis_id) AS volg, a.*
            FROM alle a
)
SELECT g.*, gemaakt, CASE WHEN is_forecast THEN NULL WHEN gemaakt + 9 > pg_temp.vandaag() OR volg % 23 = 11 THEN 'new'
        WHEN volg % 20 = 3 THEN 'rejected' WHEN volg % 20 = 7 THEN 'removed' ELSE 'approved' END AS status
FROM genummerd g, LATERAL (SELECT least(pg_temp.vandaag(), van + 1 + pg_temp.n('claim na', id, 10)) AS gemaakt) AS m;

INSERT INTO claim (claim_id, polis_id, versie, werknemer_id, traject_id, soort, wijze, is_forecast, status, periode_van,
    periode_tot)
SELECT id, polis_id, versie, werknemer_id, traject_id, soort, CASE WHEN soort = 'Interventie' OR id % 9 = 2
    THEN 'Handmatig'
    ELSE 'Automatisch' END, is_forecast, status, van, tot
FROM t_claim;

INSERT INTO claim_status
SELECT id, 'new', op AT TIME ZONE 'Europe/Amsterdam', NULL, NULL,
    CASE WHEN soort = 'Interventie' OR id % 9 = 2 THEN pg_temp.vakman(4, 'claim', id) END
FROM t_claim, LATERAL (SELECT pg_temp.moment('claim', id, gemaakt) AS op) AS m WHERE NOT is_forecast
UNION ALL
-- What was removed had been approved or rejected, or neither.
SELECT id, naar, pg_temp.moment('claim ' || naar, id, gemaakt + dagen) AT TIME ZONE 'Europe/Amsterdam',
    CASE naar WHEN 'removed' THEN (ARRAY['approved', 'rejected', 'new'])[1 + id % 3] ELSE 'new' END,
    CASE WHEN naar = 'rejected' AND id % 4 > 0 THEN (ARRAY['Buiten de dekking', 'Polis niet actief op de ingangsdatum',
            'Loon onbekend; "navragen"'])[1 + id % 3] WHEN naar = 'removed' THEN 'Dubbel ingediend' END,
    CASE WHEN id % 3 = 1 OR naar = 'removed' THEN pg_temp.vakman(4, 'beoordelaar', id) END
FROM t_claim, LATERAL (SELECT status AS naar, 6 + (id % 3)::integer AS dagen
    UNION ALL SELECT (ARRAY['approved', 'rejected'])[1 + id % 3], 4 WHERE status = 'removed' AND id % 3 < 2) AS stappen
WHERE status IN ('approved', 'rejected', 'removed');

-- A line for each month that is over; what was paid too much is taken back with the second one.
CREATE TEMP TABLE t_claimregel ON COMMIT DROP AS
WITH regel AS (
    SELECT c.id AS claim_id, c.status, c.is_forecast, c.verzuim_id, c.polis_id, c.versie, c.eerste, c.soort, c.dagloon,
        greatest(c.van, maand::date) AS van, least(c.tot, (maand + interval '1 month')::date - 1) AS tot,
        row_number() OVER (PARTITION BY c.id ORDER BY maand) AS nummer
    FROM t_claim c, generate_series(date_trunc('month', c.van::timestamp), coalesce(c.tot, pg_temp.vandaag()),
        interval '1 month')
        AS maand
    WHERE soort <> 'Interventie' AND maand > pg_temp.begin_historie() - interval '60 days'
        AND (is_forecast OR least(c.tot, (maand + interval '1 month')::date - 1) <= pg_temp.vandaag())
    UNION ALL
    SELECT id, status, is_forecast, NULL, polis_id, versie, eerste, soort, NULL, van, tot, 1 FROM t_claim
    WHERE soort = 'Interventie' AND tot IS NOT NULL
), berekend AS (
    SELECT r.*, CASE WHEN verzuim_id IS NOT NULL THEN coalesce(s.percentage, 100) WHEN soort = 'WGA'
        THEN 80 END AS percentage,
        round((r.tot - r.van + 1) * 5 / 7.0, 2) AS werkdagen, coalesce(k.dekkingspercentage, 0) AS dekking
    FROM regel r LEFT JOIN t_stap s ON s.id = r.verzuim_id
        AND r.van BETWEEN s.vanaf AND coalesce(s.tot_en_met, 'infinity')
    LEFT JOIN dekkingsperiode k ON k.polis_id = r.polis_id AND k.versie = r.versie
        AND r.van - r.eerste + 1 BETWEEN k.vanaf_dag AND coalesce(k.tot_dag, 100000)
), bepaald AS (
    SELECT claim_id, nummer, false AS is_correctie, van, tot, percentage, werkdagen, dagloon, CASE soort
            WHEN 'Interventie' THEN 500 + pg_temp.n('vergoeding', claim_id, 200000) / 100.0
            ELSE round(dagloon * werkdagen * percentage * dekking / 10000, 2) END AS bedrag,
        CASE WHEN status = 'approved' AND tot + 12 <= pg_temp.vandaag() THEN tot + 12 END AS boekdag,
        least(pg_temp.vandaag(), tot + 2) AS peildatum
    FROM berekend
)
SELECT * FROM bepaald
UNION ALL
SELECT a.claim_id, 100, true, a.van, a.tot, a.percentage, a.werkdagen, a.dagloon, -round(a.bedrag / 10, 2), b.boekdag,
    b.peildatum
FROM bepaald a JOIN bepaald b ON b.claim_id = a.claim_id AND b.nummer = a.nummer + 1
WHERE a.nummer = 1 AND b.boekdag IS NOT NULL AND a.claim_id % 5 = 2;

CREATE TEMP TABLE t_boeking ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY boekdag, claim_id) AS id, claim_id, boekdag, sum(bedrag) AS bedrag
FROM t_claimregel WHERE boekdag IS NOT NULL GROUP BY claim_id, boekdag;

INSERT INTO boeking (boeking_id, claim_id, boekingsnummer, geboekt_op, geexporteerd_op, bedrag)
SELECT id, claim_id, CASE WHEN id % 12 <> 5 THEN 'BK' || lpad(id::text, 7, '0') END, boekdag,
    CASE WHEN boekdag < pg_temp.vandaag() - 3 AND id % 15 <> 4
        THEN pg_temp.moment('export', id, boekdag + 2) AT TIME ZONE 'Europe/Amsterdam' END, bedrag
FROM t_boeking;

INSERT INTO claimregel (claimregel_id, claim_id, boeking_id, van, tot, is_correctie, verzuimpercentage, dagen, dagloon,
    bedrag, peildatum)
SELECT row_number() OVER (ORDER BY claim_id, nummer), r.claim_id, b.id, van, tot, is_correctie, percentage, werkdagen,
    dagloon, r.bedrag, peildatum
FROM t_claimregel r LEFT JOIN t_boeking b USING (claim_id, boekdag);
