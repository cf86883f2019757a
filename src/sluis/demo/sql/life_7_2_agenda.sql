-- Consultations are asked for: in cases that run, and by people who are at work.
INSERT INTO oproepverzoek (werknemer_id, traject_id, spreekuursoort_id, aangevraagd_op, status, aanvrager_id,
    voorkeurslocatie_id, voorkeursarts_id)
SELECT werknemer_id, traject_id, soort, pg_temp.moment('aanvraag', werknemer_id, pg_temp.vandaag()),
    CASE WHEN werknemer_id % 3 = 0 THEN 'Ter goedkeuring' ELSE 'Aangevraagd' END,
    (SELECT leden[1 + pg_temp.n('aanvrager', werknemer_id, cardinality(leden))] FROM t_vakman WHERE discipline_id = 4),
    CASE WHEN werknemer_id % 4 > 0 THEN 1 + pg_temp.n('voorkeurslocatie', werknemer_id, 10) END,
    CASE WHEN werknemer_id % 5 = 2 THEN (SELECT leden[1] FROM t_vakman WHERE discipline_id = 1) END
FROM (
    (SELECT werknemer_id, traject_id, (ARRAY[1, 2, 2, 5, 6])[1 + pg_temp.n('soort spreekuur', traject_id, 5)] AS soort
    FROM traject WHERE status = 'Lopend' AND protocol_id IN (1, 6)
    ORDER BY pg_temp.h('verzoek', traject_id) LIMIT pg_temp.deel(0.0014))
    UNION ALL
    (SELECT werknemer_id, NULL, 3 + rang::integer % 2 FROM t_aanwezig WHERE gebeurtenis IS NULL AND is_hoofd
        AND NOT afgeschermd
    ORDER BY rang DESC LIMIT pg_temp.deel(0.0003))
) AS nieuw
ORDER BY werknemer_id, traject_id;

-- What was asked before today is planned, refused, or withdrawn.
CREATE TEMP TABLE t_planning ON COMMIT DROP AS
SELECT v.*, CASE WHEN lot < 0.06 THEN 'Afgekeurd' WHEN lot > 0.94 THEN 'Ingetrokken' ELSE 'Gepland' END AS wordt
FROM oproepverzoek v, LATERAL (SELECT pg_temp.u('lot verzoek', oproepverzoek_id) AS lot) AS l
WHERE status IN ('Aangevraagd', 'Ter goedkeuring') AND aangevraagd_op < pg_temp.vandaag()
    AND pg_temp.u('vandaag gepland', oproepverzoek_id) < 0.6;

UPDATE oproepverzoek v SET status = wordt FROM t_planning p WHERE p.oproepverzoek_id = v.oproepverzoek_id;

DELETE FROM oproepverzoek WHERE oproepverzoek_id IN (
    SELECT oproepverzoek_id FROM oproepverzoek v WHERE status IN ('Afgekeurd', 'Ingetrokken')
        AND aangevraagd_op < pg_temp.vandaag() - 200 AND NOT EXISTS (SELECT FROM afspraak a
            WHERE a.oproepverzoek_id = v.oproepverzoek_id)
    ORDER BY pg_temp.h('verzoek weg', oproepverzoek_id) LIMIT pg_temp.deel(0.0001));

-- Appointments that are moved, as far as they lie ahead.
CREATE TEMP TABLE t_verzet ON COMMIT DROP AS
SELECT * FROM afspraak WHERE status = 'Gepland' AND begint_op >= pg_temp.vandaag() + 1 AND werknemer_id IS NOT NULL
ORDER BY pg_temp.h('verzet', afspraak_id) LIMIT pg_temp.deel(0.0002);

UPDATE afspraak SET status = 'Verzet' WHERE afspraak_id IN (SELECT afspraak_id FROM t_verzet);

INSERT INTO afspraak (oproepverzoek_id, werknemer_id, traject_id, spreekuursoort_id, locatie_id, professional_id,
    begint_op, eindigt_op, vorm, status)
SELECT oproepverzoek_id, werknemer_id, traject_id, spreekuursoort_id, locatie_id, professional_id,
    begint_op + interval '7 days', eindigt_op + interval '7 days', vorm, 'Gepland'
FROM t_verzet ORDER BY afspraak_id;

INSERT INTO afspraak (oproepverzoek_id, werknemer_id, traject_id, spreekuursoort_id, locatie_id, professional_id,
    begint_op, eindigt_op, vorm, status)
SELECT p.oproepverzoek_id, p.werknemer_id, p.traject_id, p.spreekuursoort_id,
    CASE WHEN vorm IN ('Fysiek', 'Huisbezoek') THEN coalesce(voorkeurslocatie_id, 1) END,
        leden[1 + pg_temp.n('professional',
        coalesce(p.traject_id, p.werknemer_id), cardinality(leden))],
    begin, begin + standaardduur_minuten * interval '1 minute', vorm, 'Gepland'
