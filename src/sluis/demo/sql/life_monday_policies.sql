-- The lists of insurance. What is deleted is what nothing refers to, and was not added this week.
INSERT INTO verzekeraar (naam, is_volmacht, risicodrager_id, is_actief)
VALUES ('Volmacht in oprichting ' || pg_temp.week(), true, 1, false);

UPDATE verzekeraar SET naam = split_part(naam, ' (', 1) || ' (' || pg_temp.week() || ')', por_code = 'N'
    || (100 + pg_temp.n('por', verzekeraar_id, 900))
WHERE verzekeraar_id = 1 + pg_temp.n('verzekeraar', 0, 5);

INSERT INTO verzekeringsproduct (verzekeraar_id, code, naam, verzekeringtype, type_deelname)
VALUES (1, 'NW-' || pg_temp.week(), 'Nieuw product ' || pg_temp.week(), 'ZW', 'Alle werknemers');

UPDATE verzekeringsproduct SET naam = split_part(naam, ' [', 1) || ' [' || pg_temp.week() || ']'
WHERE verzekeringsproduct_id = 1 + pg_temp.n('product', 0, 9);

DELETE FROM verzekeringsproduct WHERE verzekeringsproduct_id = (SELECT min(verzekeringsproduct_id)
    FROM verzekeringsproduct x WHERE verzekeringsproduct_id > 9 AND naam NOT LIKE '%' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM polis p WHERE p.verzekeringsproduct_id = x.verzekeringsproduct_id));

DELETE FROM verzekeraar WHERE verzekeraar_id = (SELECT min(verzekeraar_id)
    FROM verzekeraar v WHERE verzekeraar_id > 5 AND naam NOT LIKE '%' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM verzekeringsproduct x WHERE x.verzekeraar_id = v.verzekeraar_id)
        AND NOT EXISTS (SELECT FROM verzekeraar x WHERE x.risicodrager_id = v.verzekeraar_id));

INSERT INTO tussenpersoon (naam, contactpersoon, email)
VALUES ('Kantoor ' || pg_temp.week(), 'N. Nieuw', 'kantoor' || pg_temp.week() || '@nieuw.example');

UPDATE tussenpersoon SET contactpersoon = split_part(pg_temp.kies('contact', tussenpersoon_id, pg_temp.achternamen()),
    '|', 1)
WHERE tussenpersoon_id = 1 + pg_temp.n('tussenpersoon', 0, 4);

DELETE FROM tussenpersoon WHERE tussenpersoon_id = (SELECT min(tussenpersoon_id) FROM tussenpersoon t
    WHERE tussenpersoon_id > 4 AND naam NOT LIKE '%' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM polis p WHERE p.tussenpersoon_id = t.tussenpersoon_id));

INSERT INTO deelnamereden VALUES ('R-' || pg_temp.week(), false, 'Reden van week ' || pg_temp.week());

UPDATE deelnamereden SET omschrijving = split_part(omschrijving, ' (', 1) || ' (' || pg_temp.week() || ')'
WHERE code = pg_temp.kies('reden', 0, ARRAY['ALLE', 'SOORT', 'DUBBEL']);

DELETE FROM deelnamereden WHERE code = (SELECT min(code) FROM deelnamereden r
    WHERE (code LIKE 'R-%' OR code = 'OVERIG') AND code <> 'R-' || pg_temp.week()
        AND NOT EXISTS (SELECT FROM polisdeelnemer d WHERE d.reden = r.code));

-- Some policies get a new version: it ends the one before, and its participants go along.
CREATE TEMP TABLE t_nieuwe_versie ON COMMIT DROP AS
SELECT p.polis_id, p.versie, p.versie + 1 AS nieuw FROM t_polis p WHERE p.ingangsdatum < pg_temp.vandaag() - 60
ORDER BY pg_temp.h('nieuwe versie', polis_id) LIMIT greatest(1, (SELECT count(*) FROM polis) / 400);

UPDATE polis_versie v SET status = 'Beëindigd', einddatum = pg_temp.vandaag() - 1
FROM t_nieuwe_versie n WHERE v.polis_id = n.polis_id AND v.versie = n.versie;

INSERT INTO polis_versie
SELECT v.polis_id, nieuw, pg_temp.vandaag(), NULL, 'Actief', coulanceperiode_dagen, maximale_loonsom,
    round(aangemelde_loonsom * 1.03, 2), verzekerd_loonbegrip_procent, werkgeverslasten_procent + 0.5,
    inloopschade_meeverzekerd, uitloopschade_meeverzekerd
FROM t_nieuwe_versie n JOIN polis_versie v ON v.polis_id = n.polis_id AND v.versie = n.versie;

