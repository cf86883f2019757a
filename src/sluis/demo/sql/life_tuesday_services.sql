-- Services and contract models.
INSERT INTO dienstverlening (naam) VALUES ('Proefdienst ' || pg_temp.week());

INSERT INTO dienstverlening_variatie
SELECT dienstverlening_id, 'Week ' || pg_temp.week(), true FROM dienstverlening
WHERE dienstverlening_id = 2 OR naam = 'Proefdienst ' || pg_temp.week();

UPDATE dienstverlening SET naam = split_part(naam, ' (', 1) || ' (' || pg_temp.week() || ')'
WHERE dienstverlening_id = 1 + pg_temp.n('dienst', 0, 6);

UPDATE dienstverlening_variatie SET is_actief = NOT is_actief WHERE dienstverlening_id = 5 AND variatie = 'Eenmalig';

CREATE TEMP TABLE t_dienst_weg ON COMMIT DROP AS
SELECT dienstverlening_id, variatie FROM dienstverlening_variatie v
WHERE (dienstverlening_id > 6 OR variatie LIKE 'Week %') AND variatie <> 'Week ' || pg_temp.week()
    AND NOT EXISTS (SELECT FROM contract c
        WHERE c.dienstverlening_id = v.dienstverlening_id AND c.variatie = v.variatie)
    AND NOT EXISTS (SELECT FROM dienstverleningsovereenkomst o
        WHERE o.dienstverlening_id = v.dienstverlening_id AND o.variatie = v.variatie);

DELETE FROM dienstverlening_variatie v USING t_dienst_weg w
WHERE v.dienstverlening_id = w.dienstverlening_id AND v.variatie = w.variatie;

DELETE FROM dienstverlening d WHERE dienstverlening_id > 6
    AND NOT EXISTS (SELECT FROM dienstverlening_variatie v WHERE v.dienstverlening_id = d.dienstverlening_id)
    AND NOT EXISTS (SELECT FROM interventieprogramma p WHERE p.dienstverlening_id = d.dienstverlening_id);

INSERT INTO contractmodel (naam, versie, soort, is_begeleidingscontract)
VALUES ('Proefmodel', pg_temp.week(), 'Combinatie', true);

UPDATE contractmodel SET is_begeleidingscontract = NOT is_begeleidingscontract WHERE contractmodel_id = 3;

DELETE FROM contractmodel WHERE contractmodel_id = (SELECT min(contractmodel_id) FROM contractmodel m
    WHERE contractmodel_id > 5 AND versie <> pg_temp.week()
        AND NOT EXISTS (SELECT FROM contract c WHERE c.contractmodel_id = m.contractmodel_id));

-- Employers that have a contract get another, with its agreement; a contract of which nothing came is deleted.
CREATE TEMP TABLE t_contract_erbij ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('contract', 'contract_id'))::integer AS contract_id, nextval(
        pg_get_serial_sequence('dienstverleningsovereenkomst', 'overeenkomst_id'))::integer AS overeenkomst_id,
            werkgever_id
FROM (SELECT werkgever_id FROM werkgever w WHERE einddatum IS NULL AND EXISTS (
        SELECT FROM contract c WHERE c.werkgever_id = w.werkgever_id)
    ORDER BY pg_temp.h('contract erbij', werkgever_id) LIMIT greatest(1, (SELECT count(*) FROM werkgever) / 400)) AS w;

INSERT INTO contract (contract_id, werkgever_id, dienstverlening_id, variatie, contractmodel_id, ingangsdatum,
    kortingsgroep, betalingsplichtige)
SELECT contract_id, werkgever_id, 2, 'Standaard', 3, pg_temp.vandaag(), 'Nieuw', 'Werkgever' FROM t_contract_erbij;

INSERT INTO dienstverleningsovereenkomst (overeenkomst_id, dienstverlening_id, variatie, omschrijving, ingangsdatum,
    status,
    budget)
SELECT overeenkomst_id, 2, 'Standaard', 'Nieuwe afspraken', pg_temp.vandaag(), 'Concept', 5000 FROM t_contract_erbij;

INSERT INTO overeenkomst_contract SELECT overeenkomst_id, contract_id, pg_temp.vandaag() FROM t_contract_erbij;

INSERT INTO overeenkomst_werkgever (overeenkomst_id, werkgever_id, ingangsdatum)
SELECT overeenkomst_id, werkgever_id, pg_temp.vandaag() FROM t_contract_erbij ORDER BY contract_id;

INSERT INTO overeenkomst_polis
SELECT overeenkomst_id, polis_id, versie, pg_temp.vandaag() FROM t_contract_erbij JOIN t_polis USING (werkgever_id);

-- Everybody knows of a policy in the agreement of an employer, sooner or later.
INSERT INTO overeenkomst_polis
SELECT k.overeenkomst_id, p.polis_id, p.versie, pg_temp.vandaag()
FROM t_polis p JOIN overeenkomst_werkgever k USING (werkgever_id)
    JOIN dienstverleningsovereenkomst o USING (overeenkomst_id)
WHERE o.status = 'Actief' AND NOT EXISTS (SELECT FROM overeenkomst_polis x WHERE x.overeenkomst_id = k.overeenkomst_id
    AND x.polis_id = p.polis_id AND x.versie = p.versie)
