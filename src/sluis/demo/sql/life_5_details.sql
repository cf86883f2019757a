-- People move house; what is long past is cleaned up.
CREATE TEMP TABLE t_verhuizing ON COMMIT DROP AS
SELECT DISTINCT werknemer_id FROM t_aanwezig WHERE gebeurtenis = 'verhuizing' AND NOT afgeschermd
    AND werknemer_id NOT IN (SELECT werknemer_id FROM werknemer_adres WHERE vanaf >= pg_temp.vandaag());

UPDATE werknemer_adres SET tot_en_met = pg_temp.vandaag() - 1
WHERE tot_en_met IS NULL AND werknemer_id IN (SELECT werknemer_id FROM t_verhuizing);

INSERT INTO werknemer_adres
SELECT v.werknemer_id, pg_temp.vandaag(), NULL, a.*
FROM t_verhuizing v, LATERAL pg_temp.adres(v.werknemer_id, 2 + pg_temp.n('verhuizing', v.werknemer_id, 30)) AS a;

CREATE TEMP TABLE t_oud_adres ON COMMIT DROP AS
SELECT werknemer_id, vanaf FROM werknemer_adres WHERE tot_en_met < pg_temp.vandaag() - 90
ORDER BY pg_temp.h('oud adres', werknemer_id), vanaf LIMIT pg_temp.deel(0.0004);

DELETE FROM werknemer_adres a USING t_oud_adres o WHERE a.werknemer_id = o.werknemer_id AND a.vanaf = o.vanaf;

UPDATE werknemer_adres SET toevoeging = CASE coalesce(toevoeging, '') WHEN '' THEN 'hs' ELSE '' END
WHERE tot_en_met IS NULL AND werknemer_id IN (SELECT werknemer_id FROM t_aanwezig WHERE gebeurtenis = 'contact');

-- Other details: an account, a remark, a language, a number by which other systems know the person.
UPDATE werknemer SET iban = CASE werknemer_id % 3 WHEN 0 THEN pg_temp.iban(werknemer_id,
    1 + pg_temp.n('iban', werknemer_id, 8)) ELSE iban END,
    notitie = CASE werknemer_id % 3 WHEN 1 THEN pg_temp.kies('notitie', werknemer_id, pg_temp.opmerkingen())
        ELSE notitie END,
    taal = CASE werknemer_id % 3 WHEN 2 THEN pg_temp.kies('taal', werknemer_id, ARRAY['nl', 'en', 'de', NULL])
        ELSE taal END,
    personeelsnummer = CASE pg_temp.n('nummer', werknemer_id, 4)
        WHEN 0 THEN split_part(personeelsnummer, '-', 1) || '-' || to_char(pg_temp.vandaag(), 'YYMMDD')
            ELSE personeelsnummer END
WHERE NOT afgeschermd AND werknemer_id IN (SELECT werknemer_id FROM t_aanwezig WHERE gebeurtenis = 'gegevens');

CREATE TEMP TABLE t_contact ON COMMIT DROP AS
SELECT werknemer_id, row_number() OVER (ORDER BY werknemer_id) AS volg
FROM (SELECT DISTINCT werknemer_id FROM t_aanwezig WHERE gebeurtenis = 'contact' AND NOT afgeschermd) AS gekozen;

DELETE FROM werknemer_contact c USING t_contact t
WHERE c.werknemer_id = t.werknemer_id AND t.volg % 2 = 0 AND c.soort = 'telefoon_vast';

UPDATE werknemer_contact c SET waarde = '06-555' || lpad(pg_temp.n('mobiel', c.werknemer_id, 100000)::text, 5, '0')
FROM t_contact t WHERE c.werknemer_id = t.werknemer_id AND c.soort = 'telefoon_mobiel';

INSERT INTO werknemer_contact
SELECT t.werknemer_id, 'email_prive', 'p' || t.werknemer_id || '.' || to_char(pg_temp.vandaag(), 'YYMMDD')
    || '@post.example'
FROM t_contact t
ON CONFLICT (werknemer_id, soort) DO NOTHING;

-- The data vault: a case brings a person out of it; some time after the last case the details are wiped again.
CREATE TEMP TABLE t_zichtbaar ON COMMIT DROP AS
SELECT werknemer_id, geslacht, afgeschermd FROM werknemer
WHERE NOT heeft_zorgvraag AND werknemer_id IN (SELECT werknemer_id FROM traject WHERE status = 'Lopend');

UPDATE werknemer w SET heeft_zorgvraag = true FROM t_zichtbaar z WHERE w.werknemer_id = z.werknemer_id
    AND NOT z.afgeschermd;

UPDATE werknemer w SET heeft_zorgvraag = true, afgeschermd = false, bsn = p.bsn, achternaam = p.achternaam,
    tussenvoegsels = p.tussenvoegsels, voorletters = p.voorletters, roepnaam = p.roepnaam,
        geboortenaam = p.geboortenaam,
    iban = p.iban, notitie = p.notitie
FROM t_zichtbaar z, LATERAL pg_temp.persoon(z.werknemer_id, z.geslacht) AS p
WHERE w.werknemer_id = z.werknemer_id AND z.afgeschermd;

INSERT INTO werknemer_adres
SELECT z.werknemer_id, pg_temp.vandaag(), NULL, a.* FROM t_zichtbaar z, LATERAL pg_temp.adres(z.werknemer_id, 0) AS a
    WHERE z.afgeschermd;

INSERT INTO werknemer_contact
SELECT z.werknemer_id, c.* FROM t_zichtbaar z, LATERAL pg_temp.contact(z.werknemer_id) AS c WHERE z.afgeschermd;

CREATE TEMP TABLE t_onzichtbaar ON COMMIT DROP AS
SELECT w.werknemer_id, g.datakluis_actief AS afschermen
FROM werknemer w JOIN werkgever g USING (werkgever_id)
WHERE w.heeft_zorgvraag AND w.werknemer_id NOT IN (SELECT werknemer_id FROM t_zichtbaar)
    AND NOT EXISTS (SELECT FROM traject t WHERE t.werknemer_id = w.werknemer_id
        AND (t.status = 'Lopend' OR t.einddatum > pg_temp.vandaag() - 14))
ORDER BY NOT g.datakluis_actief, pg_temp.h('geen zorgvraag', w.werknemer_id) LIMIT 2 * pg_temp.deel(0.0003);

DELETE FROM werknemer_adres WHERE werknemer_id IN (SELECT werknemer_id FROM t_onzichtbaar WHERE afschermen);

DELETE FROM werknemer_contact WHERE werknemer_id IN (SELECT werknemer_id FROM t_onzichtbaar WHERE afschermen);

UPDATE werknemer w SET heeft_zorgvraag = false, afgeschermd = afschermen, bsn = CASE WHEN NOT afschermen THEN bsn END,
    achternaam = CASE WHEN NOT afschermen THEN achternaam END, tussenvoegsels = CASE WHEN NOT afschermen
        THEN tussenvoegsels END,
    voorletters = CASE WHEN NOT afschermen THEN voorletters END, roepnaam = CASE WHEN NOT afschermen THEN roepnaam END,
    geboortenaam = CASE WHEN NOT afschermen THEN geboortenaam END, iban = CASE WHEN NOT afschermen THEN iban END,
    notitie = CASE WHEN NOT afschermen THEN notitie END
FROM t_onzichtbaar o WHERE w.werknemer_id = o.werknemer_id;
