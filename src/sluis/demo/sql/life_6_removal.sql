-- The files of those who left longest ago are removed, with everything that hangs on them.
CREATE TEMP TABLE t_verwijderd ON COMMIT DROP AS
SELECT werknemer_id FROM dienstverband
GROUP BY werknemer_id HAVING max(coalesce(einddatum, 'infinity')) < pg_temp.vandaag() - 180
ORDER BY max(einddatum), werknemer_id LIMIT pg_temp.deel(0.0004);

CREATE TEMP TABLE t_verwijderd_dienstverband ON COMMIT DROP AS
SELECT dienstverband_id FROM dienstverband WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

-- Those, and the cases that were closed by mistake, go with all that was made for them.
CREATE TEMP TABLE t_af_traject ON COMMIT DROP AS
SELECT traject_id FROM t_traject_weg UNION
SELECT traject_id FROM traject WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

CREATE TEMP TABLE t_af_taak ON COMMIT DROP AS
SELECT taak_id FROM taak WHERE traject_id IN (SELECT traject_id FROM t_af_traject);

CREATE TEMP TABLE t_af_spreekuur ON COMMIT DROP AS
SELECT spreekuur_id FROM spreekuur WHERE traject_id IN (SELECT traject_id FROM t_af_traject) UNION
SELECT spreekuur_id FROM spreekuur WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

CREATE TEMP TABLE t_af_survey ON COMMIT DROP AS
SELECT survey_id FROM survey WHERE traject_id IN (SELECT traject_id FROM t_af_traject) UNION
SELECT survey_id FROM survey WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

CREATE TEMP TABLE t_af_verrichting ON COMMIT DROP AS
SELECT uitgevoerde_verrichting_id FROM uitgevoerde_verrichting WHERE taak_id IN (SELECT taak_id FROM t_af_taak) UNION
SELECT uitgevoerde_verrichting_id FROM uitgevoerde_verrichting
WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_af_spreekuur) UNION
SELECT uitgevoerde_verrichting_id FROM uitgevoerde_verrichting
WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

CREATE TEMP TABLE t_af_claim ON COMMIT DROP AS
SELECT claim_id FROM claim WHERE traject_id IN (SELECT traject_id FROM t_af_traject) UNION
SELECT claim_id FROM claim WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM antwoord WHERE survey_id IN (SELECT survey_id FROM t_af_survey);

DELETE FROM survey WHERE survey_id IN (SELECT survey_id FROM t_af_survey);

DELETE FROM verrichting_factuurregel WHERE uitgevoerde_verrichting_id IN (
    SELECT uitgevoerde_verrichting_id FROM t_af_verrichting);

DELETE FROM uitgevoerde_verrichting WHERE uitgevoerde_verrichting_id IN (
    SELECT uitgevoerde_verrichting_id FROM t_af_verrichting);

DELETE FROM document WHERE document_id IN (
    SELECT document_id FROM document WHERE traject_id IN (SELECT traject_id FROM t_af_traject) UNION
    SELECT document_id FROM document WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd));

DELETE FROM escalatie WHERE taak_id IN (SELECT taak_id FROM t_af_taak);

DELETE FROM taak WHERE taak_id IN (SELECT taak_id FROM t_af_taak);

DELETE FROM diagnose WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_af_spreekuur);

DELETE FROM beperking WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_af_spreekuur);

DELETE FROM spreekuur WHERE spreekuur_id IN (SELECT spreekuur_id FROM t_af_spreekuur);

DELETE FROM afspraak WHERE afspraak_id IN (
    SELECT afspraak_id FROM afspraak WHERE traject_id IN (SELECT traject_id FROM t_af_traject) UNION
    SELECT afspraak_id FROM afspraak WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd));

DELETE FROM oproepverzoek WHERE oproepverzoek_id IN (
    SELECT oproepverzoek_id FROM oproepverzoek WHERE traject_id IN (SELECT traject_id FROM t_af_traject) UNION
    SELECT oproepverzoek_id FROM oproepverzoek WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd));

DELETE FROM claimregel WHERE claim_id IN (SELECT claim_id FROM t_af_claim);

DELETE FROM boeking WHERE claim_id IN (SELECT claim_id FROM t_af_claim);

DELETE FROM claim_status WHERE claim_id IN (SELECT claim_id FROM t_af_claim);

DELETE FROM claim WHERE claim_id IN (SELECT claim_id FROM t_af_claim);

DELETE FROM interventie WHERE traject_id IN (SELECT traject_id FROM t_af_traject);

DELETE FROM traject_overeenkomst WHERE traject_id IN (SELECT traject_id FROM t_af_traject);

DELETE FROM traject_kenmerk WHERE traject_id IN (SELECT traject_id FROM t_af_traject);

DELETE FROM werknemer_kenmerk WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM polisdeelnemer WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM autorisatie WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

UPDATE gebruiker SET werknemer_id = NULL WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM beschikking WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM verzuim_verloop l USING verzuim z
WHERE l.verzuim_id = z.verzuim_id AND z.dienstverband_id IN (SELECT dienstverband_id FROM t_verwijderd_dienstverband);

DELETE FROM verzuim WHERE dienstverband_id IN (SELECT dienstverband_id FROM t_verwijderd_dienstverband);

DELETE FROM traject WHERE traject_id IN (SELECT traject_id FROM t_af_traject);

DELETE FROM dienstverband_periode WHERE dienstverband_id IN (SELECT dienstverband_id FROM t_verwijderd_dienstverband);

DELETE FROM dienstverband WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM werknemer_adres WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM werknemer_contact WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);

DELETE FROM werknemer WHERE werknemer_id IN (SELECT werknemer_id FROM t_verwijderd);
