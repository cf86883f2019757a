-- Withdrawn reports are cleaned up after a while.
CREATE TEMP TABLE t_weg ON COMMIT DROP AS
SELECT verzuim_id FROM verzuim
WHERE ingetrokken_op < pg_temp.vandaag() - 1 AND traject_id IS NULL
    AND verzuim_id NOT IN (SELECT samengesteld_met_id FROM verzuim WHERE samengesteld_met_id IS NOT NULL)
ORDER BY pg_temp.h('opruimen', verzuim_id) LIMIT pg_temp.deel(0.0002);

DELETE FROM verzuim_verloop WHERE verzuim_id IN (SELECT verzuim_id FROM t_weg);

DELETE FROM verzuim WHERE verzuim_id IN (SELECT verzuim_id FROM t_weg);

-- Recovery, and the end of an absence because the employment ended.
CREATE TEMP TABLE t_herstel ON COMMIT DROP AS
SELECT id, vanaf, CASE gebeurtenis WHEN 'einde' THEN einddatum + 1 ELSE pg_temp.vandaag() END AS hersteld_op,
    gebeurtenis = 'einde' AND NOT is_wazo AS is_einde
FROM t_open WHERE gebeurtenis IN ('herstel', 'einde');

UPDATE verzuim_verloop l SET tot_en_met = h.hersteld_op - 1
FROM t_herstel h WHERE l.verzuim_id = h.id AND l.vanaf = h.vanaf AND l.tot_en_met IS NULL;

INSERT INTO verzuim_verloop
SELECT id, hersteld_op, hersteld_op, 'Hersteldmelding', 0, 100, 'Handmatig' FROM t_herstel;

UPDATE verzuim z SET hersteld_op = h.hersteld_op, vangnetsoort_id = CASE WHEN is_einde THEN 13 ELSE vangnetsoort_id END
FROM t_herstel h WHERE z.verzuim_id = h.id;

-- A recovery that was reported too soon is taken back.
CREATE TEMP TABLE t_heropend ON COMMIT DROP AS
SELECT z.verzuim_id AS id, z.traject_id, z.hersteld_op
FROM t_laatste l JOIN verzuim z USING (verzuim_id) JOIN dienstverband d ON d.dienstverband_id = z.dienstverband_id
WHERE z.hersteld_op BETWEEN pg_temp.vandaag() - 4 AND pg_temp.vandaag() - 1
    AND z.eerste_ziektedag > pg_temp.vandaag() - 200
    AND (d.einddatum IS NULL OR d.einddatum > pg_temp.vandaag())
ORDER BY pg_temp.h('heropend', z.verzuim_id) LIMIT pg_temp.deel(0.0001);

DELETE FROM verzuim_verloop l USING t_heropend h WHERE l.verzuim_id = h.id AND l.vanaf = h.hersteld_op;

UPDATE verzuim_verloop l SET tot_en_met = NULL FROM t_heropend h WHERE l.verzuim_id = h.id
    AND l.tot_en_met = h.hersteld_op - 1;

UPDATE verzuim SET hersteld_op = NULL WHERE verzuim_id IN (SELECT id FROM t_heropend);

UPDATE traject SET status = 'Lopend', einddatum = NULL
WHERE status <> 'Lopend' AND traject_id IN (SELECT traject_id FROM t_heropend);

-- A report is withdrawn: nothing of its course is left.
DELETE FROM verzuim_verloop WHERE verzuim_id IN (SELECT id FROM t_open WHERE gebeurtenis = 'intrekking');

INSERT INTO verzuim_verloop
SELECT id, eerste_ziektedag, eerste_ziektedag, 'Intrekking', 0, 100, 'Handmatig' FROM t_open
    WHERE gebeurtenis = 'intrekking';

UPDATE verzuim SET hersteld_op = eerste_ziektedag, samengesteld_met_id = NULL,
    ingetrokken_op = pg_temp.moment('intrekking', verzuim_id, pg_temp.vandaag())
WHERE verzuim_id IN (SELECT id FROM t_open WHERE gebeurtenis = 'intrekking');

-- An absence turns out to have begun a day earlier: part of the key of its first step.
CREATE TEMP TABLE t_eerder ON COMMIT DROP AS
SELECT o.id, o.eerste_ziektedag - 1 AS eerste_ziektedag FROM t_open o
WHERE gebeurtenis = 'eerder begonnen' AND eerste_ziektedag > ingangsdatum AND NOT EXISTS (
    SELECT FROM verzuim v WHERE v.dienstverband_id = o.dienstverband_id AND v.verzuim_id <> o.id
        AND v.hersteld_op > o.eerste_ziektedag - 3);

UPDATE verzuim z SET eerste_ziektedag = e.eerste_ziektedag FROM t_eerder e WHERE z.verzuim_id = e.id;

UPDATE verzuim_verloop l SET vanaf = e.eerste_ziektedag FROM t_eerder e WHERE l.verzuim_id = e.id;

UPDATE verzuim SET toelichting = nullif(pg_temp.kies('toelichting', verzuim_id, pg_temp.opmerkingen()), ''),
    verwacht_herstel_op = pg_temp.vandaag() + 3 + pg_temp.n('verwacht', verzuim_id, 30),
    is_arbeidsongeval = is_arbeidsongeval <> (pg_temp.n('ongeval', verzuim_id, 10) = 0)
