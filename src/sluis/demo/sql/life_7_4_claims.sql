-- Absences that go on, with the policy under which the employee was insured on the first day.
CREATE TEMP TABLE t_verzekerd ON COMMIT DROP AS
SELECT DISTINCT ON (t.traject_id) t.traject_id, d.polis_id, d.versie, d.werknemer_id, z.eerste_ziektedag,
    z.eerste_ziektedag + k.eigen_risico_dagen AS van, round(z.loon_bij_melding * 12.96 / 261, 2) AS dagloon
FROM verzuim z JOIN traject t USING (traject_id) JOIN polisdeelnemer d ON d.werknemer_id = t.werknemer_id
    AND d.is_deelnemer
    AND z.eerste_ziektedag >= d.vanaf AND (d.tot_en_met IS NULL OR z.eerste_ziektedag <= d.tot_en_met)
JOIN polis p USING (polis_id) JOIN verzekeringsproduct x ON x.verzekeringsproduct_id = p.verzekeringsproduct_id
    AND x.verzekeringtype = 'Verzuim'
JOIN dekkingsperiode k ON k.polis_id = d.polis_id AND k.versie = d.versie AND k.volgnummer = 1
WHERE z.hersteld_op IS NULL AND z.ingetrokken_op IS NULL AND t.status = 'Lopend' AND z.loon_bij_melding IS NOT NULL
    AND coalesce(z.vangnetsoort_id, 8) = 8 AND k.eigen_risico_dagen IS NOT NULL
ORDER BY t.traject_id, d.polis_id, d.versie;

CREATE TEMP TABLE t_claim ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('claim', 'claim_id')) AS claim_id, n.* FROM (
    (SELECT v.*, false AS is_forecast FROM t_verzekerd v WHERE van <= pg_temp.vandaag() AND NOT EXISTS (
        SELECT FROM claim c WHERE c.traject_id = v.traject_id AND c.soort = 'Verzuim' AND NOT is_forecast)
    ORDER BY traject_id)
    UNION ALL
    (SELECT v.*, true FROM t_verzekerd v WHERE NOT EXISTS (
        SELECT FROM claim c WHERE c.traject_id = v.traject_id AND is_forecast)
    ORDER BY pg_temp.h('forecast', traject_id) LIMIT pg_temp.deel(0.0001))
) AS n;

INSERT INTO claim (claim_id, polis_id, versie, werknemer_id, traject_id, soort, wijze, is_forecast, status, periode_van,
    periode_tot)
SELECT claim_id, polis_id, versie, werknemer_id, traject_id, 'Verzuim', 'Automatisch', is_forecast,
    CASE WHEN NOT is_forecast THEN 'new' END, CASE WHEN is_forecast THEN greatest(van, pg_temp.vandaag() + 31)
        ELSE van END,
    CASE WHEN is_forecast THEN greatest(van, pg_temp.vandaag() + 31) + 90 END
FROM t_claim;

