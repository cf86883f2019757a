-- Someone is hired beside a colleague: the same employer, department and job.
CREATE TEMP TABLE t_aanname ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('werknemer', 'werknemer_id')) AS nieuwe_werknemer,
    nextval(pg_get_serial_sequence('dienstverband', 'dienstverband_id')) AS nieuw_dienstverband, n.*
FROM (SELECT * FROM t_aanwezig WHERE gebeurtenis = 'collega' ORDER BY id) AS n;

CREATE TEMP TABLE t_werknemer ON COMMIT DROP AS
SELECT nieuwe_werknemer AS id, a.werkgever_id, CASE WHEN pg_temp.vast('geslacht', nieuwe_werknemer, 2) = 0 THEN 'M'
    ELSE 'V' END AS geslacht,
    pg_temp.vandaag() - 6800 - pg_temp.n('geboren', nieuwe_werknemer, 14000) AS geboren, pg_temp.vandaag() AS ingang,
    false AS zorgvraag, w.datakluis_actief AS afgeschermd
FROM t_aanname a JOIN werkgever w ON w.werkgever_id = a.werkgever_id;