INSERT INTO dekkingsperiode
SELECT d.polis_id, nieuw, volgnummer, vanaf_dag, tot_dag, dekkingspercentage, eigen_risico_dagen
FROM t_nieuwe_versie n JOIN dekkingsperiode d ON d.polis_id = n.polis_id AND d.versie = n.versie;

CREATE TEMP TABLE t_mee ON COMMIT DROP AS
SELECT d.*, n.nieuw FROM t_nieuwe_versie n JOIN polisdeelnemer d ON d.polis_id = n.polis_id AND d.versie = n.versie
WHERE d.tot_en_met IS NULL OR d.tot_en_met >= pg_temp.vandaag();

-- Who came in today comes in under the new version only.
DELETE FROM polisdeelnemer d USING t_mee m
WHERE m.vanaf >= pg_temp.vandaag() AND (d.polis_id, d.versie, d.werknemer_id, d.vanaf)
    = (m.polis_id, m.versie, m.werknemer_id, m.vanaf);

UPDATE polisdeelnemer d SET tot_en_met = pg_temp.vandaag() - 1
FROM t_mee m WHERE (d.polis_id, d.versie, d.werknemer_id, d.vanaf) = (m.polis_id, m.versie, m.werknemer_id, m.vanaf);

INSERT INTO polisdeelnemer
SELECT polis_id, nieuw, werknemer_id, pg_temp.vandaag(), tot_en_met, dienstverband_id, is_deelnemer, wijze, reden,
    medische_reden, verzekerd_loon
FROM t_mee;

-- New policies, at first without participants; others are withdrawn before anything was claimed.
CREATE TEMP TABLE t_polis_erbij ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('polis', 'polis_id'))::integer AS polis_id, w.werkgever_id
FROM (SELECT werkgever_id FROM werkgever w WHERE einddatum IS NULL AND EXISTS (
        SELECT FROM contract c WHERE c.werkgever_id = w.werkgever_id)
    ORDER BY pg_temp.h('polis erbij', werkgever_id) LIMIT greatest(1, (SELECT count(*) FROM werkgever) / 400)) AS w;

INSERT INTO polis (polis_id, werkgever_id, verzekeringsproduct_id, tussenpersoon_id, polisnummer, serial_number,
    sub_number)
SELECT polis_id, werkgever_id, 8, 1 + pg_temp.n('tussenpersoon', polis_id, 4), 'P' || (500000 + 7 * polis_id),
    'S' || polis_id, '08'
FROM t_polis_erbij;

INSERT INTO polis_versie
SELECT polis_id, 1, pg_temp.vandaag(), NULL, 'Actief', 14, NULL, 500000, 100, NULL, true, false FROM t_polis_erbij;

INSERT INTO dekkingsperiode SELECT polis_id, 1, 1, 731, NULL, 75, 42 FROM t_polis_erbij;

CREATE TEMP TABLE t_polis_weg ON COMMIT DROP AS
SELECT polis_id FROM polis p
WHERE verzekeringsproduct_id >= 7 AND polis_id NOT IN (SELECT polis_id FROM t_polis_erbij)
    AND NOT EXISTS (SELECT FROM claim c WHERE c.polis_id = p.polis_id)
    AND NOT EXISTS (SELECT FROM overeenkomst_polis o WHERE o.polis_id = p.polis_id)
ORDER BY polis_id DESC LIMIT greatest(1, (SELECT count(*) FROM polis) / 500);

DELETE FROM polisdeelnemer WHERE polis_id IN (SELECT polis_id FROM t_polis_weg);

DELETE FROM dekkingsperiode WHERE polis_id IN (SELECT polis_id FROM t_polis_weg);

DELETE FROM polis_versie WHERE polis_id IN (SELECT polis_id FROM t_polis_weg);

DELETE FROM polis WHERE polis_id IN (SELECT polis_id FROM t_polis_weg);

UPDATE polis SET tussenpersoon_id = 1 + pg_temp.n('andere tussenpersoon', polis_id, 4)
WHERE polis_id IN (SELECT polis_id FROM polis ORDER BY pg_temp.h('andere tussenpersoon', polis_id)
    LIMIT 1 + (SELECT count(*) FROM polis) / 200);

UPDATE dekkingsperiode d SET dekkingspercentage = least(100, dekkingspercentage + 5)
FROM t_polis p WHERE p.polis_id = d.polis_id AND p.versie = d.versie AND d.volgnummer = 1
    AND d.polis_id IN (SELECT polis_id FROM t_polis ORDER BY pg_temp.h('andere dekking', polis_id)
        LIMIT 1 + (SELECT count(*) FROM polis) / 300);
