INSERT INTO administratie VALUES (1, 'Arbodienst De Sluis (verzonnen)', pg_temp.begin_historie(), pg_temp.vandaag(),
    (pg_temp.vandaag() + time '22:00') AT TIME ZONE 'Europe/Amsterdam');

INSERT INTO feestdag
SELECT DISTINCT ON (datum) datum, naam, is_vrij
FROM generate_series(extract(year FROM pg_temp.vandaag())::integer - 30,
    extract(year FROM pg_temp.vandaag())::integer + 1)
        AS jaren(jaar),
    LATERAL (VALUES
        (1, make_date(jaar, 1, 1), 'Nieuwjaarsdag', true),
        (2, pg_temp.pasen(jaar) - 2, 'Goede Vrijdag', false),
        (2, pg_temp.pasen(jaar), 'Eerste paasdag', true),
        (2, pg_temp.pasen(jaar) + 1, 'Tweede paasdag', true),
        (3, make_date(jaar, 4, 27) - (extract(isodow FROM make_date(jaar, 4, 27)) = 7)::integer, 'Koningsdag', true),
        (4, make_date(jaar, 5, 5), 'Bevrijdingsdag', jaar % 5 = 0),
        (2, pg_temp.pasen(jaar) + 39, 'Hemelvaartsdag', true),
        (3, pg_temp.pasen(jaar) + 40, 'Brugdag na Hemelvaart', false),
        (2, pg_temp.pasen(jaar) + 49, 'Eerste pinksterdag', true),
        (2, pg_temp.pasen(jaar) + 50, 'Tweede pinksterdag', true),
        (1, make_date(jaar, 12, 25), 'Eerste kerstdag', true),
        (1, make_date(jaar, 12, 26), 'Tweede kerstdag', true),
        (1, make_date(jaar, 12, 31), 'Oudejaarsdag', false),
        (5, pg_temp.werkdag(make_date(jaar, 2, 10)), 'Collectieve vrije dag', true),
        (5, pg_temp.werkdag(make_date(jaar, 7, 20)), 'Collectieve vrije dag', true),
        (5, pg_temp.werkdag(make_date(jaar, 10, 15)), 'Collectieve vrije dag', false)) AS dagen(rang, datum, naam,
            is_vrij)
WHERE rang < 5 OR jaar >= extract(year FROM pg_temp.vandaag()) - 1
ORDER BY datum, rang;

INSERT INTO arbodienst (arbodienst_id, code, naam, telefoon, is_gecertificeerd)
VALUES (1, 'ARBO-NOORD', 'Arbodienst Noorderlicht', '050-5550101', true),
    (2, 'ARBO-ZUID', 'Zuidwaarts Arbo & Vitaliteit', '040-5550102', true),
    (3, 'BA-MAATSCHAP', 'Maatschap Bedrijfsartsen "Het Gezonde Werk"', NULL, true),
    (4, 'VERZUIM24', 'Verzuim24', '', false),
    (5, 'INTERN', 'Interne arbodienst', '030-5550105', true),
    (6, 'OUD-ARBO', 'Voormalige arbodienst', NULL, false);

INSERT INTO protocol (protocol_id, naam, omschrijving)
VALUES (1, 'WVP', 'Wet verbetering poortwachter'), (2, 'Zwangerschap', 'Verlof en uitkering volgens de WAZO'),
    (3, 'Adoptie', 'Adoptie en pleegzorg'), (4, 'Interventie', NULL), (5, 'Preventie', 'Preventief consult'),
    (6, 'ERD', 'Eigenrisicodragerschap'), (7, 'Keuring', ''), (8, 'Vaccinatie', NULL), (9, 'Loopbaanadvies', NULL),
    (10, 'Proef 2025-01', 'Is er nooit van gekomen');

INSERT INTO casemanagementteam (team_id, naam)
VALUES (1, 'Team Noord'), (2, 'Team Oost'), (3, 'Team Zuid'), (4, 'Team West'), (5, 'Team Eigenrisicodragers'),
    (6, 'Team Vangnet'), (7, 'Team in oprichting'), (8, 'Team Proef');

