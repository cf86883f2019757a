CREATE TEMP TABLE t_werknemer ON COMMIT DROP AS
SELECT b.*, zorgvraag, w.datakluis_actief AND NOT zorgvraag AS afgeschermd
FROM t_basis b JOIN werkgever w USING (werkgever_id),
    LATERAL (SELECT pg_temp.n('zorgvraag', b.id, 20) = 0
        OR b.id IN (SELECT werknemer_id FROM t_traject WHERE status = 'Lopend') AS zorgvraag);