FROM t_planning p JOIN spreekuursoort s USING (spreekuursoort_id)
JOIN t_vakman v ON v.discipline_id = coalesce(s.discipline_id, 1),
    LATERAL (SELECT pg_temp.werkdag(pg_temp.vandaag() + 2 + pg_temp.n('over dagen', oproepverzoek_id, 12))
            + time '08:00' + pg_temp.n('tijd', oproepverzoek_id, 16) * interval '30 minutes' AS begin,
        (ARRAY['Fysiek', 'Fysiek', 'Telefonisch', 'Video', 'Huisbezoek'])[
            1 + pg_temp.n('vorm', oproepverzoek_id, 5)] AS vorm) AS a
WHERE wordt = 'Gepland' ORDER BY p.oproepverzoek_id;

-- A block in the agenda of somebody; one that is long past is deleted, and another appointment is half an hour later.
INSERT INTO afspraak (spreekuursoort_id, professional_id, begint_op, eindigt_op, status)
SELECT 9, leden[1 + pg_temp.n('blok', 0, cardinality(leden))], pg_temp.vandaag() + 5 + time '12:00',
    pg_temp.vandaag() + 5 + time '13:00', 'Gepland'
FROM t_vakman WHERE discipline_id = 1 + pg_temp.n('blok', 1, 8);

DELETE FROM afspraak WHERE afspraak_id IN (
    SELECT afspraak_id FROM afspraak a WHERE status IN ('Geannuleerd', 'Uitgevoerd')
        AND begint_op < pg_temp.vandaag() - 100
        AND werknemer_id IS NULL
    ORDER BY begint_op, afspraak_id LIMIT pg_temp.deel(0.0001));

UPDATE afspraak SET begint_op = begint_op + interval '30 minutes', eindigt_op = eindigt_op + interval '30 minutes',
    locatie_id = CASE WHEN locatie_id < 10 THEN locatie_id + 1 ELSE locatie_id END
WHERE afspraak_id IN (SELECT afspraak_id FROM afspraak WHERE status = 'Gepland' AND begint_op >= pg_temp.vandaag() + 1
    ORDER BY pg_temp.h('later', afspraak_id) LIMIT pg_temp.deel(0.0002));

UPDATE afspraak SET status = 'Geannuleerd', geannuleerd_op = pg_temp.moment('afgezegd', afspraak_id, pg_temp.vandaag()),
    reden_annulering = pg_temp.kies('reden annulering', afspraak_id, ARRAY['Hersteld', 'Ziekenhuis', '', NULL])
WHERE afspraak_id IN (SELECT afspraak_id FROM afspraak WHERE status = 'Gepland' AND begint_op >= pg_temp.vandaag() + 1
    ORDER BY pg_temp.h('afgezegd', afspraak_id) LIMIT pg_temp.deel(0.0001));

-- What was planned until today took place, or somebody did not come.
CREATE TEMP TABLE t_gehouden ON COMMIT DROP AS
SELECT *, CASE WHEN pg_temp.u('no-show', afspraak_id) < 0.05 THEN 'No-show' ELSE 'Uitgevoerd' END AS wordt
FROM afspraak WHERE status = 'Gepland' AND begint_op < pg_temp.vandaag() + 1;

UPDATE afspraak a SET status = wordt FROM t_gehouden g WHERE g.afspraak_id = a.afspraak_id;

-- One call a day has no appointment.
CREATE TEMP TABLE t_consult ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('spreekuur', 'spreekuur_id')) AS spreekuur_id, n.*
FROM (
    (SELECT afspraak_id, werknemer_id, traject_id, spreekuursoort_id, professional_id, begint_op AS op,
        (extract(epoch FROM eindigt_op - begint_op) / 60)::integer AS duur
    FROM t_gehouden WHERE wordt = 'Uitgevoerd' AND werknemer_id IS NOT NULL ORDER BY afspraak_id)
    UNION ALL
    (SELECT NULL, werknemer_id, traject_id, 1, leden[1], pg_temp.moment('telefoontje', traject_id, pg_temp.vandaag()),
        15
    FROM traject, t_vakman WHERE status = 'Lopend' AND protocol_id IN (1, 6) AND discipline_id = 1
    ORDER BY pg_temp.h('telefoontje', traject_id) LIMIT pg_temp.deel(0.00005))
) AS n;

INSERT INTO spreekuur (spreekuur_id, afspraak_id, werknemer_id, traject_id, spreekuursoort_id, professional_id,
    uitgevoerd_op, duur_minuten, resultaat, advies, ao_advies, vervolg_over_dagen)
