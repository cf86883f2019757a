-- Professionals in teams of one per discipline, then one user per employer, who may be an employee there, and four of
-- the administration. Only professionals and the first ten employers' users get a code.
CREATE OR REPLACE FUNCTION pg_temp.teams() RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN least(400, 3 + pg_temp.werknemers() / 1600);

-- The user who does the work of a discipline for something.
CREATE OR REPLACE FUNCTION pg_temp.vakman(discipline integer, draw text, id bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 8 * pg_temp.n(draw, id, pg_temp.teams()) + discipline;

CREATE TEMP TABLE t_gebruiker ON COMMIT DROP AS
SELECT i AS id, CASE WHEN i <= 8 * teams THEN 1 + (i - 1) % 8 END AS discipline_id,
    CASE WHEN i > 8 * teams AND i <= 8 * teams + werkgevers THEN i - 8 * teams END AS werkgever_id,
    CASE WHEN i > 8 * teams + werkgevers THEN i - 8 * teams - werkgevers END AS beheer,
    CASE pg_temp.vast('geslacht gebruiker', i, 2) WHEN 0 THEN 'M' ELSE 'V' END AS geslacht
FROM (SELECT pg_temp.teams() AS teams, pg_temp.werkgevers() AS werkgevers) AS maat,
    generate_series(1, 8 * teams + werkgevers + 4) AS i;

INSERT INTO gebruiker (gebruiker_id, code, inlognaam, achternaam, tussenvoegsels, voorletters, roepnaam, geslacht,
    email, telefoon, werknemer_id, gebruikersgroep_id, discipline_id, is_big_geregistreerd, big_nummer,
    heeft_medische_rechten, is_superbeheerder, geldig_van, geldig_tot, tweefactor_actief, laatste_inlog, is_actief,
    aangemaakt_op)
SELECT g.id, CASE WHEN discipline_id IS NOT NULL OR g.werkgever_id <= 10 THEN 'U' || lpad(g.id::text, 6, '0') END,
    CASE WHEN beheer IS NOT NULL THEN 'beheer' || beheer ELSE 'gebruiker' || g.id END,
    CASE beheer WHEN 4 THEN 'Systeem' ELSE p.achternaam END, p.tussenvoegsels, CASE WHEN beheer IS DISTINCT FROM 4
        THEN p.voorletters END, p.roepnaam,
    CASE WHEN beheer = 4 THEN NULL WHEN g.id % 50 = 3 THEN 'O' ELSE g.geslacht END,
    CASE WHEN g.id % 11 <> 7 THEN 'gebruiker' || g.id || '@sluis.example' END,
    CASE g.id % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '06-555' || lpad((g.id % 100000)::text, 5, '0') END,
    w.id, CASE discipline_id WHEN 1 THEN 1 WHEN 7 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 2 WHEN 6 THEN 3 ELSE
        CASE WHEN discipline_id IS NOT NULL THEN 6 WHEN g.werkgever_id IS NOT NULL THEN 4 ELSE 5 END END,
    discipline_id, is_big, CASE WHEN is_big AND g.id % 16 <> 7 THEN '00' || lpad(g.id::text, 7, '0') || '01' END,
    (is_big AND g.id % 16 <> 2) OR coalesce(beheer = 1, false), coalesce(beheer <= 2, false),
    CASE WHEN g.id % 6 <> 0 THEN pg_temp.begin_historie() - 100 + pg_temp.n('account', g.id, 90) END,
    CASE WHEN is_oud THEN pg_temp.vandaag() - pg_temp.n('account tot', g.id, 200)
         WHEN g.id % 7 = 4 THEN pg_temp.vandaag() + 30 + pg_temp.n('account tot', g.id, 300) END,
    g.id % 10 <> 9, CASE WHEN g.id % 14 <> 6
        THEN pg_temp.moment('inlog', g.id, pg_temp.vandaag() - CASE WHEN is_oud THEN 200 ELSE 1 END
            - pg_temp.n('inlog dag', g.id, 30)) END,
    NOT is_oud, pg_temp.moment('account', g.id, pg_temp.begin_historie() - 100) AT TIME ZONE 'Europe/Amsterdam'
FROM t_gebruiker g
LEFT JOIN t_werknemer w ON w.id = g.werkgever_id AND w.id % 2 = 0,
    LATERAL pg_temp.persoon(g.id + 700000000, g.geslacht) AS p,
    LATERAL (SELECT coalesce(discipline_id IN (1, 2, 5, 7, 8), false) AS is_big,
        coalesce(g.werkgever_id % 12 = 5, false) AS is_oud);

INSERT INTO gebruiker_rol
SELECT id, CASE WHEN discipline_id IN (1, 2, 5, 7, 8) THEN 1 WHEN discipline_id = 6 THEN 3
    WHEN discipline_id IS NOT NULL THEN 2 WHEN werkgever_id % 3 = 1 THEN 5 WHEN werkgever_id IS NOT NULL THEN 4
    WHEN beheer <= 2 THEN 7 ELSE 6 END
FROM t_gebruiker
UNION ALL
SELECT id, CASE WHEN discipline_id IS NOT NULL THEN 6 ELSE 5 END FROM t_gebruiker
WHERE id % 9 = 2 AND (discipline_id IS NOT NULL OR werkgever_id % 3 <> 1);

-- Professionals see all employers or some groups; users of an employer see it, a department or some people of it.
INSERT INTO autorisatie (autorisatie_id, gebruiker_id, soort, werkgevergroep_id, werkgever_id, afdeling_id,
    werknemer_id, bron, geldig_van, geldig_tot)
SELECT row_number() OVER (ORDER BY gebruiker_id, soort, groep, werkgever, afdeling, werknemer), gebruiker_id, soort,
    groep, werkgever, afdeling, werknemer, bron,
    CASE WHEN gebruiker_id % 4 > 0 THEN pg_temp.begin_historie() - 10 + pg_temp.n('recht', gebruiker_id, 60) END,
    CASE WHEN bron = 'Plaatsvervanging' THEN pg_temp.vandaag() + pg_temp.n('vervanging', gebruiker_id, 40)
         WHEN gebruiker_id % 13 = 5 THEN pg_temp.vandaag() - pg_temp.n('recht tot', gebruiker_id, 300) END
FROM (
    SELECT id AS gebruiker_id, 'Alle werkgevers' AS soort, NULL::integer AS groep, NULL::integer AS werkgever,
        NULL::integer AS afdeling, NULL::bigint AS werknemer,
        CASE WHEN beheer IS NULL THEN 'Gebruikersgroep' ELSE 'Rol' END AS bron
    FROM t_gebruiker WHERE beheer IS NOT NULL OR (discipline_id IS NOT NULL AND id % 3 = 0)
    UNION ALL
    SELECT id, 'Werkgevergroep', 1 + (id + keer)::integer % (groepen - 1), NULL, NULL, NULL, CASE keer WHEN 1 THEN 'Rol'
        ELSE 'Gebruiker' END
    FROM t_gebruiker, generate_series(1, 2) AS keer, (SELECT count(*)::integer AS groepen FROM t_groep) AS aantal
    WHERE discipline_id IS NOT NULL AND id % 3 = 1
    UNION ALL
    SELECT id, 'Werkgever', NULL, 1 + pg_temp.n('werkgever 1', id, pg_temp.werkgevers()), NULL, NULL, 'Plaatsvervanging'
    FROM t_gebruiker WHERE discipline_id IS NOT NULL AND id % 3 = 2
    UNION ALL
    SELECT id, 'Werkgever', NULL, werkgever_id, NULL, NULL, 'Gebruiker' FROM t_gebruiker WHERE werkgever_id % 3 <> 1
    UNION ALL
    SELECT g.id, 'Afdeling', NULL, g.werkgever_id, a.id, NULL, 'Gebruiker'
    FROM t_gebruiker g JOIN t_afdeling a ON a.werkgever_id = g.werkgever_id AND a.plek <= 2 WHERE g.werkgever_id % 3 = 1
    UNION ALL
    SELECT g.id, 'Werknemer', NULL, g.werkgever_id, NULL, g.werkgever_id, 'Gebruiker' FROM t_gebruiker g
    WHERE g.werkgever_id % 3 = 1
    UNION ALL
    SELECT g.id, 'Werknemer', NULL, g.werkgever_id, NULL, w.id, 'Gebruiker'
    FROM t_gebruiker g JOIN (SELECT werkgever_id, max(id) AS id FROM t_werknemer GROUP BY werkgever_id) AS w
        USING (werkgever_id)
    WHERE g.werkgever_id % 3 = 1 AND w.id <> g.werkgever_id
) AS rechten;
