SELECT
    b.boeking_id AS BookingId,
    b.boekingsnummer AS Boekingsnummer,
    b.geboekt_op AS DatumBoeking,
    b.geexporteerd_op AS DatumGeexporteerd,
    b.bedrag AS Bedrag
FROM source.boeking AS b
