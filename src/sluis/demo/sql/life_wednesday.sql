-- A department is set up; small ones go over to it, and are archived once nobody is left in them.
CREATE TEMP TABLE t_reorganisatie ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('afdeling', 'afdeling_id'))::integer AS nieuw, k.*
FROM (
    SELECT a.afdeling_id AS oud, a.werkgever_id, a.bovenliggende_afdeling_id AS boven
    FROM afdeling a
    WHERE a.gearchiveerd_op IS NULL AND a.bovenliggende_afdeling_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM afdeling b WHERE b.bovenliggende_afdeling_id = a.afdeling_id)
    ORDER BY pg_temp.h('reorganisatie', a.afdeling_id) LIMIT 1 + (SELECT count(*) FROM afdeling) / 600
) AS k;

INSERT INTO afdeling (afdeling_id, werkgever_id, bovenliggende_afdeling_id, code, naam, kostenplaats,
    leidinggevende_naam)
SELECT nieuw, werkgever_id, boven, 'AFD-' || werkgever_id || '-N' || nieuw, 'Nieuw: '
    || pg_temp.kies('naam', nieuw, pg_temp.afdelingsnamen()),
    NULL, split_part(pg_temp.vast('achternaam chef', nieuw, pg_temp.achternamen()), '|', 1)
FROM t_reorganisatie;

CREATE TEMP TABLE t_over ON COMMIT DROP AS
SELECT a.*, r.nieuw FROM t_aanwezig a JOIN t_reorganisatie r ON r.oud = a.afdeling_id
WHERE a.gebeurtenis IS NULL AND a.id NOT IN (SELECT id FROM t_vorige)
ORDER BY a.rang LIMIT 4 * pg_temp.deel(0.001);

UPDATE dienstverband_periode p SET tot_en_met = pg_temp.vandaag() - 1
FROM t_over o WHERE p.dienstverband_id = o.id AND p.vanaf = o.vanaf;

INSERT INTO dienstverband_periode
SELECT id, pg_temp.vandaag(), tot_en_met, nieuw, functie, uren_per_week, salaris, kostenplaats FROM t_over;

CREATE TEMP TABLE t_archief ON COMMIT DROP AS
SELECT a.afdeling_id FROM afdeling a
WHERE a.gearchiveerd_op IS NULL AND a.afdeling_id NOT IN (SELECT nieuw FROM t_reorganisatie)
    AND NOT EXISTS (SELECT FROM afdeling b WHERE b.bovenliggende_afdeling_id = a.afdeling_id)
    AND NOT EXISTS (SELECT FROM dienstverband_periode p WHERE p.afdeling_id = a.afdeling_id
        AND (p.tot_en_met IS NULL OR p.tot_en_met >= pg_temp.vandaag()))
ORDER BY pg_temp.h('archief', a.afdeling_id) LIMIT 1 + (SELECT count(*) FROM afdeling) / 500;

UPDATE afdeling SET gearchiveerd_op = pg_temp.vandaag() WHERE afdeling_id IN (SELECT afdeling_id FROM t_archief);

-- Others get another name, manager, or place in the tree (one level up, so that no circle can come of it).
CREATE TEMP TABLE t_afdeling_anders ON COMMIT DROP AS
SELECT a.afdeling_id, b.bovenliggende_afdeling_id AS hoger, row_number() OVER (ORDER BY pg_temp.h('anders',
    a.afdeling_id)) AS volg
FROM afdeling a JOIN afdeling b ON b.afdeling_id = a.bovenliggende_afdeling_id
WHERE a.gearchiveerd_op IS NULL ORDER BY volg LIMIT 2 + (SELECT count(*) FROM afdeling) / 150;

UPDATE afdeling a SET
    naam = CASE volg % 3 WHEN 1 THEN split_part(naam, ' (', 1) || ' (' || to_char(pg_temp.vandaag(), 'IYYY-IW')
        || ')' ELSE naam END,
    leidinggevende_naam = split_part(pg_temp.kies('chef', a.afdeling_id, pg_temp.achternamen()), '|', 1),
    bovenliggende_afdeling_id = CASE WHEN volg % 3 = 2 THEN coalesce(hoger, bovenliggende_afdeling_id)
        ELSE bovenliggende_afdeling_id END
FROM t_afdeling_anders x WHERE a.afdeling_id = x.afdeling_id;

-- Departments in which nobody ever worked are deleted, with what was said about them.
CREATE TEMP TABLE t_afdeling_weg ON COMMIT DROP AS
SELECT a.afdeling_id FROM afdeling a
WHERE a.afdeling_id NOT IN (SELECT nieuw FROM t_reorganisatie)
    AND NOT EXISTS (SELECT FROM afdeling b WHERE b.bovenliggende_afdeling_id = a.afdeling_id)
    AND NOT EXISTS (SELECT FROM dienstverband_periode p WHERE p.afdeling_id = a.afdeling_id)
    AND NOT EXISTS (SELECT FROM overeenkomst_werkgever o WHERE o.afdeling_id = a.afdeling_id)
ORDER BY a.gearchiveerd_op IS NULL, a.afdeling_id LIMIT 1 + (SELECT count(*) FROM afdeling) / 800;

DELETE FROM afdeling_kenmerk WHERE afdeling_id IN (SELECT afdeling_id FROM t_afdeling_weg);

DELETE FROM autorisatie WHERE afdeling_id IN (SELECT afdeling_id FROM t_afdeling_weg);

DELETE FROM afdeling WHERE afdeling_id IN (SELECT afdeling_id FROM t_afdeling_weg);
