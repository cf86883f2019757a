INSERT INTO dienstverband (dienstverband_id, werknemer_id, volgnummer, ingangsdatum, einddatum, soort, contractsoort,
    reden_uit_dienst, is_hoofddienstverband, aangemaakt_op)
SELECT id, werknemer_id,
    row_number() OVER (PARTITION BY werknemer_id ORDER BY CASE rol WHEN 2 THEN 0 ELSE rol END), ingang, eind,
    coalesce(soort_of_vast, 'Vast'),
    CASE WHEN soort_of_vast = 'DGA' THEN NULL WHEN eind > pg_temp.vandaag() THEN 'Bepaalde tijd'
         WHEN soort_of_vast IS NULL THEN 'Onbepaalde tijd' ELSE 'Bepaalde tijd' END,
    CASE WHEN eind <= pg_temp.vandaag() THEN pg_temp.kies('reden', id, ARRAY['Opzegging door werknemer',
        'Einde contract',
        'Pensioen', 'Vaststellingsovereenkomst', '', NULL, 'Ontslag op staande voet', 'Overleden']) END,
    rol = 1, pg_temp.moment('dienstverband', id, ingang - 5) AT TIME ZONE 'Europe/Amsterdam'
FROM t_dienstverband;

INSERT INTO dienstverband_periode
SELECT p.id, p.vanaf, p.tot_en_met, a.id, CASE p.id % 90 WHEN 11 THEN NULL WHEN 12 THEN '' ELSE
        split_part(pg_temp.kies('loopbaan', p.id, pg_temp.loopbanen()), '|', (1 + least(3, p.promoties))::integer) END,
    uren, CASE WHEN p.id % 70 <> 69 THEN round((2150 + pg_temp.n('salaris', p.id, 260000) / 100.0)
        * (1 + 0.03 * (volg - 1) + 0.09 * promoties) * uren / fte_uren, 2) END,
    CASE pg_temp.n('kostenplaats', p.id, 12) WHEN 0 THEN '' WHEN 1 THEN 'PRJ-' || p.id % 50 END
FROM t_periode p
LEFT JOIN (
    SELECT werkgever_id, actief::integer, min(plek) FILTER (WHERE gearchiveerd_op IS NOT NULL) AS oud
    FROM t_afdeling GROUP BY werkgever_id, actief
) AS k USING (werkgever_id)
LEFT JOIN t_afdeling a ON a.werkgever_id = p.werkgever_id AND p.id % 50 <> 8 AND a.plek =
    CASE WHEN oud IS NOT NULL AND p.tot_en_met < pg_temp.begin_historie() + 190
        AND pg_temp.n('oude afdeling', p.id, 6) = 0
         THEN oud ELSE 1 + pg_temp.n('afdeling', p.afdelingskeus, k.actief) END,
LATERAL (SELECT CASE WHEN rol = 3 THEN (ARRAY[4, 6, 7.5, 8])[1 + pg_temp.n('uren', p.urenkeus, 4)]
    WHEN soort_of_vast = 'Oproep' THEN (ARRAY[0, 4, 8, 12, 16])[1 + pg_temp.n('uren', p.urenkeus, 5)]
    ELSE least(fte_uren, (ARRAY[40, 40, 40, 38, 36, 36, 32, 32, 31.58, 28, 24, 24, 22.75, 20, 16])[
        1 + pg_temp.n('uren', p.urenkeus, 15)]) END AS uren);

ANALYZE dienstverband_periode;