WHERE verzuim_id IN (SELECT id FROM t_open WHERE gebeurtenis = 'correctie');

-- A step: mostly down, sometimes up.
CREATE TEMP TABLE t_stap ON COMMIT DROP AS
SELECT id, vanaf, verzuimpercentage AS was, CASE
    WHEN verzuimpercentage <= 25 THEN 50
    WHEN verzuimpercentage < 90 AND pg_temp.n('op of neer', id, 5) = 0 THEN verzuimpercentage + 10
    ELSE verzuimpercentage - 20 END AS wordt
FROM t_open WHERE gebeurtenis = 'stap';

UPDATE verzuim_verloop l SET tot_en_met = pg_temp.vandaag() - 1
FROM t_stap s WHERE l.verzuim_id = s.id AND l.vanaf = s.vanaf AND l.tot_en_met IS NULL;

INSERT INTO verzuim_verloop
SELECT id, pg_temp.vandaag(), NULL, CASE WHEN pg_temp.n('correctie', id, 15) = 0 THEN 'Correctie'
    WHEN wordt > was THEN 'Toename' ELSE 'Gedeeltelijk herstel' END, wordt,
    CASE WHEN pg_temp.n('therapie', id, 5) > 0 THEN 100 - wordt END, 'Handmatig'
FROM t_stap;

-- New reports, for today or for the days before.
CREATE TEMP TABLE t_nieuw ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('verzuim', 'verzuim_id')) AS verzuim_id, n.* FROM (
    SELECT a.*, pg_temp.vandaag() - CASE pg_temp.n('laat', id, 12) WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 0 END AS eerste,
        pg_temp.n('ongeval', id, 100) AS ongeval, CASE
            WHEN geslacht = 'V' AND is_hoofd AND geboortedatum BETWEEN pg_temp.vandaag() - 15500
                AND pg_temp.vandaag() - 8000
                AND pg_temp.n('zwanger', id, 30) = 0 THEN 17
            WHEN soort IN ('Oproep', 'Uitzend') THEN 12
            WHEN pg_temp.n('vangnet', id, 40) < 6 THEN (ARRAY[NULL, NULL, 10, 11, 14, 16])[1 + pg_temp.n('vangnet',
                id, 40)]
            ELSE 8 END AS vangnet
    FROM t_aanwezig a WHERE gebeurtenis = 'ziek' ORDER BY id
) AS n;

INSERT INTO verzuim (verzuim_id, dienstverband_id, eerste_ziektedag, gemeld_op, verwacht_herstel_op,
    verzuimclassificatie_id, vangnetsoort_id, samengesteld_met_id, is_arbeidsongeval, is_verkeersongeval_met_derde,
    is_beroepsziekte, loon_bij_melding, toelichting, aangemaakt_op)
SELECT verzuim_id, id, eerste, pg_temp.moment('gemeld', id, pg_temp.vandaag()),
    CASE WHEN id % 2 = 0 THEN pg_temp.vandaag() + pg_temp.n('verwacht', id, 30) END,
    pg_temp.classificatie(CASE WHEN vangnet = 17 THEN 9 WHEN vangnet = 10 THEN 8 WHEN vangnet > 10 THEN 6
        WHEN ongeval < 3 THEN 3 + ongeval ELSE 1 END, werkgever_id),
    vangnet, CASE WHEN hersteld_op > eerste - 28 AND vangnet IS DISTINCT FROM 17 THEN vorig_verzuim END,
    ongeval = 0, ongeval = 1, ongeval = 50, salaris,
    CASE WHEN pg_temp.n('toelichting?', id, 3) = 0 THEN pg_temp.kies('toelichting', id, pg_temp.opmerkingen()) END,
    pg_temp.moment('gemeld', id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_nieuw;

INSERT INTO verzuim_verloop
SELECT verzuim_id, eerste, NULL, 'Ziekmelding', 100, 0, 'Handmatig' FROM t_nieuw;

-- After two weeks a case is opened; with recovery it is closed.
CREATE TEMP TABLE t_dossier ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('traject', 'traject_id')) AS traject_id, n.* FROM (
    SELECT z.verzuim_id, z.dienstverband_id, d.werknemer_id, z.eerste_ziektedag, z.vangnetsoort_id
    FROM verzuim z JOIN dienstverband d USING (dienstverband_id)
    WHERE z.hersteld_op IS NULL AND z.traject_id IS NULL AND z.eerste_ziektedag <= pg_temp.vandaag() - 14
    ORDER BY z.verzuim_id
) AS n;

INSERT INTO traject (traject_id, werknemer_id, dienstverband_id, protocol_id, protocolvariatie, team_id, startdatum,
    status, aangemaakt_op)
SELECT traject_id, werknemer_id, dienstverband_id, CASE vangnetsoort_id WHEN 17 THEN 2 ELSE 1 END, 'Standaard',
    1 + pg_temp.n('team', traject_id, 6), eerste_ziektedag, 'Lopend',
    pg_temp.moment('traject', traject_id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_dossier;

UPDATE verzuim z SET traject_id = d.traject_id FROM t_dossier d WHERE z.verzuim_id = d.verzuim_id;

UPDATE traject t SET status = 'Afgesloten', einddatum = z.hersteld_op
FROM verzuim z WHERE z.traject_id = t.traject_id AND t.status = 'Lopend' AND z.hersteld_op IS NOT NULL;