INSERT INTO claim_status
SELECT claim_id, 'new', pg_temp.moment('claim', claim_id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_claim WHERE NOT is_forecast;

INSERT INTO claimregel (claim_id, van, tot, is_correctie, verzuimpercentage, dagen, dagloon, bedrag, peildatum)
SELECT claim_id, periode_van, periode_tot, false, 100, 65, dagloon, 65 * dagloon, pg_temp.vandaag()
FROM t_claim JOIN claim USING (claim_id) WHERE t_claim.is_forecast;

-- New claims are judged; now and then one is removed after all.
CREATE TEMP TABLE t_oordeel ON COMMIT DROP AS
SELECT claim_id, status AS was, CASE WHEN status <> 'new' THEN 'removed' WHEN pg_temp.u('oordeel', claim_id) < 0.1
    THEN 'rejected' ELSE 'approved' END AS wordt
FROM (
    (SELECT claim_id, status FROM claim WHERE status = 'new' AND claim_id NOT IN (SELECT claim_id FROM t_claim)
    ORDER BY pg_temp.h('beoordeeld', claim_id) LIMIT pg_temp.deel(0.0002))
    UNION ALL
    (SELECT claim_id, status FROM claim c WHERE status IN ('approved', 'rejected') AND pg_temp.n('verwijderd', 0, 5) = 0
        AND NOT EXISTS (SELECT FROM boeking b WHERE b.claim_id = c.claim_id)
    ORDER BY pg_temp.h('verwijderd', claim_id) LIMIT pg_temp.deel(0.00002))) AS gekozen;

INSERT INTO claim_status
SELECT claim_id, wordt, (pg_temp.moment('oordeel', claim_id,
    pg_temp.vandaag()) + interval '5 hours') AT TIME ZONE 'Europe/Amsterdam',
    was, CASE wordt WHEN 'rejected' THEN 'Buiten de "dekking"' WHEN 'removed' THEN 'Dubbel ingediend' END,
    CASE WHEN claim_id % 3 = 1 THEN (SELECT leden[1] FROM t_vakman WHERE discipline_id = 4) END
FROM t_oordeel;

UPDATE claim c SET status = wordt FROM t_oordeel o WHERE o.claim_id = c.claim_id;

UPDATE claim_status s SET reden = pg_temp.kies('reden', s.claim_id, ARRAY['Na bezwaar herzien', '', 'Loon onbekend'])
FROM (SELECT claim_id FROM claim WHERE status = 'rejected' ORDER BY pg_temp.h('reden', claim_id)
    LIMIT pg_temp.deel(0.00005)) AS g
WHERE s.claim_id = g.claim_id AND s.status_naar = 'rejected';

-- A claim ends with the absence, and the forecast of it goes.
CREATE TEMP TABLE t_claim_einde ON COMMIT DROP AS
SELECT c.claim_id, z.hersteld_op - 1 AS tot FROM claim c JOIN verzuim z USING (traject_id)
WHERE c.soort = 'Verzuim' AND NOT c.is_forecast AND c.periode_tot IS NULL AND z.hersteld_op > c.periode_van;

UPDATE claim c SET periode_tot = e.tot FROM t_claim_einde e WHERE e.claim_id = c.claim_id;

CREATE TEMP TABLE t_claim_weg ON COMMIT DROP AS
SELECT claim_id FROM claim c WHERE is_forecast AND NOT EXISTS (
    SELECT FROM verzuim z WHERE z.traject_id = c.traject_id AND z.hersteld_op IS NULL)
UNION ALL
-- At most a few days long, so nothing is left to claim.
SELECT claim_id FROM claim c JOIN verzuim z USING (traject_id)
WHERE c.soort = 'Verzuim' AND NOT is_forecast AND periode_tot IS NULL AND z.hersteld_op <= periode_van
UNION ALL
(SELECT claim_id FROM claim c WHERE status = 'removed' AND periode_van < pg_temp.vandaag() - 200
ORDER BY claim_id LIMIT pg_temp.deel(0.00003));

-- A line for what ended, or else for the time up to this month, as far as it goes on after the last line.
INSERT INTO claimregel (claim_id, van, tot, is_correctie, verzuimpercentage, dagen, dagloon, bedrag, peildatum)
SELECT claim_id, van, tot, false, 100, dagen, dagloon, round(dagloon * dagen * 0.85, 2), pg_temp.vandaag()
FROM (
    SELECT c.claim_id, coalesce(r.laatste + 1, c.periode_van) AS van, coalesce(r.dagloon, v.dagloon, 120) AS dagloon,
        coalesce(c.periode_tot, date_trunc('month', pg_temp.vandaag()::timestamp)::date - 1) AS tot
    FROM claim c LEFT JOIN (SELECT claim_id, max(tot) AS laatste, max(dagloon) AS dagloon
        FROM claimregel GROUP BY claim_id) AS r
        USING (claim_id)
    LEFT JOIN t_verzekerd v USING (traject_id)
    WHERE c.soort = 'Verzuim' AND c.status IN ('new', 'approved')
        AND c.claim_id NOT IN (SELECT claim_id FROM t_claim_weg)
) AS regel, LATERAL (SELECT round((tot - van + 1) * 5 / 7.0, 2) AS dagen) AS d
WHERE van <= tot ORDER BY claim_id;

UPDATE claimregel SET bedrag = round(bedrag * 0.97, 2), dagloon = round(dagloon * 0.97, 2),
    peildatum = pg_temp.vandaag()
WHERE claimregel_id IN (SELECT claimregel_id FROM claimregel WHERE boeking_id IS NULL
    ORDER BY pg_temp.h('ander bedrag', claimregel_id) LIMIT pg_temp.deel(0.0001));

-- What is approved is booked, what was booked is exported; a booking that was not yet is taken back.
CREATE TEMP TABLE t_boeking ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('boeking', 'boeking_id')) AS boeking_id, n.* FROM (
    SELECT r.claim_id, sum(r.bedrag) AS bedrag FROM claimregel r JOIN claim c USING (claim_id)
    WHERE r.boeking_id IS NULL AND c.status = 'approved' AND r.peildatum < pg_temp.vandaag() - 1
        AND r.tot < pg_temp.vandaag()
    GROUP BY r.claim_id ORDER BY pg_temp.h('geboekt', r.claim_id) LIMIT pg_temp.deel(0.0002)) AS n;

CREATE TEMP TABLE t_boeking_weg ON COMMIT DROP AS
SELECT boeking_id FROM boeking WHERE geexporteerd_op IS NULL
ORDER BY pg_temp.h('boeking weg', boeking_id) LIMIT pg_temp.deel(0.00003);

UPDATE boeking SET geexporteerd_op = pg_temp.moment('export', boeking_id,
    pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
WHERE boeking_id IN (SELECT boeking_id FROM boeking WHERE geexporteerd_op IS NULL
    AND boeking_id NOT IN (SELECT boeking_id FROM t_boeking_weg)
    ORDER BY pg_temp.h('export', boeking_id) LIMIT pg_temp.deel(0.0002));

UPDATE claimregel SET boeking_id = NULL WHERE boeking_id IN (SELECT boeking_id FROM t_boeking_weg);

DELETE FROM boeking WHERE boeking_id IN (SELECT boeking_id FROM t_boeking_weg);

INSERT INTO boeking (boeking_id, claim_id, boekingsnummer, geboekt_op, bedrag)
SELECT boeking_id, claim_id, 'BK' || lpad(boeking_id::text, 7, '0'), pg_temp.vandaag(), bedrag FROM t_boeking;

UPDATE claimregel r SET boeking_id = b.boeking_id
FROM t_boeking b WHERE b.claim_id = r.claim_id AND r.boeking_id IS NULL AND r.peildatum < pg_temp.vandaag() - 1
    AND r.tot < pg_temp.vandaag();

DELETE FROM claimregel WHERE claim_id IN (SELECT claim_id FROM t_claim_weg);

DELETE FROM boeking WHERE claim_id IN (SELECT claim_id FROM t_claim_weg);

DELETE FROM claim_status WHERE claim_id IN (SELECT claim_id FROM t_claim_weg);

DELETE FROM claim WHERE claim_id IN (SELECT claim_id FROM t_claim_weg);