SELECT spreekuur_id, afspraak_id, werknemer_id, traject_id, spreekuursoort_id, professional_id, op, duur,
    pg_temp.kies('resultaat', spreekuur_id, ARRAY['Volledig inzetbaar', 'Inzetbaar met beperkingen', 'Niet inzetbaar',
        '']),
    pg_temp.kies('advies', spreekuur_id, pg_temp.opmerkingen()),
    CASE WHEN spreekuursoort_id IN (1, 2, 12) THEN 5 * pg_temp.n('ao', spreekuur_id, 21) END,
    CASE WHEN spreekuur_id % 3 > 0 THEN 42 END
FROM t_consult;

UPDATE spreekuur SET advies = pg_temp.kies('ander advies', spreekuur_id, pg_temp.opmerkingen()),
    ao_advies = least(100, ao_advies + 5)
WHERE spreekuur_id IN (SELECT spreekuur_id FROM spreekuur WHERE uitgevoerd_op >= pg_temp.vandaag() - 30
    ORDER BY pg_temp.h('ander advies', spreekuur_id) LIMIT pg_temp.deel(0.0002));

INSERT INTO diagnose
SELECT spreekuur_id, codes[1 + (pg_temp.n('diagnose', werknemer_id, 20) + keer) % cardinality(codes)], keer = 0,
    op::date,
    pg_temp.n('door werk', spreekuur_id, 3) = 0
FROM t_consult, generate_series(0, (spreekuur_id % 3 = 2)::integer) AS keer,
    (SELECT array_agg(cas_code ORDER BY cas_code) AS codes FROM cas_code) AS c
WHERE spreekuursoort_id IN (1, 2, 7, 10, 12, 13);

INSERT INTO beperking
SELECT spreekuur_id, 1 + (pg_temp.n('item', spreekuur_id, 19) + 8 * keer) % 19,
    pg_temp.kies('waarde', spreekuur_id + keer, ARRAY['Beperkt', 'Licht beperkt', 'Sterk beperkt']), op::date,
        op::date + 90
FROM t_consult, generate_series(0, 1) AS keer WHERE spreekuursoort_id IN (1, 2, 6, 12);

UPDATE diagnose d SET is_arbeidsgerelateerd = NOT coalesce(is_arbeidsgerelateerd, true)
FROM (SELECT spreekuur_id FROM diagnose WHERE is_hoofddiagnose ORDER BY pg_temp.h('door werk', spreekuur_id)
    LIMIT pg_temp.deel(0.0001)) AS g
WHERE d.spreekuur_id = g.spreekuur_id AND d.is_hoofddiagnose;

UPDATE beperking b SET waarde = CASE b.waarde WHEN 'Beperkt' THEN 'Licht beperkt' ELSE 'Beperkt' END, geldig_tot = NULL
FROM (SELECT spreekuur_id, fml_item_id FROM beperking ORDER BY pg_temp.h('waarde', spreekuur_id * 32 + fml_item_id)
    LIMIT pg_temp.deel(0.0001)) AS g
WHERE b.spreekuur_id = g.spreekuur_id AND b.fml_item_id = g.fml_item_id;

-- A consultation was entered for the wrong person, or a second diagnosis was none.
CREATE TEMP TABLE t_consult_weg ON COMMIT DROP AS
SELECT spreekuur_id FROM spreekuur s
WHERE spreekuur_id NOT IN (SELECT spreekuur_id FROM t_consult)
    AND NOT EXISTS (SELECT FROM survey x WHERE x.spreekuur_id = s.spreekuur_id)
    AND NOT EXISTS (SELECT FROM uitgevoerde_verrichting x WHERE x.spreekuur_id = s.spreekuur_id)
ORDER BY pg_temp.h('consult weg', spreekuur_id) LIMIT pg_temp.deel(0.0001);

DELETE FROM diagnose WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_consult_weg);

DELETE FROM beperking WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_consult_weg);

DELETE FROM spreekuur WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_consult_weg);

DELETE FROM diagnose WHERE NOT is_hoofddiagnose AND spreekuur_id IN (SELECT spreekuur_id FROM diagnose
    WHERE NOT is_hoofddiagnose AND pg_temp.n('geen diagnose', 0, 3) = 0
    ORDER BY pg_temp.h('geen diagnose', spreekuur_id) LIMIT pg_temp.deel(0.00003));

DELETE FROM beperking b USING (SELECT spreekuur_id, fml_item_id FROM beperking WHERE geldig_tot < pg_temp.vandaag()
    ORDER BY geldig_tot, spreekuur_id, fml_item_id LIMIT pg_temp.deel(0.0001)) AS g
WHERE b.spreekuur_id = g.spreekuur_id AND b.fml_item_id = g.fml_item_id;