GROUP BY 1, 2, 3 ORDER BY pg_temp.h('polis bij overeenkomst', k.overeenkomst_id * 4096 + p.polis_id)
LIMIT 1 + (SELECT count(*) FROM polis) / 300;

CREATE TEMP TABLE t_contract_weg ON COMMIT DROP AS
SELECT contract_id FROM contract c
WHERE dienstverlening_id <> 1 AND contract_id NOT IN (SELECT contract_id FROM t_contract_erbij)
    AND NOT EXISTS (SELECT FROM uitgevoerde_verrichting v WHERE v.contract_id = c.contract_id)
    AND NOT EXISTS (SELECT FROM abonnementsgrondslag g WHERE g.contract_id = c.contract_id)
ORDER BY contract_id DESC LIMIT greatest(1, (SELECT count(*) FROM contract) / 500);

DELETE FROM overeenkomst_contract WHERE contract_id IN (SELECT contract_id FROM t_contract_weg);

DELETE FROM contract WHERE contract_id IN (SELECT contract_id FROM t_contract_weg);

UPDATE contract SET kortingsgroep = pg_temp.kies('korting', contract_id, ARRAY['Mantel', 'Volume', '', NULL]),
    indexatiepercentage = 3.1
WHERE contract_id IN (SELECT contract_id FROM contract ORDER BY pg_temp.h('korting', contract_id)
    LIMIT 1 + (SELECT count(*) FROM contract) / 200);

-- Agreements become active, get another budget, or come to nothing.
UPDATE dienstverleningsovereenkomst SET status = 'Actief', ingangsdatum = least(ingangsdatum, pg_temp.vandaag())
WHERE overeenkomst_id IN (SELECT overeenkomst_id FROM dienstverleningsovereenkomst WHERE status = 'Concept'
    AND overeenkomst_id NOT IN (SELECT overeenkomst_id FROM t_contract_erbij)
    ORDER BY pg_temp.h('actief', overeenkomst_id) LIMIT 1);

UPDATE dienstverleningsovereenkomst SET budget = coalesce(budget, 0) + 2500, omschrijving = 'Budget "verhoogd"'
WHERE overeenkomst_id IN (SELECT overeenkomst_id FROM dienstverleningsovereenkomst
    ORDER BY pg_temp.h('budget', overeenkomst_id) LIMIT 1 + (SELECT count(*) FROM contract) / 200);

CREATE TEMP TABLE t_overeenkomst_weg ON COMMIT DROP AS
SELECT overeenkomst_id FROM dienstverleningsovereenkomst o
WHERE overeenkomst_id NOT IN (SELECT overeenkomst_id FROM t_contract_erbij)
    AND NOT EXISTS (SELECT FROM overeenkomst_contract c WHERE c.overeenkomst_id = o.overeenkomst_id)
    AND NOT EXISTS (SELECT FROM traject_overeenkomst t WHERE t.overeenkomst_id = o.overeenkomst_id)
ORDER BY overeenkomst_id DESC LIMIT greatest(1, (SELECT count(*) FROM contract) / 500);

DELETE FROM overeenkomst_polis WHERE overeenkomst_id IN (SELECT overeenkomst_id FROM t_overeenkomst_weg);

DELETE FROM overeenkomst_werkgever WHERE overeenkomst_id IN (SELECT overeenkomst_id FROM t_overeenkomst_weg);

DELETE FROM dienstverleningsovereenkomst WHERE overeenkomst_id IN (SELECT overeenkomst_id FROM t_overeenkomst_weg);

-- Links end, or are taken away.
UPDATE overeenkomst_werkgever SET einddatum = greatest(ingangsdatum, pg_temp.vandaag())
WHERE overeenkomst_werkgever_id IN (SELECT overeenkomst_werkgever_id FROM overeenkomst_werkgever
    ORDER BY pg_temp.h('link eind', overeenkomst_werkgever_id) LIMIT 1 + (SELECT count(*) FROM contract) / 300);

UPDATE overeenkomst_contract c SET einddatum = greatest(ingangsdatum, pg_temp.vandaag()) + 30
FROM (SELECT overeenkomst_id FROM overeenkomst_contract ORDER BY pg_temp.h('contract eind', overeenkomst_id)
    LIMIT 1 + (SELECT count(*) FROM contract) / 300) AS g
WHERE c.overeenkomst_id = g.overeenkomst_id;

UPDATE overeenkomst_polis p SET einddatum = greatest(ingangsdatum, pg_temp.vandaag()) + 30
FROM (SELECT overeenkomst_id FROM overeenkomst_polis ORDER BY pg_temp.h('polis eind', overeenkomst_id * 64 + polis_id)
    LIMIT 1 + (SELECT count(*) FROM contract) / 300) AS g
WHERE p.overeenkomst_id = g.overeenkomst_id;

DELETE FROM overeenkomst_polis p USING (SELECT overeenkomst_id, polis_id, versie FROM overeenkomst_polis
    ORDER BY pg_temp.h('polis los', overeenkomst_id * 64 + polis_id), versie LIMIT 1) AS g
WHERE (p.overeenkomst_id, p.polis_id, p.versie) = (g.overeenkomst_id, g.polis_id, g.versie);
