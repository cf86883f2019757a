-- Attributes of a kind that fits. Some were taken back, and some of those given again: `keer` 2.
CREATE TEMP TABLE t_kenmerk ON COMMIT DROP AS
SELECT e.entiteit, e.id, kenmerk_id, zaad + keer AS zaad,
    pg_temp.moment('kenmerk ' || entiteit, zaad + keer, eerste + 45 * (keer - 1)) AS vastgelegd,
    CASE WHEN keer = 1 AND is_weg AND eerste + 30 <= pg_temp.vandaag()
        THEN pg_temp.moment('vervallen ' || entiteit, zaad, eerste + 30) END AS vervallen
FROM (
    SELECT 'Afdeling' AS entiteit, id::bigint AS id, 2 AS op_de, pg_temp.begin_historie() AS vanaf FROM t_afdeling
    UNION ALL SELECT 'Werkgever', id, 2, pg_temp.begin_historie() FROM t_werkgever WHERE NOT is_nieuw
    UNION ALL SELECT 'Dossierobject', id, 12, greatest(ingang, pg_temp.begin_historie()) FROM t_basis
    UNION ALL SELECT 'Traject', id, 10, greatest(startdatum, pg_temp.begin_historie()) FROM t_traject
) AS e JOIN kenmerk k USING (entiteit), LATERAL (SELECT e.id * 32 + 2 * kenmerk_id AS zaad) AS z,
LATERAL (SELECT vanaf + pg_temp.n('kenmerk op ' || entiteit, zaad, 90) AS eerste, zaad % 7 = 3 AS is_weg) AS d,
generate_series(1, 1 + is_weg::integer) AS keer
WHERE is_actief AND pg_temp.n('kenmerk? ' || entiteit, zaad, op_de) = 0
    AND eerste + 45 * (keer - 1) <= pg_temp.vandaag();

INSERT INTO afdeling_kenmerk
SELECT id, kenmerk_id, vastgelegd, vervallen, pg_temp.kenmerkwaarde(kenmerk_id, zaad) FROM t_kenmerk
WHERE entiteit = 'Afdeling';

INSERT INTO werkgever_kenmerk
SELECT id, kenmerk_id, vastgelegd, vervallen, pg_temp.kenmerkwaarde(kenmerk_id, zaad) FROM t_kenmerk
WHERE entiteit = 'Werkgever';

INSERT INTO werknemer_kenmerk
SELECT id, kenmerk_id, vastgelegd, vervallen, pg_temp.kenmerkwaarde(kenmerk_id, zaad) FROM t_kenmerk
WHERE entiteit = 'Dossierobject';

INSERT INTO traject_kenmerk
SELECT id, kenmerk_id, vastgelegd, vervallen, pg_temp.kenmerkwaarde(kenmerk_id, zaad) FROM t_kenmerk
WHERE entiteit = 'Traject';
