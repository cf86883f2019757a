SELECT
    s.survey_id AS SurveyId,
    s.vragenlijst_id AS VragenlijstId,
    s.versie AS Versie,
    versie.is_medisch AS VragenlijstIsMedisch,
    s.werknemer_id AS WerknemerId,
    s.traject_id AS TrajectId,
    s.taak_id AS TaakId,
    s.spreekuur_id AS SpreekuurId,
    s.verzonden_op AS DatumVerzonden,
    s.herinnerd_op AS DatumHerinnering,
    s.ingevuld_op AS DatumIngevuld,
    s.status AS Status
FROM source.survey AS s
JOIN source.vragenlijst_versie AS versie ON versie.vragenlijst_id = s.vragenlijst_id AND versie.versie = s.versie
