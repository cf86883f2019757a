SELECT
    r.grondslag_id AS GrondslagId,
    r.regelnummer AS Regelnummer,
    r.omschrijving AS Omschrijving,
    r.aantal AS Aantal,
    r.tarief AS Tarief,
    r.bedrag_excl_btw AS BedragExclBtw
FROM source.abonnementsregel AS r
