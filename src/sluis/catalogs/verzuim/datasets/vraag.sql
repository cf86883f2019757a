SELECT
    v.vraag_id AS VraagId,
    v.vragenlijst_id AS VragenlijstId,
    v.versie AS Versie,
    v.volgnummer AS Volgnummer,
    v.tekst AS Vraagtekst,
    v.antwoordtype AS Antwoordtype
FROM source.vraag AS v
