-- Words to draw from. They are read by functions so that a statement sees them as constants.

-- A surname, with its prefix after the bar.
CREATE OR REPLACE FUNCTION pg_temp.achternamen() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN string_to_array(
    'Jong|de,Jansen,Vries|de,Berg|van den,Dijk|van,Bakker,Janssen,Visser,Smit,Meijer,Boer|de,Mulder,Groot|de,Bos,Vos,'
    'Peters,Hendriks,Leeuwen|van,Dekker,Brouwer,Wit|de,Dijkstra,Smits,Graaf|de,Meer|van der,Linden|van der,Kok,Jacobs,'
    'Haan|de,Vermeulen,Heuvel|van den,Veen|van der,Broek|van den,Bruijn|de,Bruin|de,Heijden|van der,Schouten,Beek|van,'
    'Willems,Vliet|van,Ven|van de,Hoekstra,Maas,Verhoeven,Koster,Dam|van,Wal|van der,Prins,Blom,Huisman,Peeters,'
    'Jonge|de,'
    'Kuipers,Veenstra,Post,Kuiper,Kramer,Veld|in ’t,Hoek|van den,Boogaard|van den,Zijlstra,Doorn|van,Bosch|van den,'
    'Ridder|de,Wijk|van,Hermans,Postma,Sanders,Hof|van ’t,Timmermans,Yılmaz,Öztürk,El Amrani,Bouzid,Nguyễn,Kowalska,'
    'Müller,Gonçalves,Ramdin,Pinas,Sjöström,O’Brien,Wójcik,Oude Elferink,Ter Horst,Jansen-de Vries', ',');

CREATE OR REPLACE FUNCTION pg_temp.voornamen(geslacht text) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN string_to_array(
    CASE geslacht WHEN 'M' THEN
    'Jan,Pieter,Kees,Mohammed,Daan,Sem,Lucas,Bram,Thijs,Lars,Ruben,Jesse,Milan,Finn,Noah,Sander,Jeroen,Martijn,Erik,'
    'Hans,Willem,Gerrit,Henk,Bas,Niels,Mark,Peter,Rob,Youssef,Ahmed,Mehmet,Tomasz,Joost,Maarten,Wouter,Stefan,Ravi,'
    'Björn,'
    'Tygo,André,Sjoerd,Jelle,Wiebe,Anton,Dirk,Frans'
    ELSE
    'Maria,Anna,Emma,Sophie,Julia,Lisa,Eva,Sanne,Fleur,Lotte,Iris,Femke,Anouk,Marieke,Ingrid,Petra,Esther,Monique,'
    'Linda,'
    'Saskia,Fatima,Aïcha,Zeynep,Agnieszka,Chantal,Wilma,Annemarie,Roos,Noor,Zoë,Mila,Tess,Liv,Nienke,Hanneke,Truus,'
    'Joke,'
    'Ria,Khadija,Soraya,Priya,Renée,Jantje,Sjoukje,Elske,Robin' END, ',');

CREATE OR REPLACE FUNCTION pg_temp.straten() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN string_to_array(
    'Dorpsstraat,Kerkstraat,Molenweg,Schoolstraat,Stationsweg,Beatrixlaan,Wilhelminastraat,Julianalaan,Nieuwstraat,'
    'Industrieweg,Parallelweg,Zandpad,Lindelaan,Eikenlaan,Beukenhof,Kastanjelaan,Berkenstraat,Prins Hendrikkade,'
    'Van Goghstraat,Rembrandtlaan,Vondelstraat,Burgemeester de Grootlaan,Oude Rijn,Singel,Havenstraat,Sluisweg,Dijk,'
    'Ringweg,Noordeinde,Zuidwal,Westerkade,Oosterpark,’s-Gravenweg,1e Hugo de Grootstraat,Laan van Nieuw-Guinea,'
    'Hoofdstraat,Marktplein,Achterweg,Kanaaldijk-Zuid,Tulpstraat', ',');

-- A town, with the first postal area after the bar.
CREATE OR REPLACE FUNCTION pg_temp.plaatsen() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN string_to_array(
    'Amsterdam|1012,Rotterdam|3011,Den Haag|2511,Utrecht|3511,Eindhoven|5611,Groningen|9711,Tilburg|5011,Almere|1311,'
    'Breda|4811,Nijmegen|6511,Apeldoorn|7311,Arnhem|6811,Haarlem|2011,Enschede|7511,Amersfoort|3811,Zaandam|1501,'
    '’s-Hertogenbosch|5211,Zwolle|8011,Leiden|2311,Leeuwarden|8911,Maastricht|6211,Dordrecht|3311,Ede|6711,'
    'Alkmaar|1811,'
    'Emmen|7811,Delft|2611,Venlo|5911,Deventer|7411,Helmond|5701,Hilversum|1211,Heerlen|6411,Gouda|2801,Assen|9401,'
    'Middelburg|4331,Bergen op Zoom|4611,Sneek|8601,Den Helder|1781,Terneuzen|4531,Winschoten|9671,IJmuiden|1971', ',');

