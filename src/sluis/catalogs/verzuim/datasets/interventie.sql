SELECT
    i.interventie_id AS InterventieId,
    i.traject_id AS TrajectId,
    t.werknemer_id AS WerknemerId,
    w.werkgever_id AS WerkgeverId,
    i.programma_id AS ProgrammaId,
    i.geadviseerd_op AS DatumAdvies,
    i.akkoord_op AS DatumAkkoord,
    i.gestart_op AS DatumStart,
    i.beeindigd_op AS DatumEinde,
    i.status AS Status,
    i.begrote_kosten AS BegroteKosten,
    i.werkelijke_kosten AS WerkelijkeKosten,
    i.verwachte_baten AS VerwachteBaten,
    i.financiering AS FinancieringDoor,
    i.resultaat AS Resultaat
FROM source.interventie AS i
JOIN source.traject AS t ON t.traject_id = i.traject_id
JOIN source.werknemer AS w ON w.werknemer_id = t.werknemer_id
