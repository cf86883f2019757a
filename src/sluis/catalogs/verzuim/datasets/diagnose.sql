SELECT
    d.spreekuur_id AS SpreekuurId,
    s.werknemer_id AS WerknemerId,
    s.traject_id AS TrajectId,
    d.cas_code AS CASCode,
    code.omschrijving AS CASOmschrijving,
    hoofdgroep.naam AS CASHoofdgroep,
    d.is_hoofddiagnose AS IsHoofddiagnose,
    d.vastgesteld_op AS DatumVastgesteld,
    d.is_arbeidsgerelateerd AS IsArbeidsgerelateerd
FROM source.diagnose AS d
JOIN source.spreekuur AS s ON s.spreekuur_id = d.spreekuur_id
JOIN source.cas_code AS code ON code.cas_code = d.cas_code
JOIN source.cas_hoofdgroep AS hoofdgroep ON hoofdgroep.letter = code.letter
