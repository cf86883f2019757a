-- Cases for something else than absence.
INSERT INTO traject (werknemer_id, dienstverband_id, protocol_id, protocolvariatie, team_id, startdatum, status,
    aangemaakt_op)
SELECT werknemer_id, CASE WHEN id % 3 <> 0 THEN id END, (ARRAY[4, 5, 7, 8, 9])[1 + pg_temp.n('protocol', id, 5)], NULL,
    CASE WHEN id % 4 <> 0 THEN 1 + pg_temp.n('team', id, 6) END, pg_temp.vandaag(), 'Lopend',
    pg_temp.moment('traject', id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_aanwezig WHERE gebeurtenis = 'ander traject' ORDER BY id;

CREATE TEMP TABLE t_klaar ON COMMIT DROP AS
SELECT traject_id, row_number() OVER (ORDER BY pg_temp.h('traject klaar', traject_id)) AS volg
FROM traject WHERE status = 'Lopend' AND startdatum < pg_temp.vandaag() - 30 AND protocol_id IN (4, 5, 7, 8, 9)
ORDER BY volg LIMIT pg_temp.deel(0.0002);

UPDATE traject t SET einddatum = pg_temp.vandaag(), status = CASE k.volg % 4 WHEN 1 THEN 'Verwijderd'
    ELSE 'Afgesloten' END
FROM t_klaar k WHERE t.traject_id = k.traject_id;

CREATE TEMP TABLE t_traject_weg ON COMMIT DROP AS
SELECT traject_id FROM traject t
WHERE status = 'Verwijderd' AND einddatum < pg_temp.vandaag()
    AND NOT EXISTS (SELECT FROM beschikking b WHERE b.traject_id = t.traject_id)
    AND NOT EXISTS (SELECT FROM verzuim z WHERE z.traject_id = t.traject_id)
ORDER BY pg_temp.h('traject weg', traject_id) LIMIT pg_temp.deel(0.00005);

-- Decisions come in, are objected to, and prove to have been entered for the wrong person.
CREATE TEMP TABLE t_besluit ON COMMIT DROP AS
SELECT t.traject_id, t.werknemer_id, CASE WHEN t.protocol_id IN (2, 3) THEN 13 ELSE
        (ARRAY[14, 9, 11, 12, 14, 9, 6])[1 + pg_temp.n('soort', t.traject_id, 7)] END AS soort
FROM traject t
WHERE t.status = 'Lopend' AND t.protocol_id IN (1, 2, 3, 6)
ORDER BY pg_temp.h('besluit', t.traject_id) LIMIT pg_temp.deel(0.0003);

INSERT INTO beschikking (werknemer_id, traject_id, beschikkingsoort_id, kenmerk, datum_beschikking, ontvangen_op,
    ingangsdatum, uitkomst, dagloon, uitkeringsbedrag, loonsanctie_tot, bezwaar_tot, bezwaar_status,
        toerekenen_aan_erd, aangemaakt_op)
SELECT werknemer_id, traject_id, soort, 'B' || traject_id || '/'
    || to_char(pg_temp.vandaag(), 'YYYYMMDD'), pg_temp.vandaag() - 2,
    pg_temp.vandaag(), pg_temp.vandaag() + 5, CASE pg_temp.n('uitkomst', traject_id, 5) WHEN 0 THEN 'Afgewezen'
        ELSE 'Toegekend' END,
    CASE WHEN soort IN (9, 11, 13) THEN 100 + pg_temp.n('dagloon', traject_id, 15000) / 100.0 END,
    CASE WHEN soort IN (9, 13) THEN 2000 + pg_temp.n('bedrag', traject_id, 150000) / 100.0 END,
    CASE WHEN soort = 6 THEN pg_temp.vandaag() + 364 END, pg_temp.vandaag() + 40, 'Geen', false,
    pg_temp.moment('besluit', traject_id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_besluit ORDER BY traject_id;

CREATE TEMP TABLE t_bezwaar ON COMMIT DROP AS
SELECT beschikking_id, row_number() OVER (ORDER BY pg_temp.h('bezwaar', beschikking_id)) AS volg
FROM beschikking WHERE bezwaar_status IN ('Geen', 'Ingediend') AND datum_beschikking < pg_temp.vandaag() - 2
ORDER BY volg LIMIT pg_temp.deel(0.0004);

UPDATE beschikking b SET
    bezwaar_status = CASE WHEN bezwaar_status = 'Geen' THEN 'Ingediend' WHEN z.volg % 2 = 0 THEN 'Gegrond'
        ELSE 'Ongegrond' END,
    uitkomst = CASE WHEN bezwaar_status = 'Ingediend' AND z.volg % 2 = 0 THEN 'Herzien' ELSE uitkomst END
FROM t_bezwaar z WHERE b.beschikking_id = z.beschikking_id;

CREATE TEMP TABLE t_fout ON COMMIT DROP AS
SELECT beschikking_id FROM beschikking
WHERE datum_beschikking BETWEEN pg_temp.vandaag() - 400 AND pg_temp.vandaag() - 3
ORDER BY pg_temp.h('fout', beschikking_id) LIMIT pg_temp.deel(0.0001);

DELETE FROM beschikking WHERE beschikking_id IN (SELECT beschikking_id FROM t_fout);
