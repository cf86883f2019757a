SELECT
    d.polis_id AS PolisId,
    d.versie AS Polisversie,
    d.volgnummer AS Volgnummer,
    d.vanaf_dag AS VanafDag,
    d.tot_dag AS TotDag,
    d.dekkingspercentage AS Dekkingspercentage,
    d.eigen_risico_dagen AS EigenRisicoDagen
FROM source.dekkingsperiode AS d
