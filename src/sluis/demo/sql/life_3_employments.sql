INSERT INTO dienstverband (dienstverband_id, werknemer_id, volgnummer, ingangsdatum, einddatum, soort, contractsoort,
    is_hoofddienstverband, aangemaakt_op)
SELECT nieuw_dienstverband, nieuwe_werknemer, 1, pg_temp.vandaag(), CASE WHEN tijdelijk
    THEN pg_temp.vandaag() + 211 END, soort,
    CASE WHEN soort = 'DGA' THEN NULL WHEN tijdelijk THEN 'Bepaalde tijd' ELSE 'Onbepaalde tijd' END, true,
    pg_temp.moment('aanname', id, pg_temp.vandaag()) AT TIME ZONE 'Europe/Amsterdam'
FROM t_aanname, LATERAL (SELECT id % 3 = 0 AS tijdelijk) AS contract;

INSERT INTO dienstverband_periode
SELECT nieuw_dienstverband, pg_temp.vandaag(), d.einddatum, afdeling_id, functie, uren_per_week,
    round(salaris * 0.94, 2), kostenplaats
FROM t_aanname JOIN dienstverband d ON d.dienstverband_id = nieuw_dienstverband;

-- Someone leaves; today is the last day.
UPDATE dienstverband SET einddatum = pg_temp.vandaag(),
    reden_uit_dienst = pg_temp.kies('reden', dienstverband_id, ARRAY['Opzegging door werknemer', 'Einde contract',
        'Pensioen', ''])
WHERE dienstverband_id IN (SELECT id FROM t_aanwezig WHERE gebeurtenis = 'uit dienst');

UPDATE dienstverband_periode p SET tot_en_met = pg_temp.vandaag()
FROM t_aanwezig a WHERE a.gebeurtenis = 'uit dienst' AND p.dienstverband_id = a.id AND p.vanaf = a.vanaf;

-- Other hours, another job, another department: the period ends and a new one begins.
CREATE TEMP TABLE t_overgang ON COMMIT DROP AS
SELECT a.*, (SELECT d.afdeling_id FROM afdeling d
    WHERE d.werkgever_id = a.werkgever_id AND d.gearchiveerd_op IS NULL AND d.afdeling_id <> a.afdeling_id
    ORDER BY pg_temp.h('afdeling', d.afdeling_id + 7 * a.id) LIMIT 1) AS andere_afdeling
FROM t_aanwezig a WHERE gebeurtenis IN ('uren', 'promotie', 'afdeling');

UPDATE dienstverband_periode p SET tot_en_met = pg_temp.vandaag() - 1
FROM t_overgang o WHERE p.dienstverband_id = o.id AND p.vanaf = o.vanaf;

INSERT INTO dienstverband_periode
SELECT id, pg_temp.vandaag(), tot_en_met, CASE gebeurtenis WHEN 'afdeling'
    THEN coalesce(andere_afdeling, afdeling_id) ELSE afdeling_id END,
    CASE gebeurtenis WHEN 'promotie' THEN pg_temp.kies('functie', id, ARRAY['Teamleider', 'Manager', 'Senior adviseur',
        'Projectleider "Vernieuwing"']) ELSE functie END,
    uren, round(salaris * CASE gebeurtenis WHEN 'promotie' THEN 1.09 WHEN 'uren'
        THEN uren / greatest(uren_per_week, 4) ELSE 1 END, 2),
    kostenplaats
FROM t_overgang, LATERAL (SELECT CASE WHEN gebeurtenis <> 'uren' THEN uren_per_week WHEN uren_per_week > 24
    THEN uren_per_week - 8
    ELSE uren_per_week + 4 END AS uren) AS nieuw;

-- A change is undone, or proves to have come a day later than was entered. `vanaf` is part of the key.
CREATE TEMP TABLE t_vorige ON COMMIT DROP AS
SELECT a.id, a.vanaf, a.tot_en_met, v.vanaf AS vorige_vanaf, v.tot_en_met AS vorige_tot,
    row_number() OVER (ORDER BY a.rang) AS volg
FROM t_aanwezig a JOIN dienstverband_periode v ON v.dienstverband_id = a.id AND v.tot_en_met = a.vanaf - 1
WHERE a.gebeurtenis IS NULL AND v.afdeling_id NOT IN (SELECT afdeling_id FROM afdeling
    WHERE gearchiveerd_op IS NOT NULL)
ORDER BY a.rang LIMIT 2 * pg_temp.deel(0.0002);

DELETE FROM dienstverband_periode p USING t_vorige v
WHERE v.volg % 2 = 1 AND p.dienstverband_id = v.id AND p.vanaf = v.vanaf;

UPDATE dienstverband_periode p SET tot_en_met = CASE v.volg % 2 WHEN 1 THEN v.tot_en_met ELSE v.vorige_tot + 1 END
FROM t_vorige v WHERE p.dienstverband_id = v.id AND p.vanaf = v.vorige_vanaf;

UPDATE dienstverband_periode p SET vanaf = v.vanaf + 1
FROM t_vorige v WHERE v.volg % 2 = 0 AND p.dienstverband_id = v.id AND p.vanaf = v.vanaf;
