SELECT
    v.polis_id AS PolisId,
    v.versie AS Polisversie,
    p.polisnummer AS Polisnummer,
    p.serial_number AS SerialNumber,
    p.sub_number AS SubNumber,
    p.werkgever_id AS WerkgeverId,
    p.verzekeringsproduct_id AS VerzekeringsproductId,
    p.tussenpersoon_id AS TussenpersoonId,
    v.ingangsdatum AS Ingangsdatum,
    v.einddatum AS Einddatum,
    v.status AS Status,
    v.coulanceperiode_dagen AS Coulanceperiode,
    v.maximale_loonsom AS MaximaleLoonsom,
    v.aangemelde_loonsom AS AangemeldeLoonsom,
    v.verzekerd_loonbegrip_procent AS VerzekerdLoonbegripProcent,
    v.werkgeverslasten_procent AS WerkgeverslastenProcent,
    v.inloopschade_meeverzekerd AS InloopschadeMeeverzekerd,
    v.uitloopschade_meeverzekerd AS UitloopschadeMeeverzekerd
FROM source.polis_versie AS v
JOIN source.polis AS p ON p.polis_id = v.polis_id
