-- Groups of employers and who belongs to them.
INSERT INTO werkgevergroep (naam, omschrijving, is_actief)
VALUES ('Project ' || to_char(pg_temp.vandaag(), 'IYYY-IW'), 'Tijdelijke groep', true);

UPDATE werkgevergroep SET omschrijving = 'Herzien op ' || pg_temp.vandaag(), is_actief = NOT is_actief
WHERE werkgevergroep_id IN (SELECT werkgevergroep_id FROM werkgevergroep ORDER BY pg_temp.h('groep', werkgevergroep_id)
    LIMIT greatest(1, (SELECT count(*) FROM werkgevergroep) / 50));

-- Joined, ended, and deleted as a mistake: different memberships.
CREATE TEMP TABLE t_lidmaatschap ON COMMIT DROP AS
SELECT werkgever_id, werkgevergroep_id, vanaf, tot_en_met,
    row_number() OVER (ORDER BY tot_en_met IS NOT NULL, pg_temp.h('lid', werkgever_id), vanaf,
        werkgevergroep_id) AS volg
FROM werkgever_groep ORDER BY volg LIMIT greatest(2, (SELECT count(*) FROM werkgever_groep) / 60);

UPDATE werkgever_groep g SET tot_en_met = greatest(l.vanaf, pg_temp.vandaag() - 1)
FROM t_lidmaatschap l WHERE l.volg % 2 = 1 AND l.tot_en_met IS NULL
    AND (g.werkgever_id, g.werkgevergroep_id, g.vanaf) = (l.werkgever_id, l.werkgevergroep_id, l.vanaf);

DELETE FROM werkgever_groep g USING t_lidmaatschap l
WHERE l.volg % 2 = 0 AND (g.werkgever_id, g.werkgevergroep_id, g.vanaf) = (l.werkgever_id, l.werkgevergroep_id,
    l.vanaf);

INSERT INTO werkgever_groep
SELECT w.werkgever_id, (SELECT g.werkgevergroep_id FROM werkgevergroep g
    ORDER BY pg_temp.h('lid van', g.werkgevergroep_id + 1000 * w.werkgever_id) LIMIT 1), pg_temp.vandaag(), NULL
FROM (SELECT werkgever_id FROM werkgever x WHERE NOT EXISTS (
        SELECT FROM werkgever_groep y WHERE y.werkgever_id = x.werkgever_id
            AND (y.tot_en_met IS NULL OR y.tot_en_met >= pg_temp.vandaag()))
    ORDER BY pg_temp.h('nieuw lid', werkgever_id) LIMIT greatest(1, (SELECT count(*) FROM werkgever_groep) / 60)) AS w;

DELETE FROM werkgevergroep WHERE werkgevergroep_id IN (SELECT werkgevergroep_id FROM werkgevergroep g
    WHERE NOT EXISTS (SELECT FROM werkgever_groep k WHERE k.werkgevergroep_id = g.werkgevergroep_id)
        AND NOT EXISTS (SELECT FROM overeenkomst_werkgever k WHERE k.werkgevergroep_id = g.werkgevergroep_id)
        AND NOT EXISTS (SELECT FROM autorisatie k WHERE k.werkgevergroep_id = g.werkgevergroep_id)
        AND naam <> 'Project ' || to_char(pg_temp.vandaag(), 'IYYY-IW')
    ORDER BY werkgevergroep_id LIMIT 1);
