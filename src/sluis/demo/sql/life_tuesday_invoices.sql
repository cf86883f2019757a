-- Invoices that were drawn up go out; one of them is taken back instead.
CREATE TEMP TABLE t_factuur_weg ON COMMIT DROP AS
SELECT factuur_id FROM factuur WHERE factuurnummer IS NULL
ORDER BY pg_temp.h('factuur weg', factuur_id) LIMIT 1 + (SELECT count(*) FROM contract) / 500;

CREATE TEMP TABLE t_niet_gefactureerd ON COMMIT DROP AS
SELECT uitgevoerde_verrichting_id FROM verrichting_factuurregel
WHERE factuur_id IN (SELECT factuur_id FROM t_factuur_weg) AND NOT is_credit;

UPDATE uitgevoerde_verrichting SET status = 'Te factureren'
WHERE uitgevoerde_verrichting_id IN (SELECT uitgevoerde_verrichting_id FROM t_niet_gefactureerd);

-- With the line goes its credit, whichever invoice that is on.
DELETE FROM verrichting_factuurregel WHERE factuur_id IN (SELECT factuur_id FROM t_factuur_weg)
    OR uitgevoerde_verrichting_id IN (SELECT uitgevoerde_verrichting_id FROM t_niet_gefactureerd);

UPDATE abonnementsgrondslag SET factuur_id = NULL WHERE factuur_id IN (SELECT factuur_id FROM t_factuur_weg);

DELETE FROM factuur WHERE factuur_id IN (SELECT factuur_id FROM t_factuur_weg);

UPDATE factuur SET factuurnummer = 'F' || extract(year FROM factuurdatum) || '-' || lpad(factuur_id::text, 6, '0'),
    factuurdatum = pg_temp.vandaag()
WHERE factuurnummer IS NULL;

CREATE TEMP TABLE t_factuur ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('factuur', 'factuur_id'))::integer AS factuur_id, werkgever_id FROM (
    SELECT werkgever_id FROM uitgevoerde_verrichting WHERE status = 'Te factureren' GROUP BY werkgever_id
    ORDER BY pg_temp.h('factuur', werkgever_id) LIMIT 2 + (SELECT count(*) FROM contract) / 100) AS w;

INSERT INTO factuur (factuur_id, werkgever_id, factuurdatum) SELECT factuur_id, werkgever_id, pg_temp.vandaag()
    FROM t_factuur;

INSERT INTO verrichting_factuurregel
SELECT uitgevoerde_verrichting_id, 1, factuur_id, 1, prijs - coalesce(korting, 0), 21, false
FROM t_factuur JOIN uitgevoerde_verrichting USING (werkgever_id) WHERE status = 'Te factureren';

UPDATE uitgevoerde_verrichting SET status = 'Gefactureerd'
WHERE status = 'Te factureren' AND werkgever_id IN (SELECT werkgever_id FROM t_factuur);

-- Of what was billed before something is credited, or had the wrong VAT.
INSERT INTO verrichting_factuurregel
SELECT r.uitgevoerde_verrichting_id, 2, f.factuur_id, -1, -r.bedrag_excl_btw, r.btw_percentage, true
FROM t_factuur f JOIN LATERAL (
    SELECT x.* FROM uitgevoerde_verrichting v JOIN verrichting_factuurregel x USING (uitgevoerde_verrichting_id)
    WHERE v.werkgever_id = f.werkgever_id AND x.factuur_id <> f.factuur_id AND x.bedrag_excl_btw > 0 AND NOT EXISTS (
        SELECT FROM verrichting_factuurregel y
        WHERE y.uitgevoerde_verrichting_id = x.uitgevoerde_verrichting_id AND y.regelnummer > 1)
    ORDER BY x.uitgevoerde_verrichting_id DESC LIMIT 1) AS r ON true;

UPDATE verrichting_factuurregel r SET btw_percentage = CASE r.btw_percentage WHEN 21 THEN 0 ELSE 21 END
FROM (SELECT uitgevoerde_verrichting_id FROM verrichting_factuurregel
    ORDER BY pg_temp.h('btw', uitgevoerde_verrichting_id)
    LIMIT 1 + (SELECT count(*) FROM contract) / 300) AS g
WHERE r.uitgevoerde_verrichting_id = g.uitgevoerde_verrichting_id;

-- The basis of the next quarter is prepared, and put off again; that of this one is billed where there is an invoice.
CREATE TEMP TABLE t_grondslag_weg ON COMMIT DROP AS
SELECT grondslag_id FROM abonnementsgrondslag WHERE factuur_id IS NULL
ORDER BY pg_temp.h('grondslag weg', grondslag_id) LIMIT 1 + (SELECT count(*) FROM contract) / 500;

DELETE FROM abonnementsregel WHERE grondslag_id IN (SELECT grondslag_id FROM t_grondslag_weg);

DELETE FROM abonnementsgrondslag WHERE grondslag_id IN (SELECT grondslag_id FROM t_grondslag_weg);

CREATE TEMP TABLE t_grondslag ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('abonnementsgrondslag', 'grondslag_id'))::integer AS grondslag_id, n.* FROM (
    SELECT contract_id, werkgever_id, to_char(pg_temp.vandaag() + interval '3 months', 'YYYY"-Q"Q') AS periode
    FROM contract c JOIN contractmodel m USING (contractmodel_id)
    WHERE m.soort <> 'Verrichtingen' AND coalesce(c.einddatum, 'infinity') > pg_temp.vandaag() + 100
        AND NOT EXISTS (SELECT FROM abonnementsgrondslag g WHERE g.contract_id = c.contract_id
            AND g.periode = to_char(pg_temp.vandaag() + interval '3 months', 'YYYY"-Q"Q'))
    ORDER BY pg_temp.h('grondslag', contract_id) LIMIT 2 + (SELECT count(*) FROM contract) / 300) AS n;

INSERT INTO abonnementsgrondslag (grondslag_id, contract_id, periode, btw_percentage)
SELECT grondslag_id, contract_id, periode, 21 FROM t_grondslag;

INSERT INTO abonnementsregel
SELECT grondslag_id, 1, 'Abonnement per medewerker', aantal, 19.25, round(aantal * 19.25, 2)
FROM t_grondslag g, LATERAL (SELECT count(*) AS aantal FROM werknemer w WHERE w.werkgever_id = g.werkgever_id) AS w;

UPDATE abonnementsgrondslag g SET factuur_id = f.factuur_id
FROM contract c JOIN t_factuur f USING (werkgever_id)
WHERE c.contract_id = g.contract_id AND g.factuur_id IS NULL
    AND g.periode = to_char(pg_temp.vandaag()::timestamp, 'YYYY"-Q"Q');

UPDATE abonnementsgrondslag SET btw_percentage = CASE btw_percentage WHEN 21 THEN 9 ELSE 21 END
WHERE grondslag_id = (SELECT min(grondslag_id) FROM abonnementsgrondslag WHERE factuur_id IS NULL);

UPDATE abonnementsregel r SET aantal = aantal + 1, bedrag_excl_btw = round((aantal + 1) * tarief, 2)
FROM (SELECT grondslag_id FROM abonnementsgrondslag WHERE factuur_id IS NULL ORDER BY pg_temp.h('aantal', grondslag_id)
    LIMIT 1 + (SELECT count(*) FROM contract) / 300) AS g
WHERE r.grondslag_id = g.grondslag_id AND r.regelnummer = 1;
