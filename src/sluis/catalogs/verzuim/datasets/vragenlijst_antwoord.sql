SELECT
    a.survey_id AS SurveyId,
    a.vraag_id AS VraagId,
    s.werknemer_id AS WerknemerId,
    a.volgnummer AS Volgnummer,
    a.antwoordcode AS Antwoordcode,
    a.antwoordtekst AS Antwoordtekst,
    a.antwoord_getal AS AntwoordGetal,
    a.score AS Score
FROM source.antwoord AS a
JOIN source.survey AS s ON s.survey_id = a.survey_id