-- Four steps of a career.
CREATE OR REPLACE FUNCTION pg_temp.loopbanen() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN ARRAY[
    'Medewerker magazijn|Allround medewerker magazijn|Teamleider magazijn|Manager logistiek',
    'Verzorgende IG|Senior verzorgende|Teamcoach zorg|Zorgmanager',
    'Verpleegkundige|Verpleegkundige niveau 6|Regieverpleegkundige|Hoofd verpleging',
    'Administratief medewerker|Senior administratief medewerker|Coördinator administratie|Hoofd administratie',
    'Softwareontwikkelaar|Senior softwareontwikkelaar|Architect|Hoofd ICT',
    'Chauffeur|Chauffeur CE|Planner|Manager transport',
    'Verkoopmedewerker|Eerste verkoper|Assistent-filiaalleider|Filiaalleider',
    'Leerkracht|Leerkracht bovenbouw|Intern begeleider|Directeur basisschool',
    'Monteur|Eerste monteur|Werkvoorbereider|Hoofd technische dienst',
    'Schoonmaker|Voorwerker|Objectleider|Rayonmanager',
    'Productiemedewerker|Operator A|Ploegleider|Productiemanager',
    'Consultant|Senior consultant|Managing consultant|Partner',
    'Kok|Zelfstandig werkend kok|Souschef|Chef-kok',
    'Adviseur P&O|Senior adviseur P&O|HR-businesspartner|Directeur "Mens & Organisatie"'];

CREATE OR REPLACE FUNCTION pg_temp.afdelingsnamen() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN string_to_array(
    'Financiën,Personeelszaken,Productie,Magazijn,Verkoop,ICT,Inkoop,Klantenservice,Onderhoud,Kwaliteit,Logistiek,'
    'Marketing,Facilitair,Zorg Noord,Zorg Zuid,Buitendienst,Planning,Juridische Zaken,Onderzoek & Ontwikkeling,'
    'Receptie', ',');

CREATE OR REPLACE FUNCTION pg_temp.sectoren() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN string_to_array(
    '1 Agrarisch bedrijf;3 Bouwbedrijf;10 Metaalindustrie;17 Detailhandel en ambachten;33 Horeca algemeen;'
    '32 Overig goederenvervoer te land;35 Gezondheid en maatschappelijke belangen;44 Zakelijke dienstverlening II;'
    '52 Uitzendbedrijven;61 Overheid, onderwijs en wetenschappen;64 Provincies, gemeenten en waterschappen', ';');

CREATE OR REPLACE FUNCTION pg_temp.bedrijven() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN string_to_array(
    'Bakkerij,Zorggroep,Transport,Bouwbedrijf,Installatietechniek,Accountants,Kwekerij,Drukkerij,Metaal,Groothandel,'
    'Scholengroep,Schoonmaak,Hotel,Autobedrijf,Softwarehuis,Uitzendbureau,Waterschap,Gemeente,Apotheek,Thuiszorg', ',');

CREATE OR REPLACE FUNCTION pg_temp.rechtsvormen() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN
    ARRAY['B.V.', 'B.V.', 'N.V.', 'Holding B.V.', '& Zn.', 'Stichting', '(Nederland) B.V.', 'Coöperatie U.A.'];

-- Remarks as people type them: with quotes, separators, line ends, signs that a spreadsheet runs, and nothing at all.
CREATE OR REPLACE FUNCTION pg_temp.opmerkingen() RETURNS text[] LANGUAGE sql IMMUTABLE RETURN ARRAY[
    '', '', 'Belt terug.', 'Zegt: "morgen gaat het vast beter"',
        E'Gesproken op maandag.\nVolgende afspraak over twee weken.',
    'Let op; graag ''s middags bellen, niet voor 14:00', 'Griep 🤒, blijft thuis', 'Werkt thuis 🏠👩‍💻; reist niet',
    E'1. rust\r\n2. opbouw 2 × 4 uur\r\n3. evaluatie', '=HYPERLINK("http://example.invalid";"dossier")', '+31 bellen?',
    '-', '@casemanager: graag oppakken', E'kolom\tmet\ttabs', 'Pré-advies aangevraagd; naïef idee volgens collega',
    '''Met een aanhalingsteken vooraan', 'Spreekt Nederlands én 中文', '  spaties om de tekst  ',
        U&'e\0301 als e met accent: \00E9',
    'Toelichting volgt…'];

-- The value of an attribute, of its type.
CREATE OR REPLACE FUNCTION pg_temp.kenmerkwaarde(kenmerk integer, id bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN kenmerk IN (1, 4, 7, 12) THEN CASE WHEN pg_temp.n('ja of nee', id, 3) = 0 THEN 'Nee' ELSE 'Ja' END
        WHEN kenmerk IN (2, 8, 14) THEN (pg_temp.vandaag() + pg_temp.n('kenmerkdag', id, 500) - 100)::text
        WHEN kenmerk IN (3, 11) THEN pg_temp.kies('keuze', id,
            ARRAY['Laag', 'Midden', 'Hoog; zie toelichting', 'Onbekend', NULL])
        WHEN kenmerk IN (6, 10) THEN (1 + pg_temp.n('kenmerkgetal', id, 80))::text
        WHEN kenmerk = 5 AND pg_temp.n('niemand', id, 3) > 0
            THEN split_part(pg_temp.kies('accountmanager', id, pg_temp.achternamen()), '|', 1)
        WHEN kenmerk = 15 THEN pg_temp.kies('bereikbaarheid', id,
            ARRAY['Bel ' || split_part(pg_temp.kies('contact', id, pg_temp.achternamen()), '|', 1) || ', toestel 12', NULL,
            'Via de portier; na 17:00 "dicht"', ''])
        WHEN kenmerk <> 5 AND pg_temp.n('kenmerktekst?', id, 5) > 0
            THEN pg_temp.kies('kenmerktekst', id, pg_temp.opmerkingen()) END;
