-- What was done today yields a performance, and somebody writes one of another kind.
CREATE TEMP TABLE t_verricht ON COMMIT DROP AS
SELECT v.verrichting_id, t.werknemer_id, g.taak_id, NULL::bigint AS spreekuur_id, g.uitvoerder_id
FROM t_gereed g JOIN verrichting v USING (taakdefinitie_id) JOIN traject t USING (traject_id)
WHERE g.uitvoerder_id IS NOT NULL AND NOT EXISTS (SELECT FROM uitgevoerde_verrichting u WHERE u.taak_id = g.taak_id)
UNION ALL
SELECT v.verrichting_id, c.werknemer_id, NULL, c.spreekuur_id, c.professional_id
FROM t_consult c JOIN verrichting v USING (spreekuursoort_id)
UNION ALL
(SELECT 13, werknemer_id, NULL, NULL, leden[1 + pg_temp.n('casus', traject_id, cardinality(leden))]
FROM traject JOIN t_vakman ON discipline_id = 4 WHERE status = 'Lopend'
ORDER BY pg_temp.h('casus', traject_id) LIMIT pg_temp.deel(0.0001));

INSERT INTO uitgevoerde_verrichting (verrichting_id, contract_id, werkgever_id, werknemer_id, taak_id, spreekuur_id,
    uitvoerder_id, uitgevoerd_op, duur_minuten, prijs, binnen_budget, status, omschrijving)
SELECT verrichting_id, contract_id, w.werkgever_id, werknemer_id, taak_id, spreekuur_id, t.uitvoerder_id,
    pg_temp.vandaag(),
    standaardduur_minuten, standaardprijs, contract_id IS NOT NULL, CASE WHEN contract_id IS NULL THEN 'Niet factureren'
        ELSE 'Te factureren' END,
    CASE WHEN werknemer_id % 3 = 0 THEN pg_temp.kies('omschrijving', werknemer_id, pg_temp.opmerkingen()) END
FROM t_verricht t JOIN werknemer w USING (werknemer_id) JOIN verrichting v USING (verrichting_id) LEFT JOIN LATERAL (
    SELECT contract_id FROM contract c JOIN contractmodel m USING (contractmodel_id)
    WHERE c.werkgever_id = w.werkgever_id AND m.soort <> 'Abonnement' AND c.dienstverlening_id = 1
        AND pg_temp.vandaag() BETWEEN c.ingangsdatum AND coalesce(c.einddatum, 'infinity')
    ORDER BY contract_id LIMIT 1) AS c ON true
ORDER BY verrichting_id, werknemer_id, taak_id, spreekuur_id;

UPDATE uitgevoerde_verrichting SET duur_minuten = duur_minuten + 5, korting = round(prijs * 0.05, 2),
    omschrijving = 'Korting "wegens" vertraging'
WHERE uitgevoerde_verrichting_id IN (SELECT uitgevoerde_verrichting_id FROM uitgevoerde_verrichting
    WHERE status = 'Te factureren' ORDER BY pg_temp.h('korting', uitgevoerde_verrichting_id)
        LIMIT pg_temp.deel(0.0001));

DELETE FROM uitgevoerde_verrichting WHERE uitgevoerde_verrichting_id IN (
    SELECT uitgevoerde_verrichting_id FROM uitgevoerde_verrichting
    WHERE status <> 'Gefactureerd' AND uitgevoerd_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('niet verricht', uitgevoerde_verrichting_id) LIMIT pg_temp.deel(0.0001));

-- Attributes of people and cases: given, changed, taken back, and deleted.
INSERT INTO werknemer_kenmerk
SELECT werknemer_id, kenmerk, pg_temp.moment('kenmerk', werknemer_id, pg_temp.vandaag()), NULL,
    pg_temp.kenmerkwaarde(kenmerk, werknemer_id)
FROM (SELECT werknemer_id, 7 + rang::integer % 4 AS kenmerk FROM t_aanwezig WHERE is_hoofd AND NOT afgeschermd
    ORDER BY rang LIMIT pg_temp.deel(0.0005)) AS wie
WHERE NOT EXISTS (SELECT FROM werknemer_kenmerk k WHERE k.werknemer_id = wie.werknemer_id AND k.kenmerk_id = kenmerk
    AND k.vervallen_op IS NULL);

INSERT INTO traject_kenmerk
SELECT traject_id, kenmerk, pg_temp.moment('kenmerk traject', traject_id, pg_temp.vandaag()), NULL,
    pg_temp.kenmerkwaarde(kenmerk, traject_id)
FROM (SELECT traject_id, 11 + pg_temp.n('welk kenmerk', traject_id, 4) AS kenmerk FROM traject WHERE status = 'Lopend'
    ORDER BY pg_temp.h('kenmerk traject', traject_id) LIMIT pg_temp.deel(0.0003)) AS wat
WHERE NOT EXISTS (SELECT FROM traject_kenmerk k WHERE k.traject_id = wat.traject_id AND k.kenmerk_id = kenmerk
    AND k.vervallen_op IS NULL);

CREATE TEMP TABLE t_kenmerk ON COMMIT DROP AS
SELECT werknemer_id AS id, kenmerk_id, vastgelegd_op, 'werknemer' AS entiteit, row_number() OVER () AS volg
FROM (SELECT * FROM werknemer_kenmerk WHERE vervallen_op IS NULL AND vastgelegd_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('kenmerk anders', werknemer_id * 32 + kenmerk_id) LIMIT 3 * pg_temp.deel(0.0001)) AS w
UNION ALL
SELECT traject_id, kenmerk_id, vastgelegd_op, 'traject', row_number() OVER ()
FROM (SELECT * FROM traject_kenmerk WHERE vervallen_op IS NULL AND vastgelegd_op < pg_temp.vandaag()
    ORDER BY pg_temp.h('kenmerk anders', traject_id * 32 + kenmerk_id) LIMIT 3 * pg_temp.deel(0.0001)) AS t;

UPDATE werknemer_kenmerk k SET waarde = CASE volg % 3 WHEN 1 THEN 'Gewijzigd op ' || pg_temp.vandaag() ELSE waarde END,
    vervallen_op = CASE volg % 3 WHEN 2 THEN pg_temp.moment('vervallen', id, pg_temp.vandaag()) END
FROM t_kenmerk t WHERE entiteit = 'werknemer' AND volg % 3 > 0
    AND (k.werknemer_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

UPDATE traject_kenmerk k SET waarde = CASE volg % 3 WHEN 1 THEN 'Gewijzigd: "ja"' ELSE waarde END,
    vervallen_op = CASE volg % 3 WHEN 2 THEN pg_temp.moment('vervallen', id, pg_temp.vandaag()) END
FROM t_kenmerk t WHERE entiteit = 'traject' AND volg % 3 > 0
    AND (k.traject_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

DELETE FROM werknemer_kenmerk k USING t_kenmerk t WHERE entiteit = 'werknemer' AND volg % 3 = 0
    AND (k.werknemer_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);

DELETE FROM traject_kenmerk k USING t_kenmerk t WHERE entiteit = 'traject' AND volg % 3 = 0
    AND (k.traject_id, k.kenmerk_id, k.vastgelegd_op) = (t.id, t.kenmerk_id, t.vastgelegd_op);