INSERT INTO vangnetsoort
VALUES (8, 'Geen vangnet / ziekte', false), (9, 'Zwangerschap en/of bevalling', false), (10, 'Orgaandonatie', false),
    (11, 'WW-uitkering en langdurig verzuim', false), (12, 'Uitzend- of oproepkracht', false),
    (13, 'Beëindiging dienstverband tijdens verzuim', false), (14, 'Gedeeltelijk arbeidsongeschikt', false),
    (15, 'Bijzonder dienstverband', false), (16, 'Overige oorzaken', false), (17, 'Zwangerschapsverlof (WAZO)', true),
    (18, 'Adoptieverlof (WAZO)', true), (19, 'Pleegzorgverlof (WAZO)', true);

-- pg_temp.classificatie() knows how these are numbered.
INSERT INTO verzuimclassificatie (verzuimclassificatie_id, naam, bronsysteem, is_vangnet, is_wazo, telt_mee, is_medisch)
SELECT 3 * (nummer - 1) + bron, CASE bron WHEN 2 THEN afas ELSE naam END,
    (ARRAY['Eigen lijst', 'AFAS', 'SIVI2022'])[bron], vangnet, wazo, NOT wazo, medisch
FROM (VALUES
        (1, 'Ziekte', 'Ziek', false, false, false),
        (2, 'Ziekte door zwangerschap of bevalling', 'Ziek a.g.v. zwangerschap of bevalling', true, false, true),
        (3, 'Arbeidsongeval', 'Bedrijfsongeval', false, false, false),
        (4, 'Ongeval door derde', 'Arbeidsongeschikt door derde', false, false, false),
        (5, 'Ander ongeval', 'Overig ongeval', false, false, false),
        (6, 'Vangnet Ziektewet', 'Vangnetindicatie', true, false, false),
        (7, 'Onbekende oorzaak', 'Onbekend', false, false, false),
        (8, 'Orgaandonatie', 'Orgaandonatie', true, false, true),
        (9, 'Zwangerschaps- en bevallingsverlof', 'Zwangerschapsverlof', false, true, true),
        (10, 'Adoptieverlof', 'Adoptie', false, true, false),
        (11, 'Pleegzorgverlof', 'Pleegzorg', false, true, false),
        (12, 'Vervallen soort', 'Niet meer gebruiken', false, false, false)
    ) AS oorzaken(nummer, naam, afas, vangnet, wazo, medisch),
    generate_series(1, 3) AS bronnen(bron);

INSERT INTO beschikkingsoort (beschikkingsoort_id, naam, wet, instantie, is_medisch)
VALUES (1, 'WIA: WGA 35-80', 'WIA', 'UWV', true), (2, 'WIA: WGA 80-100', 'WIA', 'UWV', true),
    (3, 'WIA: IVA', 'WIA', 'UWV', true), (4, 'WIA: afwijzing (minder dan 35 %)', 'WIA', 'UWV', true),
    (5, 'Vervroegde IVA', 'WIA', 'UWV', true), (6, 'Loonsanctie', 'WIA', 'UWV', false),
    (7, 'Bekorting loonsanctie', 'WIA', 'UWV', false), (8, 'Voorschot WIA', 'WIA', 'UWV', false),
    (9, 'Ziektewet: toekenning', 'ZW', 'UWV', false), (10, 'Ziektewet: beëindiging', 'ZW', 'UWV', false),
    (11, 'Eerstejaars Ziektewetbeoordeling', 'ZW', 'UWV', true), (12, 'No-riskpolis', 'ZW', 'UWV', true),
    (13, 'WAZO-uitkering', 'WAZO', 'UWV', true), (14, 'Deskundigenoordeel', NULL, 'UWV', false),
    (15, 'WW-uitkering', 'WW', 'UWV', false), (16, 'Wajong', 'Wajong', 'UWV', true),
    (17, 'Herbeoordeling WIA', 'WIA', 'UWV', true), (18, 'Herbeoordeling WAO', 'WAO', 'UWV', true),
    (19, 'WGA-hiaatuitkering', 'WIA', 'Verzekeraar', true), (20, 'Loonkostensubsidie', NULL, 'Gemeente', false),
    (21, 'Nabestaandenuitkering', NULL, 'SVB', false), (22, 'Vervallen soort beschikking', NULL, 'UWV', false);
