-- The lists that an administrator keeps: added, changed, and deleted where nothing refers to them.
INSERT INTO feestdag
SELECT dag, 'Collectieve vrije dag', true
FROM (SELECT pg_temp.werkdag(date_trunc('year', pg_temp.vandaag())::date + 7 + pg_temp.n('vrije dag', k, 350)) AS dag
    FROM generate_series(1, 20) AS k) AS dagen
WHERE extract(year FROM dag) = extract(year FROM pg_temp.vandaag()) AND dag NOT IN (SELECT datum FROM feestdag)
ORDER BY dag LIMIT 1;

UPDATE feestdag SET is_vrij = NOT is_vrij
WHERE datum = (SELECT datum FROM feestdag
    WHERE naam IN ('Goede Vrijdag', 'Brugdag na Hemelvaart', 'Oudejaarsdag') AND datum >= pg_temp.begin_historie()
        AND datum < date_trunc('year', pg_temp.vandaag()) + interval '1 year'
    ORDER BY pg_temp.h('vrij', datum - date '2000-01-01') LIMIT 1);

DELETE FROM feestdag
WHERE datum = (SELECT datum FROM feestdag
    WHERE naam = 'Collectieve vrije dag' AND datum < date_trunc('year', pg_temp.vandaag()) + interval '1 year'
        AND datum >= date_trunc('year', pg_temp.vandaag())
    ORDER BY pg_temp.h('niet meer vrij', datum - date '2000-01-01') LIMIT 1);

INSERT INTO arbodienst (code, naam, telefoon, is_gecertificeerd)
VALUES ('ARBO-' || to_char(pg_temp.vandaag(), 'IYYYIW'), 'Arbodienst in oprichting', NULL, false);

UPDATE arbodienst SET telefoon = '088-555' || lpad(pg_temp.n('telefoon', arbodienst_id, 10000)::text, 4, '0')
WHERE arbodienst_id = 1 + pg_temp.n('arbodienst', 0, 5);

DELETE FROM arbodienst WHERE arbodienst_id = (SELECT arbodienst_id FROM arbodienst a
    WHERE NOT EXISTS (SELECT FROM werkgever w WHERE w.arbodienst_id = a.arbodienst_id)
        AND arbodienst_id > 5 AND code <> 'ARBO-' || to_char(pg_temp.vandaag(), 'IYYYIW')
    ORDER BY arbodienst_id LIMIT 1);

INSERT INTO protocol (naam, omschrijving)
VALUES ('Proef ' || to_char(pg_temp.vandaag(), 'IYYY-IW'), E'Proefprotocol\nnog niet "vrijgegeven"');

UPDATE protocol SET omschrijving = 'Herzien op ' || pg_temp.vandaag()
    WHERE protocol_id = 4 + pg_temp.n('protocol', 0, 6);

DELETE FROM protocol_taak WHERE protocol_id IN (SELECT protocol_id FROM protocol
    WHERE naam LIKE 'Proef %' AND naam < 'Proef ' || to_char(pg_temp.vandaag() - 14, 'IYYY-IW'));

DELETE FROM protocol WHERE naam LIKE 'Proef %' AND naam < 'Proef ' || to_char(pg_temp.vandaag() - 14, 'IYYY-IW');

-- Only teams without cases: the name of another would change in all of its cases.
INSERT INTO casemanagementteam (naam) VALUES ('Projectteam ' || to_char(pg_temp.vandaag(), 'IYYY-IW'));

DELETE FROM casemanagementteam WHERE team_id = (SELECT min(team_id) FROM casemanagementteam WHERE team_id > 6);

UPDATE casemanagementteam SET naam = split_part(naam, ' (', 1) || ' (' || to_char(pg_temp.vandaag(), 'IYYY-IW') || ')'
WHERE team_id = (SELECT min(team_id) FROM casemanagementteam WHERE team_id > 6);

INSERT INTO verzuimclassificatie (naam, bronsysteem, is_vangnet, is_wazo, telt_mee, is_medisch)
VALUES ('Tijdelijke soort ' || to_char(pg_temp.vandaag(), 'IYYY-IW'), 'Eigen lijst', false, false, true, false);

UPDATE verzuimclassificatie SET naam = split_part(naam, ' (', 1) || ' (herzien '
    || to_char(pg_temp.vandaag(), 'IYYY-IW') || ')'
WHERE verzuimclassificatie_id = 1 + pg_temp.n('classificatie', 0, 33);

DELETE FROM verzuimclassificatie WHERE verzuimclassificatie_id = (SELECT min(verzuimclassificatie_id)
    FROM verzuimclassificatie
    WHERE verzuimclassificatie_id > 33);

INSERT INTO beschikkingsoort (naam, wet, instantie, is_medisch)
VALUES ('Regeling ' || to_char(pg_temp.vandaag(), 'IYYY-IW'), NULL, 'Gemeente', false);

UPDATE beschikkingsoort SET naam = split_part(naam, ' [', 1) || ' [' || to_char(pg_temp.vandaag(), 'IYYY-IW') || ']'
WHERE beschikkingsoort_id = 1 + pg_temp.n('beschikkingsoort', 0, 21);

DELETE FROM beschikkingsoort WHERE beschikkingsoort_id = (SELECT min(beschikkingsoort_id) FROM beschikkingsoort
    WHERE beschikkingsoort_id > 21);
